"""What is done with agreements, system by system: respites, exemptions, what was shown, the register, annexes."""

import html
import json
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from agreements_texts import changed
from npn.agreements.model import Acceptance, Dates, Language, Stage, VersionNumber
from npn.agreements.requirements import Check, Verdict
from npn.agreements.text import read
from npn.people.model import AccountRole
from web.town import Town, acceptance_of

PUBLISH = "/agreements/publish"


def check(town: Town, system: str, requirement: str) -> Check:
    text = read(town.service.agreements.version().texts[Language.DANISH])
    return next(c for c in town.service.requirements.of(system, text) if c.requirement == requirement)


def in_days(town: Town, days: int) -> str:
    return str(town.service.agreements.today + timedelta(days=days))


def accepted(town: Town, system: str) -> Acceptance:
    who = {"accepted_by": "Anna", "capacity": "chef"}
    return town.service.agreements.accept(system, by="admin:t", **who)


def test_the_owner_says_how_a_requirement_that_nobody_sees_was_shown(town: Town) -> None:
    browser, path = town.browser(AccountRole.OWNER), f"/systems/{town.ours}/agreement/requirements/repeatable"
    page = html.unescape(browser.get(path).text)
    assert "4.4 " in page
    assert "The service can't check this requirement" in page
    assert "Give the exemption" not in page
    shown = {"met": "yes", "how": "Cut during a draw <i>", "shown_on": in_days(town, 0), "expires_on": ""}
    before = town.entries()
    for wrong in (
        {"met": ""},
        {"how": ""},
        {"how": "x\x07"},
        {"shown_on": in_days(town, 1)},
        {"expires_on": in_days(town, 0)},
    ):
        assert browser.post(f"{path}/shown", {**shown, **wrong}).status_code == 422, wrong
    assert town.entries() == before
    assert browser.post(f"{path}/shown", shown).status_code == 303
    assert check(town, town.ours, "repeatable").verdict is Verdict.MET
    page = browser.get(path).text
    assert "Cut during a draw &lt;i&gt;" in page
    assert town.accounts[AccountRole.OWNER].name in page
    danish = town.browser(AccountRole.VENDOR, language="da").get(path).text
    assert "Dokumentation" in danish
    assert 'name="how"' not in danish


@pytest.mark.parametrize("role", [AccountRole.VENDOR, AccountRole.AUDITOR, AccountRole.GROUP])
def test_whoever_is_not_the_owner_shows_nothing(town: Town, role: AccountRole) -> None:
    path = f"/systems/{town.test}/agreement/requirements/modulus"
    shown = {"met": "yes", "how": "x", "shown_on": in_days(town, 0), "expires_on": ""}
    assert town.browser(role).post(f"{path}/shown", shown).status_code == 403
    assert "modulus" not in town.service.requirements.shown(town.test)


def test_a_requirement_that_is_none_is_not_there(town: Town) -> None:
    assert town.browser(AccountRole.OWNER).get(f"/systems/{town.ours}/agreement/requirements/x").status_code == 404


def test_an_exemption_holds_until_its_day_and_the_verdict_stands_beside_it(own_town: Town) -> None:
    town = own_town
    browser = town.browser(AccountRole.OPERATOR)
    path = f"/systems/{town.ours}/agreement/requirements/certificate"
    for wrong in ({"until": in_days(town, 0), "reason": "r"}, {"until": in_days(town, 9), "reason": ""}):
        assert browser.post(f"{path}/exemption", wrong).status_code == 422
    sent = {"until": in_days(town, 90), "reason": "a new system in spring"}
    assert browser.post(f"{path}/exemption", sent).status_code == 303
    found = check(town, town.ours, "certificate")
    assert (found.verdict, found.exempt is not None) == (Verdict.NOT_MET, True)
    owner = town.browser(AccountRole.OWNER, language="da")
    for address in (path, f"/systems/{town.ours}/agreement"):
        assert "fritaget til" in owner.get(address).text
    assert "a new system in spring" in owner.get(path).text
    assert "a new system in spring" in browser.get("/agreements").text
    assert "a new system in spring" not in town.browser(AccountRole.GROUP).get("/agreements").text
    assert browser.post(f"{path}/exemption/end").status_code == 303
    assert check(town, town.ours, "certificate").exempt is None
    assert "a new system in spring" not in browser.get("/agreements").text


