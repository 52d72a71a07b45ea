"""A change is put forward by the operator: from the text in force, looked at as a difference, then proposed."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from npn.agreements.model import Language, VersionNumber
from npn.agreements.proposals.changes import Change
from npn.agreements.proposals.model import Forum, Proposal, ProposalSubject
from npn.agreements.service import Agreements
from npn.agreements.text import LARGEST, TextError
from npn.errors import NpnError, errors_of
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.web.forms import Choice, Field, Form
from npn.web.pages.agreements.agreement import language_of
from npn.web.pages.agreements.proposals import FORUMS, day_of
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

OPERATOR = AccountRole.OPERATOR
ROOM = 3 * 2 * LARGEST + 65_536  # both texts, each letter written as three at most, and the rest of the form
_VERSION = Field("version", _("Number of the coming version"), largest=12, hint=_("As 1.1, or 2.0 for a large change."))
_UNTIL = Field("comments_until", _("Comments until"), kind="date", required=False, hint=_("Empty: until the decision."))
TEXTS = (
    Field("danish", _("Danish text"), kind="textarea", largest=LARGEST, hint=_("The Danish text prevails.")),
    Field("english", _("English text"), kind="textarea", largest=LARGEST, hint=_("The same sections and marks.")),
)
_NEW = (
    Field("title", _("What it is about")),
    Field("reason", _("Reason"), kind="textarea", largest=4000),
    Field("forum", _("Who decides"), kind="select", choices=[Choice(f.value, label) for f, label in FORUMS.items()]),
    _VERSION,
    _UNTIL,
    *TEXTS,
)
_FURTHER = (_VERSION, _UNTIL, *TEXTS)


def newest_texts(agreements: Agreements) -> tuple[VersionNumber | None, Mapping[Language, str]]:
    """Return the newest version's number and texts; the shipped ones where none is published."""
    versions = agreements.versions()
    return (versions[-1].number, versions[-1].texts) if versions else (None, agreements.shipped())


def following(number: VersionNumber | None) -> VersionNumber:
    """Return the number that a change usually has."""
    return VersionNumber(1, 0) if number is None else VersionNumber(number.major, number.minor + 1)


def texts_of(form: Form) -> dict[Language, str]:
    """Return the texts that a form has."""
    return {Language.DANISH: form["danish"], Language.ENGLISH: form["english"]}


def blame_text(visit: Visit, form: Form, error: NpnError) -> None:
    """Put what is wrong beside its field; what is wrong with a text in the visitor's language, with the line."""
    visit.blame(form, error)
    for cause in errors_of(error):
        if isinstance(cause, TextError):
            sentence = cause.told(language_of(visit))
            form.errors[cause.field if cause.field in form.fields else ""] = f"{sentence[:1].upper()}{sentence[1:]}."


async def check_draft(visit: Visit, form: Form) -> None:
    """Hold a version's number, day and texts, as far as they could be read, to those before it. Raises NpnError."""
    day = form["effective_from"] if form.is_sound("effective_from") else ""
    await visit.read(
        visit.services.agreements.check_publication,
        form["version"] if form.is_sound("version") else None,
        texts_of(form) if form.is_sound("danish", "english") else None,
        effective_from=day_of(day, "effective_from") if day else None,
    )


@get("/agreements/proposals/new", only(OPERATOR))
async def show_new(visit: Visit) -> Answer:
    """Begin from the newest text."""
    number, texts = await visit.read(newest_texts, visit.services.agreements)
    values = {
        "version": following(number),
        "forum": Forum.USER_GROUP.value,
        "danish": texts[Language.DANISH],
        "english": texts[Language.ENGLISH],
    }
    return await visit.page(
        "agreements/proposal_draft.html", form=visit.form(_NEW, values), proposal=None, changes=None
    )


@post("/agreements/proposals/new", only(OPERATOR), largest=ROOM)
async def propose(visit: Visit) -> Answer:
    """Show what would change, or put it forward."""
    form, preview = visit.form(_NEW), await looked_at(visit, _NEW)
    if preview is not None:
        return await visit.page("agreements/proposal_draft.html", form=preview[0], proposal=None, changes=preview[1])
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.proposals.propose,
            VersionNumber.parse(form["version"]),
            texts_of(form),
            subject=ProposalSubject(forum=Forum(form["forum"]), title=form["title"], reason=form["reason"]),
            comments_until=_until(form),
            by=visit.person.by,
        ),
        then=partial(_go_on, visit),
        again=lambda: visit.page("agreements/proposal_draft.html", form=form, proposal=None, changes=None),
        blame=partial(blame_text, visit),
        check=lambda: check_draft(visit, form),
    )


@get("/agreements/proposals/{proposal}/draft", only(OPERATOR))
async def show_further(visit: Visit) -> Answer:
    """Begin from the newest draft."""
    proposal = await visit.read(visit.services.proposals.get, visit.arguments["proposal"])
    drafts = await visit.read(visit.services.proposals.drafts, proposal.id)
    values = {
        "version": proposal.number,
        "comments_until": proposal.comments_until,
        "danish": drafts[-1].texts[Language.DANISH],
        "english": drafts[-1].texts[Language.ENGLISH],
    }
    form = visit.form(_FURTHER, values)
    return await visit.page("agreements/proposal_draft.html", form=form, proposal=proposal, changes=None)


@post("/agreements/proposals/{proposal}/draft", only(OPERATOR), largest=ROOM)
async def draft_anew(visit: Visit) -> Answer:
    """Show what would change, or put a further draft forward."""
    proposal = await visit.read(visit.services.proposals.get, visit.arguments["proposal"])
    form, preview = visit.form(_FURTHER), await looked_at(visit, _FURTHER)
    if preview is not None:
        return await visit.page(
            "agreements/proposal_draft.html", form=preview[0], proposal=proposal, changes=preview[1]
        )
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.proposals.revise,
            proposal.id,
            texts_of(form),
            number=VersionNumber.parse(form["version"]),
            comments_until=_until(form),
            by=visit.person.by,
        ),
        then=partial(_go_on, visit),
        again=lambda: visit.page("agreements/proposal_draft.html", form=form, proposal=proposal, changes=None),
        blame=partial(blame_text, visit),
        check=lambda: check_draft(visit, form),
    )


async def looked_at(visit: Visit, fields: Sequence[Field]) -> tuple[Form, Sequence[Change]] | None:
    """Return the form with what its texts would change, where that is asked for and they can be read.

    What else the form lacks is left for when it is put forward.
    """
    if visit.sent.get("do") != "look":
        return None
    form = visit.form(fields)
    form.errors = {name: message for name, message in form.errors.items() if name in ("danish", "english")}
    if form.errors:
        return form, ()
    try:
        return form, await visit.read(visit.services.proposals.compare, texts_of(form), language_of(visit))
    except NpnError as error:
        blame_text(visit, form, error)
        return form, ()


def _until(form: Form) -> date | None:
    return day_of(form["comments_until"], "comments_until") if form["comments_until"] else None


def _go_on(visit: Visit, proposal: Proposal) -> Answer:
    text = _("Draft %(draft)s of proposal %(id)s is submitted.")
    sentence = visit.text(text, draft=proposal.revision, id=proposal.id)
    return visit.see_other(f"/agreements/proposals/{proposal.id}", sentence)
