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
    """Show the outbox, never an e-mail's text: it may hold a private link."""
    emails = await visit.read(visit.services.outbox.emails, limit=200)
    has_server = visit.services.outbox.smtp is not None
    return await visit.page("mail/mail.html", emails=emails, has_server=has_server, mail_called=MAIL_STATES)


@post("/mail/{email}/retry", only(AccountRole.OPERATOR))
async def retry(visit: Visit) -> Answer:
    """Send an e-mail again."""
    await visit.write(visit.services.outbox.retry, visit.arguments["email"])
    return visit.see_other("/mail", _("The e-mail is due again."))
