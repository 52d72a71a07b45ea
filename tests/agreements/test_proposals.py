"""Changes: proposed, commented on, weighed per vendor, decided with notice, published as decided."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.conftest import V1, V2, Clock
from agreements.test_service import proved
from agreements_texts import TEXTS, months_of_stock
from drawing import add
from npn.agreements.model import Language, Version, VersionNumber
from npn.agreements.proposals.changes import Change, PieceKind, Side
from npn.agreements.proposals.model import Forum, Proposal, ProposalState, ProposalSubject, by_vendor
from npn.agreements.proposals.service import Proposals
from npn.agreements.requirements import Verdict
from npn.errors import ConflictError, InvalidInputError, NotFoundError, NpnError, RefusedError
from npn.wiring.service import Service

NINE_MONTHS = months_of_stock(274)


@pytest.fixture
def proposal(proposals: Proposals, first: Version) -> Proposal:
    """Nine months' stock instead of six."""
    return proposals.propose(
        V2,
        NINE_MONTHS,
        subject=ProposalSubject(forum=Forum.USER_GROUP, title="Nine months", reason="Longer outages"),
        by="t",
    )


def test_a_proposal_is_commented_on_section_by_section(
    service: Service, proposals: Proposals, proposal: Proposal
) -> None:
    assert proposal.id == "2026-1"
    assert proposal.base == V1
    said = proposals.comment(proposal.id, section="4.2", text="Too\nlong", said_by="Bo, Region Nord", by="admin:bo")
    proposals.revise(proposal.id, months_of_stock(200), by="t")
    later = proposals.comment(proposal.id, section="A", text="Good", said_by="Eva", by="admin:eva")

    assert proposals.comments(proposal.id) == [said, later]
    assert (said.revision, said.text, later.revision) == (1, "Too\nlong", 2)
    assert [draft.revision for draft in proposals.drafts(proposal.id)] == [1, 2]
    assert proposals.get(proposal.id).revision == 2
    for section in ("99", "", "4.2.1"):
        with pytest.raises(InvalidInputError):
            proposals.comment(proposal.id, section=section, text="x", said_by="Bo", by="t")
    proved(service)


def test_comments_are_taken_until_their_day(proposals: Proposals, first: Version, clock: Clock) -> None:
    made = proposals.propose(
        V2,
        NINE_MONTHS,
        subject=ProposalSubject(forum=Forum.USER_GROUP, title="T", reason="R"),
        by="t",
        comments_until=clock.today,
    )
    proposals.comment(made.id, section="1", text="in time", said_by="Bo", by="t")
    clock.days(1)
    with pytest.raises(ConflictError) as refused:
        proposals.comment(made.id, section="1", text="late", said_by="Bo", by="t")
    assert refused.value.code == "comments_closed"


def test_an_adopted_change_is_published_as_decided(
    service: Service, proposals: Proposals, proposal: Proposal, clock: Clock
) -> None:
    clock.days(30)
    early = clock.today + timedelta(days=182)
    with pytest.raises(RefusedError) as refused:
        proposals.decide(
            proposal.id, ProposalState.ADOPTED, decided_on=clock.today, minutes="2026/4", by="t", effective_from=early
        )
    assert refused.value.code == "notice_too_short"
    assert proposals.get(proposal.id).state is ProposalState.OPEN

    decided, version = proposals.decide(
        proposal.id,
        ProposalState.ADOPTED,
        decided_on=clock.today - timedelta(days=2),
        minutes="Referat 2026/4, punkt 3",
        by="t",
        effective_from=early + timedelta(days=1),
    )
    assert version is not None
    assert (version.number, version.texts, version.proposal) == (V2, NINE_MONTHS, proposal.id)
    assert (decided.state, decided.minutes) == (ProposalState.ADOPTED, "Referat 2026/4, punkt 3")
    assert proposals.get(proposal.id) == decided
    proved(service)


