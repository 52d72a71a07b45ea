"""What takes two people about an operator: making, promoting, resetting and re-activating one.

Once two operators have ever been active, one alone proposes (kind `operator`) and another approves; suspending takes
one, and lowers nothing. The shell of the database's owner is the root of trust: it makes the first two and resets a
lost factor. A proposal in the ledger names no person: name and address are kept beside it until it is decided.
"""

from enum import StrEnum

import msgspec
import sqlalchemy as sa

from npn.errors import RefusedError, codes
from npn.people import approvals_store, ties, ties_store
from npn.people.model import Account, AccountRole, AccountState

KIND = "operator"
ENOUGH_OPERATORS = 2


class OperatorAct(StrEnum):
    """What two people agree on."""

    MAKE = "make"
    PROMOTE = "promote"
    RESET = "reset"
    REACTIVATE = "reactivate"


class OperatorWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal as the ledger keeps it."""

    account: str
    act: OperatorAct


def act_of(before: Account, role: AccountRole, state: AccountState) -> OperatorAct | None:
    """Return what a change of role and state does to an operator; None where one person may do it."""
    if role is not AccountRole.OPERATOR:
        return None
    if before.role is not AccountRole.OPERATOR:
        return OperatorAct.PROMOTE
    return OperatorAct.REACTIVATE if (before.state, state) == (AccountState.SUSPENDED, AccountState.ACTIVE) else None


def takes_two(connection: sa.Connection, by: str) -> bool:
    """Return whether an operator needs another's approval by now; the shell never does."""
    return bool(ties.people(by)) and ties_store.operators_ever(connection) >= ENOUGH_OPERATORS


def require_two(connection: sa.Connection, account_id: str, act: OperatorAct, *, by: str, approval: str | None) -> None:
    """Raise RefusedError `two_people_needed` unless two people agreed to this act, or one may do it."""
    if not takes_two(connection, by):
        return
    row = None if approval is None else approvals_store.one(connection, approval)
    wish = OperatorWish(account_id, act)
    if (
        row is None
        or (row["kind"], row["state"]) != (KIND, "approved")
        or f"{row['proposed_by']}, {row['decided_by']}" != by
        or msgspec.json.decode(str(row["wish"]), type=OperatorWish) != wish
    ):
        raise RefusedError(
            "making, promoting, resetting and re-activating an operator takes two people",
            code=codes.TWO_PEOPLE_NEEDED,
            hint="propose it, and have another operator approve it",
        )
