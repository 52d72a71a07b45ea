"""What an operation of REST is, as data, and the codes that many of them may answer with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from npn.errors import Code, codes

JSON = "application/json"
Json = Mapping[str, object]

ALWAYS = (
    codes.INTERNAL_ERROR,
    codes.HEADERS_TOO_LARGE,
    codes.MALFORMED_HTTP,
    codes.REQUEST_TIMEOUT,
    codes.TRANSFER_CODING_UNKNOWN,
    codes.TOO_MANY_CONNECTIONS,
)
AWAY = (
    codes.DATABASE_UNAVAILABLE,
    codes.DATABASE_REFUSED,
    codes.DATABASE_HOST_UNKNOWN,
    codes.DATABASE_LOGIN_REFUSED,
    codes.DATABASE_UNKNOWN,
    codes.DATABASE_RIGHTS_MISSING,
    codes.DATABASE_GRANTS_MISSING,
    codes.DATABASE_CONNECTIONS_USED_UP,
)
CERTIFIED = (
    codes.CERTIFICATE_UNKNOWN,
    codes.CERTIFICATE_NOT_VALID,
    codes.CERTIFICATE_REVOKED,
    codes.MALFORMED_PROXY_HEADER,
)
KEYED = (
    *ALWAYS,
    *CERTIFIED,
    codes.UNAUTHENTICATED,
    codes.RATE_LIMITED,
    codes.REPEATED_HEADER,
    codes.DATABASE_BUSY,
    *AWAY,
    codes.OUT_OF_DESCRIPTORS,
    codes.OUT_OF_MEMORY,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `place` is path, query or header."""

    name: str
    place: str
    description: str
    schema: Json
    example: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class DocumentedReply:
    """One good answer: its media types, each with an example."""

    status: int
    description: str
    forms: Mapping[str, object]
    schema: type[msgspec.Struct] | Json
    headers: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `problems` are the codes it may answer.

    `public`: it needs no key; `takes_key`: one may be sent nevertheless. `raw`: the media types of a body other than
    JSON, each with an example.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    description: str
    replies: Sequence[DocumentedReply]
    problems: Sequence[Code]
    parameters: Sequence[Parameter] = ()
    body: type[msgspec.Struct] | None = None
    bodies: Mapping[str, object] = field(default_factory=dict)
    public: bool = False
    takes_key: bool = False
    raw: Mapping[str, str] = field(default_factory=dict)
