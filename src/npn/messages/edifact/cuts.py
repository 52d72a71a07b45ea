"""Where an interchange ends in a stream of EDIFACT, and where a long one can be cut: before a UNH.

An interchange ends behind its UNZ, or before a UNA or UNB that stands where a segment begins. Line breaks may stand
anywhere, released terminators end nothing, and each UNA holds for its own interchange.
"""

import re
from collections.abc import Iterator

from npn.messages.edifact.alphabet import DEFAULT, NO_RELEASE, UNA_LENGTH, Alphabet
from npn.messages.model.pieces import (
    LARGEST_HEAD,
    MARK,
    PADDING,
    PORTION_BYTES,
    Origin,
    Piece,
    StreamBuffer,
)

BREAKS = rb"[\r\n]*"
SERVICE = re.compile(rb"U[\r\n]*N[\r\n]*[ABHZ]")
OPENING = re.compile(
    rb"U[\r\n]*N[\r\n]*(?:A[\r\n]*[^\w\s][\r\n]*[^\w\s]|[BHTZGE][\r\n]*\+)|<\?xml|<(?:[\w.-]+:)?(?:Emessage|VANSEnvelope)\b"
)
HEAD = re.compile(rb"(?:%b|[%b])*" % (MARK, PADDING))
START = re.compile(rb"U[\r\n]*N[\r\n]*(?:A[\r\n]*[^\w\s][\r\n]*[^\w\s]|B[\r\n]*\+[\r\n]*U[\r\n]*N[\r\n]*O)")
BLANKS = b"\r\n\t "
LONGEST_OPENING = 64  # bytes that an opening can have with its line breaks
MAX_STRAY_BYTES = 1 << 20
MAX_TRAILER_BYTES = 1 << 12
MAX_LEADING_BYTES = 1 << 16


def edifact_piece(buffer: StreamBuffer, number: int, *, portions: bool = True) -> Iterator[Piece]:
    """Take the interchange at the front of the buffer, in portions where it is long and they are wanted."""
    return _Cutter(buffer, number, portions=portions).pieces()


