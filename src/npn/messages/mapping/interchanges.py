"""Whole interchanges: UNB to UNZ as an `Interchange` of the model, and back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from msgspec import structs

from npn.messages import versions
from npn.messages.edifact import syntax
from npn.messages.edifact.writer import write_interchange
from npn.messages.mapping.assumed import unjudged_findings, unjudged_notes, with_segments
from npn.messages.mapping.codes import code_lists
from npn.messages.mapping.dates import compact_day
from npn.messages.mapping.envelopes import read_envelope
from npn.messages.mapping.program import Program, program
from npn.messages.mapping.reader import Frame, read_letter
from npn.messages.mapping.segment_places import SegmentPlaces
from npn.messages.mapping.writer import letter_segments
from npn.messages.model.finding import Finding, Text
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.model.notes import Note, note
from npn.messages.model.pieces import Piece
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import MIXED_NAMESPACES, NO_CODE, NO_FORM, TYPE
from npn.messages.versions.notation import Version

BETWEEN_WORDS, LINE_BREAK = re.compile(r"(?<=\S)[\r\n]+(?=\S)"), re.compile(r"[\r\n]+")
RECEIPT = "CONTRL"
HEAD_BYTES = 4096
BINARY = re.compile(rb"\AUN[^U]?(?:(?!UNH\+).){0,3000}?UNH\+[^']{1,200}\+BIN0[12]'", re.DOTALL)


def read(
    piece: Piece, progress: syntax.EnvelopeProgress | None = None, *, as_peer: bool = False
) -> tuple[Interchange, ...]:
    """Read an interchange, or a portion of one that goes on from `progress`; mostly there is one.

    Findings of the piece that belong to no interchange are the first one's.
    """
    file = syntax.read_piece(piece, progress)
    if not file.interchanges:
        return (
            Interchange(Syntax.EDIFACT, "", Element("Envelope"), (), file.findings, piece.data, origin=piece.origin),
        )
    ids = {id(finding) for source in file.interchanges for finding in source.findings}
    loose = [finding for finding in file.findings if id(finding) not in ids]
    first, *others = [read_interchange(source, piece, as_peer=as_peer) for source in file.interchanges]
    return (structs.replace(first, findings=(*loose, *first.findings)), *others)


def read_binary(piece: Piece) -> tuple[Interchange, ...]:
    """Read an interchange whose first letter carries a file: its head alone, for the rest is not text."""
    match = BINARY.search(piece.data[:HEAD_BYTES])
    if match is None:
        return ()
    head = piece.data[: match.end()] + b"UNT+2+0'UNZ+1+0'"
    (document, *_) = read(Piece(head, piece.number, piece.offset, len(head), piece.origin))
    return (structs.replace(document, findings=(), source=piece.data),)


def read_interchange(source: syntax.EdifactInterchange, piece: Piece, *, as_peer: bool) -> Interchange:
    """Read one interchange."""
    findings = list(source.findings)
    envelope, notes = read_envelope(source, as_peer=as_peer)
    messages = [read_message(message, source, as_peer=as_peer) for message in source.messages]
    notes = [*(note for message in messages for note in message.notes), *notes]
    findings += [finding for message in messages for finding in message.findings]
    letters = tuple(message.letter for message in messages)
    segments = [segment for message in source.messages for segment in (message.header, *message.segments)]
    segments = [source.header, *segments] if source.header.tag else segments
    places = SegmentPlaces(segments) if notes else None
    findings += [finding_of(note, places) for note in notes if places]
    return Interchange(
        Syntax.EDIFACT,
        next((letter.version.namespace for letter in letters if letter.version), ""),
        envelope,
        letters,
        tuple(findings),
        piece.data,
        segments=tuple(segments),
        origin=piece.origin,
    )


def finding_of(note: Note, places: SegmentPlaces) -> Finding:
    """Make a finding of a note about a segment."""
    place = places.of_segment(note.segment, note.at) if note.segment is not None else Segment("UNB").place()
    return note.finding(place)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as a letter of the model, with what reading it found."""

    letter: Letter
    findings: Sequence[Finding] = ()
    notes: Sequence[Note] = ()


def read_message(message: syntax.Message, source: syntax.EdifactInterchange, *, as_peer: bool) -> ReadMessage:
    """Read one message with the mapping of its version; of an unknown one the segments are kept as they are."""
    version = versions.of_edifact(message.type, message.association)
    mapping = program(version, as_peer=as_peer) if version else None
    if version is None or mapping is None:
        return ReadMessage(unknown(message))
    root, state = read_letter(message, mapping, frame=frame(message, source.header, version=version))
    if message.subtype != mapping.kind:
        text = Text(
            f"UNH says {message.subtype} but {message.association} is {mapping.kind}",
            f"UNH siger {message.subtype}, men {message.association} er {mapping.kind}",
        )
        state.notes.append(note(TYPE, text, about=message.header, at=(2, 0)))
    if version.assumed:
        letter = Letter(with_segments(root, state.unread), version, version.code, version.type)
        findings = tuple(unjudged_findings(state.findings, version))
        return ReadMessage(letter, findings, tuple(unjudged_notes(state.notes, version)))
    return ReadMessage(Letter(root, version, version.code, version.type), state.findings, state.notes)


def frame(message: syntax.Message, header: Segment, *, version: Version) -> Frame:
    """Return what the service segments, UNB and UNH, say of a letter."""
    origin = message.header.index
    values = [
        (("Letter", "Identifier"), message.reference),
        (("Letter", "VersionCode"), version.code),
        (("Letter", "StatisticalCode"), version.type),
        (("Letter", "TypeCode"), "" if message.type == RECEIPT else version.type),
        (("Sender", "EANIdentifier"), header.value(2)),
        (("Receiver", "EANIdentifier"), header.value(3)),
    ]
    return [(path, text, origin) for path, text in values if text]


