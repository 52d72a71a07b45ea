"""Segments to interchanges and messages, with every count and reference of the envelopes checked.

An envelope that is broken is read as far as it can be: a missing UNB, UNZ, UNH or UNT is a finding, and the
messages that are there are given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import msgspec

from npn.messages.edifact.alphabet import DEFAULT, Alphabet
from npn.messages.edifact.charset import CHARSETS, UNOC, Charset
from npn.messages.edifact.cuts import edifact_piece
from npn.messages.edifact.decimals import NUMERIC, DecimalMark
from npn.messages.edifact.report import LIMITS, ReadLimits, SyntaxReport
from npn.messages.edifact.source import SourceBytes
from npn.messages.edifact.tokens import Tokeniser
from npn.messages.model.finding import Finding, Place, Text
from npn.messages.model.masking import masked
from npn.messages.model.pieces import MARK, PADDING, Piece, StreamBuffer
from npn.messages.model.segment import Segment, shown

MAX_SHOWN = 40
END_MARKS = (b"\x1a", b"\x00")
NO_SEGMENT = Segment("")
SERVICE = frozenset(("UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"))
UNB_PARTS = {2: Text("sender", "afsender"), 3: Text("receiver", "modtager"), 5: Text("number", "kuvertnummer")}
UNH_PARTS = {(1, 1): Text("number", "brevnummer"), (2, 1): Text("type", "type"), (2, 5): Text("version", "version")}


@dataclass(frozen=True, slots=True)
class Message:
    """One message (a "brev").

    header    UNH
    segments  those between UNH and UNT
    trailer   UNT, or None where it is missing
    """

    header: Segment
    segments: tuple[Segment, ...]
    trailer: Segment | None = None

    @property
    def reference(self) -> str:
        """The message's own number, UNH 1."""
        return self.header.value(1)

    @property
    def type(self) -> str:
        """`MEDRPT`, `MEDREQ` or `CONTRL`, UNH 2.1."""
        return self.header.value(2, 1)

    @property
    def association(self) -> str:
        """MedCom's version such as `R0131K`, UNH 2.5."""
        return self.header.value(2, 5)

    @property
    def subtype(self) -> str:
        """MedCom's type such as `RPT01`, UNH 3."""
        return self.header.value(3)


@dataclass(frozen=True, slots=True)
class EdifactInterchange:
    """One interchange (a "kuvert").

    header    UNB; a segment without tag and elements where it is missing
    trailer   UNZ, or None where it is missing
    una       whether a UNA stands before it; `alphabet` are the service characters it was read with
    findings  what is wrong with its syntax
    """

    header: Segment
    messages: tuple[Message, ...]
    trailer: Segment | None = None
    una: bool = False
    alphabet: Alphabet = DEFAULT
    findings: tuple[Finding, ...] = ()

    @property
    def syntax(self) -> str:
        """The syntax identifier, UNB 1.1: `UNOC`."""
        return self.header.value(1, 1)

    @property
    def sender(self) -> str:
        """The sender's EAN number, UNB 2.1."""
        return self.header.value(2)

    @property
    def recipient(self) -> str:
        """The receiver's EAN number, UNB 3.1."""
        return self.header.value(3)

    @property
    def prepared(self) -> tuple[str, str]:
        """Date (yymmdd) and time (hhmm) as written, UNB 4."""
        return self.header.value(4, 1), self.header.value(4, 2)

    @property
    def reference(self) -> str:
        """The interchange's number, UNB 5."""
        return self.header.value(5)

    @property
    def acknowledgement(self) -> str:
        """Whether a receipt is asked for: `1` or `0` as written, UNB 9."""
        return self.header.value(9)


