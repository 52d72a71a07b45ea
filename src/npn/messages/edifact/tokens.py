"""Bytes to segments.

What the format leaves open is decided here once. CR and LF are dropped first of all, wherever they stand, so
a line break between `?` and the character it releases changes nothing. Blanks before a segment are skipped. A
release character before one that needs none is a finding, and the released character stays. An empty
component or element is kept where it stands, also at the end, so that writing gives the same bytes again.

Speed comes from splitting whole stretches of text at once. Released characters are first replaced by
private-use characters, which ISO-8859-1 can't contain, so that no split sees them.
"""

import re
import sys
from collections.abc import Generator, Iterator

from npn.messages.edifact.alphabet import DEFAULT, NO_RELEASE, UNA_LENGTH, Alphabet
from npn.messages.edifact.report import LIMITS, ReadLimits, SyntaxReport
from npn.messages.edifact.source import LINE_BREAKS, SourceBytes
from npn.messages.model.finding import Finding, Place
from npn.messages.model.pieces import Origin
from npn.messages.model.segment import Segment, shown
from npn.messages.model.utf8 import utf8_in

__all__ = ["Segment", "Tokeniser", "tokenise"]

TAG = re.compile(r"[A-Z][A-Z0-9]{2}")
START = re.compile(r"UNA[^\w\s][^\w\s]..[^\w]|UNB\+UNO")
SYNTAX_IDENTIFIER = re.compile(r"UNB.(UNO[A-Z])")
CONTROL_BYTES = bytes(c for c in (*range(0x20), *range(0x7F, 0xA0)) if c not in LINE_BREAKS)
PRIVATE = 0xE000
STRETCH = 1 << 16
LONG_PIECE = 2_000
NEVER = sys.maxsize
# The tags of the laboratory messages and the service segments: known to be valid without looking closely.
USUAL_TAGS = frozenset(
    re.findall(
        "...",
        "UNBUNGUNHUNTUNEUNZUCIUCMBGMDTMNADADRCOMSEQSPRRFFFCAGISFTXPACPNAHANRELPTYCININVRSLSPCQTYSTSRND"
        "S01S02S04S05S06S07S09S10S15S16S17S18S19S20",
    )
)
BLANKS = " \t"
NOT_BLANK = re.compile(r"[^ \t]")
MARKS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def tokenise(data: bytes, *, findings: list[Finding] | None = None, limits: ReadLimits = LIMITS) -> Iterator[Segment]:
    """Yield the segments of a file one by one; what is wrong with them is appended to `findings`.

    UNA is obeyed, not given. Nothing in `data` makes it raise.
    """
    report = SyntaxReport(limits)
    if findings is not None:
        report.findings = findings
    return Tokeniser(data, report).segments()


