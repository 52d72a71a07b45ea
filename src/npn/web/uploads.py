"""Forms with files: multipart bodies, read within bounds; and texts that go along with a form from page to page."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from multipart import MultipartError, MultipartParser, parse_options_header

MULTIPART = "multipart/form-data"
MAX_TEXT_BYTES = 4 * 1024 * 1024  # of a text that goes along, unpacked
_MAX_PARTS = 20


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file: the field that it was chosen in, its own name, and its bytes."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form with files holds."""

    values: dict[str, str]
    files: Sequence[UploadedFile]


def read_multipart(body: bytes, content_type: str) -> Upload | None:
    """Return the fields and the files of a body; None where it is invalid.

    Of a field that is repeated the first counts; a file that nobody chose is left out.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != MULTIPART or not boundary:
        return None
    values: dict[str, str] = {}
    files: list[UploadedFile] = []
    limit = len(body) + 1
    try:
        parser = MultipartParser(
            BytesIO(body),
            boundary,
            len(body),
            strict=True,
            part_limit=_MAX_PARTS,
            spool_limit=limit,
            memory_limit=limit,
            disk_limit=0,
        )
        for part in parser:
            if part.filename is None:
                values.setdefault(part.name, part.value)
            elif part.raw:
                files.append(UploadedFile(part.name, part.filename, part.raw))
    except (MultipartError, UnicodeDecodeError):
        return None
    return Upload(values, files)


def packed(text: str) -> str:
    """Return a text as a hidden field carries it to the next page."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(field: str) -> str | None:
    """Return the text that a hidden field carries; None where it is invalid or too long."""
    try:
        reader = zlib.decompressobj()
        data = reader.decompress(base64.urlsafe_b64decode(field.encode("ascii")), MAX_TEXT_BYTES + 1)
        return data.decode() if reader.eof and len(data) <= MAX_TEXT_BYTES else None
    except (ValueError, binascii.Error, zlib.error):
        return None
