"""Whoever acts for an organisation asks for a colleague's account; an operator sees who asked, and grants it."""

import re
from datetime import timedelta

from npn.ledger.export import export
from npn.people import invitations
from npn.people.model import AccountDetails, AccountRole, AccountState
from npn.proof.verify import verify
from second_verifier import verify_many
from web.formfields import forms_of
from web.test_work import last_entry
from web.town import Browser, Town

OPERATOR, OWNER = AccountRole.OPERATOR, AccountRole.OWNER
_LINK = re.compile(r'href="(/accounts/new\?invitation=[^"]+)"')


def asked(town: Town, browser: Browser, name: str, email: str) -> str:
    """Ask for an account; return the path of the case."""
    before = {case.number for case in town.service.cases.some()}
    answer = browser.post("/invite", {"name": name, "email": email})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    (number,) = {case.number for case in town.service.cases.some()} - before
    return f"/cases/{number}"


def link_on(town: Town, case: str) -> str:
    match = _LINK.search(town.browser(OPERATOR).get(case).text)
    assert match is not None
    return match[1].replace("&amp;", "&")


def test_an_owner_asks_and_an_operator_grants_it_with_one_press(mail_town: Town) -> None:
    owner, operator = mail_town.browser(OWNER, language="da"), mail_town.browser(OPERATOR, language="da")
    assert 'href="/invite"' in owner.get("/account").text
    before = {account.id for account in mail_town.service.accounts.list()}
    case = asked(mail_town, owner, "Bodil Bioanalytiker", "Bodil@example.dk")
    assert {account.id for account in mail_town.service.accounts.list()} == before
    assert "Giv Bodil Bioanalytiker en konto" in operator.get(case).text
    page = operator.get(link_on(mail_town, case)).text
    assert "Anna Owner, Nordsygehuset, har bedt om kontoen." in page
    values = forms_of(page)[-1].values
    for shown in ('value="Bodil Bioanalytiker"', 'value="bodil@example.dk"', 'value="owner-nordsygehuset" selected'):
        assert shown in page
    sent = {**values, "role": "owner", "organisation": "owner-nordsygehuset"}
    assert operator.post("/accounts/new", sent).status_code == 200
    (new,) = (account for account in mail_town.service.accounts.list() if account.id not in before)
    assert (new.email, new.role, new.organisation) == ("bodil@example.dk", OWNER, "owner-nordsygehuset")
    assert last_entry(mail_town, "account_added")["by"] == mail_town.accounts[OPERATOR].by
    assert any(letter.startswith("bodil@example.dk:") for letter in mail_town.letters())
    lines: list[bytes] = []
    export(mail_town.service.database, lines.append)
    verify(lines)
    assert verify_many([lines])[0]["verified"] is True


def test_only_those_who_act_for_an_organisation_ask(own_town: Town) -> None:
    for role in AccountRole:
        expected = 200 if role in (OWNER, AccountRole.REGION, AccountRole.VENDOR) else 403
        assert own_town.browser(role).get("/invite").status_code == expected, role
    wrong = own_town.browser(OWNER, language="da").post("/invite", {"name": "", "email": "fejl"})
    assert wrong.status_code == 422
    assert "field-name-error" in wrong.text
    assert "field-email-error" in wrong.text


def test_a_wish_that_does_not_hold_fills_in_nothing(own_town: Town) -> None:
    service, operator = own_town.service, own_town.browser(OPERATOR, language="da")
    case = asked(own_town, own_town.browser(AccountRole.VENDOR), "Vera", "vera@example.dk")
    link = link_on(own_town, case)
    token = link.partition("=")[2]
    forged = operator.get(link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")).text
    assert "Linket er udløbet" in forged
    assert "vera@example.dk" not in forged
    later = service.ledger.clock() + invitations.VALID_FOR + timedelta(seconds=2)
    assert invitations.opened(service.database, token, at=later) is None
    made_up = operator.get("/accounts/new?invitation=x&name=Ond&email=ond@example.dk&role=operator").text
    assert "har bedt om kontoen" not in made_up
    assert "Linket er udløbet" in made_up
    vendor = own_town.accounts[AccountRole.VENDOR]
    details = invitations.opened(service.database, token, at=service.ledger.clock())
    assert details is not None
    assert details.role is AccountRole.VENDOR
    service.accounts.change(
        vendor.id,
        AccountDetails(vendor.name, vendor.role, vendor.organisation, AccountState.SUSPENDED),
        by="admin:t",
    )
    assert invitations.opened(service.database, token, at=service.ledger.clock()) is None
    assert "Giv Vera en konto" not in operator.get(case).text
