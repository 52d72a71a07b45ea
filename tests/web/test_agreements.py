"""The connection agreement on the pages: everybody reads it, the owner accepts it, nobody else's is touched."""

import re
from datetime import timedelta

import pytest

from npn.agreements.model import Acceptance, Stage
from npn.people.model import AccountRole
from web.town import Town

AS_OWNER = {"version": "1.0", "capacity": "head of laboratory", "read": "yes"}


def accepted(town: Town, system: str) -> list[Acceptance]:
    return town.service.agreements.acceptances(system)


@pytest.mark.parametrize(
    ("language", "title", "section"),
    [
        ("da", "Tilslutningsaftale om Nationalt PrøveNummer (NPN)", "4.2 Beholdning til seks måneder"),
        ("en", "Connection agreement on the National Sample Number (NPN)", "4.2 Six months&#39; stock"),
    ],
)
def test_everybody_reads_the_agreement_in_their_language(town: Town, language: str, title: str, section: str) -> None:
    page = town.browser(None, language=language).get("/agreement")
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text
    assert f'<h3 id="s4-2">{section}</h3>' in page.text
    assert "{requirement" not in page.text
    assert "Labka" not in page.text


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_agreement_is_downloaded_as_a_pdf(town: Town, language: str) -> None:
    answer = town.browser(None, language=language).get("/agreement.pdf?version=1.0")
    assert answer.headers["content-type"] == "application/pdf"
    assert f'filename="npn-agreement-1.0-{language}.pdf"' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(("wanted", "status"), [("9.9", 404), ("x", 422), ("%3Cscript%3E", 422)])
def test_a_version_that_is_none_is_said_not_to_be(town: Town, wanted: str, status: int) -> None:
    for path in ("/agreement", "/agreement.pdf"):
        answer = town.browser(None).get(f"{path}?version={wanted}")
        assert answer.status_code == status
        assert "<script>" not in answer.text


def test_the_owner_sees_every_requirement_judged_with_its_evidence(town: Town) -> None:
    english = town.browser(AccountRole.OWNER).get(f"/systems/{town.ours}/agreement").text
    for word in ('<span class="tag good">met', '<span class="tag bad">not met', '<span class="tag warn">not known'):
        assert word in english
    assert "Last drew numbers on" in english
    danish = town.browser(AccountRole.OWNER, language="da").get(f"/systems/{town.ours}/agreement").text
    assert "ikke opfyldt" in danish
    assert "Trak senest numre den" in danish


def test_the_owner_accepts_the_version_that_was_read_once_it_is_ticked(town: Town) -> None:
    browser, path = town.browser(AccountRole.OWNER), f"/systems/{town.test}/agreement"
    shown = browser.get(path).text
    assert re.search(r'name="version" value="1\.0"', shown)
    unticked = browser.post(path, {**AS_OWNER, "read": ""})
    assert unticked.status_code == 422
    assert "Tick this to accept." in unticked.text
    assert accepted(town, town.test) == []
    before = town.entries()
    assert browser.post(path, AS_OWNER).status_code == 303
    (made,) = accepted(town, town.test)
    account = town.accounts[AccountRole.OWNER]
    assert (made.recorded_by, made.accepted_by, made.capacity) == (account.by, account.name, "head of laboratory")
    assert town.entries() == before + 1
    after = browser.get(path).text
    assert "Version 1.0 is accepted for the system." in after
    assert "head of laboratory" in after
    assert 'name="capacity"' not in after
    assert browser.post(path, AS_OWNER).status_code == 303
    assert [each.id for each in accepted(town, town.test)] == [made.id]


@pytest.mark.parametrize("role", [AccountRole.VENDOR, AccountRole.AUDITOR, AccountRole.GROUP, None])
def test_whoever_is_not_the_owner_accepts_nothing(town: Town, role: AccountRole | None) -> None:
    answer = town.browser(role).post(f"/systems/{town.ours}/agreement", AS_OWNER)
    assert answer.status_code == (303 if role is None else 403)
    assert accepted(town, town.ours) == []


