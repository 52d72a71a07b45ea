"""Where an XML document ends in a stream, and where a long one can be cut: before a letter."""

import re
from collections.abc import Iterator
from xml.parsers import expat

from npn.messages.model.pieces import (
    LARGEST_HEAD,
    MARK,
    PADDING,
    PORTION_BYTES,
    Origin,
    Piece,
    StreamBuffer,
)

ROOT = re.compile(rb"(?:%b)?(?:[%b]|<\?.*?\?>|<!--.*?-->)*<([\w.:-]+)" % (MARK, PADDING), re.DOTALL)
BEHIND = rb"(?:[%b]|%b|<!--.*?-->)*" % (PADDING, MARK)
OPENING = rb"<\?xml|<(?:[\w.-]+:)?(?:Emessage|VANSEnvelope)\b|U[\r\n]*N[\r\n]*[AB]"
PADS = re.compile(rb"[%b]*" % PADDING)
LONGEST_OPENING = 64
DTD = b"<!DOCTYPE"
WRAPPER = b"VANSEnvelope"
SEPARATOR = " "


def xml_piece(buffer: StreamBuffer, number: int, *, portions: bool = True) -> Iterator[Piece]:
    """Take the document at the front of the buffer, in portions where it is long and they are wanted."""
    offset, top = buffer.offset, buffer.spot
    while len(buffer.data) <= PORTION_BYTES and buffer.fill():
        pass
    root = ROOT.match(buffer.data)
    name = root[1] if root else b""
    end = _end(buffer, name)
    if not end and portions and _has_letters(buffer, name):
        yield from _Portions(buffer, name, number=number).pieces()
        return
    while not end and not buffer.ended and len(buffer.data) <= buffer.largest:
        at = len(buffer.data)
        buffer.fill()
        end = _end(buffer, name, at=max(0, at - LONGEST_OPENING))
    data = buffer.take(end or len(buffer.data))
    yield Piece(data, number, offset, len(data), Origin(0, top, top))
    if not end and not buffer.ended:
        drop_to_opening(buffer)


def _has_letters(buffer: StreamBuffer, name: bytes) -> bool:
    """Whether a document that goes on can be cut at its letters: an envelope round a message has none."""
    return bool(name) and not buffer.ended and name.rpartition(b":")[2] != WRAPPER and DTD not in buffer.data


def _end(buffer: StreamBuffer, name: bytes, *, at: int = 0) -> int:
    """Return where the document ends and another begins; 0 where that has not come yet, or nothing follows."""
    if not name:
        return 0
    tag = re.compile(rb"</%b\s*>" % re.escape(name))
    follows = re.compile(BEHIND + rb"(?:%b)" % OPENING, re.DOTALL)
    for match in tag.finditer(buffer.data, at):
        if follows.match(buffer.data, match.end()):
            return _padded(buffer, match.end())
    return 0


def _padded(buffer: StreamBuffer, end: int) -> int:
    """Return where the padding behind a document ends: it is the document's, not that of the next."""
    match = PADS.match(buffer.data, end)
    return match.end() if match else end


def drop_to_opening(buffer: StreamBuffer) -> None:
    """Drop from a stream what comes before the next document or interchange."""
    opening = re.compile(OPENING)
    while not (match := opening.search(buffer.data)):
        buffer.take(max(0, len(buffer.data) - LONGEST_OPENING))
        if not buffer.fill():
            break
    buffer.take(match.start() if match else len(buffer.data))


class _Portions:
    """Cuts a long document at its letters: what stands directly in the root, the envelope apart."""

    def __init__(self, buffer: StreamBuffer, name: bytes, *, number: int) -> None:
        self.buffer, self.number = buffer, number
        self.offset, self.top = buffer.offset, buffer.spot
        self.closing = b"</%b>" % name
        self.depth = 0
        self.starts: list[int] = []  # of the letters, in bytes of the document
        self.end = 0  # where the document's last tag begins
        self.fed = 0
        self.first = 0  # where the first letter begins
        self.head = b""
        self.parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended

    def _started(self, name: str, _attributes: dict[str, str]) -> None:
        if self.depth == 1 and name.rpartition(SEPARATOR)[2] != "Envelope":
            self.starts.append(self.parser.CurrentByteIndex)
            self.first = self.first or self.starts[0]
        self.depth += 1

    def _ended(self, _name: str) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.end = self.parser.CurrentByteIndex

    def pieces(self) -> Iterator[Piece]:
        """Yield portions; what can't be read any more is the last one, whose reader says why."""
        sound, base = True, 0
        while sound and not self.end:
            sound = self._feed(base)
            if self.end or not sound:
                break
            cut = self.starts[-1] if len(self.starts) > 1 else 0
            if cut and self.first <= LARGEST_HEAD and len(self.buffer.data) > PORTION_BYTES:
                yield self._portion(cut - base)
                base, self.starts = cut, self.starts[-1:]
            elif self.buffer.ended or len(self.buffer.data) > self.buffer.largest:
                break
            else:
                self.buffer.fill()
        yield self._rest(base)

    def _feed(self, base: int) -> bool:
        """Show the parser what it has not seen; say whether it is well-formed so far."""
        data = bytes(memoryview(self.buffer.data)[self.fed - base :])
        self.fed += len(data)
        try:
            self.parser.Parse(data, False)  # noqa: FBT003 - expat takes it by position
        except (expat.ExpatError, ValueError, LookupError):
            return bool(self.end)
        return True

    def _portion(self, count: int) -> Piece:
        """Take letters, and close the document behind them."""
        first, spot = not self.head, self.buffer.spot
        origin = Origin(len(self.head), self.top, spot)
        data = self.head + self.buffer.take(count)
        if first:
            self.head = data[: self.first]
        data += self.closing
        return Piece(data, self.number, self.offset, len(data), origin, first=first, last=False)

    def _rest(self, base: int) -> Piece:
        """Take what is left of the document, up to the next one."""
        at = max(0, self.end - base)
        size = (_behind(self.buffer, at) if self.end else 0) or len(self.buffer.data)
        origin = Origin(len(self.head), self.top, self.buffer.spot)
        first = not self.head
        data = self.head + self.buffer.take(size)
        if not self.end and not self.buffer.ended:
            drop_to_opening(self.buffer)
        return Piece(data, self.number, self.offset, len(data), origin, first=first, last=True)


def _behind(buffer: StreamBuffer, at: int) -> int:
    """Return where the document ends whose last tag begins at `at`."""
    while (end := buffer.data.find(b">", at)) < 0 and buffer.fill():
        pass
    while len(buffer.data) - end < LARGEST_HEAD and buffer.fill():
        pass
    follows = re.compile(BEHIND + rb"(?:%b)" % OPENING, re.DOTALL)
    if end < 0 or not (follows.match(buffer.data, end + 1) or not buffer.data[end + 1 :].strip(PADDING)):
        return 0
    return _padded(buffer, end + 1)
