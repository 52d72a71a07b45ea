"""Contacts in doubt, and the question to them."""

from collections.abc import Callable

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.support.model import StaleContacts
from npn.web.forms import Choice, Field
from npn.web.lists.model import Column, Filter, Kind, LinkCell, ListDefinition, PressCell
from npn.web.lists.pages import listed, offer_file
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

REASONS = {
    "old": _("not confirmed for a year"),
    "unanswered": _("the question is unanswered"),
    "bounced": _("an e-mail could not be delivered"),
    "missing:technical": _("no technical contact"),
    "missing:administrative": _("no administrative contact"),
    "missing:on_call": _("nobody on call"),
}


def _why(row: StaleContacts, text: Callable[[Msgid], str]) -> str:
    return ", ".join(text(REASONS[reason]) for reason in row.reasons)


def _ask(row: StaleContacts, text: Callable[..., str]) -> PressCell:
    spoken = text(_("Ask the contacts of %(name)s now"), name=row.name)
    return PressCell(_("Ask now"), f"/systems/{row.system}/ask-contacts", spoken)


def contacts_list(text: Callable[..., str]) -> ListDefinition[StaleContacts]:
    """Return the list with its words in a language: a row has several reasons, which are one text."""
    return ListDefinition[StaleContacts](
        name="contacts",
        path="/contacts",
        caption=_("Contacts to confirm"),
        columns=(
            Column[StaleContacts](
                "name", _("System"), lambda row: row.name, cell=lambda row: LinkCell(row.name, f"/systems/{row.system}")
            ),
            Column[StaleContacts]("id", _("Id"), lambda row: row.system, only="file"),
            Column[StaleContacts]("why", _("Why"), lambda row: _why(row, text)),
            Column[StaleContacts]("since", _("Last confirmed"), lambda row: row.since, kind=Kind.DAY),
            Column[StaleContacts](
                "ask", _("Ask"), lambda _row: None, cell=lambda row: _ask(row, text), only="page", is_sorted=False
            ),
        ),
        empty=_("Every contact was confirmed within the year."),
        none_left=_("No system fits the search."),
        order="name",
        filters=(
            Filter(
                Field(
                    "reason",
                    _("Why"),
                    kind="select",
                    required=False,
                    choices=[Choice(reason, label) for reason, label in REASONS.items()],
                ),
                lambda row, value: value in row.reasons,
            ),
        ),
        also=lambda row: row.system,
    )


async def _rows(visit: Visit) -> list[StaleContacts]:
    return await visit.read(visit.services.contacts.stale)


@get("/contacts", only(AccountRole.OPERATOR))
async def list_stale(visit: Visit) -> Answer:
    """List the systems whose contacts are in doubt."""
    stale = await listed(visit, contacts_list(visit.text), await _rows(visit))
    return await visit.page("support/stale_contacts.html", stale=stale)


offer_file("/contacts", only(AccountRole.OPERATOR), rows=_rows, definition=lambda visit: contacts_list(visit.text))


@post("/systems/{system}/ask-contacts", theirs(AccountRole.OPERATOR), page="/contacts")
async def ask_contacts(visit: Visit) -> Answer:
    """Ask a system's contacts now."""
    await visit.write(visit.services.contacts.ask, visit.arguments["system"], by=visit.person.by)
    return visit.see_other("/contacts", _("The question is sent."))
