"""The pieces that a stream of messages is cut into: whole interchanges, or portions of one that is long.

A piece knows where it stands in its stream, so that lines and columns never start again.
"""

from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

BLOCK = 1 << 18
PORTION_BYTES = 2 << 20  # an interchange that is longer is given in portions of about this size
LARGEST_BYTES = 64 << 20  # an interchange that can't be cut into letters, such as a file without terminators
LARGEST_HEAD = 64 << 10
PADDING = b"\x1a\x00\r\n\t "
MARK = b"\xef\xbb\xbf"


class TextPosition(NamedTuple):
    """A line and a column, both from 1."""

    line: int
    column: int

    def after(self, start: "TextPosition", *, base: "TextPosition") -> "TextPosition":
        """Return where this place stands in a stream, where `start` of the same text stands at `base`."""
        if self.line == start.line:
            return TextPosition(base.line, base.column + self.column - start.column)
        return TextPosition(base.line + self.line - start.line, self.column)


TOP = TextPosition(1, 1)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the bytes of a piece stand in their stream.

    head  how many bytes at the front are the interchange's head, which each portion has again
    top   the place of the first byte
    body  the place of the first byte behind the head
    """

    head: int = 0
    top: TextPosition = TOP
    body: TextPosition = TOP

    def placed(self, spot: TextPosition, *, neck: TextPosition) -> TextPosition:
        """Return where a place in the piece stands in the stream; `neck` is the place in the piece of its body."""
        if self.head and spot >= neck:
            return spot.after(neck, base=self.body)
        return spot.after(TOP, base=self.top)


@dataclass(frozen=True, slots=True)
class Piece:
    """An interchange as bytes, or a portion of a long one.

    number   of the interchange in its stream, from 1
    offset   where it begins in the stream, in bytes
    end      where the interchange ends in `data`; what follows does not belong to it
    follows  the tag of the segment that ended the interchange without belonging to it, where there is no UNZ
    first, last  whether it is the first and the last portion of its interchange
    repeats  number of an earlier interchange that has the same bytes, line breaks apart; 0 where there is none
    """

    data: bytes
    number: int
    offset: int
    end: int
    origin: Origin = Origin()
    follows: str = ""
    first: bool = True
    last: bool = True
    repeats: int = 0

    @property
    def whole(self) -> bool:
        """Whether it is a whole interchange."""
        return self.first and self.last


class StreamBuffer:
    """The part of a stream that is being looked at.

    largest  how many bytes an interchange may have that can't be cut into portions
    offset  of the first byte of `data` in the stream, `spot` its line and column
    ended   whether the stream has no more
    """

    def __init__(self, stream: BinaryIO, *, largest: int = LARGEST_BYTES, block: int = BLOCK) -> None:
        self.largest = largest
        self._block = block
        self.data = bytearray()
        self.ended = False
        self.offset = 0
        self.spot = TOP
        self._stream = stream
        self._return = False  # whether the last byte taken was a carriage return

    def fill(self) -> bool:
        """Read another block; say whether there was one."""
        block = b"" if self.ended else self._stream.read(self._block)
        self.ended = not block
        self.data += block
        return bool(block)

    def take(self, count: int) -> bytes:
        """Take bytes from the front."""
        data = bytes(memoryview(self.data)[:count])
        del self.data[:count]
        self.offset += len(data)
        self.spot = behind(data, self.spot, in_break=self._return)
        self._return = data[-1:] == b"\r" if data else self._return
        return data


def behind(data: bytes, spot: TextPosition = TOP, *, in_break: bool = False) -> TextPosition:
    """Return the place behind the data, which begins at `spot`. CR LF, LF and CR each end one line.

    in_break  whether a CR stands right before the data
    """
    ends = data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") - (in_break and data[:1] == b"\n")
    last = max(data.rfind(b"\n"), data.rfind(b"\r"))
    return TextPosition(spot.line + ends, len(data) - last if last >= 0 else spot.column + len(data))
