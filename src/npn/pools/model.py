"""What is known of an agent's pool, and the grammar of the header in which it makes itself known."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from npn.tokens import digest_of
from npn.wire.problems import PoolCopiedError
from npn.wire.requests import parse_contact

HEADER = "Npn-Pool"


class PoolState(StrEnum):
    """A contested pool was copied or restored: nobody draws under its id any more."""

    ACTIVE = "active"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class PoolContact:
    """A pool's id and digests of the token it had and the one it takes; tokens themselves are not kept."""

    pool: str
    previous: str
    new: str

    @classmethod
    def parse(cls, text: str) -> "PoolContact":
        """Read `<id>; <previous token>; <new token>`. Raises InvalidInputError naming the header."""
        pool, previous, new = parse_contact(text)
        return cls(pool, digest_of(previous), digest_of(new))


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


ClonedError = PoolCopiedError
