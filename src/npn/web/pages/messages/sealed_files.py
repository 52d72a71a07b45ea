"""A file that travels in its own page, sealed: the service keeps nothing, and takes back only what it has shown."""

import base64
import zlib
from datetime import datetime, timedelta

import msgspec

from npn.db import Database
from npn.db.sealing import SealedPlace, UnreadableError

MAX_SEALED_BYTES = 512 << 10
VALID_FOR = timedelta(hours=12)
_PLACE = SealedPlace("message_page", "file", "")


class SealedFile(msgspec.Struct, frozen=True):
    """A file in its page: its name, its bytes, and when it was shown (seconds since 1970)."""

    name: str
    content: bytes
    at: int


def seal_file(database: Database, name: str, content: bytes, *, at: datetime) -> str:
    """Return a file as a hidden field carries it."""
    file = SealedFile(name, content, int(at.timestamp()))
    packed = zlib.compress(msgspec.msgpack.encode(file), 6)
    return database.sealer.seal(base64.b64encode(packed).decode(), _PLACE, "")


def open_file(database: Database, field: str, *, at: datetime) -> SealedFile | None:
    """Return the file of a hidden field; None where it is invalid or too old."""
    try:
        packed = base64.b64decode(database.sealer.open(field, _PLACE, ""))
        file = msgspec.msgpack.decode(zlib.decompress(packed), type=SealedFile)
    except (UnreadableError, ValueError, zlib.error, msgspec.DecodeError):
        return None
    return file if at.timestamp() - file.at <= VALID_FOR.total_seconds() else None
