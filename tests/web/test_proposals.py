"""Change proposals on the pages: put forward, heard, weighed, decided; each role does its own part and no more."""

import re
from datetime import date, timedelta

import pytest

from agreements_texts import TEXTS, changed, months_of_stock
from npn.agreements.model import Language
from npn.agreements.proposals.model import ProposalState
from npn.people.model import AccountRole
from web.town import ROLES, Town

ALL = "/agreements/proposals"
NEW = f"{ALL}/new"


def sent(texts: dict[Language, str], **more: str) -> dict[str, str]:
    fields = {"danish": texts[Language.DANISH], "english": texts[Language.ENGLISH], "do": "propose"}
    about = {"title": "Halvandet år", "reason": "Erfaringer", "forum": "steering_group", "version": "1.2"}
    return {**fields, **about, "comments_until": "", **more}


def of_the_town(town: Town) -> str:
    """Return the address of the proposal that the town has had from the first."""
    return f"{ALL}/{town.service.proposals.all()[-1].id}"


@pytest.mark.parametrize("role", ROLES)
def test_everybody_with_an_account_reads_the_proposals(town: Town, role: AccountRole) -> None:
    browser, path = town.browser(role), of_the_town(town)
    assert "Ni måneder" in browser.get(ALL).text
    page = browser.get(path).text
    for word in ("a requirement, 183 days", "a requirement, 274 days", "Bo, Region Nord", "For meget"):
        assert word in page
    assert ("Record the decision" in page) == (role is AccountRole.OPERATOR)
    assert ("Comment on a section" in page) == (role is not AccountRole.AUDITOR)
    whole = browser.get(f"{path}/text").text
    assert "draft 1 of version 1.1" in whole
    assert '<h3 id="s4-2">' in whole


def test_the_operator_looks_at_the_difference_before_putting_a_change_forward(own_town: Town) -> None:
    browser, known = own_town.browser(AccountRole.OPERATOR, language="da"), len(own_town.service.proposals.all())
    begun = browser.get(NEW).text
    assert "# Tilslutningsaftale om Nationalt PrøveNummer (NPN)" in begun
    assert 'value="1.1"' in begun
    texts = changed("10.000", "20.000") if "10.000" in TEXTS[Language.ENGLISH] else changed("TLS 1.2", "TLS 1.3")
    looked = browser.post(NEW, sent(texts, do="look", title=""))
    assert looked.status_code == 200
    assert re.search(r"<del>1\.2 </del><ins>1\.3 </ins>", looked.text)
    assert "skal udfyldes" not in looked.text
    assert len(own_town.service.proposals.all()) == known
    assert browser.post(NEW, sent(texts, title="")).status_code == 422
    answer = browser.post(NEW, sent(texts))
    assert answer.status_code == 303
    made = own_town.service.proposals.all()[0]
    assert answer.headers["Location"] == f"{ALL}/{made.id}"
    assert (str(made.number), made.title, made.forum) == ("1.2", "Halvandet år", "steering_group")
    assert made.proposed_by == own_town.accounts[AccountRole.OPERATOR].by
    assert re.search(r"<del>1\.2 </del><ins>1\.3 </ins>", browser.get(f"{ALL}/{made.id}").text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"english": "# T\n\n## One\n"}, "Linje 3: en overskrift har et nummer"),
        ({"danish": "ingen titel"}, "Linje 1: teksten begynder med sin titel"),
        ({"version": "1.0"}, "vælg et højere nummer"),
        ({"version": "one"}, "skrives som 1.0"),
        ({"comments_until": "snart"}, "Skriv dag, måned og år med tal"),
        ({"forum": "nobody"}, "Vælg"),
        ({"english": TEXTS[Language.ENGLISH].replace("days=365", "days=1")}, "hvor den engelske har ### 4.5"),
    ],
)
def test_what_is_wrong_with_a_change_is_said_in_danish_and_nothing_is_lost(
    town: Town, wrong: dict[str, str], said: str
) -> None:
    known = len(town.service.proposals.all())
    answer = town.browser(AccountRole.OPERATOR, language="da").post(NEW, sent(TEXTS, **wrong))
    assert answer.status_code == 422
    assert said in answer.text
    assert "Halvandet år" in answer.text
    assert len(town.service.proposals.all()) == known


