"""An account that somebody asks for a colleague: the wish, sealed by the service, until an operator grants it.

Operators alone add accounts, and the offline proof holds the ledger to that. Whoever acts for an organisation asks for
one of the same organisation and the same role; nothing is added before an operator has pressed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from npn.db import Database
from npn.db.sealing import SealedPlace, UnreadableError
from npn.people import store
from npn.people.model import AccountRole, AccountState, Person, checked_email
from npn.wording import checked_name

VALID_FOR = timedelta(days=30)
_WISH = SealedPlace("invitation", "wish", "")


class InvitationWish(msgspec.Struct, frozen=True):
    """What was asked for. `at`: seconds since 1970; `asked_by`: the id of the account that asked."""

    asked_by: str
    at: int
    name: str
    email: str
    role: AccountRole
    organisation: str


@dataclass(frozen=True, slots=True)
class SealedWish:
    """A wish with what carries it: only the service makes one."""

    token: str
    wish: InvitationWish


def ask(database: Database, person: Person, *, name: str, email: str, at: datetime) -> SealedWish:
    """Seal somebody's wish for a colleague's account. Raises InvalidInputError."""
    if person.organisation is None:
        raise TypeError("somebody who acts for no organisation invites nobody")
    wish = InvitationWish(
        asked_by=person.id,
        at=int(at.timestamp()),
        name=checked_name(name, "name"),
        email=checked_email(email),
        role=person.role,
        organisation=person.organisation,
    )
    return SealedWish(database.sealer.seal(msgspec.json.encode(wish).decode(), _WISH, ""), wish)


def opened(database: Database, token: str, *, at: datetime) -> InvitationWish | None:
    """Return the wish; None where it isn't ours, is too old, or who asked no longer acts as then."""
    try:
        wish = msgspec.json.decode(database.sealer.open(token, _WISH, ""), type=InvitationWish)
    except (UnreadableError, msgspec.DecodeError):
        return None
    with database.read() as connection:
        asker = store.by_id(connection, wish.asked_by)
    if asker is None or (asker.state, asker.role, asker.organisation) != (
        AccountState.ACTIVE,
        wish.role,
        wish.organisation,
    ):
        return None
    return wish if at.timestamp() - wish.at <= VALID_FOR.total_seconds() else None
