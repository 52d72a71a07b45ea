"""A version published by the operator alone: the first one, or one that was decided outside these pages."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from npn.agreements.documents import earliest
from npn.agreements.model import Language, VersionNumber
from npn.agreements.proposals.changes import Change
from npn.agreements.service import Agreements
from npn.errors import NpnError, codes, errors_of
from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.web.forms import Field, Form
from npn.web.pages.agreements.proposal_drafts import (
    ROOM,
    TEXTS,
    blame_text,
    check_draft,
    following,
    looked_at,
    newest_texts,
    texts_of,
)
from npn.web.pages.agreements.proposals import day_of, too_short
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

_FIELDS = (
    Field("version", _("Number of the version"), largest=12, hint=_("As 1.1, or 2.0 for a large change.")),
    Field("effective_from", _("With effect from"), kind="date", hint=_("After the notice of the version before it.")),
    *TEXTS,
    Field(
        "sure",
        _("Both texts are final: a published version never changes."),
        kind="checkbox",
        unticked=_("Tick this to publish."),
    ),
)


def _first_day(agreements: Agreements) -> date:
    return earliest(agreements.versions(), agreements.today)


@get("/agreements/publish", only(AccountRole.OPERATOR))
async def show_publish(visit: Visit) -> Answer:
    """Begin from the newest text, or from the one that the platform ships."""
    number, texts = await visit.read(newest_texts, visit.services.agreements)
    values = {
        "version": following(number),
        "effective_from": await visit.read(_first_day, visit.services.agreements),
        "danish": texts[Language.DANISH],
        "english": texts[Language.ENGLISH],
    }
    return await _page(visit, visit.form(_FIELDS, values))


async def _page(visit: Visit, form: Form, changes: Sequence[Change] | None = None) -> Answer:
    first = await visit.read(_first_day, visit.services.agreements)
    return await visit.page("agreements/agreement_publish.html", form=form, changes=changes, first=first)


@post("/agreements/publish", only(AccountRole.OPERATOR), largest=ROOM)
async def publish(visit: Visit) -> Answer:
    """Show what would change, or publish."""
    form, preview = visit.form(_FIELDS), await looked_at(visit, _FIELDS)
    if preview is not None:
        return await _page(visit, *preview)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.agreements.publish,
            VersionNumber.parse(form["version"]),
            texts_of(form),
            by=visit.person.by,
            effective_from=day_of(form["effective_from"], "effective_from"),
        ),
        then=lambda version: visit.see_other(
            "/agreements", visit.text(_("Version %(version)s is published."), version=version.number)
        ),
        again=lambda: _page(visit, form),
        blame=partial(_blame, visit, first=await visit.read(_first_day, visit.services.agreements)),
        check=lambda: check_draft(visit, form),
    )


def _blame(visit: Visit, form: Form, error: NpnError, *, first: date) -> None:
    blame_text(visit, form, error)
    if any(cause.code == codes.NOTICE_TOO_SHORT for cause in errors_of(error)):
        form.errors["effective_from"] = too_short(visit, first)
