"""What is known of an agent's pool, and the grammar of the header in which it makes itself known."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from npn.errors import ConflictError, InvalidInputError

HEADER = "Npn-Pool"
_PART = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}\Z", re.ASCII)


class PoolState(StrEnum):
    """A contested pool was copied or restored: nobody draws under its id any more."""

    ACTIVE = "active"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class Contact:
    """A pool's id and digests of the token it had and the one it takes; tokens themselves are not kept."""

    pool: str
    previous: str
    new: str

    @classmethod
    def parse(cls, text: str) -> "Contact":
        """Read `<id>; <previous token>; <new token>`. Raises InvalidInputError naming the header."""
        parts = [part.strip() for part in text.split(";")]
        if len(parts) != 3 or not all(_PART.match(part) for part in parts):
            raise InvalidInputError(
                f"{HEADER} is <id>; <previous token>; <new token>", code="invalid_pool", field=HEADER
            )
        pool, previous, new = parts
        return cls(pool, digest(previous), digest(new))


def digest(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool: `held` is the digest of its newest token, `contested_by` of the one that contested it."""

    id: str
    system: str
    held: str
    state: PoolState
    first_at: datetime
    contact_at: datetime
    contested_at: datetime | None
    contested_by: str | None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A series that copies of a contested pool may both have handed out from."""

    series: str
    space: str
    first: str
    last: str


class ClonedError(ConflictError):
    """The chain of tokens has forked. `held`: the digest we hold, by which a pool that we forgot knows itself.

    A service set back to a backup holds a token out of the pool's own past; a copy's token is unknown to it.
    """

    code = "agent_cloned"

    def __init__(self, held: str = "") -> None:
        """Say what to do; `held` is empty where the pool is another system's; the agent does it by itself."""
        super().__init__(
            "this pool was copied or restored, and another copy of it is in use"
            if held
            else "this pool is another system's: it was copied from there, or the key is not this pool's",
            field=HEADER,
            hint="withhold what the copies share and go on under a new pool id; the operator sees the suspect series",
        )
        self.held = held
