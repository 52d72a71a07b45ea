"""What a file holds: one `Emessage`, or one or more interchanges of EDIFACT; the first character says which."""

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from msgspec import structs

from npn.errors import InvalidInputError
from npn.messages.edifact.syntax import EnvelopeProgress
from npn.messages.mapping import interchanges
from npn.messages.model.finding import Finding, Place, Severity
from npn.messages.model.interchange import Element, Interchange, InterchangePart, Syntax
from npn.messages.model.pieces import MARK, PADDING, Piece
from npn.messages.model.wrapping import VansEnvelope
from npn.messages.oioxml.reading import read as read_xml
from npn.messages.oioxml.vans import OpenedEnvelope, content_findings, is_vans, open_envelope
from npn.messages.oioxml.vans_rules import NESTED
from npn.messages.oioxml.writing import write as write_xml
from npn.messages.rules.conversion import REPEATED, SEVERAL_INTERCHANGES
from npn.messages.streams import XML_STARTS, split


class PieceReader:
    """Reads the pieces of one stream in their order: the portions of an interchange go on from each other."""

    def __init__(self, *, as_peer: bool = False) -> None:
        """`as_peer`: read as MedCom's converter does."""
        self._as_peer = as_peer
        self._progress = EnvelopeProgress()
        self._letters = 0

    def read(self, piece: Piece) -> Iterator[InterchangePart]:
        """Yield the interchange in a piece; a broken one may be read as several. Never raises for what is in it."""
        if piece.first:
            self._progress, self._letters = EnvelopeProgress(), 0
        opened = open_envelope(piece.data) if is_xml(piece.data) and is_vans(piece.data) else None
        if opened is not None:
            documents = self._opened(opened)
        elif is_xml(piece.data):
            documents = (read_xml(piece.data, piece.origin),)
        else:
            documents = interchanges.read_binary(piece) if piece.whole else ()
            documents = documents or interchanges.read(piece, self._progress, as_peer=self._as_peer)
        for interchange in documents:
            whole = with_repeat(interchange, piece)
            part = structs.replace(whole, earlier=self._letters) if self._letters else whole
            yield InterchangePart(part, piece.number, piece.first, piece.last)
        self._letters += sum(len(interchange.letters) for interchange in documents)

    def _opened(self, opened: OpenedEnvelope) -> tuple[Interchange, ...]:
        """Read the message in an envelope; what the envelope says wrongly of it is among its findings."""
        findings = opened.findings
        if opened.data is None or is_vans(opened.data):
            findings += () if opened.data is None else (NESTED.at(opened.place),)
            return (empty(findings, opened.envelope),)
        first, *others = read_all(opened.data, as_peer=self._as_peer)
        findings += tuple(content_findings(opened, first))
        first = structs.replace(first, findings=(*findings, *first.findings))
        return tuple(structs.replace(document, wrapping=opened.envelope) for document in (first, *others))


def empty(findings: tuple[Finding, ...], wrapping: VansEnvelope) -> Interchange:
    """Return what is read where an envelope holds no message."""
    return Interchange(Syntax.XML, wrapping.namespace, Element("Envelope"), (), findings, wrapping=wrapping)


def with_repeat(interchange: Interchange, piece: Piece) -> Interchange:
    """Return the interchange with the finding that its file has it twice, where it has."""
    if not piece.repeats:
        return interchange
    place = Place(*piece.origin.top)
    return structs.replace(interchange, findings=(*interchange.findings, REPEATED.at(place, number=piece.repeats)))


def is_xml(data: bytes) -> bool:
    """Whether the bytes are to be read as XML."""
    return data.removeprefix(MARK).lstrip(PADDING).startswith(XML_STARTS)


def read_parts(stream: BinaryIO, *, as_peer: bool = False) -> Iterator[InterchangePart]:
    """Read a stream of any length in little memory: its interchanges in order, a long one in portions.

    Never raises for what is in it: what is wrong is in the findings.
    """
    reader = PieceReader(as_peer=as_peer)
    for piece in split(stream):
        yield from reader.read(piece)


def read_all(data: bytes, *, as_peer: bool = False) -> tuple[Interchange, ...]:
    """Read every interchange of a file whole. Never raises for what is in it: what is wrong is in the findings."""
    reader = PieceReader(as_peer=as_peer)
    return tuple(part.interchange for piece in split(BytesIO(data), portions=False) for part in reader.read(piece))


def read(data: bytes, *, as_peer: bool = False) -> Interchange:
    """Read a file that holds one interchange; of several return the first, with a finding that says so."""
    first, *others = read_all(data, as_peer=as_peer)
    if not others:
        return first
    extra = SEVERAL_INTERCHANGES.at(Place(), count=1 + len(others))
    return structs.replace(first, findings=(*first.findings, extra))


def write(interchange: Interchange, syntax: Syntax | str, *, as_peer: bool = False) -> bytes:
    """Write an interchange in a syntax or in the one that a text names (`xml`, `edifact`).

    Raises InvalidInputError for any other text, and for what that syntax can't say; `convert` reports all of it.
    """
    if Syntax.of(syntax) is Syntax.XML:
        return write_xml(interchange)
    segments = interchanges.write(interchange, as_peer=as_peer)
    for note in segments.notes:
        if note.severity is Severity.ERROR:
            raise InvalidInputError(note.text.en, field=note.element.name if note.element else "")
    return segments.data()