@dataclass(frozen=True, slots=True)
class EdifactFile:
    """What a file holds; `findings` are all of them, those of the interchanges too, in reading order."""

    interchanges: tuple[EdifactInterchange, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class EnvelopeProgress:
    """What the earlier portions of an interchange held: how many messages and segments, and the messages' numbers."""

    messages: int = 0
    segments: int = 0
    references: set[str] = field(default_factory=set)


def read_interchanges(data: bytes, *, limits: ReadLimits = LIMITS) -> EdifactFile:
    """Read a file. Never raises for what is in it: every flaw is a finding."""
    interchanges: list[EdifactInterchange] = []
    findings: list[Finding] = []
    buffer, number = StreamBuffer(BytesIO(data)), 0
    while (buffer.data or buffer.fill()) and (number == 0 or buffer.data.strip(PADDING)):
        number += 1
        for piece in edifact_piece(buffer, number, portions=False):
            file = read_piece(piece, limits=limits)
            interchanges += file.interchanges
            findings += file.findings
    if not number:
        return read_piece(Piece(data, 1, 0, len(data)), limits=limits)
    return EdifactFile(tuple(interchanges), tuple(findings))


def read_piece(piece: Piece, progress: EnvelopeProgress | None = None, *, limits: ReadLimits = LIMITS) -> EdifactFile:
    """Read an interchange, or a portion of one; `progress` is what its earlier portions held, and is added to."""
    report = SyntaxReport(limits)
    source = SourceBytes(piece.data, origin=piece.origin)
    data = piece.data[: piece.end]
    padded = len(data.rstrip(PADDING))
    report_rest(data[padded:] + piece.data[piece.end :], source=source, report=report, at=padded)
    envelopes = _Envelopes(data[:padded] if padded else data, report, piece=piece, progress=progress)
    interchanges = tuple(envelopes.read())
    if not interchanges and not report.has_errors:
        report.add("edifact.empty-file", Place(*piece.origin.top))
    return EdifactFile(interchanges, tuple(report.findings))


@dataclass(slots=True)
class _OpenInterchange:
    """The interchange being read."""

    header: Segment
    una: bool
    alphabet: Alphabet
    first_finding: int
    messages: list[Message] = field(default_factory=list)


class _Envelopes:
    """Follows UNB, UNH, UNT and UNZ through a piece."""

    def __init__(self, data: bytes, report: SyntaxReport, *, piece: Piece, progress: EnvelopeProgress | None) -> None:
        self._piece = piece
        self._progress = progress or EnvelopeProgress()
        self._tokens = Tokeniser(data, report, origin=piece.origin, before=self._progress.segments)
        self._report = report
        self._open: _OpenInterchange | None = None
        self._header = NO_SEGMENT  # the UNH of the message being read
        self._body: list[Segment] = []
        self._charset = UNOC
        self._decimals = DecimalMark(DEFAULT.decimal)
        self._taken = 0  # findings that earlier interchanges have

    def read(self) -> Iterator[EdifactInterchange]:
        """Yield the interchanges; a new UNB ends an interchange that has no UNZ."""
        last = NO_SEGMENT
        for token in self._tokens.segments():
            last = segment = token if self._charset is UNOC else self._recoded(token)
            if not self._decimals.is_usual and segment.tag in NUMERIC:
                segment = self._with_point(segment)
            if segment.tag not in SERVICE and self._header.tag:
                self._body.append(segment)
            elif segment.tag == "UNB":
                if self._open:
                    yield self._close(None, segment)
                self._start(segment)
            elif segment.tag == "UNZ":
                if not self._open:
                    self._start(segment)
                yield self._close(segment, segment)
            else:
                self._inside(segment)
        if self._open:
            yield self._close(None, self._tokens.behind(self._piece.follows) if self._piece.follows else last)
        self._progress.segments = self._tokens.index

    # --- the interchange ----------------------------------------------------------------------------------

    def _start(self, segment: Segment) -> _OpenInterchange:
        """Open an interchange at its UNB, or at whatever stands where the UNB should."""
        una, self._tokens.una = self._tokens.una, False
        header = segment if segment.tag == "UNB" else NO_SEGMENT
        self._decimals = DecimalMark(self._tokens.alphabet.decimal)
        self._open = interchange = _OpenInterchange(header, una, self._tokens.alphabet, self._taken)
        if not header.tag:
            self._add("edifact.unb-missing", segment, tag=segment.tag)
            return interchange
        if not una:
            self._add("edifact.una-missing", segment)
        self._charset = self._named_charset(header)
        if header.value(1, 2) != "3":
            self._add("edifact.syntax-version", segment, element=1, component=2, version=header.value(1, 2) or "-")
        for element, part in UNB_PARTS.items():
            if not header.value(element):
                self._add("edifact.unb-incomplete", segment, element=element, what_en=part.en, what_da=part.da)
        return interchange

    def _close(self, trailer: Segment | None, at: Segment) -> EdifactInterchange:
        """Close the interchange at its UNZ, or where something else shows that the UNZ is missing."""
        if self._header.tag:
            self._end_message(None, at)
        interchange = self._open or self._start(at)
        count = self._progress.messages = self._progress.messages + len(interchange.messages)
        if trailer is None and not self._piece.last:
            pass
        elif trailer is None:
            self._add("edifact.unz-missing", at, reference=_quoted(interchange.header.value(5)))
        else:
            self._check(trailer, "edifact.unz-count", expected=str(count), element=1)
            if interchange.header.tag:
                self._check(trailer, "edifact.unz-reference", expected=interchange.header.value(5), element=2)
        if not count:
            self._add("edifact.interchange-empty", at, reference=_quoted(interchange.header.value(5)))
        findings = tuple(self._report.findings[interchange.first_finding :])
        self._open, self._taken, self._charset = None, len(self._report.findings), UNOC
        if trailer or self._piece.last:
            self._progress.messages = 0
            self._progress.references.clear()
        return EdifactInterchange(
            interchange.header, tuple(interchange.messages), trailer, interchange.una, interchange.alphabet, findings
        )

    # --- the message --------------------------------------------------------------------------------------

    def _inside(self, segment: Segment) -> None:
        """Take UNH, UNT, a functional group's segment, or one that stands outside any message."""
        if not self._open:
            self._start(segment)
        if segment.tag in {"UNG", "UNE"}:
            self._add("edifact.groups-not-used", segment, tag=segment.tag)
        elif segment.tag == "UNH":
            if self._header.tag:
                self._end_message(None, segment)
            self._begin_message(segment)
        elif segment.tag == "UNT" and self._header.tag:
            self._end_message(segment, segment)
        elif segment.tag == "UNT":
            self._add("edifact.unh-missing", segment)
        else:
            self._add("edifact.segment-outside", segment, tag=_quoted(segment.tag))

    def _begin_message(self, header: Segment) -> None:
        """Open a message at its UNH."""
        self._header, self._body = header, []
        for (element, component), part in UNH_PARTS.items():
            if not header.value(element, component):
                self._add(
                    "edifact.unh-incomplete",
                    header,
                    element=element,
                    component=component,
                    what_en=part.en,
                    what_da=part.da,
                )
        reference = header.value(1)
        if reference and reference in self._progress.references:
            self._add("edifact.reference-repeated", header, element=1, reference=_quoted(reference))
        self._progress.references.add(reference)

    def _end_message(self, trailer: Segment | None, at: Segment) -> None:
        """Close the message at its UNT, or where something else shows that the UNT is missing."""
        header, body = self._header, tuple(self._body)
        self._header, self._body = NO_SEGMENT, []
        if trailer is None:
            self._add("edifact.unt-missing", at, reference=_quoted(header.value(1)))
        else:
            self._check(trailer, "edifact.unt-count", expected=str(len(body) + 2), element=1)
            self._check(trailer, "edifact.unt-reference", expected=header.value(1), element=2)
        if self._open:
            self._open.messages.append(Message(header, body, trailer))

    def _check(self, trailer: Segment, rule: str, *, expected: str, element: int) -> None:
        """Compare what a trailer says with what is there; a count may have leading zeros."""
        value = trailer.value(element)
        same_count = rule.endswith("-count") and value.isdecimal() and value.lstrip("0") == expected.lstrip("0")
        if value != expected and not same_count:
            self._add(rule, trailer, element=element, said=_quoted(value), found=_quoted(expected))

    # --- characters and findings --------------------------------------------------------------------------

    def _named_charset(self, header: Segment) -> Charset:
        """Find the character set that UNB names; MedCom's is UNOC."""
        syntax = header.value(1, 1)
        charset = CHARSETS.get(syntax)
        if charset is None:
            self._add("edifact.syntax-identifier-unknown", header, element=1, syntax=_quoted(syntax))
        elif charset is not UNOC:
            self._add("edifact.syntax-identifier", header, element=1, syntax=syntax, charset=charset.name)
        return charset or UNOC

    def _recoded(self, segment: Segment) -> Segment:
        """Return the segment in the character set of its interchange, and report what is outside it."""
        charset = self._charset
        elements = tuple(tuple(charset.decoded(c) for c in element) for element in segment.elements)
        for number, element in enumerate(elements, 1):
            for component, text in enumerate(element, 1):
                odd = charset.outside.search(text) if charset.outside else None
                if odd:
                    self._add(
                        "edifact.undefined-character" if odd[0] == "\ufffd" else "edifact.outside-repertoire",
                        segment,
                        element=number,
                        component=component,
                        character=_quoted(odd[0]),
                        syntax=charset.syntax,
                        charset=charset.name,
                    )
        return msgspec.structs.replace(segment, elements=elements)

    def _with_point(self, segment: Segment) -> Segment:
        """Return the segment with its numbers as the model has them, and report those that nobody can read."""
        for element, component in self._decimals.doubtful(segment):
            value = _quoted(segment.value(element, component))
            self._add(
                "edifact.decimal-mark",
                segment,
                element=element,
                component=component,
                value=value,
                mark=self._decimals.mark,
            )
        return self._decimals.with_point(segment)

    def _add(self, rule: str, segment: Segment, *, element: int = 0, component: int = 1, **facts: object) -> None:
        """Add a finding at a segment or one of its components."""
        if not self._report.drops(rule):
            self._report.add(rule, segment.place(element, component), **facts)


def report_rest(rest: bytes, *, source: SourceBytes, report: SyntaxReport, at: int) -> None:
    """Report what stands behind an interchange: text that opens none, or what old systems fill a file up with.

    A message without its envelope is not such text: it is read.
    """
    text = rest.replace(MARK, b"").strip(PADDING)
    if text:
        start = at + rest.index(text[:1])
        place = Place(*source.spot_of(start))
        report.add("edifact.stray-text", place, text=_quoted(" ".join(text.decode("latin-1").split())))
    elif any(mark in rest for mark in END_MARKS):
        report.add("edifact.padding", Place(*source.spot_of(at)))


def _quoted(text: str) -> str:
    """A value from the message as a finding shows it: short, visible, and never a whole CPR number."""
    return shown(masked(text[:MAX_SHOWN]))
