"""An approval shows what holds now beside what would hold, for every kind of proposal, with who asked and why."""

import re

import pytest

from npn.people.model import AccountRole
from npn.web.pages.people import approval_changes
from npn.web.pages.people.approvals import KINDS
from web.town import Town


def page_of(town: Town, approval: str, language: str = "en") -> str:
    return town.browser(AccountRole.AUDITOR, language=language).get(f"/approvals/{approval}").text


def row(page: str, about: str) -> list[str]:
    found = re.search(rf'<th scope="row">{re.escape(about)}</th>(.*?)</tr>', page, re.DOTALL)
    assert found, about
    return [
        re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)
    ]


def test_limits_stand_side_by_side(own_town: Town) -> None:
    service = own_town.service
    service.systems.set_limits(
        own_town.ours, by="admin:t", smallest_draw=20, largest_draw=123_456, quota=9_000, quota_days=7
    )
    page = page_of(own_town, own_town.approval)
    assert row(page, "Smallest draw") == ["20", "1"]
    assert row(page, "Largest draw") == ["123,456", "100,000,000"]
    assert row(page, "Quota") == ["9,000", "none"]
    for word in ("Labka Nord", "Nordsygehuset", "CSC Sundhed", "a year&#39;s stock at once", "Anna Operator"):
        assert word in page, word
    danish = page_of(own_town, own_town.approval, "da")
    assert row(danish, "Største træk") == ["123.456", "100.000.000"]
    assert "Efter godkendelse" in danish


def test_every_other_kind_says_what_changes(own_town: Town) -> None:
    service, operator = own_town.service, own_town.accounts[AccountRole.OPERATOR].by
    propose = service.approvals.propose
    days = service.quarantine.days()
    quarantine = propose("quarantine", {"days": 4000}, by=operator, reason="kortere")
    assert row(page_of(own_town, quarantine.id), "Days of quarantine") == [f"{days:,}", "4,000"]
    promote = propose(
        "operator", {"account": own_town.accounts[AccountRole.OWNER].id, "act": "promote"}, by=operator, reason="flere"
    )
    page = page_of(own_town, promote.id)
    assert row(page, "Role") == ["not an operator", "an operator"]
    assert "owner@example.dk" in page


def test_what_was_rejected_shows_the_proposal_and_no_comparison(own_town: Town) -> None:
    service, operator = own_town.service, own_town.accounts[AccountRole.OPERATOR].by
    wish = {"system": own_town.test, "smallest_draw": 3, "largest_draw": 10**9, "quota": None, "quota_days": None}
    proposal = service.approvals.propose("limits", wish, by=operator, reason="test")
    withdrawn = own_town.browser(AccountRole.OPERATOR).post(f"/approvals/{proposal.id}", {"decision": "withdrawn"})
    assert withdrawn.status_code == 303
    page = page_of(own_town, proposal.id)
    assert "After approval" not in page
    assert "1,000,000,000" in page


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_comparison(kind: str) -> None:
    assert kind in approval_changes._BY_KIND
