"""Whole interchanges: UNB to UNZ as an `Interchange` of the model, and back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from npn.messages import versions
from npn.messages.edifact import syntax
from npn.messages.edifact.writer import write_interchange
from npn.messages.mapping.codes import code_lists
from npn.messages.mapping.dates import compact_day
from npn.messages.mapping.program import Program, program
from npn.messages.mapping.reader import read_letter
from npn.messages.mapping.segment_places import SegmentPlaces
from npn.messages.mapping.writer import letter_segments
from npn.messages.model.finding import Finding, Text
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import MIXED_NAMESPACES, NO_CODE, NO_FORM, TYPE, UNKNOWN_CODE
from npn.messages.versions.notation import Version

BETWEEN_WORDS, LINE_BREAK = re.compile(r"(?<=\S)[\r\n]+(?=\S)"), re.compile(r"[\r\n]+")
FIRST_YEAR = 90  # of two digits: the first messages were sent in the nineties
PEER_LAST_YEAR = 20
RECEIPT = "CONTRL"
Frame = list[tuple[tuple[str, ...], str, int]]


def read(data: bytes, *, as_peer: bool = False) -> tuple[Interchange, ...]:
    """Read every interchange of a file; findings of the file that belong to none are the first one's."""
    file = syntax.read_interchanges(data)
    made = [interchange(each, data, as_peer=as_peer) for each in file.interchanges]
    owned = {id(finding) for each in file.interchanges for finding in each.findings}
    loose = tuple(finding for finding in file.findings if id(finding) not in owned)
    if not made:
        return (Interchange(Syntax.EDIFACT, "", Element("Envelope"), (), loose, data),)
    first = made[0]
    made[0] = Interchange(
        first.syntax,
        first.namespace,
        first.envelope,
        first.letters,
        (*loose, *first.findings),
        data,
        None,
        first.segments,
    )
    return tuple(made)


def interchange(read_: syntax.EdifactInterchange, data: bytes, *, as_peer: bool) -> Interchange:
    """Read one interchange."""
    findings = list(read_.findings)
    notes: list[Note] = []
    letters = [
        letter(each, (read_.sender, read_.recipient), (findings, notes), as_peer=as_peer) for each in read_.messages
    ]
    known = [each.version.namespace for each in letters if each.version]
    segments = [segment for each in read_.messages for segment in (each.header, *each.segments)]
    segments = [read_.header, *segments] if read_.header.tag else segments
    envelope, more = read_envelope(read_, as_peer=as_peer)
    places = SegmentPlaces(segments) if notes or more else None
    findings += [finding(each, places) for each in (*notes, *more) if places]
    return Interchange(
        Syntax.EDIFACT,
        known[0] if known else "",
        envelope,
        tuple(letters),
        tuple(findings),
        data,
        None,
        tuple(segments),
    )


def finding(note: Note, places: SegmentPlaces) -> Finding:
    """Make a finding of a note about a segment."""
    place = places.of_segment(note.segment, note.at) if note.segment is not None else Segment("UNB").place()
    return note.finding(place)


def read_envelope(read_: syntax.EdifactInterchange, *, as_peer: bool) -> tuple[Element, list[Note]]:
    """Make the envelope of UNB."""
    header, notes = read_.header, list[Note]()
    origin = header.index
    day, time = read_.prepared
    code = read_.acknowledgement
    acknowledgement = code_lists()["acknowledgement"].value(code, ()) if code else "minuspositivkvitt"
    if acknowledgement is None:
        text = Text(
            f"the request for a receipt is '{code}'; it must be 1 or 0",
            f"ønsket om kvittering er '{code}'; det skal være 1 eller 0",
        )
        notes.append(note(UNKNOWN_CODE, text, header, at=(8, 0)))
    sent: tuple[Element, ...] = ()
    if len(day) == 6 and day.isdecimal() and len(time) == 4 and time.isdecimal():
        century = century_of(int(day[:2]), as_peer=as_peer)
        sent = (
            Element("Date", f"{century}{day[:2]}-{day[2:4]}-{day[4:]}", (), "", origin),
            Element("Time", f"{time[:2]}:{time[2:]}", (), "", origin),
        )
    children = (
        Element("Sent", "", sent, "", origin),
        Element("Identifier", read_.reference, (), "", origin),
        Element("AcknowledgementCode", acknowledgement or "", (), "", origin),
    )
    return Element("Envelope", "", children, "", origin), notes


def century_of(year: int, *, as_peer: bool) -> int:
    """Give the century of a year of two digits (P1)."""
    return 19 if year > PEER_LAST_YEAR and (as_peer or year >= FIRST_YEAR) else 20


def letter(
    message: syntax.Message, eans: tuple[str, str], report: tuple[list[Finding], list[Note]], *, as_peer: bool
) -> Letter:
    """Read one message with the mapping of its version; of an unknown one the segments are kept as they are."""
    findings, notes = report
    version = versions.of_edifact(message.type, message.association)
    mapping = program(version, as_peer=as_peer) if version else None
    if version is None or mapping is None:
        return unknown(message)
    root, reading = read_letter(message, mapping, frame(message, eans, version))
    findings += reading.findings
    notes += reading.notes
    if message.subtype != mapping.kind:
        text = Text(
            f"UNH says {message.subtype} but {message.association} is {mapping.kind}",
            f"UNH siger {message.subtype}, men {message.association} er {mapping.kind}",
        )
        notes.append(note(TYPE, text, message.header, at=(2, 0)))
    return Letter(root, version, version.code, version.type)


