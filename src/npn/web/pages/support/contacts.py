"""Contacts in doubt, and the question to them."""

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import _
from npn.web.visit import Visit

REASONS = {
    "old": _("not confirmed for a year"),
    "unanswered": _("the question is unanswered"),
    "bounced": _("an e-mail could not be delivered"),
    "missing:technical": _("no technical contact"),
    "missing:administrative": _("no administrative contact"),
    "missing:on_call": _("nobody on call"),
}


@get("/contacts", only(AccountRole.OPERATOR))
async def list_stale(visit: Visit) -> Answer:
    """List the systems whose contacts are in doubt."""
    stale = await visit.read(visit.services.contacts.stale)
    return await visit.page("support/stale_contacts.html", stale=stale, reasons=REASONS)


@post("/systems/{system}/ask-contacts", theirs(AccountRole.OPERATOR), page="/contacts")
async def ask_contacts(visit: Visit) -> Answer:
    """Ask a system's contacts now."""
    await visit.write(visit.services.contacts.ask, visit.arguments["system"], by=visit.person.by)
    return visit.see_other("/contacts", _("The question is sent."))
