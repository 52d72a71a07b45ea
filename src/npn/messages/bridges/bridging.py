"""A message in another version of its type: over one bridge or several, with everything that is lost on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from npn.messages.bridges.crossing import cross
from npn.messages.bridges.model import Action, BridgeNote, NoteKind, Weight
from npn.messages.bridges.registry import way
from npn.messages.conversion import to_edifact
from npn.messages.findings.places import Places
from npn.messages.findings.structure import structure_findings
from npn.messages.mapping.program import program
from npn.messages.model.finding import Finding, Place, Severity
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.model.labels import in_danish
from npn.messages.oioxml.writing import write as write_xml
from npn.messages.rules.bridging import CROSSED, NO_BRIDGE, TARGET
from npn.messages.structure.check import letter_problems
from npn.messages.versions import version
from npn.messages.versions.notation import Version

NEVER = frozenset((Action.REFUSE, NoteKind.DOES_NOT_FIT))  # no consent lets these through


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is not as it was.

    rule       by which one consents: the path of the element
    what       `drop`, `fold`, `refuse`, `constant`, `unnamed`, `does_not_fit`, `layout`
    consented  whether the caller consents to it
    """

    rule: str
    what: str
    weight: Weight
    consented: bool
    finding: Finding

    @property
    def is_negotiable(self) -> bool:
        """Whether a consent could let it through."""
        return self.what not in NEVER

    @property
    def stops(self) -> bool:
        """Whether the message is not written because of it."""
        return self.weight is Weight.LOST_TO_READER and not self.consented


@dataclass(frozen=True, slots=True)
class BridgedMessage:
    """A message in another version. `data` is None where a loss without consent or an error stopped it.

    interchange  as it would be written, whatever stopped it; None: no bridge leads there
    ways         of each letter, the versions that it went through
    """

    data: bytes | None
    interchange: Interchange | None
    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]
    ways: tuple[tuple[str, ...], ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops the output besides losses."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class CrossedLetter:
    """A letter on the other side."""

    letter: Letter
    notes: tuple[BridgeNote, ...]
    way: tuple[str, ...]


def bridge(interchange: Interchange, to: Version, *, consent: Sequence[str] = ()) -> BridgedMessage:
    """Take a message to another version of its type, in the syntax it came in where that version has it.

    consent  rules of losses to the reader that are let through: paths, or globs of them
    """
    places = Places(interchange)
    findings = structure_findings(interchange, places)
    letters = [crossed(letter, to) for letter in interchange.letters]
    for letter, other in zip(interchange.letters, letters, strict=True):
        if other is None:
            findings.append(NO_BRIDGE.at(places.of(letter.root), source=letter.version_code or "?", target=to.code))
    across = [other for other in letters if other is not None]
    if len(across) < len(letters) or not letters:
        return BridgedMessage(None, None, (), tuple(findings))
    losses = tuple(losses_of(across, interchange, places=places, consent=consent))
    output = Interchange(Syntax.XML, to.namespace, interchange.envelope, tuple(other.letter for other in across))
    data, more = written(output, interchange.syntax, to=to)
    findings += [*target_findings(output, to, unfit=unfit_origins(across)), *more]
    if any(entry.stops for entry in losses) or any(finding.severity is Severity.ERROR for finding in findings):
        data = None
    return BridgedMessage(data, output, losses, tuple(findings), tuple(other.way for other in across))


def losses_of(
    letters: Sequence[CrossedLetter], interchange: Interchange, *, places: Places, consent: Sequence[str]
) -> Iterator[Loss]:
    """Yield everything that the bridges noted."""
    for number, letter in enumerate(letters):
        for note in letter.notes:
            yield loss(note, number, interchange=interchange, places=places, consent=consent)


def unfit_origins(letters: Sequence[CrossedLetter]) -> set[int]:
    """Return where the values come from that are known not to fit."""
    return {note.element.origin for letter in letters for note in letter.notes if note.what is NoteKind.DOES_NOT_FIT}


def crossed(letter: Letter, to: Version) -> CrossedLetter | None:
    """Take one letter across; None where no bridge leads to the version."""
    if letter.version is None:
        return None
    if letter.version is to:
        return CrossedLetter(letter, (), (to.name,))
    bridges = way(letter.version.name, to.name)
    if not bridges:
        return None
    root, notes = letter.root, list[BridgeNote]()
    for step in bridges:
        root, more = cross(root, step, source=version(step.source), target=version(step.target))
        notes += more
    names = (letter.version.name, *(step.target for step in bridges))
    return CrossedLetter(Letter(root, to, to.code, to.type), tuple(notes), names)


def loss(note: BridgeNote, number: int, *, interchange: Interchange, places: Places, consent: Sequence[str]) -> Loss:
    """Make a loss of what a bridge noted, at its place in the message."""
    agreed = note.what not in NEVER and any(fnmatchcase(note.rule, pattern) for pattern in consent)
    name = note.rule.rpartition("/")[2] or note.element.name
    rule = CROSSED[note.what.value]
    place = place_of(note, interchange.letters[number].root, places=places)
    finding = rule.at(place, name=name, name_da=in_danish(name), reason=note.reason.en, reason_da=note.reason.da)
    finding = replace(finding, severity=severity(note.weight, agreed=agreed))
    return Loss(note.rule, note.what.value, note.weight, agreed, finding)


def place_of(note: BridgeNote, letter: Element, *, places: Places) -> Place:
    """Return where the element of a note stands; one that a bridge before has copied stands where it came from."""
    place = places.of(note.element)
    if place.path or place.element:
        return place
    origin = note.element.origin
    source = next((element for element in letter.walk() if element.origin == origin), None)
    place = places.of(source) if source is not None and origin >= 0 else place
    return place if place.path or place.element else replace(place, path=f"{letter.name}/{note.rule}")


def severity(weight: Weight, *, agreed: bool) -> Severity:
    """Return how much a loss weighs as a finding."""
    if weight is Weight.LOST_TO_READER:
        return Severity.WARNING if agreed else Severity.ERROR
    return Severity.WARNING if weight is Weight.ADMINISTRATIVE else Severity.INFO


def target_findings(output: Interchange, to: Version, *, unfit: set[int]) -> list[Finding]:
    """Return what would be wrong with the message in the other version, besides the values known not to fit."""
    if to.assumed:
        return []
    places = Places(output)
    return [
        TARGET.at(places.of(problem.element), target=to.code, reason=problem.text.en, reason_da=problem.text.da)
        for letter in output.letters
        for problem in letter_problems(letter.root, to)
        if problem.element.origin not in unfit or problem.element.children
    ]


def written(output: Interchange, syntax: Syntax, *, to: Version) -> tuple[bytes | None, list[Finding]]:
    """Write the message in the syntax it came in, or as XML where the version has no other."""
    if syntax is Syntax.EDIFACT and program(to) is not None:
        conversion = to_edifact(output)
        return conversion.data, [
            finding for finding in conversion.findings if not finding.rule.startswith("structure.")
        ]
    return write_xml(output), []
