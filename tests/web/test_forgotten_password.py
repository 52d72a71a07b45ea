"""A forgotten password, from the sign-in page to the new one: what strangers learn, and what the link does."""

import re
import time

import httpx
import pytest

from npn.people import passwords, totp
from npn.people.model import AccountDetails, AccountRole, AccountState
from web.formfields import forms_of
from web.town import Browser, Town

OLD, NEW = "korrekt hest batteri klammer", "fire andre kloge ord"
SAID = {"da": "Hvis der findes en konto", "en": "If an account with a password has that address"}
_LINK = re.compile(r"https://npn\.example(/reset/([A-Za-z0-9_-]{43}))\n")
_CHANGING = re.compile(r'"[0-9a-f]{64}\.[^"]+"')


def with_password(town: Town, role: AccountRole) -> None:
    town.service.accounts.set_password(town.accounts[role].id, password=passwords.hashed(OLD), by="admin:t")


def asked(browser: Browser, email: str) -> httpx.Response:
    return browser.post("/forgotten-password", {"email": email})


def mailed(town: Town) -> list[str]:
    return [found[1] for letter in town.letters() for found in [_LINK.search(letter)] if found]


def sign_in(browser: Browser, email: str, password: str) -> httpx.Response:
    return browser.post("/sign-in", {"email": email, "password": password})


def test_the_way_from_the_sign_in_to_a_new_password(mail_town: Town) -> None:
    with_password(mail_town, AccountRole.OWNER)
    here, elsewhere = mail_town.browser(None, language="da"), mail_town.browser(AccountRole.OWNER)
    assert 'href="/forgotten-password"' in here.get("/sign-in").text
    sent = asked(here, "Owner@example.dk ")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/forgotten-password/sent")
    assert SAID["da"] in here.get("/forgotten-password/sent").text
    (link,) = mailed(mail_town)
    entries = mail_town.entries()
    for _ in range(3):  # a mail scanner looks at it, and a browser before it is pressed
        page = here.get(link)
        assert page.status_code == 200
        assert "owner@example.dk" not in page.text
    assert mail_town.entries() == entries
    assert not any(form.values.get("code") is not None for form in forms_of(page.text))
    weak = here.post(link, {"password": "kort", "repeated": "andet"})
    assert weak.status_code == 422
    assert "mindst 12 tegn" in weak.text
    assert "De to adgangskoder er ikke ens." in weak.text
    done = here.post(link, {"password": NEW, "repeated": NEW})
    assert (done.status_code, done.headers["Location"]) == (303, "/sign-in")
    assert "Din adgangskode er ændret" in here.get("/sign-in").text
    assert elsewhere.get("/overview").status_code == 303  # signed out there
    assert here.get(link).status_code == 404
    assert sign_in(mail_town.browser(None), "owner@example.dk", OLD).status_code == 422
    assert sign_in(here, "owner@example.dk", NEW).headers["Location"] == "/overview"
    assert any("link i en e-mail" in letter for letter in mail_town.letters() if letter.startswith("owner@"))
    log = mail_town.server.log.read_text("utf-8")
    assert link.rpartition("/")[2] not in log
    assert "owner@example.dk" not in log


def test_the_second_factor_is_asked_for_and_stays(mail_town: Town) -> None:
    with_password(mail_town, AccountRole.OPERATOR)
    account, secret = mail_town.accounts[AccountRole.OPERATOR], totp.make_secret()
    mail_town.service.accounts.set_second_factor(account.id, secret=secret, step=0, by=account.by)
    browser = mail_town.browser(None)
    asked(browser, account.email)
    (link,) = mailed(mail_town)
    new = {"password": NEW, "repeated": NEW}
    for code in ("", "000000", "abc"):
        refused = browser.post(link, {**new, "code": code})
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in refused.text
    now = int(time.time()) // totp.PERIOD
    assert browser.post(link, {**new, "code": totp.code_at(secret, now)}).status_code == 303
    assert sign_in(browser, account.email, NEW).headers["Location"] == "/sign-in/code"
    assert browser.post("/sign-in/code", {"code": totp.code_at(secret, now + 1)}).headers["Location"] == "/overview"
    assert mail_town.service.accounts.get(account.id).has_second_factor