class Tokeniser:
    """Reads one file, segment by segment.

    alphabet  the service characters in force for the segment just given
    una       whether a UNA was read and nobody has asked yet whose it is: the envelope's reader clears it
    index     number of the segment just given, in its interchange
    """

    def __init__(self, data: bytes, report: SyntaxReport, *, origin: Origin | None = None, before: int = 0) -> None:
        """`report` gets the findings and has the limits; `before`: how many segments stand before the body."""
        self.una = False
        self.index = 0
        self._source = SourceBytes(data, origin=origin)
        self._before = before
        self._report = report
        self._pieces = 0  # what was between terminators so far, empty ones too
        self._tags = set(USUAL_TAGS)
        self._utf8 = False
        self._odd = re.compile(r"(?!)")  # characters to report: control characters, needless releases
        self._wrong = self._odd  # those of them that are errors
        self._special = self._odd  # those, and released characters
        self._meant: dict[int, str] = {}  # what the private characters stand for; the release vanishes

    @property
    def alphabet(self) -> Alphabet:
        """The service characters in force."""
        return self._source.alphabet

    def behind(self, tag: str) -> Segment:
        """Return the segment that stands behind all that was read, without its elements."""
        length = len(self._source.data.translate(None, LINE_BREAKS))
        return Segment(tag, (), self.index + 1, length, self._source)

    def segments(self) -> Iterator[Segment]:
        """Yield every segment, part by part: each UNA may change the service characters."""
        data = self._source.data
        if len(data) > self._report.limits.size:
            self._report.add("edifact.file-too-large", Place(), limit=self._report.limits.size)
            return
        text = data.translate(None, LINE_BREAKS).decode("latin-1")
        at = self._beginning(text)
        careful = len(data.translate(None, CONTROL_BYTES)) != len(data)
        neck = len(data[: self._source.origin.head].translate(None, LINE_BREAKS))
        if neck:
            at = self._obey_una(text, at)
            yield from self._part(text[at:neck], at, careful=careful)
            self.index, at = self._before, neck
        while at < len(text):
            at = self._obey_una(text, at)
            end = self._end_of_part(text, at)
            yield from self._part(text[at:end], at, careful=careful)
            if self._pieces > self._report.limits.segments:
                return
            at = end + _blanks(text, end)
        if self.index == 0 and not self._report.findings:
            self._report.add("edifact.empty-file", Place())

    # --- where to start ---------------------------------------------------------------------------------

    def _beginning(self, text: str) -> int:
        """Where the first UNA or segment starts; the end of the text when this is not EDIFACT."""
        report, source = self._report, self._source
        at = 0
        for mark, name in MARKS:
            if source.data.startswith(mark):
                report.at("edifact.byte-order-mark", source, offset=0, name=name)
                at = len(mark)
        at += _blanks(text, at)
        if at == len(text):
            report.add("edifact.empty-file", Place())
            return at
        follower = text[at + 3 : at + 4]
        if not (text.startswith("UNA", at) or (TAG.match(text, at) and follower and follower in "+:'")):
            match = START.search(text, at, at + STRETCH)
            if not match:
                report.at("edifact.not-edifact", source, offset=at, start=shown(text[at : at + 10]))
                return len(text)
            report.at("edifact.leading-text", source, offset=at, start=shown(text[at : at + 10]))
            at = match.start()
        self._notice_utf8(text, at)
        return at

    def _notice_utf8(self, text: str, at: int) -> None:
        """Report text that is read in a one-byte character set and was written as UTF-8."""
        letter = None if text.isascii() else utf8_in(text[at:].encode("latin-1"))
        syntax = SYNTAX_IDENTIFIER.search(text, at, at + STRETCH)
        if letter is None:
            return
        self._utf8 = True
        self._report.at(
            "edifact.utf-8",
            self._source,
            offset=at + letter.offset,
            declared=syntax[1] if syntax else "UNOC",
            read=shown(letter.read),
            meant=shown(letter.meant),
        )

    def _obey_una(self, text: str, at: int) -> int:
        """Take on the service characters of a UNA that stands here; give where the segments start."""
        if not text.startswith("UNA", at):
            return at
        una = text[at : at + UNA_LENGTH]
        alphabet = Alphabet.of_una(una)
        end = at + len(una)
        if alphabet is None:
            self._report.at("edifact.una-invalid", self._source, offset=at, una=shown(una), path="UNA")
            unb = text.find("UNB", at, end + 3)
            end = unb if unb > 0 else end
        elif alphabet != DEFAULT:
            self._report.at("edifact.una-unusual", self._source, offset=at, una=shown(una)[1:-1], path="UNA")
        self._source = self._source.with_alphabet(alphabet or DEFAULT)
        self.una = True
        self._pieces += 1
        return end

    def _end_of_part(self, text: str, at: int) -> int:
        """Find where the next UNA starts, or the end of the text."""
        next_una = re.compile(re.escape(self.alphabet.terminator) + f"[{BLANKS}]*UNA")
        match = next_una.search(text, at)
        while match and self._released(text, match.start()):
            match = next_una.search(text, match.end())
        return match.start() + 1 if match else len(text)

    def _released(self, text: str, at: int) -> bool:
        """Whether the character here is released: an odd number of release characters stands before it."""
        release, before = self.alphabet.release, at
        while release != NO_RELEASE and before > 0 and text[before - 1] == release:
            before -= 1
        return (at - before) % 2 == 1

    # --- segments ---------------------------------------------------------------------------------------

    def _part(self, text: str, base: int, *, careful: bool) -> Iterator[Segment]:
        """Yield the segments of a part that has one alphabet; `base` is where it starts in the whole text."""
        alphabet = self.alphabet
        if alphabet.release != NO_RELEASE and alphabet.release in text:
            careful = True
            for char in alphabet.needing_release:
                text = text.replace(alphabet.release + char, chr(PRIVATE + ord(char)))
        release = "" if alphabet.release == NO_RELEASE else re.escape(alphabet.release)
        self._meant = {PRIVATE + ord(char): char for char in alphabet.needing_release}
        self._meant |= {ord(alphabet.release): ""} if release else {}
        controls = alphabet.control_characters
        self._odd = re.compile(f"[{controls}{release}]")
        self._wrong = re.compile("[" + controls.replace("\\x09", "") + "]")
        self._special = re.compile(f"[{controls}\\ue000-\\ue0ff{release}]")
        offset, at, limit = base, 0, self._report.limits.segments
        while at < len(text) and self._pieces <= limit:
            end = text.find(alphabet.terminator, at + STRETCH) + 1 or len(text)
            stretch = text[at:end]
            rest = stretch[stretch.rfind(alphabet.terminator) + 1 :]
            offset = yield from self._stretch(stretch, offset, careful=careful)
            at = end
            if self._pieces > limit:
                self._report.at("edifact.too-many-segments", self._source, offset=offset, limit=limit)
            elif rest.strip(BLANKS):
                segment, length = self._carefully(rest, offset)
                self._truncated(segment or Segment(""), offset + length)
                if segment:
                    yield segment

    def _stretch(self, text: str, offset: int, *, careful: bool) -> Generator[Segment, None, int]:
        """Yield the terminated segments of this text, which starts at `offset`; return where they end."""
        element, component = self.alphabet.element, self.alphabet.component
        tags, source, limits = self._tags, self._source, self._report.limits
        long = min(LONG_PIECE, limits.segment_length, limits.segment_width)
        pieces = text.split(self.alphabet.terminator)[: limits.segments - self._pieces + 1]
        pieces.pop()  # what follows the last terminator
        self._pieces += len(pieces) + 1
        at = 0  # in `text`; `offset` runs ahead by what was released
        next_odd = self._next_odd(text, at) if careful else NEVER
        for piece in pieces:
            length = len(piece)
            if at + length < next_odd and length < long:
                tag, *rest = piece.split(element)
                if tag in tags:
                    self.index += 1
                    elements = tuple([tuple(e.split(component)) for e in rest])
                    yield Segment(tag, elements, self.index, offset, source)
                    at += length + 1
                    offset += length + 1
                    continue
            segment, length_released = self._carefully(piece, offset)
            at += length + 1
            offset += length_released + 1
            if next_odd < at:
                next_odd = self._next_odd(text, at)
            if segment:
                yield segment
        return offset

    def _next_odd(self, text: str, at: int) -> int:
        """Where the next character stands that asks for a closer look."""
        match = self._special.search(text, at)
        return match.start() if match else NEVER

    def _carefully(self, piece: str, offset: int) -> tuple[Segment | None, int]:
        """Read a piece that holds anything unusual; None when it is empty. Gives its length, too."""
        limits, alphabet = self._report.limits, self.alphabet
        length = len(piece) + self._odd_characters(piece, offset)
        begin = _blanks(piece, 0)
        start, piece = offset + begin, piece[begin:]
        if not piece:
            self._report.at(
                "edifact.segment-empty", self._source, offset=offset + length, terminator=alphabet.terminator
            )
            return None, length
        self.index += 1
        table = self._meant
        match = TAG.match(piece)
        facts = {"segment": self.index, "path": match[0] if match else ""}
        name = match[0] if match else shown(piece[:6].translate(table))
        rest: list[str] = []
        if len(piece) > limits.segment_length:
            self._report.at(
                "edifact.segment-too-long",
                self._source,
                offset=start,
                tag=name,
                limit=limits.segment_length,
                **facts,
            )
            tag = piece[:3].translate(table)
        elif piece.count(alphabet.element) + piece.count(alphabet.component) > limits.segment_width:
            self._report.at(
                "edifact.segment-too-wide", self._source, offset=start, tag=name, limit=limits.segment_width, **facts
            )
            tag = piece[:3].translate(table)
        else:
            tag, *rest = piece.split(alphabet.element)
            tag = tag.translate(table)
        if TAG.fullmatch(tag):
            self._tags.add(tag)
        else:
            self._report.at("edifact.segment-tag", self._source, offset=start, tag=shown(tag), **facts)
        elements = tuple(
            [tuple([c.translate(table) for c in e.split(alphabet.component)]) for e in rest]
            if length != len(piece) or alphabet.release in piece
            else [tuple(e.split(alphabet.component)) for e in rest]
        )
        return Segment(tag, elements, self.index, start, self._source), length

    def _odd_characters(self, piece: str, offset: int) -> int:
        """Report what is odd among the characters; give how many were released, each one more in the text."""
        report, releases, position, at = self._report, 0, 0, 0
        while not report.is_full and (
            match := (self._wrong if report.is_full_of_remarks else self._odd).search(piece, at)
        ):
            at = match.end()
            releases += self._count_released(piece, position, end=match.start())
            position = match.start()
            following = piece[match.end() : match.end() + 1]
            self._odd_character(match[0], following, at=offset + position + releases, tag=piece[:3])
        return releases + self._count_released(piece, position, end=len(piece))

    def _count_released(self, piece: str, begin: int, *, end: int) -> int:
        """How many released characters stand there."""
        return sum(piece.count(chr(PRIVATE + ord(char)), begin, end) for char in self.alphabet.needing_release)

    def _odd_character(self, char: str, following: str, *, at: int, tag: str) -> None:
        """Report one odd character of the segment that comes next."""
        facts: dict[str, object] = {"segment": self.index + 1, "path": tag if TAG.match(tag) else ""}
        rule = "edifact.control-character"
        if char == self.alphabet.release != NO_RELEASE:
            rule = "edifact.release-needless"
            facts |= {"release": char, "character": shown(following)}
        elif char == "\t":
            rule = "edifact.tab"
        else:
            intended = char if char < "\x80" else char.encode("latin-1").decode("cp1252", "replace")
            facts |= {"code": f"0x{ord(char):02X}", "meant": intended}
            if self._utf8 and char >= "\x80":
                return
            if char >= "\x80" and intended != "\ufffd":
                rule = "edifact.outside-latin-1"
        self._report.at(rule, self._source, offset=at, **facts)

    def _truncated(self, segment: Segment, end: int) -> None:
        """Report that the text stops before this segment's terminator."""
        facts = {"segment": segment.index or None, "path": segment.tag}
        terminator = self.alphabet.terminator
        self._report.at(
            "edifact.truncated", self._source, offset=end, tag=shown(segment.tag), terminator=terminator, **facts
        )


def _blanks(text: str, at: int) -> int:
    """How many blanks stand at this place."""
    match = NOT_BLANK.search(text, at)
    return (match.start() if match else len(text)) - at
