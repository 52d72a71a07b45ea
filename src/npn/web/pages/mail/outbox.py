"""The outbox."""

from npn.http.answers import Answer
from npn.mail.model import MailState
from npn.people.model import AccountRole
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

MAIL_STATES = {
    MailState.WAITING: _("Waiting"),
    MailState.SENT: _("Sent"),
    MailState.FAILED: _("Failed"),
}


@get("/mail", only(AccountRole.OPERATOR))
async def show_outbox(visit: Visit) -> Answer:
    """Show the outbox, never a letter's text: it may hold a private link."""
    letters = await visit.read(visit.services.outbox.letters, limit=200)
    has_server = visit.services.outbox.smtp is not None
    return await visit.page("mail/mail.html", letters=letters, has_server=has_server, mail_called=MAIL_STATES)


@post("/mail/{letter}/retry", only(AccountRole.OPERATOR))
async def retry(visit: Visit) -> Answer:
    """Send a letter again."""
    await visit.write(visit.services.outbox.retry, visit.arguments["letter"])
    return visit.see_other("/mail", _("The letter is due again."))