def test_a_respite_lets_a_system_draw_until_its_day(own_town: Town) -> None:
    town, browser = own_town, own_town.browser(AccountRole.OPERATOR, language="da")
    agreements, path = town.service.agreements, f"/systems/{own_town.foreign}/agreement/respite"
    today = agreements.today
    agreements.set_dates(Dates("connection", VersionNumber(1, 0), today, today, today), by="admin:t")
    assert agreements.standing(town.foreign).stage is Stage.REFUSE
    assert "2 systemer får ingen nye nummerserier" in browser.get("/overview").text
    assert "Tilslutningsaftalen er ikke accepteret for Fremmed Lab" in browser.get("/tasks/agreement-refused").text
    assert "Med de nuværende datoer får systemet ingen nye nummerserier fra" in browser.get(path).text
    late = browser.post(path, {"until": in_days(town, 0), "reason": "x"})
    assert late.status_code == 422
    assert "Vælg en dag, der kommer" in late.text
    assert browser.post(path, {"until": in_days(town, 30), "reason": "Ejeren skifter"}).status_code == 303
    assert agreements.standing(town.foreign).stage is Stage.WARN
    assert "Ejeren skifter" in browser.get(f"/systems/{town.foreign}/agreement").text
    assert "Ejeren skifter" in browser.get("/agreements").text
    assert browser.post(f"{path}/end").status_code == 303
    assert agreements.standing(town.foreign).stage is Stage.REFUSE
    agreements.set_dates(Dates("connection", VersionNumber(1, 0)), by="admin:t")


def test_the_signed_agreement_is_fetched_by_those_it_concerns(town: Town) -> None:
    path = f"/systems/{town.ours}/agreement/acceptances/{acceptance_of(town, town.ours)}"
    for role in (AccountRole.OWNER, AccountRole.VENDOR, AccountRole.OPERATOR):
        browser = town.browser(role, language="da")
        assert "Den underskrevne aftale" in browser.get(path).text
        paper = browser.get(f"{path}/pdf")
        assert paper.content.startswith(b"%PDF-")
        assert 'filename="npn-agreement-1.0-labka-nord-da.pdf"' in paper.headers["content-disposition"]
        payload = browser.get(f"{path}/jws").text.split(".")[1]
        statement = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert (statement["system"], statement["accepted_by"]) == (town.ours, "Anna")
    foreign = f"/systems/{town.ours}/agreement/acceptances/{acceptance_of(town, town.foreign)}"
    assert town.browser(AccountRole.OPERATOR).get(foreign).status_code == 404
    assert town.browser(AccountRole.OWNER).get(f"{foreign}/jws").status_code == 404


def test_the_operator_ends_an_acceptance_with_a_reason_and_it_is_kept(own_town: Town) -> None:
    town, browser = own_town, own_town.browser(AccountRole.OPERATOR)
    made = accepted(town, town.test)
    path = f"/systems/{town.test}/agreement/acceptances/{made.id}"
    assert 'name="reason"' in browser.get(path).text
    assert 'name="reason"' not in town.browser(AccountRole.OWNER).get(path).text
    assert browser.post(f"{path}/end", {"reason": ""}).status_code == 422
    elsewhere = f"/systems/{town.ours}/agreement/acceptances/{made.id}"
    assert browser.post(f"{elsewhere}/end", {"reason": "x"}).status_code == 404
    assert browser.post(f"{path}/end", {"reason": "given by mistake", "do": "go"}).status_code == 303
    assert town.service.agreements.acceptances(town.test) == []
    page = browser.get(path).text
    assert "given by mistake" in page
    assert "%PDF-" in browser.get(f"{path}/pdf").text[:9]


