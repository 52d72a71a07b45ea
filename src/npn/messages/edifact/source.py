"""Where in the received bytes something stands, worked out only when somebody asks.

Line breaks may stand anywhere in an interchange, also inside a word, and belong to it nowhere. So everything
is read from the text without them, and a place is an offset into that text ("offset" in this package). The
index that leads from there back to lines and columns is built at the first question: most messages have no
findings and never pay for it. One entry a block keeps it small whatever the line breaks are like.
"""

import re
from array import array
from bisect import bisect_right

from npn.messages.edifact.alphabet import DEFAULT, NO_RELEASE, Alphabet
from npn.messages.model.pieces import Origin, TextPosition

LINE_BREAKS = b"\r\n"
BLOCK = 4096
MAX_SEGMENT_BYTES = 100_000
RUN = re.compile(rb"[^\r\n]+")


class SourceBytes:
    """The bytes of one piece of a stream, where they stand there, and the alphabet of one part of them."""

    __slots__ = ("_index", "alphabet", "data", "origin")

    def __init__(self, data: bytes, alphabet: Alphabet = DEFAULT, *, origin: Origin | None = None) -> None:
        """`data` is the piece as received, `alphabet` the service characters of this part of it."""
        self.data = data
        self.alphabet = alphabet
        self.origin = origin or Origin()
        self._index = _Index(data)

    def with_alphabet(self, alphabet: Alphabet) -> "SourceBytes":
        """Return the source of another part of the same file; they share their index."""
        source = SourceBytes(self.data, alphabet, origin=self.origin)
        source._index = self._index
        return source

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column in the stream, from 1, of the character at `offset`. CR LF, LF and CR each end one line."""
        return self.spot_of(self._position(offset))

    def spot_of(self, position: int) -> TextPosition:
        """Return line and column in the stream of a byte of the piece."""
        spot = self._spot(position)
        return self.origin.placed(spot, neck=self._spot(self.origin.head) if self.origin.head else spot)

    def _spot(self, position: int) -> TextPosition:
        """Line and column in these bytes."""
        index = self._indexed()
        block = position // BLOCK
        begin = block * BLOCK
        line = 1 + index.ended[block] + _lines_ended(self.data, begin, end=position)
        last = max(self.data.rfind(b"\n", begin, position), self.data.rfind(b"\r", begin, position))
        return TextPosition(line, position - (last + 1 if last >= 0 else index.line_starts[block]) + 1)

    def offset_of(self, start: int, element: int, *, component: int = 1) -> int:
        """Offset of a component (from 1; element 0 is the tag) of the segment that starts at `start`.

        A component that isn't there gives the place where its element or the segment ends.
        """
        text, alphabet = self._text_from(start), self.alphabet
        release = "" if alphabet.release == NO_RELEASE else alphabet.release
        here, at = (0, 1), 0
        while at < len(text) and here < (element, component):
            char = text[at]
            if char == alphabet.terminator or (char == alphabet.element and here[0] == element):
                break
            if char == alphabet.element:
                here = (here[0] + 1, 1)
            elif char == alphabet.component:
                here = (here[0], here[1] + 1)
            at += 2 if char == release else 1
        return start + at

    def _text_from(self, offset: int) -> str:
        """Read the text from `offset` on, without line breaks, as far as a segment can reach."""
        begin = self._position(offset)
        return self.data[begin : begin + MAX_SEGMENT_BYTES].translate(None, LINE_BREAKS).decode("latin-1")

    def _position(self, offset: int) -> int:
        """Place in the bytes as received of the character at `offset`; past the end: behind the last one."""
        index = self._indexed()
        if offset >= index.left:
            return len(self.data.rstrip(LINE_BREAKS))
        block = bisect_right(index.lefts, offset) - 1
        remaining = offset - index.lefts[block]
        for run in RUN.finditer(self.data, block * BLOCK, (block + 1) * BLOCK):
            length = run.end() - run.start()
            if remaining < length:
                return run.start() + remaining
            remaining -= length
        return len(self.data)  # not reached: the block is the one that holds the offset

    def _indexed(self) -> "_Index":
        """The index, built at the first question."""
        if not self._index.lefts:
            self._index.build()
        return self._index


class _Index:
    """Counts per block of a file.

    lefts        bytes before the block that are no line breaks; `left` is how many there are in all
    ended        lines that ended before the block
    line_starts  where the line started that the block begins in
    """

    __slots__ = ("data", "ended", "left", "lefts", "line_starts")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = 0
        self.lefts, self.ended, self.line_starts = array("Q"), array("Q"), array("Q")

    def build(self) -> None:
        """Count; once for all parts of the file."""
        data = self.data
        left = ended = line_start = 0
        for begin in range(0, len(data) + 1, BLOCK):
            end = min(begin + BLOCK, len(data))
            self.lefts.append(left)
            self.ended.append(ended)
            self.line_starts.append(line_start)
            left += end - begin - data.count(b"\n", begin, end) - data.count(b"\r", begin, end)
            ended += _lines_ended(data, begin, end=end)
            last = max(data.rfind(b"\n", begin, end), data.rfind(b"\r", begin, end))
            line_start = last + 1 if last >= 0 else line_start
        self.left = left


def _lines_ended(data: bytes, begin: int, *, end: int) -> int:
    """How many lines end in these bytes; the LF of a CR LF that started earlier is not counted again."""
    pairs = data.count(b"\r\n", begin, end)
    split_pair = 0 < begin < end and data[begin - 1 : begin + 1] == b"\r\n"
    return data.count(b"\n", begin, end) + data.count(b"\r", begin, end) - pairs - split_pair
