"""In the pages, two people are two people: what is proposed, what is done at once, and who sees a one-time link."""

import html
import re

from npn.people.model import Account, AccountRole, AccountState
from operators import operator
from web.town import Browser, Town

OPERATOR = AccountRole.OPERATOR


def links_to(town: Town, email: str) -> list[str]:
    """Return the one-time links that were mailed to an address, the newest first."""
    letters = [letter for letter in town.service.outbox.emails() if letter.to == email]
    found = [link for letter in letters for link in re.findall(r"https://npn.example(/welcome/\S+)", letter.text)]
    return list(dict.fromkeys(found))  # each is written in both languages


def of_email(town: Town, email: str) -> Account:
    return town.service.accounts.with_email(email)


def new_operator(browser: Browser, email: str, reason: str = "") -> str:
    """Ask for another operator; give where that leads, or nothing where it was done at once."""
    fields = {"email": email, "name": "Bo Bosen", "role": "operator", "organisation": "", "reason": reason}
    answer = browser.post("/accounts/new", fields)
    assert "/welcome/" not in answer.text
    return answer.headers.get("Location", "")


def test_an_operator_alone_has_nothing_approved_by_an_account_of_its_own(mail_town: Town) -> None:
    town = mail_town
    first = town.browser(OPERATOR)
    assert new_operator(first, "bo@example.dk") == ""  # the second operator there ever was
    assert len(links_to(town, "bo@example.dk")) == 1
    bo = town.browser_of(of_email(town, "bo@example.dk"))
    limits = {"smallest_draw": "1", "largest_draw": "20000000", "reason": "a year at once"}
    asked = first.post(f"/systems/{town.test}/limits", limits).headers["Location"]
    page = html.unescape(bo.get(asked).text)
    assert "You can't approve this" in page
    assert 'value="approved"' not in page
    refused = bo.post(asked, {"decision": "approved"})
    assert refused.status_code == 403
    assert "one person" in refused.text
    assert town.service.systems.get(town.test).largest_draw == 10_000_000
    assert "one-time link" in first.get(f"/accounts/{of_email(town, 'bo@example.dk').id}").text

    third = town.browser_of(operator(town.service, "tove"))
    about = f"/accounts/{of_email(town, 'bo@example.dk').id}"
    assert "Anna Operator: made it" in third.get(about).text
    assert first.post(f"{about}/vouch", {"reason": "it is me"}).status_code == 403
    assert third.post(f"{about}/vouch", {"reason": ""}).status_code == 422
    assert third.post(f"{about}/vouch", {"reason": "seen in person"}).status_code == 303
    assert "Tied to other accounts" not in third.get(about).text
    assert bo.post(asked, {"decision": "approved"}).status_code == 303
    assert town.service.systems.get(town.test).largest_draw == 20_000_000


def test_making_promoting_resetting_and_re_activating_an_operator_is_proposed(mail_town: Town) -> None:
    town, tove = mail_town, operator(mail_town.service, "tove")
    first, second = town.browser(OPERATOR), town.browser_of(tove)
    assert new_operator(first, "carl@example.dk") == ""  # no reason was given
    assert "carl@example.dk" not in first.get("/accounts").text
    asked = new_operator(first, "carl@example.dk", "holidays")
    assert asked.startswith("/approvals/")
    shown = second.get(asked).text
    assert all(words in shown for words in ("A new operator", "Bo Bosen", "carl@example.dk", "Anna Operator"))
    assert first.post(asked, {"decision": "approved"}).status_code == 403
    assert second.post(asked, {"decision": "approved"}).status_code == 303
    assert len(links_to(town, "carl@example.dk")) == 1
    assert "Bo Bosen" in second.get(asked).text

    auditor = town.accounts[AccountRole.AUDITOR]
    fields = {"name": "Anna B", "role": "operator", "state": "active", "reason": "a deputy"}
    asked = first.post(f"/accounts/{auditor.id}", fields).headers["Location"]
    assert town.service.accounts.get(auditor.id).role is AccountRole.AUDITOR
    second.post(asked, {"decision": "approved"})
    assert town.service.accounts.get(auditor.id).role is OPERATOR

    fields = {"name": "Anna B", "role": "operator", "state": "suspended"}
    assert first.post(f"/accounts/{auditor.id}", fields).headers["Location"] == "/accounts"  # takes one
    fields = {"name": "Anna B", "role": "operator", "state": "active", "reason": "back", "email": "b@example.dk"}
    asked = first.post(f"/accounts/{auditor.id}", fields).headers["Location"]
    assert of_email(town, "b@example.dk").state is AccountState.SUSPENDED
    second.post(asked, {"decision": "approved"})
    assert of_email(town, "b@example.dk").state is AccountState.ACTIVE

    asked = first.post(f"/accounts/{auditor.id}/link", {"reason": "lost telephone"}).headers["Location"]
    assert "Reset" in second.get(asked).text
    assert links_to(town, "b@example.dk") == []
    second.post(asked, {"decision": "approved"})
    assert len(links_to(town, "b@example.dk")) == 1


def test_a_link_goes_to_its_account_alone_and_without_mail_the_page_names_the_shell(
    mail_town: Town, town: Town
) -> None:
    owner = mail_town.accounts[AccountRole.OWNER]
    shown = mail_town.browser(OPERATOR).post(f"/accounts/{owner.id}/link")
    assert "on its way to owner@example.dk" in shown.text
    assert "/welcome/" not in shown.text
    (link,) = links_to(mail_town, "owner@example.dk")
    assert mail_town.browser(None).get(link).status_code == 200

    group = town.accounts[AccountRole.GROUP]
    session = town.browser(AccountRole.GROUP)
    assert "npn admin account link group@example.dk" in town.browser(OPERATOR).get(f"/accounts/{group.id}").text
    assert town.browser(OPERATOR).post(f"/accounts/{group.id}/link").status_code == 403
    assert session.get("/overview").status_code == 200  # nothing was ended for a link that reaches nobody
