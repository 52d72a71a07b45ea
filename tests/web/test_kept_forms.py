"""What somebody typed is not lost: after the session's end, with an old page or too much text, and for nobody else."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from agreements_texts import TEXTS
from npn.agreements.model import Language
from npn.people import kept_forms
from npn.people.kept_forms import KeptForms
from npn.people.model import AccountRole
from npn.people.tables import kept_form
from npn.support.model import Requester
from npn.web import pages
from npn.web.routes import TABLE, Route
from web.formfields import forms_of
from web.town import Browser, Town, case_about

pages.load()
UNSENT = "Fortroligt udkast\nsom ingen andre må se"
TEXT = 'Vagten på Nordsygehuset ringede kl. 3.\n\nSæt <b>ikke</b> systemet & dets "nøgler" i bero 🧪, før vi har talt.'
ROUND = re.compile(r"[?&]kept=([A-Za-z0-9_-]{22})")


def form_on(browser: Browser, page: str, action: str = "") -> dict[str, str]:
    """Open a page and return what its form carries."""
    answer = browser.get(page)
    assert answer.status_code == 200, answer.text
    return next(form for form in forms_of(answer.text) if form.action == action).values


def signed_in_as(town: Town, browser: Browser, role: AccountRole) -> None:
    """Sign somebody in, in this browser, as the sign-in does it: the visitor's secret is a new one."""
    session = town.service.sessions.begin(town.accounts[role], proved=True)
    browser.client.cookies.delete("npn_session")
    browser.client.cookies.delete("npn_visitor")
    browser.client.cookies.set("npn_session", session.token)


def signed_out(browser: Browser) -> None:
    assert browser.post("/sign-out").status_code == 303


def kept_at(answer: httpx.Response) -> str:
    """Return the address that a form sent too late is shown at after the sign-in."""
    assert answer.status_code == 303, answer.text
    location = httpx.URL(answer.headers["Location"])
    assert location.path == "/sign-in"
    return location.params["next"]


def texts_on(page: str) -> list[str]:
    """Return what the text areas hold."""
    return [html.unescape(text) for text in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)]


def sealed_rows(town: Town) -> list[str]:
    with town.service.database.read() as connection:
        return [str(text) for text in connection.scalars(sa.select(kept_form.c.sealed_form))]


def test_a_case_s_answer_comes_back_and_is_sent_by_the_second_press_alone(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER, language="da")
    page = f"/cases/{case_about(own_town, own_town.ours)}"
    form = form_on(browser, page, f"{page}/write")
    signed_out(browser)
    answer = browser.client.post(f"{page}/write", data={**form, "text": TEXT})
    address = kept_at(answer)
    assert "er gemt i en time" in browser.get(answer.headers["Location"]).text
    assert ROUND.search(address)
    signed_in_as(own_town, browser, AccountRole.OWNER)
    entries = own_town.entries()
    for _ in range(2):  # looking sends nothing, and may be done again
        shown = browser.get(address)
        assert shown.status_code == 200
        assert "Dette er ikke sendt." in shown.text
        assert TEXT in texts_on(shown.text)
    assert own_town.entries() == entries
    assert TEXT not in browser.get(page).text
    again = next(form for form in forms_of(shown.text) if form.action == f"{page}/write")
    sent = browser.client.post(again.action, data={**again.values, "text": TEXT})
    assert (sent.status_code, sent.headers["Location"]) == (303, page)
    assert "Vagten på Nordsygehuset" in browser.get(page).text
    later = browser.get(address, follow_redirects=True)
    assert TEXT not in texts_on(later.text)  # it was sent: it is not shown a second time
    assert "er ikke gemt længere" in later.text
    assert sealed_rows(own_town) == []