def unknown(message: syntax.Message) -> Letter:
    """Keep what an unknown version says: its number, version and type, and every segment as text."""
    origin = message.header.index
    code = f"X{message.association}"
    head = (("Identifier", message.reference), ("VersionCode", code), ("TypeCode", f"X{message.subtype}"))
    heading = Element("Letter", "", tuple(Element(name, text, (), "", origin) for name, text in head), "", origin)
    rest = tuple(
        Element("Segment", "+".join([segment.tag, *(":".join(e) for e in segment.elements)]), (), "", segment.index)
        for segment in message.segments
    )
    return Letter(
        Element(message.type or "Letter", "", (heading, *rest), "", origin), None, code, f"X{message.subtype}"
    )


# --- writing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WrittenInterchange:
    """An interchange as segments: UNB, each letter from UNH on, and the programs that wrote them."""

    header: Segment
    letters: tuple[tuple[Segment, ...], ...]
    programs: tuple[Program | None, ...]
    notes: tuple[Note, ...]

    def data(self, *, replacement: str | None = None) -> bytes:
        """Return the bytes."""
        return write_interchange(self.header, self.letters, replacement=replacement)


def write(interchange: Interchange, *, as_peer: bool = False) -> WrittenInterchange:
    """Write every letter that has an EDIFACT form; one that has none is an error."""
    notes: list[Note] = []
    letters, programs = [], []
    for letter in interchange.letters:
        mapping = program(letter.version, as_peer=as_peer) if letter.version else None
        programs.append(mapping)
        if mapping is None:
            notes.append(no_form(letter))
            continue
        segments, more = letter_segments(letter.root, mapping)
        notes += more
        header = Segment.of(
            "UNH",
            letter.identifier,
            (mapping.message, "D", "93A", "ZZ" if mapping.message == RECEIPT else "UN", mapping.association),
            mapping.kind,
        )
        message = (header, *segments)
        letters.append(message if interchange.syntax is Syntax.EDIFACT else unbroken(message, as_peer=as_peer))
    notes += envelope_notes(interchange, programs)
    header = unbroken((unb(interchange, programs),), as_peer=as_peer)[0]
    return WrittenInterchange(header, tuple(letters), tuple(programs), tuple(notes))


def unbroken(segments: tuple[Segment, ...], *, as_peer: bool) -> tuple[Segment, ...]:
    """Take line breaks out of values, since every reader drops them; a blank keeps two words apart.

    The peer writes the break, and so joins the words. Losses compare what is left here.
    """
    whole = "".join(map("".join, chain.from_iterable([segment.elements for segment in segments])))
    if "\n" not in whole and "\r" not in whole:
        return segments
    apart = "" if as_peer else " "

    def cleared(text: str) -> str:
        return LINE_BREAK.sub("", BETWEEN_WORDS.sub(apart, text))

    return tuple([Segment(s.tag, tuple([tuple(map(cleared, element)) for element in s.elements])) for s in segments])


def no_form(letter: Letter) -> Note:
    """Return the note that a version is XML only, or unknown."""
    code = letter.version_code or "?"
    if letter.version is None:
        text = Text(
            f"version {code} is not known to this tool; this letter can't be converted",
            f"version {code} kendes ikke af dette værktøj; brevet kan ikke konverteres",
        )
    else:
        text = Text(
            f"version {code} is XML only: it has no EDIFACT form; this letter can't be converted",
            f"version {code} findes kun i XML, ikke i EDIFACT; brevet kan ikke konverteres",
        )
    return note(NO_FORM, text, about=letter.root)


def envelope_notes(interchange: Interchange, programs: Sequence[Program | None]) -> Iterator[Note]:
    """A receipt must not ask for a receipt."""
    code = interchange.envelope.child("AcknowledgementCode")
    if is_receipt(programs) and code is not None and code.text == "pluspositivkvitt":
        text = Text(
            "a receipt must not ask for a receipt (pluspositivkvitt)",
            "en kvittering må ikke bede om kvittering (pluspositivkvitt)",
        )
        yield note(NO_CODE, text, about=code)


def is_receipt(programs: Sequence[Program | None]) -> bool:
    """Whether the first letter is a receipt."""
    return bool(programs) and programs[0] is not None and programs[0].message == RECEIPT


def unb(interchange: Interchange, programs: Sequence[Program | None]) -> Segment:
    """Make UNB of the envelope and the first letter's parties."""
    envelope = interchange.envelope
    root = interchange.letters[0].root if interchange.letters else Element("")
    day = compact_day(envelope.value("Sent/Date") or "")[2:]
    time = (envelope.value("Sent/Time") or "").replace(":", "")
    code = code_lists()["acknowledgement"].write.get(envelope.value("AcknowledgementCode") or "", ("",))
    parties = [(root.value(f"{name}/EANIdentifier") or "", "14") for name in ("Sender", "Receiver")]
    closing = () if is_receipt(programs) else ("", "", "", code[0])
    number = envelope.value("Identifier") or ""
    return Segment.of("UNB", ("UNOC", "3"), *parties, (day, time), number, *closing)


def mixed_namespaces(interchange: Interchange) -> Iterator[Note]:
    """Letters of different namespaces can't stand in one XML document."""
    for letter in interchange.letters:
        if letter.version is None or letter.version.assumed:
            continue
        if letter.version.namespace != interchange.namespace:
            code = letter.version.code
            text = Text(
                f"version {code} has another namespace than the first letter and can't share its document",
                f"version {code} har et andet navnerum end det første brev; de kan ikke dele dokument",
            )
            yield note(MIXED_NAMESPACES, text, about=letter.root)
