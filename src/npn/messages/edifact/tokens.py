"""Bytes to segments.

What the format leaves open is decided here once. CR and LF are dropped first of all, wherever they stand, so a
line break between `?` and the character it releases changes nothing. Blanks before a segment are skipped. A
release character before one that needs none is a finding, and the released character stays. An empty component
or element is kept where it stands, also at the end, so that writing gives the same bytes again.

Speed comes from splitting whole stretches of text at once. Released characters are first replaced by
private-use characters, which ISO-8859-1 can't contain, so that no split sees them.
"""

import re
from collections.abc import Generator, Iterator

from npn.messages.edifact.alphabet import DEFAULT, NO_RELEASE, UNA_LENGTH, Alphabet
from npn.messages.edifact.report import LIMITS, Limits, Report
from npn.messages.edifact.segment import Segment, shown
from npn.messages.edifact.source import LINE_BREAKS, Source
from npn.messages.finding import Finding, Place

__all__ = ["Segment", "Tokeniser", "tokenise"]

TAG = re.compile(r"[A-Z][A-Z0-9]{2}")
START = re.compile(r"UNA[^\w\s][^\w\s]..[^\w]|UNB\+UNO")
CONTROL_BYTES = bytes(c for c in (*range(0x20), *range(0x7F, 0xA0)) if c not in LINE_BREAKS)
PRIVATE = 0xE000
STRETCH = 1 << 16
LONG = 2_000
BLANKS = " \t"
NOT_BLANK = re.compile(r"[^ \t]")
MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def tokenise(data: bytes, *, findings: list[Finding] | None = None, limits: Limits = LIMITS) -> Iterator[Segment]:
    """Give the segments of a file one by one; what is wrong with them is appended to `findings`.

    UNA is obeyed, not given. Nothing in `data` makes it raise.
    """
    report = Report(limits)
    if findings is not None:
        report.findings = findings
    return Tokeniser(data, report).segments()