def test_both_long_texts_of_a_proposal_come_back_whole(own_town: Town) -> None:
    danish = TEXTS[Language.DANISH] + "\nÆøå 🧪\n" * 900
    english = TEXTS[Language.ENGLISH] + '\nWhat "is" & <is not>\n' * 700
    browser = own_town.browser(AccountRole.OPERATOR)
    form = form_on(browser, "/agreements/proposals/new")
    typed = {"title": "Ni måneder", "reason": TEXT, "version": "1.4", "danish": danish, "english": english}
    own_town.service.sessions.end(own_town.service.sessions.visitor(browser.client.cookies["npn_session"]).digest)  # type: ignore[union-attr]  # it is there
    answer = browser.client.post("/agreements/proposals/new", data={**form, **typed})
    signed_in_as(own_town, browser, AccountRole.OPERATOR)
    shown = browser.get(kept_at(answer))
    areas = [text.strip() for text in texts_on(shown.text)]
    assert [danish.strip(), english.strip()] == areas[-2:]
    assert TEXT in areas
    assert 'value="1.4"' in shown.text
    assert len(danish) + len(english) > 45_000
    before = len(own_town.service.proposals.all())
    again = forms_of(shown.text)[-1]
    assert len(own_town.service.proposals.all()) == before
    look = browser.client.post(
        again.action or "/agreements/proposals/new", data={**again.values, **typed, "do": "look"}
    )
    assert look.status_code in (200, 422)