def test_a_further_draft_keeps_the_comments_on_the_one_before(own_town: Town) -> None:
    browser, path = own_town.browser(AccountRole.OPERATOR), of_the_town(own_town)
    assert "days=274" in browser.get(f"{path}/draft").text
    texts = months_of_stock(200)
    looked = browser.post(f"{path}/draft", {**sent(texts), "do": "look"})
    assert "stock days=200" in looked.text  # in the field
    assert "a requirement, 200 days" in looked.text
    assert browser.post(f"{path}/draft", sent(texts, version="1.1")).status_code == 303
    page = browser.get(path).text
    assert "2, of" in page
    assert "on draft 1" in page
    assert "a requirement, 200 days" in page
    assert "{requirement" not in page


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_mark_that_its_sentence_contradicts_is_refused_with_both_shown(own_town: Town, language: str) -> None:
    browser, path = own_town.browser(AccountRole.OPERATOR, language=language), of_the_town(own_town)
    drafts = len(own_town.service.proposals.drafts(path.rpartition("/")[2]))
    refused = browser.post(f"{path}/draft", sent(changed("stock days=183", "stock days=300"), version="1.1"))
    assert refused.status_code == 422
    for words in ("days=300", "183 dage", "183 days"):
        assert words in refused.text
    assert ("den danske tekst siger" in refused.text) == (language == "da")
    assert len(own_town.service.proposals.drafts(path.rpartition("/")[2])) == drafts


@pytest.mark.parametrize("role", [AccountRole.GROUP, AccountRole.OWNER, AccountRole.REGION, AccountRole.VENDOR])
def test_those_who_are_heard_comment_on_a_section_under_their_name(town: Town, role: AccountRole) -> None:
    browser, path = town.browser(role), of_the_town(town)
    assert '<option value="4.3" selected>' in browser.get(f"{path}?section=4.3").text
    before = town.entries()
    for wrong in ({"section": "99", "text": "x"}, {"section": "4.3", "text": ""}):
        assert browser.post(f"{path}/comments", wrong).status_code == 422
    assert town.entries() == before
    words = f"Hvad siger {role}? <b>"
    assert browser.post(f"{path}/comments", {"section": "4.3", "text": words}).status_code == 303
    made = next(each for each in town.service.proposals.comments(path.rpartition("/")[2]) if each.text == words)
    account = town.accounts[role]
    organisation = f", {account.organisation_name}" if account.organisation_name else ""
    assert made.by == f"{account.name}{organisation}"
    page = browser.get(path).text
    assert f"Hvad siger {role}? &lt;b&gt;" in page
    assert town.entries() == before + 1


def test_comments_end_with_their_day(own_town: Town) -> None:
    service = own_town.service
    made = service.proposals.all()[-1]
    yesterday = service.agreements.today - timedelta(days=1)
    texts = service.proposals.drafts(made.id)[-1].texts
    service.proposals.revise(made.id, texts, by="admin:t", comments_until=yesterday)
    browser = own_town.browser(AccountRole.GROUP, language="da")
    assert "Fristen for kommentarer er udløbet" in browser.get(f"{ALL}/{made.id}").text
    late = browser.post(f"{ALL}/{made.id}/comments", {"section": "4.2", "text": "for sent"})
    assert late.status_code == 422
    assert "Fristen for kommentarer er udløbet" in late.text
    assert "venter på en beslutning" in own_town.browser(AccountRole.OPERATOR, language="da").get("/overview").text


def test_the_group_sees_what_a_change_means_per_vendor_and_others_only_for_themselves(town: Town) -> None:
    path = f"{of_the_town(town)}/consequences"
    for role in (AccountRole.GROUP, AccountRole.OPERATOR, AccountRole.AUDITOR):
        page = town.browser(role).get(path).text
        for word in ("CSC Sundhed", "Fremmed Software", "Fremmed Lab", "4.2 Six months"):
            assert word in page, role
        assert ("/systems/fremmed-lab" in page) == (role is not AccountRole.GROUP)
    for role in (AccountRole.OWNER, AccountRole.VENDOR, AccountRole.REGION):
        page = town.browser(role).get(path).text
        assert "Labka Nord" in page
        assert "fremmed" not in page.lower()


