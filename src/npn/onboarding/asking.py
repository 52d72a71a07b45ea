"""The public's side: ask, and confirm by mail. Before that nothing is kept for long and nothing is in the ledger.

No puzzle is asked of people. Programs that fill in forms give themselves away (a field nobody sees, a form sent faster
than it can be read); what they send looks taken and is dropped. Whoever gets past that can make this service write
three e-mails a day to one address, and a limited number in all.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, NotFoundError, RefusedError, check_all, codes
from npn.ledger.service import Ledger
from npn.mail.model import Email, address
from npn.mail.service import put
from npn.onboarding import store
from npn.onboarding.emails import written
from npn.onboarding.events import RequestConfirmed
from npn.onboarding.model import ConnectionWishes, Request, State, checked
from npn.support.links import new_token
from npn.support.model import CaseKind, Direction, Requester
from npn.support.service import CaseMessage, Cases, add_said
from npn.tokens import digest_of
from npn.wording import checked_name

CONFIRM_WITHIN = timedelta(days=2)
READ_AT_LEAST = timedelta(seconds=3)
READ_AT_MOST = timedelta(days=2)
FROM_ONE_ADDRESS = 3  # a day, by the address it is confirmed at
FROM_ONE_PLACE = 20  # an hour; a region's people may share one
FROM_ALL = 200  # a day


@dataclass(frozen=True, slots=True)
class RequestIntake:
    """Requests as they come in."""

    database: Database
    ledger: Ledger
    cases: Cases
    public_url: str

    def ask(self, asked: ConnectionWishes, *, requester: Requester, remote: str) -> str:
        """Take a request and write to whoever made it; give its id.

        Raises InvalidInputError naming the field, RefusedError `too_many_requests_to_connect`.
        """
        wanted, token = checked(asked), new_token()
        name, email = checked_requester(requester)
        place = hashlib.sha256(f"npn {remote}".encode()).hexdigest()[:32]
        request_id = secrets.token_hex(8)
        with self.ledger.transaction() as tx:
            _refuse_flood(tx.connection, email=email, place=place, at=tx.at)
            store.add_request(
                tx.connection,
                {
                    "id": request_id,
                    "state": State.UNCONFIRMED.value,
                    "asked": msgspec.json.encode(wanted).decode(),
                    "requester_name": name,
                    "requester_email": email,
                    "language": requester.language,
                    "remote": place,
                    "confirm_digest": digest_of(token),
                    "proposed_certificate": "",
                    "waived": "",
                    "created_at": tx.at,
                    "reason": "",
                },
            )
            link = f"{self.public_url}/apply/confirm/{token}"
            subject, text = written("confirm", requester.language, system=wanted.system, name=name, link=link)
            put(tx.connection, Email(email, subject, text), at=tx.at)
        return request_id

    def to_confirm(self, token: str) -> Request:
        """Return the request that a mail asks to confirm. Raises NotFoundError `link_ended`."""
        with self.database.read() as connection:
            return _in_time(store.request_to_confirm(connection, digest_of(token)), self.ledger.clock())

    def confirm(self, token: str) -> tuple[Request, str]:
        """Confirm: a case is opened and its private link sent; its secret is given too, to go on at once.

        Raises NotFoundError `link_ended`, ConflictError `confirmed`.
        """
        with self.ledger.transaction() as tx:
            request = _in_time(store.request_to_confirm(tx.connection, digest_of(token)), tx.at)
            if request.state is not State.UNCONFIRMED:
                raise ConflictError("the request is confirmed", code=codes.CONFIRMED, hint="its link was sent by mail")
            requester = Requester(request.requester_name, request.requester_email, request.language)
            subject = f"{request.asked.system} ({request.asked.owner})"
            case = self.cases.open_in(
                tx, by="requester", kind=CaseKind.CONNECTION, subject=subject, requester=requester, system=None
            )
            if request.asked.comment:
                add_said(tx, case.number, CaseMessage(request.asked.comment, request.requester_name, Direction.IN))
            values: dict[str, object] = {
                "state": State.UNDER_WAY.value,
                "case_number": case.number,
                "confirmed_at": tx.at,
            }
            store.change_request(tx.connection, request.id, values)
            link = self.cases.new_link(tx, case.number)
            subject, text = written(
                "confirmed",
                request.language,
                system=request.asked.system,
                name=request.requester_name,
                number=case.number,
                link=link,
            )
            put(tx.connection, Email(request.requester_email, subject, text, case.thread), at=tx.at)
            self.cases.tell_operator(tx, case, request.asked.comment or request.asked.system)
            tx.append(RequestConfirmed(request=request.id, case=case.number, by="requester"))
            return known(store.one_request(tx.connection, request.id), request.id), link.rpartition("/")[2]

    def forget(self) -> int:
        """Remove what nobody confirmed in time."""
        with self.database.write() as connection:
            return store.forget_unconfirmed(connection, before=self.ledger.clock() - CONFIRM_WITHIN)


def _refuse_flood(connection: sa.Connection, *, email: str, place: str, at: datetime) -> None:
    """Keep the form from being used to write to others. Raises RefusedError."""
    day, hour = at - timedelta(days=1), at - timedelta(hours=1)
    if (
        store.asked_since(connection, since=day, email=email) >= FROM_ONE_ADDRESS
        or store.asked_since(connection, since=hour, remote=place) >= FROM_ONE_PLACE
        or store.asked_since(connection, since=day) >= FROM_ALL
    ):
        raise RefusedError(
            "too many requests to be connected",
            code=codes.TOO_MANY_REQUESTS_TO_CONNECT,
            retry_after=3600,
            hint="wait until tomorrow, or write to the operator",
        )


def checked_requester(requester: Requester) -> tuple[str, str]:
    """Accept who asks: the name and the address. Raises InvalidInputError."""
    name, email = check_all(
        lambda: checked_name(requester.name, "requester_name"), lambda: address(requester.email, "requester_email")
    )
    return name, email


def looks_human(*, trap: str, opened: str, at: datetime) -> bool:
    """Return whether a person filled in the form: the hidden field left empty, the form read before it was sent."""
    try:
        took = at - datetime.fromtimestamp(int(opened), at.tzinfo)
    except (ValueError, OverflowError, OSError):
        return False
    return not trap and READ_AT_LEAST <= took <= READ_AT_MOST


def known(request: Request | None, request_id: str) -> Request:
    """Return the request, or raise NotFoundError."""
    if request is None:
        raise NotFoundError(f"there is no request {request_id!r}", field="request", hint="npn admin request list")
    return request


def _in_time(request: Request | None, at: datetime) -> Request:
    late = request is not None and request.state is State.UNCONFIRMED and at - request.created_at > CONFIRM_WITHIN
    if request is None or late:
        raise NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED, hint="ask again")
    return request