def test_who_signs_in_afterwards_sees_nothing_of_it(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    page = f"/cases/{case_about(own_town, own_town.ours)}"
    form = form_on(browser, page, f"{page}/write")
    signed_out(browser)
    address = kept_at(browser.client.post(f"{page}/write", data={**form, "text": UNSENT}))
    for role in (AccountRole.REGION, AccountRole.OPERATOR, AccountRole.AUDITOR):
        signed_in_as(own_town, browser, role)
        for place in (address, address.replace("/write", "/reply"), "/account", f"{page}?{address.partition('?')[2]}"):
            shown = browser.get(place, follow_redirects=True)
            assert "Fortroligt" not in shown.text
    stranger = own_town.browser(None).get(address)
    assert stranger.status_code == 303
    signed_in_as(own_town, browser, AccountRole.OWNER)
    assert UNSENT in texts_on(browser.get(address).text)
    assert address.replace("&", "&amp;") in browser.get("/account").text


def test_the_form_of_one_sent_in_the_session_of_another_is_neither_sent_nor_shown(own_town: Town) -> None:
    """Two tabs: in one the owner signs out, and the region signs in; the other one still shows the owner's form."""
    browser = own_town.browser(AccountRole.OWNER)
    page = f"/cases/{case_about(own_town, own_town.ours)}"
    form = form_on(browser, page, f"{page}/write")
    signed_out(browser)
    signed_in_as(own_town, browser, AccountRole.REGION)
    entries = own_town.entries()
    answer = browser.client.post(f"{page}/write", data={**form, "text": UNSENT})
    assert answer.status_code == 403
    assert "another person" in answer.text
    assert "Fortroligt" not in answer.text
    assert own_town.entries() == entries
    signed_in_as(own_town, browser, AccountRole.OWNER)
    (address,) = re.findall(rf'href="({page}/write\?kept=[^"]+)"', browser.get("/account").text)[:1]
    assert UNSENT in texts_on(browser.get(address).text)


def test_an_old_page_of_one_s_own_shows_what_was_typed_at_once(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER)
    form = form_on(browser, "/cases/new")
    signed_in_as(own_town, browser, AccountRole.OWNER)  # in another tab, since
    before = len(own_town.service.cases.some())
    answer = browser.client.post(
        "/cases/new", data={**form, "system": own_town.ours, "subject": "Nøgle", "text": UNSENT}
    )
    assert answer.status_code == 403
    assert "This has not been sent." in answer.text
    assert texts_on(answer.text) == [UNSENT]
    assert re.search(rf'<option value="{own_town.ours}" selected', answer.text)
    assert len(own_town.service.cases.some()) == before
    again = forms_of(answer.text)[-1]
    values = {**again.values, "system": own_town.ours, "subject": "Nøgle", "text": UNSENT}
    assert browser.client.post("/cases/new", data=values).status_code == 303
    assert len(own_town.service.cases.some()) == before + 1


def test_a_stranger_s_old_page_shows_the_request_again_and_sends_none(own_town: Town) -> None:
    browser = own_town.browser(None)
    form = form_on(browser, "/apply")
    browser.client.cookies.delete("npn_visitor")  # as a browser that was closed and opened again
    answer = browser.client.post("/apply", data={**form, "comment": UNSENT, "system": "Zebra LIS"})
    assert answer.status_code == 403
    assert UNSENT in texts_on(answer.text)
    assert 'value="Zebra LIS"' in answer.text


def test_the_sign_in_of_an_old_page_keeps_the_address_and_never_the_password(own_town: Town) -> None:
    browser = own_town.browser(None)
    form = form_on(browser, "/sign-in?next=/stock%3Frule%3Dred", "/sign-in")
    browser.client.cookies.delete("npn_visitor")
    typed = {"email": "owner@example.dk", "password": "meget hemmeligt ord 77"}
    answer = browser.client.post("/sign-in", data={**form, **typed})
    assert answer.status_code == 403
    assert 'value="owner@example.dk"' in answer.text
    assert 'value="/stock?rule=red"' in answer.text
    assert "hemmeligt" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_a_form_of_another_site_is_neither_shown_nor_kept(own_town: Town, headers: dict[str, str]) -> None:
    browser, before = own_town.browser(AccountRole.OWNER), sealed_rows(own_town)
    form = form_on(browser, "/cases/new")
    values = {**form, "subject": "Nøgle", "text": UNSENT}
    signed_in_as(own_town, browser, AccountRole.OWNER)
    assert "Fortroligt" not in browser.client.post("/cases/new", data=values, headers=headers).text
    signed_out(browser)
    answer = browser.client.post("/cases/new", data=values, headers=headers)
    assert kept_at(answer) == "/cases/new"
    assert sealed_rows(own_town) == before


def swapped(mark: str) -> str:
    return mark[:-3] + ("A" if mark[-3] != "A" else "B") + mark[-2:]


TAMPERED: dict[str, Callable[[str, str], str]] = {
    "changed": lambda own, _other: f"{own.partition('.')[0]}.{swapped(own.partition('.')[2])}",
    "without its mark": lambda own, _other: own.partition(".")[0],
    "with words for a mark": lambda own, _other: f"{own.partition('.')[0]}.npn1.æøå.{'A' * 40}",
    "with another key's mark": lambda own, _other: re.sub(r"npn1\.[0-9a-f]{12}", "npn1.0123456789ab", own),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_mark_that_is_not_ours_keeps_and_shows_nothing(own_town: Town, how: str) -> None:
    browser, before = own_town.browser(AccountRole.OWNER), sealed_rows(own_town)
    form = form_on(browser, "/cases/new")
    values = {**form, "token": TAMPERED[how](form["token"], ""), "subject": "Nøgle", "text": UNSENT}
    signed_out(browser)
    assert kept_at(browser.client.post("/cases/new", data=values)) == "/cases/new"
    signed_in_as(own_town, browser, AccountRole.OWNER)
    answer = browser.client.post("/cases/new", data=values)
    assert answer.status_code == 403
    assert "Fortroligt" not in answer.text
    assert sealed_rows(own_town) == before


def test_an_attacker_s_own_mark_puts_nothing_before_somebody_else(own_town: Town) -> None:
    attacker, victim = own_town.browser(AccountRole.VENDOR), own_town.browser(AccountRole.OWNER)
    before = victim.get("/account").text.count("kept=")
    form = form_on(attacker, "/cases/new")
    answer = victim.client.post("/cases/new", data={**form, "subject": "x", "text": UNSENT})
    assert answer.status_code == 403
    assert "Fortroligt" not in answer.text
    assert victim.get("/account").text.count("kept=") == before


def test_a_kept_form_is_gone_after_an_hour_and_a_page_s_mark_after_a_week(tmp_path: Path, own_town: Town) -> None:
    now = own_town.service.ledger.clock()
    clock = [now]
    forms = KeptForms(own_town.service.database, lambda: clock[0])
    account = own_town.accounts[AccountRole.GROUP].id
    token, mark = forms.keep(account, "/cases/new", {"text": UNSENT}), forms.mark(account)
    clock[0] = now + timedelta(minutes=59)
    assert forms.fields(account, "/cases/new", token) == {"text": UNSENT}
    assert forms.fields(account, "/cases/newer", token) is None
    assert forms.fields(own_town.accounts[AccountRole.OWNER].id, "/cases/new", token) is None
    clock[0] = now + timedelta(minutes=61)
    assert forms.fields(account, "/cases/new", token) is None
    assert forms.unsent(account) == []
    clock[0] = now + timedelta(days=6)
    assert forms.owner(mark) == account
    clock[0] = now + timedelta(days=8)
    assert forms.owner(mark) is None
    forms.forget_expired()
    assert sealed_rows(own_town) == []


def test_an_account_has_five_kept_at_most_and_none_that_is_huge(own_town: Town) -> None:
    clock = [own_town.service.ledger.clock()]
    forms = KeptForms(own_town.service.database, lambda: clock[0])
    account = own_town.accounts[AccountRole.GROUP].id
    tokens = []
    for number in range(8):
        clock[0] += timedelta(seconds=1)
        tokens.append(forms.keep(account, "/x", {"text": f"nr. {number}"}))
    assert [forms.fields(account, "/x", token) is not None for token in tokens] == [False] * 3 + [True] * 5
    assert forms.keep(account, "/x", {"text": "æ" * kept_forms.MAX_KEPT_BYTES}) == ""
    assert forms.keep("nobody", "/x", {"text": "a"}) == ""
    clock[0] += timedelta(hours=2)
    forms.forget_expired()


def test_what_is_kept_is_sealed_and_holds_no_password_nor_key(own_town: Town) -> None:
    account, forms = own_town.accounts[AccountRole.OPERATOR], own_town.service.kept_forms
    browser = own_town.browser(AccountRole.OPERATOR)
    other = own_town.accounts[AccountRole.GROUP]
    form = form_on(browser, f"/accounts/{other.id}")
    secret = {"code": "492817", "present": "gammelt kodeord 9", "reason": "Anna har skiftet navn", "name": "Anna Ny"}
    signed_out(browser)
    address = kept_at(browser.client.post(f"/accounts/{other.id}", data={**form, **secret}))
    path, _, token = address.partition("?kept=")
    assert forms.fields(account.id, path, token) is not None
    assert not {"code", "present", "token"} & set(forms.fields(account.id, path, token) or {})
    key = "npn_labka-nord_Zx81aQ4kV9mW2pL7"
    pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"
    kept = forms.keep(account.id, "/y", {"text": f"her er den: {key}", "certificate": pem, "note": "ja tak"})
    assert forms.fields(account.id, "/y", kept) == {"text": "", "certificate": "", "note": "ja tak"}
    assert own_town.service.database.path is not None
    for file in own_town.service.database.path.parent.glob("npn.db*"):
        content = file.read_bytes()
        assert b"Anna har skiftet" not in content
        assert kept.encode() not in content
        assert b"ja tak" not in content


def test_a_text_that_is_too_long_is_shown_with_how_much_too_long_it_is(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OWNER, language="da")
    page = f"/cases/{case_about(own_town, own_town.ours)}"
    form = form_on(browser, page, f"{page}/write")
    long = "Ærøskøbing på Ærø. " * 1300  # 24,700 characters, most of them six bytes as a browser writes them
    answer = browser.client.post(f"{page}/write", data={**form, "text": long})
    assert answer.status_code in (413, 422)
    many = "Æ" * 21_337
    answer = browser.client.post(f"{page}/write", data={**form, "text": many})
    assert answer.status_code == 413
    assert many in texts_on(answer.text)
    assert "21.337 tegn; der er plads til 20.000. Gør det 1.337 tegn kortere." in answer.text
    far = browser.client.post(f"{page}/write", data={**form, "text": "Æ" * 500_000})
    assert far.status_code == 413
    assert "Det fylder 2.930 kB; der er plads til 64 kB." in far.text
    assert f'href="{page}"' in far.text


@pytest.mark.parametrize(
    ("path", "values"),
    [("/requests/{asked}/refuse", {}), ("/requests/{asked}/waive", {"step": "test_shown"})],
    ids=["of the request", "of a step that is not ready"],
)
def test_a_form_of_a_case_s_page_is_shown_again_there_and_open(
    own_town: Town, path: str, values: dict[str, str]
) -> None:
    browser, address = own_town.browser(AccountRole.OPERATOR, language="da"), own_town.address(path)
    page = re.search(r'<a class="button" href="(/cases/[0-9]+)"', browser.get(address).text)
    assert page is not None
    form = {**form_on(browser, page[1], own_town.address("/requests/{asked}/refuse")), **values}
    signed_out(browser)
    kept = kept_at(browser.client.post(address, data={**form, "reason": "De mangler en aftale."}))
    signed_in_as(own_town, browser, AccountRole.OPERATOR)
    before, shown = own_town.entries(), browser.get(kept)
    assert shown.status_code == 200
    doing = re.search(
        rf'<details open><summary>[^<]*</summary>\s*<form[^>]* action="{address}">.*?</form>', shown.text, re.DOTALL
    )
    assert doing is not None
    assert "De mangler en aftale." in doing[0]
    assert own_town.entries() == before


def test_what_no_form_s_handler_shows_again_is_shown_as_words(own_town: Town) -> None:
    browser = own_town.browser(AccountRole.OPERATOR, language="da")
    refusal, address = own_town.address("/requests/{asked}/refuse"), own_town.address("/requests/{asked}/waive")
    page = re.search(r'<a class="button" href="(/cases/[0-9]+)"', browser.get(address).text)
    assert page is not None
    form = {**form_on(browser, page[1], refusal), "step": "no_such_step"}
    signed_out(browser)
    kept = kept_at(browser.client.post(address, data={**form, "reason": "De mangler en databehandleraftale."}))
    signed_in_as(own_town, browser, AccountRole.OPERATOR)
    before = own_town.entries()
    shown = browser.get(kept)
    assert shown.status_code == 200
    assert texts_on(shown.text) == ["De mangler en databehandleraftale."]
    assert own_town.entries() == before
    assert f'href="{page[1]}"' in shown.text


TYPED = {"reason": "en grund, der er skrevet", "text": "to ord", "name": "Nyt navn", "note": "et notat her"}


@pytest.mark.parametrize(
    "route",
    sorted((r for (m, _), r in TABLE.items() if m == "POST" and not r.rule.is_public), key=lambda r: r.path),
    ids=lambda route: route.path,
)
def test_no_form_is_sent_by_being_kept_and_shown(own_town: Town, route: Route) -> None:
    """Every form of somebody signed in: sent too late, then looked at. Nothing happens, whatever its handler is."""
    role = next(role for role in AccountRole if role in route.rule.roles)
    address, account = own_town.address(route.path), own_town.accounts[role].id
    browser = own_town.browser(role)
    token = own_town.service.kept_forms.keep(account, address, TYPED)
    entries, letters = own_town.entries(), len(own_town.letters())
    shown = browser.get(f"{address}?kept={token}")
    assert shown.status_code in (200, 303, 404, 405)
    assert (own_town.entries(), len(own_town.letters())) == (entries, letters)
    if route.again and shown.status_code == 200:
        assert "This has not been sent." in shown.text
        assert f'name="kept" value="{token}"' in shown.text


def test_a_case_about_no_system_stays_the_operator_s_alone(own_town: Town) -> None:
    service = own_town.service
    requester = Requester("Rikke", "rikke@example.dk")
    case = service.cases.open(by="admin:t", subject="Om intet", text="Intet", requester=requester, system=None)
    for role in (AccountRole.OWNER, AccountRole.REGION, AccountRole.VENDOR):
        browser = own_town.browser(role)
        assert browser.get(f"/cases/{case.number}").status_code == 404
        assert browser.post(f"/cases/{case.number}/write", {"text": "mit"}).status_code in (403, 404)
        token = service.kept_forms.keep(own_town.accounts[role].id, f"/cases/{case.number}/write", {"text": "to ord"})
        assert browser.get(f"/cases/{case.number}/write?kept={token}").status_code in (403, 404)
    assert own_town.browser(AccountRole.OPERATOR).get(f"/cases/{case.number}").status_code == 200
