"""What needs two people: the account that agrees is certainly another person's than the one that proposed."""

from datetime import datetime

from sqlalchemy import Connection

from npn.errors import RefusedError, codes
from npn.people import ties_store


def hold_apart(connection: Connection, *, proposed_by: str, approved_by: str, at: datetime) -> None:
    """Raise RefusedError unless the approver is an active operator, another person, and signs in as before."""
    if not ties_store.is_active_operator(connection, approved_by):
        raise RefusedError("only an active operator approves or vouches", code=codes.NOT_OPERATOR)
    if ties_store.may_be_one(connection, proposed_by, approved_by, at=at):
        raise tied()
    if ties_store.reset_lately(connection, approved_by, at=at):
        raise RefusedError(
            "the password was set by a link in an e-mail less than a day ago",
            code=codes.RESET_LATELY,
            hint="another operator decides; or wait until the day is over",
        )


def tied() -> RefusedError:
    """Make the error that refuses an account that may be the same person's."""
    return RefusedError(
        "the two accounts may be one person's: one made, reset, promoted or lately changed the other, or both were"
        " by a third, or signed in as one subject of the provider",
        code=codes.PEOPLE_TIED,
        hint="another operator decides; or a third one, or `npn admin account vouch`, vouches for the account first",
    )
