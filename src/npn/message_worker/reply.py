"""What a kind of work gives back, and the kinds' common form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

JSON = "application/json"
XML = "application/xml"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """Bodies and their media type; `notes` are for the server."""

    media_type: str
    parts: Sequence[bytes]
    notes: Mapping[str, object] = field(default_factory=dict)


Job = Callable[[Mapping[str, str], Sequence[bytes]], Reply]


def json_reply(document: object) -> Reply:
    """Return a document as JSON."""
    return Reply(JSON, (msgspec.json.encode(document, enc_hook=str),))