def frame(message: syntax.Message, eans: tuple[str, str], version: Version) -> Frame:
    """Give what the service segments say of a letter."""
    origin = message.header.index
    values = [
        (("Letter", "Identifier"), message.reference),
        (("Letter", "VersionCode"), version.code),
        (("Letter", "StatisticalCode"), version.type),
        (("Letter", "TypeCode"), "" if message.type == RECEIPT else version.type),
        (("Sender", "EANIdentifier"), eans[0]),
        (("Receiver", "EANIdentifier"), eans[1]),
    ]
    return [(path, text, origin) for path, text in values if text]


def unknown(message: syntax.Message) -> Letter:
    """Keep what an unknown version says: its number, version and type, and every segment as text."""
    origin = message.header.index
    code = f"X{message.association}"
    head = (("Identifier", message.reference), ("VersionCode", code), ("TypeCode", f"X{message.subtype}"))
    heading = Element("Letter", "", tuple(Element(name, text, (), "", origin) for name, text in head), "", origin)
    rest = tuple(
        Element("Segment", "+".join([each.tag, *(":".join(e) for e in each.elements)]), (), "", each.index)
        for each in message.segments
    )
    return Letter(
        Element(message.type or "Letter", "", (heading, *rest), "", origin), None, code, f"X{message.subtype}"
    )


# --- writing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Written:
    """An interchange as segments: UNB, each letter from UNH on, and the programs that wrote them."""

    header: Segment
    letters: tuple[tuple[Segment, ...], ...]
    programs: tuple[Program | None, ...]
    notes: tuple[Note, ...]

    def data(self, *, replacement: str | None = None) -> bytes:
        """Give the bytes."""
        return write_interchange(self.header, self.letters, replacement=replacement)


def write(interchange_: Interchange, *, as_peer: bool = False) -> Written:
    """Write every letter that has an EDIFACT form; one that has none is an error."""
    notes: list[Note] = []
    letters, programs = [], []
    for each in interchange_.letters:
        mapping = program(each.version, as_peer=as_peer) if each.version else None
        programs.append(mapping)
        if mapping is None:
            notes.append(no_form(each))
            continue
        segments, more = letter_segments(each.root, mapping)
        notes += more
        header = Segment.of(
            "UNH",
            each.identifier,
            (mapping.message, "D", "93A", "ZZ" if mapping.message == RECEIPT else "UN", mapping.association),
            mapping.kind,
        )
        made = (header, *segments)
        letters.append(made if interchange_.syntax is Syntax.EDIFACT else unbroken(made, as_peer=as_peer))
    notes += envelope_notes(interchange_, programs)
    header = unbroken((unb(interchange_, programs),), as_peer=as_peer)[0]
    return Written(header, tuple(letters), tuple(programs), tuple(notes))


def unbroken(segments: tuple[Segment, ...], *, as_peer: bool) -> tuple[Segment, ...]:
    """Take line breaks out of values, since every reader drops them; a blank keeps two words apart.

    The peer writes the break, and so joins the words. Losses are told of what is left here.
    """
    whole = "".join(map("".join, chain.from_iterable([each.elements for each in segments])))
    if "\n" not in whole and "\r" not in whole:
        return segments
    apart = "" if as_peer else " "

    def cleared(text: str) -> str:
        return LINE_BREAK.sub("", BETWEEN_WORDS.sub(apart, text))

    return tuple([Segment(s.tag, tuple([tuple(map(cleared, element)) for element in s.elements])) for s in segments])


def no_form(letter_: Letter) -> Note:
    """Say that a version is XML only, or unknown."""
    code = letter_.version_code or "?"
    text = Text(
        f"version {code} has no EDIFACT form; this letter can't be converted",
        f"version {code} findes ikke i EDIFACT; brevet kan ikke konverteres",
    )
    return note(NO_FORM, text, letter_.root)


def envelope_notes(interchange_: Interchange, programs: Sequence[Program | None]) -> Iterator[Note]:
    """A receipt must not ask for a receipt."""
    code = interchange_.envelope.child("AcknowledgementCode")
    if is_receipt(programs) and code is not None and code.text == "pluspositivkvitt":
        text = Text(
            "a receipt must not ask for a receipt (pluspositivkvitt)",
            "en kvittering må ikke bede om kvittering (pluspositivkvitt)",
        )
        yield note(NO_CODE, text, code)


def is_receipt(programs: Sequence[Program | None]) -> bool:
    """Whether the first letter is a receipt."""
    return bool(programs) and programs[0] is not None and programs[0].message == RECEIPT


def unb(interchange_: Interchange, programs: Sequence[Program | None]) -> Segment:
    """Make UNB of the envelope and the first letter's parties."""
    envelope = interchange_.envelope
    root = interchange_.letters[0].root if interchange_.letters else Element("")
    day = compact_day(envelope.value("Sent/Date") or "")[2:]
    time = (envelope.value("Sent/Time") or "").replace(":", "")
    code = code_lists()["acknowledgement"].write.get(envelope.value("AcknowledgementCode") or "", ("",))
    parties = [(root.value(f"{name}/EANIdentifier") or "", "14") for name in ("Sender", "Receiver")]
    closing = () if is_receipt(programs) else ("", "", "", code[0])
    number = envelope.value("Identifier") or ""
    return Segment.of("UNB", ("UNOC", "3"), *parties, (day, time), number, *closing)


def mixed_namespaces(interchange_: Interchange) -> Iterator[Note]:
    """Letters of different namespaces can't stand in one XML document."""
    for each in interchange_.letters:
        if each.version is not None and each.version.namespace != interchange_.namespace:
            text = Text(
                f"version {each.version.code} has another namespace than the first letter and can't share its document",
                f"version {each.version.code} har et andet navnerum end det første brev; de kan ikke dele dokument",
            )
            yield note(MIXED_NAMESPACES, text, each.root)