def test_every_address_is_answered_the_same(mail_town: Town) -> None:
    """Known, unknown, suspended, signed in by a provider, an operator without a factor: words, status and time."""
    for role in (AccountRole.OWNER, AccountRole.GROUP, AccountRole.OPERATOR):
        with_password(mail_town, role)
    group = mail_town.accounts[AccountRole.GROUP]
    suspended = AccountDetails(group.name, group.role, group.organisation, AccountState.SUSPENDED)
    mail_town.service.accounts.change(group.id, suspended, by="admin:t")
    auditor = mail_town.accounts[AccountRole.AUDITOR]
    mail_town.service.accounts.bind(auditor.id, issuer="https://id.example", subject="a")
    answers, beats = set(), set()
    for name in ("owner", "nobody", "group", "auditor", "operator"):
        browser = mail_town.browser(None)
        browser.token()
        started = time.monotonic()
        answer = asked(browser, f"{name}@example.dk")
        beats.add(round((time.monotonic() - started) / 0.25))
        page = browser.get(answer.headers["Location"])
        headers = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id")}
        answers.add((answer.status_code, tuple(headers.items()), _CHANGING.sub("", page.text)))
    assert len(answers) == 1
    assert beats <= {1, 2}  # each comes on a beat
    (link,) = mailed(mail_town)
    assert link
    to = [letter.partition(":")[0] for letter in mail_town.letters() if "do nothing" in letter]
    assert sorted(to) == ["auditor@example.dk", "operator@example.dk", "owner@example.dk"]


@pytest.mark.parametrize("email", ["owner@example.dk", "nobody@example.dk"])
def test_an_address_is_written_to_three_times_an_hour(mail_town: Town, email: str) -> None:
    with_password(mail_town, AccountRole.OWNER)
    browser = mail_town.browser(None, language="da")
    assert [asked(browser, email).status_code for _ in range(4)] == [303, 303, 303, 429]
    refused = asked(browser, email.upper())
    assert refused.status_code == 429
    assert 1000 < int(refused.headers["Retry-After"]) <= 1200
    assert re.search(r"Der har været for mange forsøg\. Prøv igen om (19|20) minutter\.", refused.text)
    assert forms_of(refused.text)[-1].values["email"] == email.upper()
    assert len(mailed(mail_town)) == (3 if email.startswith("owner") else 0)


def test_one_network_address_may_not_try_every_address(mail_town: Town) -> None:
    browser = mail_town.browser(None)
    token = browser.token()
    sent = [browser.post("/forgotten-password", {"email": f"p{n}@x.dk"}, token=token).status_code for n in range(22)]
    assert sent == [303] * 20 + [429] * 2


def test_without_a_mail_server_the_page_says_who_helps(town: Town) -> None:
    browser = town.browser(None, language="da")
    for answer in (browser.get("/forgotten-password"), asked(browser, "owner@example.dk")):
        assert answer.status_code == 200
        assert "driften må hjælpe" in answer.text
        assert "forgotten-password" not in [form.action for form in forms_of(answer.text)]


@pytest.mark.parametrize("link", ["x", "A" * 43, "%00", "../sign-in"])
def test_a_link_that_is_none_is_answered_as_one_that_was_used(mail_town: Town, link: str) -> None:
    browser = mail_town.browser(None)
    page = browser.get(f"/reset/{link}", follow_redirects=True)
    sent = browser.post(f"/reset/{link}", {"password": NEW, "repeated": NEW})
    assert {page.status_code, sent.status_code} <= {200, 403, 404, 405, 422}
    assert mailed(mail_town) == []


def test_a_wrong_current_password_is_called_that(mail_town: Town) -> None:
    with_password(mail_town, AccountRole.VENDOR)
    browser = mail_town.browser(AccountRole.VENDOR, language="da")
    wrong = browser.post("/account/password", {"present": "noget helt andet", "password": NEW, "repeated": NEW})
    assert wrong.status_code == 422
    assert "Det er ikke din nuværende adgangskode." in wrong.text
    both = browser.post("/account/password", {"present": OLD, "password": "kort", "repeated": "andet"})
    assert "mindst 12 tegn" in both.text
    assert "De to adgangskoder er ikke ens." in both.text
    for _ in range(5):
        browser.post("/account/password", {"present": "noget helt andet", "password": NEW, "repeated": NEW})
    locked = browser.post("/account/password", {"present": OLD, "password": NEW, "repeated": NEW})
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 3000
    assert re.search(r"for mange forkerte forsøg\. Prøv igen om (59|60|61) minutter\.", locked.text)
    assert "/account/password" in [form.action for form in forms_of(locked.text)]