class _Cutter:
    """Looks through one interchange, segment by service segment.

    at     how far it has looked
    start  where the interchange's UNA or UNB stands; text before it does not belong to the interchange
    cut    where the last UNH stands that a portion may end before; `first` is the first UNH, `units` how many came
    """

    def __init__(self, buffer: StreamBuffer, number: int, *, portions: bool) -> None:
        self.buffer, self.number, self.portions = buffer, number, portions
        self.offset, self.top = buffer.offset, buffer.spot
        self.start = self._start()
        self.alphabet = self._alphabet()
        terminator, element = (
            re.escape(c.encode("latin-1")) for c in (self.alphabet.terminator, self.alphabet.element)
        )
        self.terminator = self.alphabet.terminator.encode("latin-1")[0]
        self.release = None if self.alphabet.release == NO_RELEASE else self.alphabet.release.encode("latin-1")[0]
        release = b"" if self.release is None else re.escape(bytes([self.release]))
        plain = b"[^" + terminator + release + b"]"
        inside = plain + (b"|" + release + BREAKS + rb"[\s\S]" if release else b"")
        self.trailer = re.compile(rb"U[\r\n]*N[\r\n]*Z(?:" + inside + b")*" + terminator)
        self.follows = re.compile(BREAKS + b"[" + element + terminator + b"]")
        self.at = self.start + 1
        self.cut = 0
        self.head = b""
        self.units = 0
        self.first = 0
        self.next_tag = ""

    def _start(self) -> int:
        """Find the first service segment, past a byte order mark, blanks and a mail's head."""
        buffer = self.buffer
        while len(buffer.data) < MAX_LEADING_BYTES and buffer.fill():
            pass
        begin = self._head_end()
        if OPENING.match(buffer.data, begin):
            return begin
        match = START.search(buffer.data, begin, begin + MAX_LEADING_BYTES)
        return match.start() if match else begin

    def _head_end(self) -> int:
        match = HEAD.match(self.buffer.data)
        return match.end() if match else 0

    def _alphabet(self) -> Alphabet:
        """Read the service characters of the UNA, if it has one."""
        head = bytes(self.buffer.data[self.start : self.start + LONGEST_OPENING]).translate(None, b"\r\n")
        return Alphabet.of_una(head[:UNA_LENGTH].decode("latin-1")) or DEFAULT

    def pieces(self) -> Iterator[Piece]:
        """Yield the interchange, or its portions."""
        while True:
            end = self._end()
            if end is None and self.cut and self.portions and len(self.buffer.data) > PORTION_BYTES:
                yield self._portion(self.cut, end=self.cut, last=False)
                continue
            if end is None and self.buffer.ended:
                end = len(self.buffer.data)
            if end is not None:
                yield self._portion(self._stray_end(end), end=end, last=True)
                return
            if len(self.buffer.data) > self.buffer.largest:
                yield self._portion(len(self.buffer.data), end=len(self.buffer.data), last=True)
                drop_to_opening(self.buffer)
                return
            self.buffer.fill()

    def _portion(self, count: int, *, end: int, last: bool) -> Piece:
        """Take a portion from the buffer; all but the first get the interchange's head before it."""
        first, spot = not self.head, self.buffer.spot
        origin = Origin(len(self.head), self.top, spot)
        end += len(self.head)
        data = self.head + self.buffer.take(count)
        data = data[:end] + data[end:].rstrip(BLANKS)
        if first and not last:
            self.head = data[: self.first]
        self.at -= count
        self.cut = self.start = 0
        return Piece(data, self.number, self.offset, end, origin, self.next_tag, first, last)

    def _end(self) -> int | None:
        """Look on through the buffer for the end of the interchange; None where it has not come yet."""
        data = self.buffer.data
        for match in SERVICE.finditer(data, self.at):
            at = match.start()
            if len(data) - at < LONGEST_OPENING and not self.buffer.ended:
                self.at = at
                return None
            self.at = at + 1
            kind = data[match.end() - 1]
            if not self._opens_segment(at) or (kind != ord("A") and not self.follows.match(data, match.end())):
                continue
            if kind == ord("Z"):
                return self._trailer_end(at)
            if kind == ord("H"):
                self._unit(at)
            elif not self._is_own(at):
                self.next_tag = "UN" + chr(kind)
                return at
        self.at = max(self.at, len(data) - LONGEST_OPENING)
        return None

    def _unit(self, at: int) -> None:
        """Remember a UNH: the head ends at the first, a portion at a later one."""
        self.units += 1
        if self.units == 1:
            self.first = at
        elif self.first <= LARGEST_HEAD:
            self.cut = at

    def _is_own(self, at: int) -> bool:
        """Whether this UNB is the one that the interchange's own UNA announces."""
        between = bytes(self.buffer.data[self.start : at]).translate(None, b"\r\n \t")
        return not self.head and self.units == 0 and between.startswith(b"UNA") and len(between) <= UNA_LENGTH

    def _opens_segment(self, at: int) -> bool:
        """Whether a segment begins here: at the start, or behind a terminator that is not released."""
        data, before = self.buffer.data, at
        while before > self.start and data[before - 1] in b"\r\n \t":
            before -= 1
        if before == self.start or (self.head and before == 0) or self._is_own(at):
            return True
        if data[before - 1] != self.terminator:
            return False
        before -= 1
        releases = 0
        while before > 0:
            if data[before - 1] == self.release:
                releases += 1
            elif data[before - 1] not in b"\r\n":
                break
            before -= 1
        return releases % 2 == 0

    def _trailer_end(self, at: int) -> int | None:
        """Return where a UNZ ends; None where its terminator has not come yet."""
        match = self.trailer.match(self.buffer.data, at, at + MAX_TRAILER_BYTES)
        if match:
            return match.end()
        if self.buffer.ended or len(self.buffer.data) - at >= MAX_TRAILER_BYTES:
            self.at = at + 1
            return self._end()
        self.at = at
        return None

    def _stray_end(self, end: int) -> int:
        """Return where the next interchange opens; text before it belongs to none."""
        at = end
        while True:
            match = OPENING.search(self.buffer.data, at)
            if match and (self.buffer.ended or len(self.buffer.data) - match.start() >= LONGEST_OPENING):
                return self._with_mark(match.start(), end)
            if self.buffer.ended or len(self.buffer.data) - end > MAX_STRAY_BYTES:
                return len(self.buffer.data)
            at = max(at, len(self.buffer.data) - LONGEST_OPENING)
            self.buffer.fill()

    def _with_mark(self, at: int, end: int) -> int:
        """Leave a byte order mark to the interchange that it opens."""
        before = at - len(MARK)
        return before if before >= end and self.buffer.data.startswith(MARK, before) else at


def drop_to_opening(buffer: StreamBuffer) -> None:
    """Drop from a stream what comes before the next interchange."""
    while True:
        match = OPENING.search(buffer.data)
        buffer.take(match.start() if match else max(0, len(buffer.data) - LONGEST_OPENING))
        if match or not buffer.fill():
            break
    if not match:
        buffer.take(len(buffer.data))
