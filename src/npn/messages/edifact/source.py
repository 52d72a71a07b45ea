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

LINE_BREAKS = b"\r\n"
BLOCK = 4096
LONGEST_SEGMENT = 100_000
RUN = re.compile(rb"[^\r\n]+")


class Source:
    """The bytes of one file and the alphabet of one part of it."""

    __slots__ = ("_breaks", "_lefts", "alphabet", "data")

    def __init__(self, data: bytes, alphabet: Alphabet = DEFAULT) -> None:
        """`data` is the whole file as received, `alphabet` the service characters of this part of it."""
        self.data = data
        self.alphabet = alphabet
        self._lefts: array[int] = array("Q")  # per block: bytes before it that are no line breaks
        self._breaks: array[int] = array("Q")  # per block: lines that ended before it

    def with_alphabet(self, alphabet: Alphabet) -> "Source":
        """Give the source of another part of the same file; they share their index."""
        other = Source(self.data, alphabet)
        other._lefts, other._breaks = self._lefts, self._breaks
        return other

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at `offset`. CR LF, LF and CR each end one line."""
        position = self._position(offset)
        block = position // BLOCK
        begin = block * BLOCK
        line = 1 + self._breaks[block] + self._lines_ended(begin, position)
        last_break = max(self.data.rfind(b"\n", 0, position), self.data.rfind(b"\r", 0, position))
        return line, position - last_break

    def offset_of(self, start: int, element: int, component: int = 1) -> int:
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
        return self.data[begin : begin + LONGEST_SEGMENT].translate(None, LINE_BREAKS).decode("latin-1")

    def _position(self, offset: int) -> int:
        """Place in the bytes as received of the character at `offset`; past the end: behind the last one."""
        if not self._lefts:
            self._index()
        block = bisect_right(self._lefts, offset) - 1
        wanted, position = offset - self._lefts[block], block * BLOCK
        for run in RUN.finditer(self.data, position):
            length = run.end() - run.start()
            if wanted < length:
                return run.start() + wanted
            wanted, position = wanted - length, run.end()
            if wanted == 0 and position >= len(self.data.rstrip(LINE_BREAKS)):
                break
        return position

    def _index(self) -> None:
        """Count, block by block, the bytes that are left and the lines that ended."""
        left = ended = 0
        for begin in range(0, len(self.data) + 1, BLOCK):
            self._lefts.append(left)
            self._breaks.append(ended)
            block = self.data[begin : begin + BLOCK]
            left += len(block) - block.count(b"\n") - block.count(b"\r")
            ended += self._lines_ended(begin, begin + len(block))

    def _lines_ended(self, begin: int, end: int) -> int:
        """How many lines end in these bytes; the LF of a CR LF that started earlier ends none of its own."""
        data = self.data
        pairs = data.count(b"\r\n", begin, end)
        split_pair = begin > 0 and data[begin - 1 : begin + 1] == b"\r\n" and end > begin
        return data.count(b"\n", begin, end) + data.count(b"\r", begin, end) - pairs - split_pair
