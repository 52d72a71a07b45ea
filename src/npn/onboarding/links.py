"""Links to whoever must take a step: each opens one page with the answer ready, which one press gives.

Looking at a link does nothing, for mail servers look too. Its secret is kept as a hash alone; a new link ends the one
before it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import NotFoundError, codes
from npn.ledger.service import Transaction
from npn.mail.model import Email, address
from npn.mail.service import put
from npn.onboarding import store
from npn.onboarding.emails import REMINDER, WRITTEN_TO, spoken, written
from npn.onboarding.model import Request, State, StepLink, StepName
from npn.support import store as support_store
from npn.support.contacts import Contact, contacts_of
from npn.support.links import new_token
from npn.support.model import Direction
from npn.support.service import CaseMessage, add_said
from npn.systems.model import ContactKind
from npn.tokens import digest_of
from npn.wording import checked_name

GOOD_FOR = timedelta(days=30)
LETTERS = {"release_once": "draw_and_release"}  # a step's letter, where it is not called as what must be done
_READERS = {StepName.AGREEMENT: ContactKind.ADMINISTRATIVE}  # all other steps are the technical contact's


@dataclass(frozen=True, slots=True)
class StepLinks:
    """Everything that is done to links to steps."""

    database: Database
    public_url: str

    def send_in(
        self, tx: Transaction, request: Request, todo: str, *, step: StepName, to: Contact, is_reminder: bool = False
    ) -> StepLink:
        """Send a link to a step inside a transaction; the case says so. Raises InvalidInputError."""
        token, language = new_token(), spoken(request.language)
        link = StepLink(
            digest=digest_of(token),
            request=request.id,
            step=step,
            sent_to=address(to.email, "email"),
            name=checked_name(to.name, "name"),
            sent_at=tx.at,
            expires_at=tx.at + GOOD_FOR,
            used_at=None,
            ended_at=None,
        )
        store.end_step_links(tx.connection, request.id, step, at=tx.at)
        store.add_step_link(tx.connection, link)
        reminder = REMINDER[language] if is_reminder else ""
        subject, text = written(
            LETTERS.get(todo, todo),
            language,
            reminder=reminder,
            name=link.name,
            system=request.asked.system,
            vendor=request.asked.vendor,
            owner=request.asked.owner,
            days=GOOD_FOR.days,
            link=f"{self.public_url}/step/{token}",
        )
        case = None if request.case is None else support_store.one_case(tx.connection, request.case)
        put(tx.connection, Email(link.sent_to, subject, text, None if case is None else case.thread), at=tx.at)
        if case is not None:
            text = f"{reminder}{WRITTEN_TO[todo][language]} {link.name} ({link.sent_to})"
            add_said(tx, case.number, CaseMessage(text, "NPN", Direction.EVENT))
        return link

    def of(self, request_id: str) -> list[StepLink]:
        """Return a request's links, newest first."""
        with self.database.read() as connection:
            return store.step_links(connection, request_id)

    def led_to(self, connection: sa.Connection, token: str, *, at: datetime) -> tuple[StepLink, Request]:
        """Return a link and its request, after its answer too. Raises NotFoundError `link_ended`."""
        link = store.one_step_link(connection, digest_of(token))
        request = None if link is None else store.one_request(connection, link.request)
        if link is None or request is None or request.state is State.REFUSED or not link.leads_on(at):
            raise _ended()
        return link, request

    def use_in(self, tx: Transaction, token: str, step: StepName) -> tuple[StepLink, Request]:
        """Take the one answer of a link to a step. Raises NotFoundError `link_ended`."""
        link, request = self.led_to(tx.connection, token, at=tx.at)
        if link.step is not step or not store.use_step_link(tx.connection, link.digest, at=tx.at):
            raise _ended()
        return link, request


def reader_of(connection: sa.Connection, request: Request, step: StepName) -> Contact:
    """Return who is written to about a step: the contact it is for, else whoever asked."""
    system = request.production_system or request.test_system
    contacts = request.asked.contacts if system is None else contacts_of(connection, system)
    kind = _READERS.get(step, ContactKind.TECHNICAL)
    named = next((contact for contact in contacts if contact.kind == kind and contact.name and contact.email), None)
    return named or Contact(kind, request.requester_name, request.requester_email)


def _ended() -> NotFoundError:
    return NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED, hint="ask for a new one")
