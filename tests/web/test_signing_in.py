"""Signing in: the one-time link, password, second factor, recovery codes, lock-out, the end of a session."""

import re
import time

import httpx
import pytest

from npn.people import attempts_store, totp
from npn.people.attempts import SignInAttempt
from npn.people.model import AccountDetails, AccountRole, AccountState
from web.town import Browser, Town

PASSWORD = "korrekt hest batteri klammer"  # noqa: S105  # nobody's


def stranger(town: Town) -> Browser:
    return town.browser(None)


def welcomed(town: Town, role: AccountRole = AccountRole.OWNER) -> Browser:
    """Follow a new one-time link and choose a password."""
    link = town.service.accounts.new_link(town.accounts[role].id, by="admin:root")
    browser = stranger(town)
    assert town.accounts[role].name in browser.get(link.path).text
    answer = browser.post(link.path, {"password": PASSWORD, "repeated": PASSWORD})
    assert answer.status_code == 303, answer.text
    assert browser.get(link.path).status_code == 404  # it works once
    return browser


def sign_in(browser: Browser, role: AccountRole, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/sign-in", {"email": f"{role.value}@example.dk", "password": password})


def secret_on(page: str) -> str:
    found = re.search(r'name="secret" value="([A-Z2-7]{32})"', page)
    assert found is not None
    return found[1]


def test_the_one_time_link_leads_in_and_the_password_afterwards(own_town: Town) -> None:
    assert welcomed(own_town).get("/overview").status_code == 200
    browser = stranger(own_town)
    answer = sign_in(browser, AccountRole.OWNER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/overview")
    assert browser.get("/overview").status_code == 200
    assert sign_in(stranger(own_town), AccountRole.OWNER, "wrong password").status_code == 422


def test_an_operator_sets_up_a_second_factor_first_and_needs_it_ever_after(own_town: Town) -> None:
    browser = welcomed(own_town, AccountRole.OPERATOR)
    assert browser.get("/overview").status_code == 303  # not in yet
    secret = secret_on(browser.get("/second-factor").text)
    assert browser.post("/second-factor", {"secret": secret, "code": "000000"}).status_code == 422
    now = int(time.time()) // totp.PERIOD
    shown = browser.post("/second-factor", {"secret": secret, "code": totp.code_at(secret, now)})
    codes = re.findall(r"<code>([a-z0-9-]{17})</code>", shown.text)
    assert len(codes) == 10
    assert browser.get("/overview").status_code == 200

    again = stranger(own_town)
    assert sign_in(again, AccountRole.OPERATOR).headers["Location"] == "/sign-in/code"
    assert again.get("/overview").status_code == 303
    assert again.post("/sign-in/code", {"code": totp.code_at(secret, now)}).status_code == 422  # used already
    assert again.post("/sign-in/code", {"code": codes[0].upper()}).status_code == 303
    assert again.get("/overview").status_code == 200

    third = stranger(own_town)
    sign_in(third, AccountRole.OPERATOR)
    assert third.post("/sign-in/code", {"code": codes[0]}).status_code == 422  # each is good once


CODES = {
    "of another width": lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code),
    "of another script": lambda code: "".join(chr(ord(c) - 0x30 + 0x0660) for c in code),
    "with what can't be seen": lambda code: f"\u2066{code[:3]}\u200b\u00a0{code[3:]}\ufeff",
    "with a dash": lambda code: f"{code[:3]}\u2013{code[3:]}",
}


@pytest.mark.parametrize("how", CODES)
def test_a_code_is_judged_however_it_is_written(own_town: Town, how: str) -> None:
    browser = welcomed(own_town, AccountRole.OPERATOR)
    secret, now = totp.make_secret(), int(time.time()) // totp.PERIOD
    written = CODES[how](totp.code_at(secret, now))
    shown = browser.post("/second-factor", {"secret": secret, "code": written})
    assert shown.status_code == 200, shown.text
    codes = re.findall(r"<code>([a-z0-9-]{17})</code>", shown.text)
    for number, dash in enumerate(("\u2013", "\u2212", "\u2011", " ")):
        again = stranger(own_town)
        sign_in(again, AccountRole.OPERATOR)
        assert again.post("/sign-in/code", {"code": codes[number].replace("-", dash).upper()}).status_code == 303


@pytest.mark.parametrize(
    "code",
    ["\u0967\u0968\u0969\u096a\u096b\u096c", "\U0001f600" * 6, "１２３４５６", "123\u200b456", "\u2460" * 6, "½" * 6],
)
def test_a_wrong_code_of_any_script_is_no_fault_and_is_counted(own_town: Town, code: str) -> None:
    welcomed(own_town, AccountRole.AUDITOR)
    account = own_town.accounts[AccountRole.AUDITOR]
    own_town.service.accounts.set_second_factor(account.id, secret=totp.make_secret(), step=0, by="admin:t")
    browser = stranger(own_town)
    sign_in(browser, AccountRole.AUDITOR)
    assert browser.post("/sign-in/code", {"code": code}).status_code == 422
    tried, at = SignInAttempt.address(account.email), own_town.service.ledger.clock()
    with own_town.service.database.write() as connection:
        assert attempts_store.failures(connection, tried, at) == 1
        attempts_store.forget(connection, tried)
    own_town.service.accounts.new_link(account.id, by="admin:t")


def test_changes_of_how_one_signs_in_are_mailed_and_ask_for_the_present_factor(own_town: Town) -> None:
    before = len(own_town.letters())
    browser = welcomed(own_town, AccountRole.GROUP)
    account, secret = own_town.accounts[AccountRole.GROUP], totp.make_secret()
    codes = own_town.service.accounts.set_second_factor(account.id, secret=secret, step=0, by="admin:t")
    changed = {"present": PASSWORD, "password": "fire andre kloge ord", "repeated": "fire andre kloge ord"}
    assert browser.post("/account/password", changed).status_code == 422  # a session left open is not enough
    assert browser.post("/account/password", {**changed, "code": "000000"}).status_code == 422
    assert browser.post("/account/password", {**changed, "present": "wrong", "code": codes[1]}).status_code == 422
    assert browser.post("/account/password", {**changed, "code": codes[0]}).status_code == 303
    told = own_town.letters()
    told = [letter for letter in told[: len(told) - before] if letter.startswith("group@example.dk")]
    assert sum("new password" in letter for letter in told) == 2
    assert sum("new second factor" in letter for letter in told) == 1
    assert all("adgangskode" in letter or "totrinslogin" in letter for letter in told)


def test_an_unknown_address_is_answered_as_a_wrong_password_is(own_town: Town) -> None:
    unknown = stranger(own_town).post("/sign-in", {"email": "nobody@example.dk", "password": PASSWORD})
    wrong = sign_in(stranger(own_town), AccountRole.OWNER, "wrong password")
    assert unknown.status_code == wrong.status_code == 422
    strip = re.compile(r'"[0-9a-f]{64}\.[^"]+"|[a-z]+@example.dk')
    assert strip.sub("", unknown.text) == strip.sub("", wrong.text)


def test_one_address_may_not_try_without_end(strict_town: Town) -> None:
    browser = stranger(strict_town)
    token = browser.token()
    fields = {"email": "x@example.dk", "password": "y"}
    answers = [browser.post("/sign-in", fields, token=token).status_code for _ in range(7)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_signing_out_ends_the_session_itself(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    cookie = browser.client.cookies["npn_session"]
    assert browser.post("/sign-out").status_code == 303
    browser.client.cookies.set("npn_session", cookie)  # whoever kept it
    assert browser.get("/overview").status_code == 303


def test_a_suspended_account_is_out_at_once(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.AUDITOR)
    assert browser.get("/overview").status_code == 200
    account = own_town.accounts[AccountRole.AUDITOR]
    suspended = AccountDetails(account.name, account.role, account.organisation, AccountState.SUSPENDED)
    own_town.service.accounts.change(account.id, suspended, by="admin:root")
    assert browser.get("/overview").status_code == 303


def test_a_session_is_new_after_each_step_and_its_cookie_is_kept_from_scripts(own_town: Town) -> None:
    browser = welcomed(own_town)
    answer = sign_in(browser, AccountRole.OWNER)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("npn_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert own_town.service.database.path is not None
    token = cookie.partition("=")[2].partition(";")[0]
    assert token.encode() not in own_town.service.database.path.read_bytes()  # kept hashed


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_nobody_is_sent_elsewhere_after_signing_in(own_town: Town, next_: str) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    assert browser.get("/sign-in", params={"next": next_}).headers["Location"] == "/overview"
    assert browser.get("/language/en", params={"back": next_}).headers["Location"] == "/"
