"""The same message in the other syntax, with everything that could not be carried."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from msgspec import structs

from npn.errors import InvalidInputError
from npn.messages.edifact import syntax
from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.edifact.syntax import Message
from npn.messages.edifact.writer import unwritable
from npn.messages.findings.places import Places
from npn.messages.findings.structure import structure_findings
from npn.messages.mapping import interchanges
from npn.messages.mapping.envelopes import header_losses, read_envelope
from npn.messages.mapping.interchanges import WrittenInterchange
from npn.messages.mapping.losses import dropped, segment_losses, tree_losses
from npn.messages.mapping.reader import read_letter
from npn.messages.model.finding import Finding, Severity, Text
from npn.messages.model.interchange import Interchange, Letter, Syntax
from npn.messages.model.notes import Note, note
from npn.messages.model.segment import Segment, shown
from npn.messages.model.unknown import without_unknown
from npn.messages.oioxml.writing import write as write_xml
from npn.messages.rules.conversion import DROPPED, LETTER_LOST, LOSS, NO_LETTER

REPLACEMENT = "?"
OUTSIDE = re.compile(r"[^\x00-\xff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
INSTRUCTION = re.compile(rb"<\?(?!xml[\s?])")
ALTERATIONS = frozenset(
    (
        *("edifact.utf-8", "xml.utf-8", "edifact.undefined-character", "edifact.outside-latin-1"),
        *("edifact.control-character", "edifact.release-needless", "edifact.decimal-mark", "edifact.not-writable"),
        *("edifact.leading-text", "edifact.stray-text", "edifact.segment-outside", "edifact.groups-not-used"),
        *("edifact.segment-too-long", "edifact.segment-too-wide", "edifact.truncated", "edifact.too-many-segments"),
        *("edifact.file-too-large", "edifact.syntax-identifier-unknown", "edifact.una-invalid", "mapping.date"),
    )
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """The result of a conversion. `data` is None where errors stopped it."""

    data: bytes | None
    findings: tuple[Finding, ...]

    @property
    def losses(self) -> tuple[Finding, ...]:
        """What the other syntax does not carry exactly, and what reading or writing has altered."""
        return tuple(
            finding for finding in self.findings if finding.rule.startswith(LOSS) or finding.rule in ALTERATIONS
        )

    @property
    def empty(self) -> bool:
        """Whether no letter would be written: then there is nothing to force."""
        return any(finding.rule == NO_LETTER.id for finding in self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops, or without `force` would stop, the output."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def convert(interchange: Interchange, to: Syntax | str, *, as_peer: bool = False, force: bool = False) -> Conversion:
    """Convert; errors of reading, structure and mapping stop the output unless `force`.

    Where no letter would be written there is no output, whatever is forced.

    to       a `Syntax`, or the text that names one: `xml`, `edifact`; anything else raises InvalidInputError
    as_peer  follow MedCom's converter where it deviates, for users who must match its bytes
    """
    if Syntax.of(to, field="to") is Syntax.EDIFACT:
        return to_edifact(interchange, as_peer=as_peer, force=force)
    return to_oioxml(interchange, as_peer=as_peer, force=force)


def to_edifact(interchange: Interchange, *, as_peer: bool = False, force: bool = False) -> Conversion:
    """Convert into EDIFACT; a character that it lacks is an error, and a question mark where forced."""
    places = Places(interchange)
    segments = interchanges.write(interchange, as_peer=as_peer)
    lost = [letter for letter, program in zip(interchange.letters, segments.programs, strict=True) if program is None]
    notes = [*segments.notes, *lost_letters(interchange, lost), *edifact_losses(interchange, segments)]
    findings = findings_with(notes, interchange, places=places)
    if not segments.letters:
        return Conversion(None, tuple(findings))
    findings += control_characters(interchange, places)
    try:
        data = segments.data()
    except InvalidInputError:
        findings += strange(interchange, places) or unwritable(chain.from_iterable(segments.letters))
        data = segments.data(replacement=REPLACEMENT)
    return Conversion(None if stopped(findings, force=force) else data, tuple(findings))


def to_oioxml(interchange: Interchange, *, as_peer: bool = False, force: bool = False) -> Conversion:
    """Convert into XML; letters of EDIFACT whose version nobody described are lost."""
    letters = [letter for letter in interchange.letters if interchange.syntax is Syntax.XML or letter.version]
    lost = [letter for letter in interchange.letters if interchange.syntax is Syntax.EDIFACT and not letter.version]
    notes = [*interchanges.mixed_namespaces(interchange), *lost_letters(interchange, lost)]
    notes += xml_losses(interchange, as_peer=as_peer)
    findings = findings_with(notes, interchange, places=Places(interchange))
    if not letters or stopped(findings, force=force):
        return Conversion(None, tuple(findings))
    output = structs.replace(interchange, letters=tuple(letters))
    if interchange.syntax is Syntax.EDIFACT:
        output = without_unknown(output)
    return Conversion(write_xml(output), tuple(findings))


def findings_with(notes: Iterable[Note], interchange: Interchange, *, places: Places) -> list[Finding]:
    """Return what reading and structure say of the source, then the notes of its conversion."""
    return [*structure_findings(interchange, places), *(finding(note, places) for note in notes)]


def stopped(findings: Iterable[Finding], *, force: bool) -> bool:
    """Whether an error keeps the output back."""
    return not force and any(finding.severity is Severity.ERROR for finding in findings)


def strange(interchange: Interchange, places: Places) -> list[Finding]:
    """Name the fields of an XML document that hold a character outside ISO-8859-1, at the place of each."""
    if interchange.syntax is not Syntax.XML or interchange.root is None:
        return []
    return [
        SYNTAX_RULES["edifact.not-writable"].at(places.of(element), character=shown(char), code=f"U+{ord(char):04X}")
        for element in interchange.root.walk()
        for char in sorted(set(OUTSIDE.findall(element.text + "".join(child.tail for child in element.children))))
    ]


def control_characters(interchange: Interchange, places: Places) -> list[Finding]:
    """Name the fields of an XML document that hold a control character, which a reader of EDIFACT refuses.

    Line breaks and tabs are no such characters: a line break is taken out, and named where it changes a text.
    """
    if interchange.syntax is not Syntax.XML:
        return []
    findings = []
    for element in (element for letter in interchange.letters for element in letter.root.walk()):
        for char in sorted(set(CONTROL.findall(element.text + "".join(child.tail for child in element.children)))):
            intended = char.encode("latin-1").decode("cp1252", "replace") if char >= "\x80" else ""
            rule = "edifact.outside-latin-1" if intended and intended != "\ufffd" else "edifact.control-character"
            findings.append(SYNTAX_RULES[rule].at(places.of(element), code=f"0x{ord(char):02X}", meant=intended))
    return findings


def lost_letters(interchange: Interchange, lost: Sequence[Letter]) -> Iterator[Note]:
    """Name each letter that is not written; where none is left, say that nothing can be."""
    for letter in lost:
        name, code = letter.identifier or "?", letter.version_code or "?"
        text = Text(
            f"letter {name} of version {code} can't be written in the other syntax and is lost whole",
            f"brev {name} i version {code} kan ikke skrives i det andet format og går helt tabt",
        )
        yield note(LETTER_LOST, text, about=letter.root)
    if len(lost) == len(interchange.letters):
        text = Text(
            "no letter is left to write: the file can't be converted, not even with --force",
            "der er intet brev at skrive: filen kan ikke konverteres, heller ikke med --force",
        )
        yield note(NO_LETTER, text, about=interchange.envelope)


def finding(note: Note, places: Places) -> Finding:
    """Make a finding of a note, at its element or segment."""
    if note.segment is not None:
        return note.finding(places.segments.of_segment(note.segment, note.at))
    return note.finding(places.of(note.element if note.element is not None else places.interchange.envelope))


def edifact_losses(interchange: Interchange, written: WrittenInterchange) -> list[Note]:
    """Read what was written and compare it with the envelope and the letters."""
    notes: list[Note] = []
    if interchange.syntax is Syntax.EDIFACT:
        return notes
    segments = iter(written.letters)
    for letter, program in zip(interchange.letters, written.programs, strict=True):
        if program is None:
            continue
        head, *body = next(segments)
        message = Message(head, tuple(body))
        root, _ = read_letter(
            message, program, frame=interchanges.frame(message, written.header, version=program.version)
        )
        notes += tree_losses(letter.root, root, kind=program.version.root)
    return [*frame_losses(interchange, written), *notes]


def frame_losses(interchange: Interchange, written: WrittenInterchange) -> Iterator[Note]:
    """Compare the envelope with what was written of it; what stands between letters has no place."""
    program = next((candidate for candidate in written.programs if candidate is not None), None)
    if program is not None:
        header = syntax.EdifactInterchange(written.header, ())
        again, _ = read_envelope(header, as_peer=program.as_peer)
        yield from tree_losses(interchange.envelope, again, kind=program.version.envelope)
    for child in interchange.root.children if interchange.root else ():
        if child.name == "Local_Elements":
            yield dropped(child)
    whole = interchange.root or interchange.envelope
    if b"<!--" in interchange.source:
        text = Text("comments in the XML (<!-- -->) are left out", "kommentarer i XML (<!-- -->) udelades")
        yield note(DROPPED, text, about=whole, severity=Severity.INFO)
    if INSTRUCTION.search(interchange.source):
        text = Text("processing instructions in the XML (<? ?>) are left out", "instruktioner i XML (<? ?>) udelades")
        yield note(DROPPED, text, about=whole, severity=Severity.INFO)


def xml_losses(interchange: Interchange, *, as_peer: bool) -> list[Note]:
    """Write all that came from EDIFACT again and compare the segments, those of the envelope too."""
    if interchange.syntax is Syntax.XML:
        return []
    segments_again = interchanges.write(interchange, as_peer=as_peer)
    notes: list[Note] = []
    messages: list[list[Segment]] = []
    for segment in interchange.segments:
        if segment.tag == "UNB":
            notes += header_losses(segment, segments_again.header)
        elif segment.tag == "UNH" or not messages:
            messages.append([segment])
        else:
            messages[-1].append(segment)
    again = iter(segments_again.letters)
    for program, segments in zip(segments_again.programs, messages, strict=False):
        if program is not None:
            notes += segment_losses(segments, next(again))
    return notes
