"""Change proposals: a hearing that everybody with an account reads, comments section by section, and the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from npn.agreements.documents import earliest
from npn.agreements.model import Language, Version
from npn.agreements.proposals.changes import Change
from npn.agreements.proposals.model import Comment, Draft, Forum, Proposal, ProposalState
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.text import AgreementText, read
from npn.errors import InvalidInputError, NpnError, codes, errors_of
from npn.http.answers import Answer
from npn.instants import day_or_none
from npn.people.accounts import Accounts
from npn.people.model import ALL, AccountRole, Person
from npn.web.checking import is_confirmed, is_to_be_changed, summary
from npn.web.forms import Choice, Field, Form
from npn.web.pages.agreements.agreement import body, language_of, lead
from npn.web.pages.people.names import names_of
from npn.web.routes import get, post
from npn.web.rules import only, signed_in
from npn.web.texts import _
from npn.web.visit import Onward, Visit

OPERATOR = AccountRole.OPERATOR
COMMENTERS = tuple(sorted(ALL - {AccountRole.AUDITOR}))
FORUMS = {Forum.USER_GROUP: _("The user group"), Forum.STEERING_GROUP: _("The steering group")}
STATES = {
    ProposalState.OPEN: _("Open"),
    ProposalState.ADOPTED: _("Adopted"),
    ProposalState.REJECTED: _("Not adopted"),
    ProposalState.WITHDRAWN: _("Withdrawn"),
}
COLOURS = {
    ProposalState.OPEN: "warn",
    ProposalState.ADOPTED: "good",
    ProposalState.REJECTED: "bad",
    ProposalState.WITHDRAWN: "",
}
_PUBLISHING = (
    _("The version is published at once, and applies from its day. A version that is published never changes."),
    _("Every party can accept it from then on; what is wrong in it takes a further version, with its own notice."),
)
_OUTCOMES = tuple(Choice(state.value, label) for state, label in STATES.items() if state is not ProposalState.OPEN)
_DECISION = (
    Field("outcome", _("Outcome"), kind="select", choices=_OUTCOMES),
    Field("decided_on", _("Decided on"), kind="date", hint=_("The day of the meeting.")),
    Field("minutes", _("Minutes"), hint=_("Where the decision is written down, such as minutes 2026/4, item 3.")),
    Field(
        "effective_from",
        _("With effect from"),
        kind="date",
        required=False,
        hint=_("For a change that is adopted. It is published at once, and applies from this day."),
    ),
)


@dataclass(frozen=True, slots=True)
class _Hearing:
    """A proposal with what the page tells of it. `comments` by section, in the order of the text."""

    proposal: Proposal
    draft: Draft
    text: AgreementText
    changes: Sequence[Change]
    comments: Sequence[tuple[str, str, Sequence[Comment]]]
    names: Mapping[str, str]
    earliest: date
    open_for_comments: bool
    stale: bool


async def _hearing(visit: Visit) -> _Hearing:
    """Return what the page shows of the proposal in the address. Raises NotFoundError."""
    services = visit.services
    return await visit.read(
        _hearing_of,
        services.proposals,
        services.agreements,
        services.accounts,
        proposal_id=visit.arguments["proposal"],
        language=language_of(visit),
    )


def _hearing_of(
    proposals: Proposals, agreements: Agreements, accounts: Accounts, *, proposal_id: str, language: Language
) -> _Hearing:
    proposal = proposals.get(proposal_id)
    draft = proposals.drafts(proposal_id)[-1]
    versions, today = agreements.versions(proposal.agreement), agreements.today
    text, is_open = read(draft.texts[language]), proposal.state is ProposalState.OPEN
    return _Hearing(
        proposal=proposal,
        draft=draft,
        text=text,
        changes=proposals.changes(proposal_id, language),
        comments=_by_section(text, proposals.comments(proposal_id)),
        names=names_of(accounts),
        earliest=earliest(versions, today),
        open_for_comments=is_open and (proposal.comments_until is None or proposal.comments_until >= today),
        stale=is_open and bool(versions) and versions[-1].number != proposal.base,
    )


def _by_section(text: AgreementText, comments: Sequence[Comment]) -> list[tuple[str, str, Sequence[Comment]]]:
    """Sort comments under the sections they are about; those that a later draft has no more come last."""
    titles = {section.number: section.title for section in text.sections}
    order = [*titles, *sorted({comment.section for comment in comments} - set(titles))]
    groups = ((number, [comment for comment in comments if comment.section == number]) for number in order)
    return [(number, titles.get(number, ""), group) for number, group in groups if group]


@get("/agreements/proposals/{proposal}", signed_in())
async def show_proposal(visit: Visit) -> Answer:
    """Show a proposal: what it changes, what was said of it, what was decided."""
    return await _proposal_page(visit, None)


async def _proposal_page(visit: Visit, sent: Form | None) -> Answer:
    hearing = await _hearing(visit)
    fields = _comment_fields(hearing.text)
    form = sent or Form.of(fields, {"section": visit.query.get("section", "")})
    return await visit.page(
        "agreements/proposal.html",
        hearing=hearing,
        proposal=hearing.proposal,
        form=form,
        comments=hearing.open_for_comments and visit.person.role in COMMENTERS,
        forums=FORUMS,
        states=STATES,
        colours=COLOURS,
    )


def _comment_fields(text: AgreementText) -> tuple[Field, ...]:
    sections = tuple(Choice(section.number, f"{section.number} {section.title}") for section in text.sections)
    return (
        Field("section", _("Section"), kind="select", choices=sections),
        Field(
            "text",
            _("Comment"),
            kind="textarea",
            largest=4000,
            hint=_("Your name is shown with the comment. Everybody with an account here can read it."),
        ),
    )


@get("/agreements/proposals/{proposal}/text", signed_in())
async def show_draft(visit: Visit) -> Answer:
    """Show the whole text as it would be."""
    hearing = await _hearing(visit)
    return await visit.page(
        "agreements/proposal_text.html", hearing=hearing, proposal=hearing.proposal, lead=lead, body=body
    )


@post("/agreements/proposals/{proposal}/comments", only(*COMMENTERS))
async def comment(visit: Visit) -> Answer:
    """Comment on a section of the newest draft."""
    proposal_id, person = visit.arguments["proposal"], visit.person
    hearing = await _hearing(visit)
    form = visit.form(_comment_fields(hearing.text))
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.proposals.comment,
            proposal_id,
            section=form["section"],
            text=form["text"],
            said_by=signature(person),
            by=person.by,
        ),
        then=Onward(f"/agreements/proposals/{proposal_id}", _("The comment is saved.")),
        again=lambda: _proposal_page(visit, form),
    )


def signature(person: Person) -> str:
    """Return the name under what somebody says, with whom they speak for."""
    return f"{person.name}, {person.organisation_name}" if person.organisation_name else person.name


@get("/agreements/proposals/{proposal}/decision", only(OPERATOR))
async def show_decision(visit: Visit) -> Answer:
    """Ask what was decided."""
    hearing = await _hearing(visit)
    form = visit.form(_DECISION, {"decided_on": visit.services.agreements.today, "effective_from": hearing.earliest})
    return await _decision_page(visit, hearing, form)


async def _decision_page(visit: Visit, hearing: _Hearing, form: Form) -> Answer:
    return await visit.page(
        "agreements/proposal_decision.html",
        hearing=hearing,
        proposal=hearing.proposal,
        form=form,
        forums=FORUMS,
        states=STATES,
    )


@post("/agreements/proposals/{proposal}/decision", only(OPERATOR))
async def decide(visit: Visit) -> Answer:
    """Record the group's decision; a change that is adopted is published."""
    form, proposal_id = visit.form(_DECISION), visit.arguments["proposal"]
    hearing = await _hearing(visit)
    if is_to_be_changed(visit):
        form.errors.clear()
        return await _decision_page(visit, hearing, form)
    if not form.errors and form["outcome"] == ProposalState.ADOPTED and not is_confirmed(visit):
        return await _check_decision(visit, hearing, form)
    return await visit.submit(
        form,
        lambda: _decide(visit, proposal_id, form),
        then=lambda decision: visit.see_other(f"/agreements/proposals/{proposal_id}", _recorded(visit, decision[1])),
        again=lambda: _decision_page(visit, hearing, form),
        blame=partial(blame_notice, visit, first=hearing.earliest),
        check=lambda: _check_days(visit, proposal_id, form),
    )