def test_where_npn_is_not_used_is_noted_by_the_owner_and_ends(own_town: Town) -> None:
    town, browser = own_town, own_town.browser(AccountRole.REGION, language="da")
    path = f"/systems/{town.test}/other-numbers"
    place = {"kind": "unreadable_labels", "place": "Skadestuen", "reason": "Våde etiketter", "sends_onward": "yes"}
    for wrong in ({"kind": "x"}, {"place": ""}, {"reason": ""}, {"sends_onward": "maybe"}, {"review_on": "snart"}):
        assert browser.post(path, {**place, **wrong}).status_code == 422, wrong
    assert town.service.requirements.others(town.test) == []
    assert browser.post(path, {**place, "review_on": in_days(town, 0)}).status_code == 303
    (noted,) = town.service.requirements.others(town.test)
    assert (noted.place, noted.sends_onward) == ("Skadestuen", True)
    assert check(town, town.test, "use_npn").verdict is Verdict.NOT_MET
    assert "Våde etiketter" in browser.get(path).text
    assert "hvor Labka Nord Test ikke bruger NPN" in browser.get("/overview").text
    assert "skal vurderes nu" in browser.get("/agreements/other-numbers").text
    vendor = town.browser(AccountRole.VENDOR, language="da").get(path).text
    assert "Våde etiketter" in vendor
    assert browser.post(f"/systems/{town.ours}/other-numbers/{noted.id}/end").status_code == 404
    assert browser.post(f"{path}/{noted.id}/end").status_code == 303
    assert town.service.requirements.others(town.test) == []
    assert "NPN siden" in browser.get(path).text


def test_the_register_is_narrowed_to_what_is_one_s_own(town: Town) -> None:
    path = "/agreements/other-numbers"
    assert "Fremmed patologi" in town.browser(AccountRole.AUDITOR).get(path).text
    group = town.browser(AccountRole.GROUP).get(path).text
    assert "Patologien" not in group
    assert "Systems with such places: 2" in group
    owner = town.browser(AccountRole.OWNER).get(path).text
    assert "Patologien" in owner
    assert "Systems with such places: 1" in owner


@pytest.mark.parametrize("role", [AccountRole.VENDOR, AccountRole.OWNER, AccountRole.OPERATOR])
def test_a_vendor_s_annex_says_what_its_systems_lack_as_page_and_pdf(town: Town, role: AccountRole) -> None:
    browser = town.browser(role, language="da")
    page = browser.get("/agreement/annex?vendor=CSC+Sundhed").text
    for word in ("Bilag til CSC Sundhed", "6.2 Certifikat", "Certifikatet bestilles af ejeren", "Labka Nord Test"):
        assert word in page
    paper = browser.get("/agreement/annex.pdf?vendor=CSC+Sundhed")
    assert paper.content.startswith(b"%PDF-")
    assert "csc-sundhed-da.pdf" in paper.headers["content-disposition"]
    other = browser.get("/agreement/annex?vendor=Fremmed+Software")
    assert other.status_code == (200 if role is AccountRole.OPERATOR else 404)
    assert browser.get("/agreement/annex.pdf").status_code == 404
    assert "CSC Sundhed" in browser.get("/agreement/annex").text
    assert "/agreement/annex?vendor=CSC+Sundhed" in browser.get("/agreement").text


def test_a_version_is_published_by_page_once_it_is_looked_at_and_ticked(own_town: Town) -> None:
    town, browser = own_town, own_town.browser(AccountRole.OPERATOR, language="da")
    assert "# Tilslutningsaftale" in browser.get(PUBLISH).text
    texts = changed("TLS 1.2", "TLS 1.3")
    sent = {"danish": texts[Language.DANISH], "english": texts[Language.ENGLISH], "version": "1.5", "do": "publish"}
    first = {"effective_from": in_days(town, 183), "sure": "yes"}
    assert "<del>1.2 </del><ins>1.3 </ins>" in browser.post(PUBLISH, {**sent, **first, "do": "look"}).text
    for wrong, said in (
        ({"sure": ""}, "Sæt kryds her for at offentliggøre"),
        ({"effective_from": in_days(town, 182)}, "er den tidligste dag"),
        ({"version": "1.0"}, "vælg et højere nummer"),
        ({"danish": "# T\n\n## 1 A\n"}, "flere punkter end den anden"),
    ):
        answer = browser.post(PUBLISH, {**sent, **first, **wrong})
        assert answer.status_code == 422, wrong
        assert said in answer.text
    assert len(town.service.agreements.versions()) == 1
    assert browser.post(PUBLISH, {**sent, **first}).status_code == 303
    made = town.service.agreements.versions()[-1]
    assert (str(made.number), made.texts, made.proposal) == ("1.5", texts, None)
    assert made.published_by == town.accounts[AccountRole.OPERATOR].by
    assert "1.5" in town.browser(None).get("/agreement").text