@pytest.mark.parametrize("outcome", [ProposalState.REJECTED, ProposalState.WITHDRAWN])
def test_what_is_decided_stays_decided(
    service: Service, proposal: Proposal, clock: Clock, outcome: ProposalState
) -> None:
    proposals = service.proposals
    decided, version = proposals.decide(proposal.id, outcome, decided_on=clock.today, minutes="2026/5", by="t")
    assert (decided.state, version) == (outcome, None)
    for call in (
        lambda: proposals.decide(proposal.id, outcome, decided_on=clock.today, minutes="x", by="t"),
        lambda: proposals.comment(proposal.id, section="1", text="x", said_by="Bo", by="t"),
        lambda: proposals.revise(proposal.id, NINE_MONTHS, by="t"),
        lambda: proposals.say_need(proposal.id, add(service)[0].id, needs="x", said_by="Bo", by="t"),
    ):
        with pytest.raises(ConflictError) as refused:
            call()
        assert refused.value.code == "proposal_decided"
    proved(service)


def test_a_decision_lies_between_the_proposal_and_today_and_fits_its_date(
    proposals: Proposals, proposal: Proposal, clock: Clock
) -> None:
    day = clock.today
    for outcome, decided_on, effective in (
        (ProposalState.REJECTED, day - timedelta(days=1), None),
        (ProposalState.REJECTED, day + timedelta(days=1), None),
        (ProposalState.REJECTED, day, date(2030, 1, 1)),
        (ProposalState.ADOPTED, day, None),
        (ProposalState.OPEN, day, None),
    ):
        with pytest.raises(InvalidInputError):
            proposals.decide(proposal.id, outcome, decided_on=decided_on, minutes="x", by="t", effective_from=effective)


def test_consequences_are_known_per_vendor_before_the_decision(
    service: Service, proposals: Proposals, proposal: Proposal, clock: Clock
) -> None:
    ours, other = add(service, "Labka")[0], add(service, "Mads")[0]
    service.stock.report(by=ours.id, free=2000, used_per_day=10.0, as_of=clock.now)
    service.pictures._made = None
    need = proposals.say_need(
        proposal.id, ours.id, needs="a larger reorder point", said_by="CSC", by="t", ready_on=date(2027, 5, 1)
    )
    found = {each.system.id: each for each in proposals.consequences(proposal.id)}

    assert set(found) == {ours.id, other.id}
    stock = next(check for check in found[ours.id].checks if check.requirement == "stock")
    assert stock.verdict is Verdict.NOT_MET  # 200 days are enough for six months, not for nine
    assert (found[ours.id].need, found[other.id].need, found[ours.id].vendor) == (need, None, "CSC")
    again = proposals.say_need(proposal.id, ours.id, needs="nothing", said_by="CSC", by="t")
    assert {each.system.id: each.need for each in proposals.consequences(proposal.id)}[ours.id] == again
    with pytest.raises(NotFoundError):
        proposals.say_need(proposal.id, "nobody", needs="x", said_by="x", by="t")
    proved(service)


def test_changes_are_shown_by_section_and_word_by_word(
    proposals: Proposals, proposal: Proposal, first: Version
) -> None:
    (measured,) = proposals.changes(proposal.id, Language.DANISH)  # a mark changed, no word that is read
    assert (measured.number, measured.is_measured_anew, measured.is_retitled) == ("4.2", True, False)
    assert measured.after is not None
    assert measured.after.mark == "{requirement: stock days=274}"
    texts = {
        language: text.replace("183 dage ved", "274 dage ved")
        .replace("183 days at", "274 days at")
        .replace("Den består", "Aftalen består")
        + "\n## D Ny / New\n\nord\n"
        for language, text in NINE_MONTHS.items()
    }
    proposals.revise(proposal.id, texts, by="t")
    changes = proposals.changes(proposal.id, Language.ENGLISH)
    assert [(change.number, change.before is None) for change in changes] == [("4.2", False), ("D", True)]
    pieces = changes[0].pieces()
    assert [(p.kind, p.text.strip()) for p in pieces if p.kind is not PieceKind.SAME] == [
        (PieceKind.OUT, "183"),
        (PieceKind.IN, "274"),
    ]
    assert [change.number for change in proposals.changes(proposal.id, Language.DANISH)] == ["", "4.2", "D"]
    assert proposals.compare(texts, Language.ENGLISH) == changes


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_of_a_change_are_both_texts(before: str, after: str) -> None:
    pieces = Change("1", Side("T", before), Side("T", after)).pieces()
    for side, other in ((before, PieceKind.IN), (after, PieceKind.OUT)):
        assert "".join(p.text for p in pieces if p.kind is not other).split() == side.split()


