"""Segments to interchanges and messages, with every count and reference of the envelopes checked.

An envelope that is broken is read as far as it can be: a missing UNB, UNZ, UNH or UNT is a finding, and the
messages that are there are given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from npn.messages.edifact.alphabet import DEFAULT, Alphabet
from npn.messages.edifact.charset import CHARSETS, UNOC, Charset
from npn.messages.edifact.report import LIMITS, ReadLimits, SyntaxReport
from npn.messages.edifact.tokens import Tokeniser
from npn.messages.model.finding import Finding, Place, Text
from npn.messages.model.masking import masked
from npn.messages.model.segment import Segment, shown

MAX_SHOWN = 40
END_MARKS = (b"\x1a", b"\x00")
PADDING = b"\x1a\x00\r\n\t "
OPENING = re.compile(rb"UNA[^\w\s]{3}|UNB\+|UNH\+|UNT\+|UNZ\+|UNG\+|UNE\+")
STRAY = re.compile(rb"[^\r\n]")
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


def read_interchanges(data: bytes, *, limits: ReadLimits = LIMITS) -> EdifactFile:
    """Read a file. Never raises for what is in it: every flaw is a finding."""
    report = SyntaxReport(limits)
    interchanges = tuple(iter_interchanges(data, report))
    return EdifactFile(interchanges, tuple(report.findings))


def iter_interchanges(data: bytes, report: SyntaxReport) -> Iterator[EdifactInterchange]:
    """Yield a file's interchanges one by one, so that a long one need not be held whole."""
    return _Envelopes(data, report).read()


@dataclass(slots=True)
class _OpenInterchange:
    """The interchange being read."""

    header: Segment
    una: bool
    alphabet: Alphabet
    first_finding: int
    messages: list[Message] = field(default_factory=list)
    references: set[str] = field(default_factory=set)


class _Envelopes:
    """Follows UNB, UNH, UNT and UNZ through a file."""

    def __init__(self, data: bytes, report: SyntaxReport) -> None:
        self._tokens = Tokeniser(without_stray_text(without_padding(data, report), report), report)
        self._report = report
        self._open: _OpenInterchange | None = None
        self._header = NO_SEGMENT  # the UNH of the message being read
        self._body: list[Segment] = []
        self._charset = UNOC
        self._taken = 0  # findings that earlier interchanges have

    def read(self) -> Iterator[EdifactInterchange]:
        """Yield the interchanges; a new UNB ends an interchange that has no UNZ."""
        last = NO_SEGMENT
        for token in self._tokens.segments():
            last = segment = token if self._charset is UNOC else self._recoded(token)
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
            yield self._close(None, last)

    # --- the interchange ----------------------------------------------------------------------------------

    def _start(self, segment: Segment) -> _OpenInterchange:
        """Open an interchange at its UNB, or at whatever stands where the UNB should."""
        una, self._tokens.una = self._tokens.una, False
        header = segment if segment.tag == "UNB" else NO_SEGMENT
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
        if trailer is None:
            self._add("edifact.unz-missing", at, reference=_quoted(interchange.header.value(5)))
        else:
            self._check(trailer, "edifact.unz-count", expected=str(len(interchange.messages)), element=1)
            if interchange.header.tag:
                self._check(trailer, "edifact.unz-reference", expected=interchange.header.value(5), element=2)
        if not interchange.messages:
            self._add("edifact.interchange-empty", at, reference=_quoted(interchange.header.value(5)))
        findings = tuple(self._report.findings[interchange.first_finding :])
        self._open, self._taken, self._charset = None, len(self._report.findings), UNOC
        return EdifactInterchange(
            interchange.header, tuple(interchange.messages), trailer, interchange.una, interchange.alphabet, findings
        )

    # --- the message --------------------------------------------------------------------------------------

    def _inside(self, segment: Segment) -> None:
        """Take UNH, UNT, a functional group's segment, or one that stands outside any message."""
        interchange = self._open or self._start(segment)
        if segment.tag in {"UNG", "UNE"}:
            self._add("edifact.groups-not-used", segment, tag=segment.tag)
        elif segment.tag == "UNH":
            if self._header.tag:
                self._end_message(None, segment)
            self._begin_message(segment, interchange)
        elif segment.tag == "UNT" and self._header.tag:
            self._end_message(segment, segment)
        elif segment.tag == "UNT":
            self._add("edifact.unh-missing", segment)
        else:
            self._add("edifact.segment-outside", segment, tag=_quoted(segment.tag))

    def _begin_message(self, header: Segment, interchange: _OpenInterchange) -> None:
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
        if reference and reference in interchange.references:
            self._add("edifact.reference-repeated", header, element=1, reference=_quoted(reference))
        interchange.references.add(reference)

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
                        "edifact.outside-repertoire",
                        segment,
                        element=number,
                        component=component,
                        character=_quoted(odd[0]),
                        syntax=charset.syntax,
                    )
        return msgspec.structs.replace(segment, elements=elements)

    def _add(self, rule: str, segment: Segment, *, element: int = 0, component: int = 1, **facts: object) -> None:
        """Add a finding at a segment or one of its components."""
        if not self._report.full:
            self._report.add(rule, segment.place(element, component), **facts)


def without_padding(data: bytes, report: SyntaxReport) -> bytes:
    """Take away what old systems put behind a file: the end mark of DOS (0x1A), and zero bytes up to a full block."""
    end = len(data.rstrip(PADDING))
    if not any(mark in data[end:] for mark in END_MARKS):
        return data
    line = data.count(b"\n", 0, end) + 1
    place = Place(line, end - data.rfind(b"\n", 0, end))
    report.add("edifact.padding", place)
    return data[:end]


def without_stray_text(data: bytes, report: SyntaxReport) -> bytes:
    """Blank out what stands behind a UNZ and opens no interchange, such as a line of a mail gateway; say so once.

    Blanks keep every place where it was. A message without its envelope is not stray text: it is read.
    """
    if data.find(b"UNZ") == data.rfind(b"UNZ") and not data[data.rfind(b"UNZ") :].partition(b"'")[2].strip():
        return data
    terminator = data[8:9] if data.startswith(b"UNA") else b"'"
    mark = re.escape(terminator)
    pieces, done_to = [], 0
    for trailer in re.finditer(rb"(?<![?])%b\s*UNZ[^%b]*%b" % (mark, mark, mark), data):
        start = trailer.end()
        opening = OPENING.search(data, start)
        end = opening.start() if opening else len(data)
        stray = data[start:end]
        if start < done_to or not stray.strip(PADDING):
            continue
        blanks = len(stray) - len(stray.lstrip())
        line = data.count(b"\n", 0, start + blanks) + 1
        place = Place(line, start + blanks - data.rfind(b"\n", 0, start + blanks))
        report.add("edifact.stray-text", place, text=_quoted(" ".join(stray.decode("latin-1").split())))
        pieces += [data[done_to:start], STRAY.sub(b" ", stray)]
        done_to = end
    return b"".join([*pieces, data[done_to:]]) if pieces else data


def _quoted(text: str) -> str:
    """A value from the message as a finding shows it: short, visible, and never a whole CPR number."""
    return shown(masked(text[:MAX_SHOWN]))
