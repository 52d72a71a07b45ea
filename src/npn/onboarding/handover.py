"""Keys handed over: a link that works once and for three days. The key is made when it is fetched, and kept nowhere.

So no mail, no table and no backup ever holds a key that could be used; a link that was read by somebody else is found
out, because it no longer works for the one it was meant for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from npn.db import Database
from npn.errors import NotFoundError, codes
from npn.instants import time_in
from npn.ledger.service import Ledger, Transaction
from npn.mail.model import Email, address
from npn.mail.service import put
from npn.onboarding import store
from npn.onboarding.emails import ENVIRONMENTS, spoken, written
from npn.onboarding.events import KeyOffered
from npn.support.links import new_token
from npn.systems import store as systems_store
from npn.systems.model import ApiKey, Caller, ConnectedSystem, Role
from npn.systems.permissions import Act, require_permitted
from npn.systems.service import add_key
from npn.tokens import digest_of

GOOD_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Handover:
    """A key on its way, as the operator sees it."""

    sent_to: str
    offered_at: datetime
    expires_at: datetime
    collected_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handovers:
    """Everything that is done to keys on their way."""

    database: Database
    ledger: Ledger
    public_url: str

    def offer(self, system_id: str, *, to: str, name: str, by: str, language: str = "da") -> datetime:
        """Offer a further key by mail; give until when. An older link nobody used ends. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            system = systems_store.get(tx.connection, system_id)
            return self.offer_in(tx, system, to=to, name=name, by=by, language=language)

    def offer_in(
        self, tx: Transaction, system: ConnectedSystem, *, to: str, name: str, by: str, language: str
    ) -> datetime:
        """Offer it inside a transaction."""
        token, until, words = new_token(), tx.at + GOOD_FOR, spoken(language)
        store.end_handovers(tx.connection, system.id, at=tx.at)
        values: dict[str, object] = {
            "digest": digest_of(token),
            "system_id": system.id,
            "sent_to": address(to),
            "offered_at": tx.at,
            "expires_at": until,
        }
        store.add_handover(tx.connection, values)
        subject, text = written(
            "key",
            language,
            system=system.name,
            name=name,
            environment=ENVIRONMENTS[words][system.environment.value],
            id=system.id,
            link=f"{self.public_url}/key/{token}",
            until=time_in(words, until),
        )
        put(tx.connection, Email(to, subject, text), at=tx.at)
        tx.append(KeyOffered(system=system.id, by=by))
        return until

    def offered(self, token: str) -> ConnectedSystem:
        """Return the system whose key a link gives, while it can. Raises NotFoundError `link_ended`."""
        now = self.ledger.clock()
        with self.database.read() as connection:
            row = store.one_handover(connection, digest_of(token))
            open_still = row is not None and row.collected_at is None and row.ended_at is None
            if row is None or not open_still or row.expires_at <= now:
                raise _ended()
            system = systems_store.system(connection, row.system_id)
        if system is None:
            raise _ended()
        return system

    def collect(self, token: str) -> tuple[ConnectedSystem, ApiKey]:
        """Make the key and give it, this once. Raises NotFoundError `link_ended`."""
        digest = digest_of(token)
        with self.ledger.transaction() as tx:
            row = store.one_handover(tx.connection, digest)
            if row is None or not store.collect(tx.connection, digest, at=tx.at):
                raise _ended()
            system = require_permitted(tx.connection, row.system_id, Act.CHANGE)
            key = add_key(tx, by="handover", caller=Caller(Role.SYSTEM, system.id, system.id, ""))
            return system, key

    def of(self, system_id: str) -> list[Handover]:
        """Return a system's, newest first."""
        with self.database.read() as connection:
            return [
                Handover(row.sent_to, row.offered_at, row.expires_at, row.collected_at, row.ended_at)
                for row in store.handovers_of(connection, system_id)
            ]


def _ended() -> NotFoundError:
    return NotFoundError("the link has ended, or leads nowhere", code=codes.LINK_ENDED, hint="ask for a new one")