@pytest.mark.parametrize("role", [AccountRole.OWNER, AccountRole.REGION])
def test_another_owner_accepts_nothing_and_sees_nothing(town: Town, role: AccountRole) -> None:
    browser, path = town.browser(role), f"/systems/{town.foreign}/agreement"
    assert browser.get(path).status_code == 404
    assert browser.post(path, AS_OWNER).status_code == 404
    assert accepted(town, town.foreign) == []
    assert path not in browser.get("/account").text  # what one may not send is not kept to be sent again


def test_a_version_that_is_not_there_is_not_accepted(town: Town) -> None:
    browser, path = town.browser(AccountRole.OWNER, language="da"), f"/systems/{town.ours}/agreement"
    for version, said in (("9.9", "ingen sådan version"), ("x", "skrives som 1.0"), ("", "gik tabt undervejs")):
        answer = browser.post(path, {**AS_OWNER, "version": version})
        assert answer.status_code == 422
        assert said in answer.text
        assert 'name="version" value="1.0"' in answer.text
    assert accepted(town, town.ours) == []


def test_the_operator_records_an_acceptance_with_what_it_rests_on(town: Town) -> None:
    browser, path = town.browser(AccountRole.OPERATOR), f"/systems/{town.foreign}/agreement"
    assert browser.post(path, {**AS_OWNER, "accepted_by": "Fremmed Chef"}).status_code == 422
    sent = {**AS_OWNER, "accepted_by": "Fremmed Chef", "evidence": "a signed letter, file 7"}
    assert browser.post(path, sent).status_code == 303
    (made,) = accepted(town, town.foreign)
    assert made.evidence is not None
    assert (made.accepted_by, made.evidence.text) == ("Fremmed Chef", "a signed letter, file 7")
    assert made.recorded_by == town.accounts[AccountRole.OPERATOR].by


def test_the_operator_sees_who_has_accepted_and_how_requirements_are_met(town: Town) -> None:
    english = town.browser(AccountRole.OPERATOR).get("/agreements").text
    for word in ("Labka Nord", "Fremmed Lab", "4.2 Six months", "not met"):
        assert word in english
    lacking = town.browser(AccountRole.AUDITOR, language="da").get("/agreements?show=missing").text
    assert "ikke accepteret" in lacking
    assert "Labka Nord</a>" in lacking
    assert "/agreements/policy" not in lacking


def test_the_user_group_sees_figures_and_no_systems(town: Town) -> None:
    page = town.browser(AccountRole.GROUP).get("/agreements").text
    assert "4.2 Six months" in page
    assert "Labka" not in page


def test_the_operator_sets_the_days_and_is_asked_twice_before_anybody_is_refused(own_town: Town) -> None:
    browser, today = own_town.browser(AccountRole.OPERATOR), own_town.service.agreements.today
    path, days = "/agreements/policy", {"version": "1.0", "warn_from": str(today), "refuse_from": ""}
    assert "Systems without version 1.0" in browser.get(f"{path}?version=1.0").text
    for wrong in (
        {"inform_from": str(today + timedelta(days=1))},
        {"refuse_from": "soon"},
        {"refuse_from": str(today)},
    ):
        assert browser.post(path, {**days, **wrong}).status_code == 422
    assert own_town.service.agreements.dates() == []
    assert browser.post(path, days).status_code == 303
    owner = own_town.browser(AccountRole.OWNER, language="da")
    assert "har ikke accepteret tilslutningsaftalen" in owner.get(f"/systems/{own_town.ours}").text
    assert browser.post(path, {**days, "refuse_from": str(today), "at_once": "yes"}).status_code == 303
    assert "Systems refused today: 2." in browser.get("/agreements").text
    standing = f"/systems/{own_town.ours}/agreement"
    assert "får systemet ingen nye nummerserier" in owner.get(standing).text
    assert owner.post(standing, AS_OWNER).status_code == 303
    assert own_town.service.agreements.standing(own_town.ours).stage is Stage.NONE
