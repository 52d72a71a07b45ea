"""Text that is declared to be in a one-byte character set and was written in UTF-8: `Læge` that reads as `LÃ¦ge`."""

import re
from typing import NamedTuple

SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
SURE = re.compile(rb"[\xc2\xc3][\x80-\xbf]")  # in a one-byte set: A with tilde or circumflex before a sign


class MislabelledText(NamedTuple):
    """The first letter of a text in UTF-8.

    offset  where it stands in the bytes
    read    how it reads in ISO-8859-1
    meant   the letter
    """

    offset: int
    read: str
    meant: str


def utf8_in(data: bytes) -> MislabelledText | None:
    """Return the first letter of a text that was written in UTF-8; None where it was not, or has only ASCII.

    A text is UTF-8 when all of it decodes, or when most of what is not ASCII does: a field cut in the middle of a
    letter, or one good field among the bad ones, hides nothing.
    """
    first = None if data.isascii() else SEQUENCE.search(data)
    if first is None or not (is_utf8(data) or is_mostly_utf8(data)):
        return None
    return MislabelledText(first.start(), first[0].decode("latin-1"), first[0].decode("utf-8", "replace"))


def is_utf8(data: bytes) -> bool:
    """Whether all of it decodes."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_mostly_utf8(data: bytes) -> bool:
    """Whether more letters are in UTF-8 beyond doubt than can be none."""
    sequences = SEQUENCE.findall(data)
    others = len(data) - len(data.translate(None, bytes(range(0x80, 0x100)))) - sum(map(len, sequences))
    return others < sum(1 for sequence in sequences if SURE.match(sequence))
