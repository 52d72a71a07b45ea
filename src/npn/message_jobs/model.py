"""A job on messages, what came of it, who asks, and the limits of both."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from npn.errors import InvalidInputError, RefusedError, UnavailableError, codes

MAX_MESSAGE_BYTES = 5 << 20
MAX_REPLY_BYTES = 16 << 20
PUBLIC_A_MINUTE = 30
KNOWN_A_MINUTE = 300
PUBLIC_AT_ONCE = 2

Bytes = bytes | bytearray


@dataclass(frozen=True, slots=True)
class MessageJob:
    """What is to be done: its kind, its options as text, and the bytes it is done to."""

    kind: str
    options: Mapping[str, str] = field(default_factory=dict)
    parts: Sequence[Bytes] = ()


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job gave: bodies, their media type, and remarks that whoever asked may need."""

    media_type: str
    parts: tuple[bytes, ...]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """Return the first body."""
        return self.parts[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """What a worker process may use.

    seconds, bytes  of one job; `bytes` is the address space
    jobs            after which the process is replaced
    growth          bytes of resident memory beyond those at its start, after which it is replaced
    queue           jobs that may wait, and `patience` how many seconds each
    """

    seconds: float = 20.0
    bytes: int = 512 << 20
    jobs: int = 200
    growth: int = 16 << 20
    queue: int = 8
    patience: float = 4.0


@dataclass(frozen=True, slots=True)
class JobRequester:
    """Who asks: a network address, or somebody who is signed in or has a key (`known`)."""

    name: str
    known: bool

    @classmethod
    def at(cls, address: str) -> "JobRequester":
        """Return the requester at an address; of IPv6 the whole /64, which one subscriber has."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return cls(address, known=False)
        mapped = getattr(parsed, "ipv4_mapped", None)
        if mapped is not None or parsed.version == 4:
            return cls(str(mapped or parsed), known=False)
        return cls(str(ipaddress.ip_network((int(parsed), 64), strict=False)), known=False)


def busy(limits: JobLimits) -> UnavailableError:
    """Return the refusal of a job for which there is no room."""
    return UnavailableError(
        "too many messages are waiting to be read", code=codes.MESSAGES_BUSY, retry_after=round(limits.seconds)
    )


def took_too_long(limits: JobLimits) -> InvalidInputError:
    """Return the refusal of a message that was not read in time."""
    return InvalidInputError(
        f"the message was not done within {limits.seconds:g} seconds", code=codes.MESSAGE_TOOK_TOO_LONG
    )


def used_too_much() -> InvalidInputError:
    """Return the refusal of a message that needs more memory than there is for one."""
    return InvalidInputError(
        "the message needs more memory than one message may use", code=codes.MESSAGE_USED_TOO_MUCH_MEMORY
    )


def too_large() -> RefusedError:
    """Return the refusal of a message over the limit."""
    return RefusedError(f"the message is larger than {MAX_MESSAGE_BYTES} bytes", code=codes.MESSAGE_TOO_LARGE)