class Tokeniser:
    """Reads one file, segment by segment.

    alphabet  the service characters in force for the segment just given
    una       whether a UNA was read and nobody has asked yet whose it is: the envelope's reader clears it
    """

    def __init__(self, data: bytes, report: Report) -> None:
        """`report` gets the findings and has the limits."""
        self.una = False
        self._source = Source(data)
        self._report = report
        self._index = 0  # of the last segment
        self._pieces = 0  # what was between terminators so far, empty ones too
        self._tags: set[str] = set()
        self._utf8 = False
        self._special = re.compile(r"(?!)")

    @property
    def alphabet(self) -> Alphabet:
        """The service characters in force."""
        return self._source.alphabet

    def segments(self) -> Iterator[Segment]:
        """Give every segment, part by part: each UNA may change the service characters."""
        data = self._source.data
        if len(data) > self._report.limits.size:
            self._report.add("edifact.file-too-large", Place(), limit=self._report.limits.size)
            return
        text = data.translate(None, LINE_BREAKS).decode("latin-1")
        at = self._beginning(text)
        careful = len(data.translate(None, CONTROL_BYTES)) != len(data)
        while at < len(text):
            at = self._obey_una(text, at)
            end = self._end_of_part(text, at)
            yield from self._part(text[at:end], at, careful=careful)
            if self._pieces > self._report.limits.segments:
                self._report.at("edifact.too-many-segments", self._source, at, limit=self._report.limits.segments)
                return
            at = end + _blanks(text, end)

    # --- where to start ---------------------------------------------------------------------------------

    def _beginning(self, text: str) -> int:
        """Where the first UNA or segment starts; the end of the text when this is no EDIFACT."""
        report, source = self._report, self._source
        at = 0
        for mark, name in MARKS:
            if source.data.startswith(mark):
                report.at("edifact.byte-order-mark", source, 0, name=name)
                at = len(mark)
        at += _blanks(text, at)
        if at == len(text):
            report.add("edifact.empty-file", Place())
            return at
        follower = text[at + 3 : at + 4]
        if not (text.startswith("UNA", at) or (TAG.match(text, at) and follower and follower in "+:'")):
            found = START.search(text, at, at + STRETCH)
            if not found:
                report.at("edifact.not-edifact", source, at, start=shown(text[at : at + 10]))
                return len(text)
            report.at("edifact.leading-text", source, at, start=shown(text[at : at + 10]))
            at = found.start()
        self._notice_utf8(text)
        return at

    def _notice_utf8(self, text: str) -> None:
        """Say so when what is read as ISO-8859-1 was surely written as UTF-8."""
        if text.isascii():
            return
        try:
            text.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return
        found = re.search(r"[\xc2-\xf4][\x80-\xbf]+", text)
        if found:
            self._utf8 = True
            meant = found[0].encode("latin-1").decode("utf-8", "replace")
            example = f"{shown(found[0])} = {shown(meant)}"
            self._report.at("edifact.utf-8", self._source, found.start(), example=example)

    def _obey_una(self, text: str, at: int) -> int:
        """Take on the service characters of a UNA that stands here; give where the segments start."""
        if not text.startswith("UNA", at):
            return at
        una = text[at : at + UNA_LENGTH]
        alphabet = Alphabet.of_una(una)
        end = at + len(una)
        if alphabet is None:
            self._report.at("edifact.una-invalid", self._source, at, una=shown(una), path="UNA")
            found = text.find("UNB", at, end + 3)
            end = found if found > 0 else end
        elif alphabet != DEFAULT:
            self._report.at("edifact.una-unusual", self._source, at, una=una, path="UNA")
        self._source = self._source.with_alphabet(alphabet or DEFAULT)
        self.una = True
        self._pieces += 1
        return end

    def _end_of_part(self, text: str, at: int) -> int:
        """Find where the next UNA starts, or the end of the text."""
        alphabet = self.alphabet
        found = text.find("UNA", at)
        while found > 0:
            before = found
            while before > at and text[before - 1] in BLANKS and found - before < LONG:
                before -= 1
            if before == at or (text[before - 1] == alphabet.terminator and not self._released(text, before - 1)):
                return found
            found = text.find("UNA", found + 3)
        return len(text)

    def _released(self, text: str, at: int) -> bool:
        """Whether the character here is released: an odd number of release characters stands before it."""
        release, before = self.alphabet.release, at
        while release != NO_RELEASE and before > 0 and text[before - 1] == release:
            before -= 1
        return (at - before) % 2 == 1

    # --- segments ---------------------------------------------------------------------------------------

    def _part(self, text: str, base: int, *, careful: bool) -> Iterator[Segment]:
        """Give the segments of a part that has one alphabet; `base` is where it starts in the whole text."""
        alphabet = self.alphabet
        if alphabet.release != NO_RELEASE and alphabet.release in text:
            careful = True
            for char in alphabet.needing_release:
                text = text.replace(alphabet.release + char, chr(PRIVATE + ord(char)))
        release = "" if alphabet.release == NO_RELEASE else re.escape(alphabet.release)
        self._special = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f\\ue000-\\ue0ff{release}]")
        offset, at = base, 0
        while at < len(text) and self._pieces <= self._report.limits.segments:
            end = text.find(alphabet.terminator, at + STRETCH) + 1 or len(text)
            pieces = text[at:end].split(alphabet.terminator)
            rest = pieces.pop()
            offset = yield from self._stretch(pieces, offset, careful=careful)
            at = end
            if rest.strip(BLANKS):
                segment, length = self._carefully(rest, offset)
                self._truncated(segment or Segment(""), offset + length)
                if segment:
                    yield segment

    def _stretch(self, pieces: list[str], offset: int, *, careful: bool) -> Generator[Segment, None, int]:
        """Give the segments of these pieces, the first of which starts at `offset`; return where they end."""
        element, component = self.alphabet.element, self.alphabet.component
        tags, source, special = self._tags, self._source, self._special.search
        long = min(LONG, self._report.limits.segment_length, self._report.limits.segment_width)
        for piece in pieces:
            self._pieces += 1
            if len(piece) < long and not (careful and special(piece)):
                tag, *rest = piece.split(element)
                if tag in tags:
                    self._index += 1
                    elements = tuple([tuple(e.split(component)) for e in rest])
                    yield Segment(tag, elements, self._index, offset, source)
                    offset += len(piece) + 1
                    continue
            segment, length = self._carefully(piece, offset)
            offset += length + 1
            if segment:
                yield segment
            elif self._pieces > self._report.limits.segments:
                break
        return offset

    def _carefully(self, piece: str, offset: int) -> tuple[Segment | None, int]:
        """Read a piece that holds anything unusual; None when it is empty. Also gives its length in the text."""
        limits, alphabet = self._report.limits, self.alphabet
        length = len(piece) + self._special_characters(piece, offset)
        begin = _blanks(piece, 0)
        start, piece = offset + begin, piece[begin:]
        if not piece:
            self._report.at("edifact.segment-empty", self._source, offset + length, terminator=alphabet.terminator)
            return None, length
        self._index += 1
        table = {PRIVATE + ord(c): c for c in alphabet.needing_release}
        table |= {ord(alphabet.release): ""} if alphabet.release != NO_RELEASE else {}
        found = TAG.match(piece)
        facts = {"segment": self._index, "path": found[0] if found else ""}
        name = found[0] if found else shown(piece[:6])
        rest: list[str] = []
        if len(piece) > limits.segment_length:
            self._report.at(
                "edifact.segment-too-long",
                self._source,
                start,
                tag=name,
                limit=limits.segment_length,
                **facts,
            )
            tag = piece[:3]
        elif piece.count(alphabet.element) + piece.count(alphabet.component) > limits.segment_width:
            self._report.at(
                "edifact.segment-too-wide", self._source, start, tag=name, limit=limits.segment_width, **facts
            )
            tag = piece[:3]
        else:
            tag, *rest = piece.split(alphabet.element)
            tag = tag.translate(table)
        if TAG.fullmatch(tag):
            self._tags.add(tag)
        else:
            self._report.at("edifact.segment-tag", self._source, start, tag=shown(tag), **facts)
        elements = tuple(tuple(c.translate(table) for c in e.split(alphabet.component)) for e in rest)
        return Segment(tag, elements, self._index, start, self._source), length

    def _special_characters(self, piece: str, offset: int) -> int:
        """Report what is odd among the characters; give how many released ones the text has one more of."""
        released = 0
        release = self.alphabet.release
        for match in self._special.finditer(piece):
            char, at = match[0], offset + match.start() + released
            facts = {"segment": self._index + 1, "path": piece[:3] if TAG.match(piece) else ""}
            if ord(char) >= PRIVATE:
                released += 1
            elif char == release != NO_RELEASE:
                following = piece[match.end() : match.end() + 1]
                self._report.at(
                    "edifact.release-needless",
                    self._source,
                    at,
                    release=release,
                    character=shown(following),
                    **facts,
                )
            elif char == "\t":
                self._report.at("edifact.tab", self._source, at, **facts)
            elif char < "\x80":
                self._report.at("edifact.control-character", self._source, at, code=_code(char), **facts)
            elif not self._utf8:
                meant = char.encode("latin-1").decode("cp1252", "replace")
                rule = "edifact.control-character" if meant == "\ufffd" else "edifact.outside-latin-1"
                self._report.at(rule, self._source, at, code=_code(char), meant=meant, **facts)
        return released

    def _truncated(self, segment: Segment, end: int) -> None:
        """Say that the text stops before this segment's terminator."""
        facts = {"segment": segment.index or None, "path": segment.tag}
        terminator = self.alphabet.terminator
        self._report.at("edifact.truncated", self._source, end, tag=shown(segment.tag), terminator=terminator, **facts)


def _blanks(text: str, at: int) -> int:
    """How many blanks stand at this place."""
    found = NOT_BLANK.search(text, at)
    return (found.start() if found else len(text)) - at


def _code(char: str) -> str:
    """The character's number, as people look it up."""
    return f"0x{ord(char):02X}"