@pytest.mark.parametrize("role", [AccountRole.VENDOR, AccountRole.OWNER, AccountRole.REGION])
def test_the_vendor_and_the_owner_say_what_their_system_needs(town: Town, role: AccountRole) -> None:
    browser, path = town.browser(role), of_the_town(town)
    form = browser.get(f"{path}/needs?system={town.ours}").text
    assert f'<option value="{town.ours}" selected>' in form
    assert town.foreign not in form
    needs = {"needs": f"En ny udgivelse, siger {role}", "ready_on": "2027-05-01"}
    before = town.entries()
    assert browser.post(f"{path}/needs", {**needs, "system": town.foreign}).status_code == 422
    assert browser.post(f"{path}/needs", {**needs, "system": town.ours, "ready_on": "maj"}).status_code == 422
    assert town.entries() == before
    assert browser.post(f"{path}/needs", {**needs, "system": town.ours}).status_code == 303
    made = town.service.proposals.need(path.rpartition("/")[2], town.ours)
    assert made is not None
    assert (made.needs, made.ready_on) == (needs["needs"], date(2027, 5, 1))
    assert made.said_by.startswith(town.accounts[role].name)
    group = town.browser(AccountRole.GROUP).get(f"{path}/consequences").text
    assert needs["needs"] in group
    assert "1 May 2027" in group
    assert needs["needs"] in browser.get(f"{path}/needs?system={town.ours}").text
    assert "Fremmed" not in browser.get(f"{path}/needs?system={town.foreign}").text


def test_the_operator_keeps_what_somebody_said_of_their_system(town: Town) -> None:
    browser, path = town.browser(AccountRole.OPERATOR), of_the_town(town)
    said = {"system": town.foreign, "needs": "nothing", "ready_on": ""}
    assert browser.post(f"{path}/needs", said).status_code == 422
    assert browser.post(f"{path}/needs", {**said, "said_by": "Fremmed Person, by telephone"}).status_code == 303
    made = town.service.proposals.need(path.rpartition("/")[2], town.foreign)
    assert made is not None
    assert (made.needs, made.said_by) == ("nothing", "Fremmed Person, by telephone")


def test_the_decision_keeps_the_notice_and_publishes_what_was_adopted(own_town: Town) -> None:
    service, browser = own_town.service, own_town.browser(AccountRole.OPERATOR, language="da")
    made, today = service.proposals.all()[-1], own_town.service.agreements.today
    path = f"{ALL}/{made.id}/decision"
    first = today + timedelta(days=183)
    page = browser.get(path).text
    for part, value in (("day", first.day), ("month", first.month), ("year", first.year)):
        assert re.search(rf'name="effective_from_{part}"[^>]* value="{value}"', page)
    decision = {"outcome": "adopted", "decided_on": str(today), "minutes": "Referat 4, punkt 3", "do": "go"}
    for wrong, said in (
        ({"effective_from": str(first - timedelta(days=1))}, "er den tidligste dag"),
        ({"effective_from": ""}, "har en dag, den gælder fra"),
        ({"effective_from": str(first), "decided_on": str(today + timedelta(days=1))}, "ikke i fremtiden"),
        ({"effective_from": str(first), "minutes": ""}, "skal udfyldes"),
        ({"effective_from": str(first), "outcome": "open"}, "Vælg"),
    ):
        answer = browser.post(path, {**decision, **wrong})
        assert answer.status_code == 422, wrong
        assert said in answer.text
    assert service.proposals.get(made.id).state is ProposalState.OPEN
    assert browser.post(path, {**decision, "effective_from": str(first)}).status_code == 303
    version = service.agreements.versions()[-1]
    assert (version.number, version.effective_from, version.proposal) == (made.number, first, made.id)
    page = own_town.browser(AccountRole.GROUP, language="da").get(f"{ALL}/{made.id}").text
    assert "Referat 4, punkt 3" in page
    assert "Vedtaget" in page
    assert "Kommentér et punkt" not in page
    again = browser.post(path, {**decision, "effective_from": str(first)})
    assert again.status_code == 422
    other = browser.post(NEW, sent(TEXTS, version="1.9", title="Og så"))
    assert other.status_code == 303


def test_a_change_that_is_not_adopted_needs_no_day(own_town: Town) -> None:
    service, browser = own_town.service, own_town.browser(AccountRole.OPERATOR)
    browser.post(NEW, sent(TEXTS, version="7.0", title="Vil ingen have"))
    made = service.proposals.all()[0]
    known = len(service.agreements.versions())
    decision = {"outcome": "rejected", "decided_on": str(service.agreements.today), "minutes": "4/5"}
    day = str(service.agreements.today + timedelta(days=400))
    answer = browser.post(f"{ALL}/{made.id}/decision", {**decision, "effective_from": day})
    assert answer.status_code == 303
    assert service.proposals.get(made.id).state is ProposalState.REJECTED
    assert len(service.agreements.versions()) == known


def test_a_proposal_that_is_none_is_not_there(town: Town) -> None:
    browser = town.browser(AccountRole.OPERATOR)
    for path in ("", "/text", "/consequences", "/needs", "/draft", "/decision"):
        assert browser.get(f"{ALL}/1999-1{path}").status_code == 404