async def _check_days(visit: Visit, proposal_id: str, form: Form) -> None:
    """Hold the days that could be read to the proposal and the notice. Raises InvalidInputError."""
    adopts = form.is_sound("outcome", "effective_from") and form["outcome"] == ProposalState.ADOPTED
    effective, decided = form["effective_from"] if adopts else "", form["decided_on"]
    await visit.read(
        visit.services.proposals.check_decision,
        proposal_id,
        decided_on=day_of(decided, "decided_on") if form.is_sound("decided_on") else None,
        effective_from=day_of(effective, "effective_from") if effective else None,
    )


async def _check_decision(visit: Visit, hearing: _Hearing, form: Form) -> Answer:
    """Show what is published before it is."""
    check = await summary(
        visit,
        form,
        title=visit.text(_("Publish version %(version)s?"), version=hearing.proposal.number),
        button=_("Record and publish"),
        meaning=_PUBLISHING,
        about=((visit.text(_("Proposal")), hearing.proposal.title),),
    )
    return await visit.page("check.html", form=form, check=check)


async def _decide(visit: Visit, proposal_id: str, form: Form) -> tuple[Proposal, Version | None]:
    outcome = ProposalState(form["outcome"])
    effective = form["effective_from"] if outcome is ProposalState.ADOPTED else ""
    return await visit.write(
        visit.services.proposals.decide,
        proposal_id,
        outcome,
        decided_on=day_of(form["decided_on"], "decided_on"),
        minutes=form["minutes"],
        effective_from=day_of(effective, "effective_from") if effective else None,
        by=visit.person.by,
    )


def _recorded(visit: Visit, version: Version | None) -> str:
    if version is None:
        return _("The decision is recorded.")
    return visit.text(_("The decision is recorded, and version %(version)s is published."), version=version.number)


def blame_notice(visit: Visit, form: Form, error: NpnError, *, first: date) -> None:
    """Put what is wrong beside its field; where the notice is too short, with the first day that keeps it."""
    visit.blame(form, error)
    if any(cause.code == codes.NOTICE_TOO_SHORT for cause in errors_of(error)):
        form.errors["effective_from"] = too_short(visit, first)


def too_short(visit: Visit, first: date) -> str:
    """Return the earliest day on which a change may take effect."""
    text = _("The agreed notice of changes would not be kept: %(day)s is the earliest day.")
    return visit.text(text, day=visit.texts.day(first))


def day_of(text: str, field: str) -> date:
    """Read a day from a form. Raises InvalidInputError naming the field."""
    day = day_or_none(text)
    if day is None:
        raise InvalidInputError("not a day", code=codes.NOT_A_DAY, field=field)
    return day