def test_a_draft_of_a_version_that_was_replaced_is_not_adopted(
    service: Service, proposals: Proposals, proposal: Proposal, clock: Clock
) -> None:
    other = proposals.propose(
        VersionNumber(3, 0),
        TEXTS,
        subject=ProposalSubject(forum=Forum.STEERING_GROUP, title="Another", reason="R"),
        by="t",
    )
    effective = clock.today + timedelta(days=200)
    decided = {"decided_on": clock.today, "minutes": "m", "by": "t", "effective_from": effective}
    proposals.decide(proposal.id, ProposalState.ADOPTED, **decided)  # type: ignore[arg-type]  # as they are named
    with pytest.raises(ConflictError) as refused:
        proposals.decide(other.id, ProposalState.ADOPTED, **decided)  # type: ignore[arg-type]  # as they are named
    assert refused.value.code == "base_superseded"
    assert proposals.revise(other.id, NINE_MONTHS, by="t").base == V2
    clock.days(100)
    later = {**decided, "decided_on": clock.today, "effective_from": clock.today + timedelta(days=183)}
    _, version = proposals.decide(other.id, ProposalState.ADOPTED, **later)  # type: ignore[arg-type]  # as they are named
    assert version is not None
    proved(service)


def test_what_only_the_change_makes_a_system_fail_is_told_apart(
    service: Service, proposals: Proposals, proposal: Proposal, clock: Clock
) -> None:
    enough, short = add(service, "Labka")[0], add(service, "Mads")[0]
    service.stock.report(by=enough.id, free=2000, used_per_day=10.0, as_of=clock.now)
    service.stock.report(by=short.id, free=20, used_per_day=10.0, as_of=clock.now)
    service.pictures._made = None
    found = {each.system.id: each for each in proposals.consequences(proposal.id)}
    assert (found[enough.id].newly, found[short.id].newly) == ({"stock"}, frozenset())
    (csc,) = by_vendor(list(found.values()))
    assert (csc.vendor, csc.systems, csc.lacking, csc.newly, csc.said, csc.ready_on) == ("CSC", 2, 2, 1, 0, None)
    for system, day in ((enough, date(2027, 1, 1)), (short, date(2026, 9, 1))):
        proposals.say_need(proposal.id, system.id, needs="time", said_by="Bo", by="t", ready_on=day)
    (csc,) = by_vendor(proposals.consequences(proposal.id))
    assert (csc.said, csc.ready_on) == (2, date(2027, 1, 1))


def test_a_proposal_of_another_form_or_of_an_old_version_is_refused(proposals: Proposals, first: Version) -> None:
    for number, texts, code in (
        (V1, TEXTS, "version_exists"),
        (V2, dict.fromkeys(Language, "# T\n"), "agreement_text"),
        (V2, {**TEXTS, Language.ENGLISH: TEXTS[Language.ENGLISH].replace("days=183", "days=1")}, "texts_differ"),
    ):
        with pytest.raises(NpnError) as refused:
            proposals.propose(
                number, texts, subject=ProposalSubject(forum=Forum.STEERING_GROUP, title="T", reason="R"), by="t"
            )
        assert refused.value.code == code
    assert proposals.all() == []
    with pytest.raises(NotFoundError):
        proposals.get("2026-9")


def test_the_first_version_may_be_a_proposal_too(service: Service, proposals: Proposals, clock: Clock) -> None:
    made = proposals.propose(
        V1, TEXTS, subject=ProposalSubject(forum=Forum.STEERING_GROUP, title="The first", reason="R"), by="t"
    )
    assert (made.base, len(proposals.changes(made.id, Language.DANISH))) == (None, 43)
    _, version = proposals.decide(
        made.id, ProposalState.ADOPTED, decided_on=clock.today, minutes="m", by="t", effective_from=clock.today
    )
    assert service.agreements.version() == version
    proved(service)
