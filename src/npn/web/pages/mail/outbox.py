"""The outbox."""

from npn.http.answers import Answer
from npn.mail.model import MailEnvelope, MailState
from npn.people.model import AccountRole
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, ListDefinition, PressCell, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

MAIL_STATES = {
    MailState.WAITING: _("Waiting"),
    MailState.SENT: _("Sent"),
    MailState.FAILED: _("Failed"),
}
_COLOURS = {MailState.SENT: "good", MailState.FAILED: "bad"}
_MOST = 50_000  # e-mails, the newest
_COLUMNS = (
    Column[MailEnvelope]("subject", _("Topic"), lambda row: row.subject),
    Column[MailEnvelope]("to", _("To"), lambda row: row.to, under="subject"),
    Column[MailEnvelope](
        "state",
        _("State"),
        lambda row: MAIL_STATES[row.state],
        cell=lambda row: TagCell(MAIL_STATES[row.state], _COLOURS.get(row.state, "")),
    ),
    Column[MailEnvelope]("attempts", _("Attempts"), lambda row: row.attempts, kind=Kind.NUMBER),
    Column[MailEnvelope]("created", _("Written"), lambda row: row.created_at, kind=Kind.TIME),
    Column[MailEnvelope]("error", _("What the server said"), lambda row: row.error or None),
)


def outbox_list(visit: Visit) -> ListDefinition[MailEnvelope]:
    """Return the list in the visitor's language: a button names the receiver."""

    def again(row: MailEnvelope) -> Cell:
        if row.state is not MailState.FAILED:
            return None
        spoken = visit.text(_("Send the e-mail to %(to)s again"), to=row.to)
        return PressCell(_("Send again"), f"/mail/{row.id}/retry", spoken)

    return ListDefinition[MailEnvelope](
        name="outbox",
        path="/mail",
        caption=_("Outbox"),
        columns=(
            *_COLUMNS,
            Column[MailEnvelope]("again", _("Send again"), lambda _row: None, cell=again, only="page", is_sorted=False),
        ),
        empty=_("The outbox is empty."),
        none_left=_("No e-mail fits the search."),
        order="-created",
        filters=(
            Filter(
                Field(
                    "state",
                    _("State"),
                    kind="select",
                    required=False,
                    choices=[Choice(state.value, label) for state, label in MAIL_STATES.items()],
                ),
                lambda row, value: row.state == value,
            ),
        ),
    )


async def _rows(visit: Visit) -> list[MailEnvelope]:
    return await visit.read(visit.services.outbox.envelopes, limit=_MOST)


@get("/mail", only(AccountRole.OPERATOR))
async def show_outbox(visit: Visit) -> Answer:
    """Show the outbox, never an e-mail's text: it may hold a private link."""
    emails = await listed(visit, outbox_list(visit), await _rows(visit))
    return await visit.page("mail/mail.html", emails=emails, has_server=visit.services.outbox.smtp is not None)


offer_file("/mail", only(AccountRole.OPERATOR), rows=_rows, definition=outbox_list)


@post("/mail/{email}/retry", only(AccountRole.OPERATOR))
async def retry(visit: Visit) -> Answer:
    """Send an e-mail again."""
    await visit.write(visit.services.outbox.retry, visit.arguments["email"])
    return visit.see_other("/mail", _("The e-mail is due again."))
