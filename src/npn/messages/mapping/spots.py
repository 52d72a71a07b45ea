"""Where in EDIFACT each field of a version stands, worked out of its mapping: for the places and words of findings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from npn.messages.mapping.program import GroupLine, Program
from npn.messages.mapping.template import MappingLine, Template

Path = tuple[str, ...]
TEXT_ELEMENT = 4
ANY = "*"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a value.

    group       the trigger of the group; empty before the first
    tag         of the segment, and `qualifiers`: what its first component may be (none: anything)
    element     and `component`, from 1; element 0: the segment as a whole, component 0: the element as a whole
    always      whether the segment is written whatever the letter holds
    """

    group: str
    tag: str
    qualifiers: tuple[str, ...] = ()
    element: int = 0
    component: int = 0
    always: bool = False

    @property
    def segment(self) -> str:
        """Name the segment: `NAD+SLA`."""
        return f"{self.tag}+{self.qualifiers[0]}" if self.qualifiers else self.tag

    @property
    def number(self) -> str:
        """Name the place in the segment: `4.1`, `4`, or nothing."""
        if not self.element:
            return ""
        return f"{self.element}.{self.component}" if self.component else str(self.element)

    def __str__(self) -> str:
        """Name the place whole: `S01/NAD+SLA 4.1`."""
        name = f"{self.group}/{self.segment}" if self.group and self.group != self.tag else self.segment
        return f"{name} {self.number}".rstrip()


ENVELOPE: Mapping[Path, tuple[Spot, ...]] = {
    ("Sent", "Date"): (Spot("", "UNB", (), 4, 1),),
    ("Sent", "Time"): (Spot("", "UNB", (), 4, 2),),
    ("Identifier",): (Spot("", "UNB", (), 5),),
    ("AcknowledgementCode",): (Spot("", "UNB", (), 9),),
}
SERVICE: Mapping[Path, tuple[Spot, ...]] = {
    ("Letter", "Identifier"): (Spot("", "UNH", (), 1),),
    ("Letter", "VersionCode"): (Spot("", "UNH", (), 2, 5),),
    ("Letter", "StatisticalCode"): (Spot("", "UNH", (), 3),),
    ("Letter", "TypeCode"): (Spot("", "UNH", (), 3),),
    ("Sender", "EANIdentifier"): (Spot("", "UNB", (), 2, 1),),
    ("Receiver", "EANIdentifier"): (Spot("", "UNB", (), 3, 1),),
}
RESULTS = ("LaboratoryResults",)
CULTURE = (*RESULTS, "CultureWithFindings")
PATTERN = (*CULTURE, "Pattern")
GENERAL = (*RESULTS, "GeneralResultInformation")
SAMPLE = (*RESULTS, "CodedFormat", "Sample", "CodedResults")


def headline(kind: str) -> Spot:
    """Return the place of a name in a hidden group."""
    return Spot("S18", "INV", (kind,), 2, 4)


TEXT, NOTE = Spot("S18", "FTX", ("RIT",), TEXT_ELEMENT), Spot("S18", "FTX", ("SPC",), TEXT_ELEMENT)
CODE, CODE_TEXT = Spot("S18", "CIN", ("CCI",), 2, 1), Spot("S18", "CIN", ("CCI",), 2, 4)
REMARK = Spot("S18", "CIN", ("SPC",), 2, 4)
REFERS = Spot("S18", "RFF", ("ARL",), 1, 2)
PROCEDURES: Mapping[str, Mapping[Path, Spot]] = {
    "Microbiology": {
        (*RESULTS, "MicroscopicFindings", "Headline"): headline("OE"),
        (*RESULTS, "MicroscopicFindings", "Comments"): TEXT,
        (*RESULTS, "CultureWithoutFindings", "Headline"): headline("OE"),
        (*RESULTS, "CultureWithoutFindings", "Comments"): TEXT,
        (*CULTURE, "Headline"): headline("OE"),
        (*CULTURE, "Microorganism", "Name"): headline("MQ"),
        (*CULTURE, "Microorganism", "GrowthValue"): Spot("S18", "RSL", ("TV",), 2, 6),
        (*CULTURE, "Microorganism", "SpeciesComment"): Spot("S18", "FTX", ("SPC",), TEXT_ELEMENT, 1),
        (*CULTURE, "Comments"): NOTE,
        (*PATTERN, "Headline"): headline("OE"),
        (*PATTERN, "Antibiotic", "Name"): headline("CO"),
        (*PATTERN, "PatternEntry", "RefMicroorganism"): REFERS,
        (*PATTERN, "PatternEntry", "RefAntibiotic"): headline("CO"),
        (*PATTERN, "PatternEntry", "Sensitivity"): Spot("S18", "RSL", ("AV",), 2, 3),
        (*PATTERN, "SensitivityInterpretation"): TEXT,
        (*GENERAL, "Headline"): headline("OE"),
        (*GENERAL, "Comment"): TEXT,
    },
    "Diagnoses": {
        (*RESULTS, "CodedFormat", "DiagnosisHeadline"): headline("OE"),
        (*SAMPLE, "Headline"): headline("OE"),
        **{
            (*SAMPLE, name, part): spot
            for name in ("Topography", "Result")
            for part, spot in (("Code", CODE), ("Text", CODE_TEXT), ("Comment", REMARK))
        },
    },
}


@cache
def spots(program: Program) -> dict[Path, tuple[Spot, ...]]:
    """Return the places of each field, by its path from the letter's root."""
    places: dict[Path, tuple[Spot, ...]] = dict(SERVICE)
    for path, spot in placed(program):
        names = tuple(name.partition("#")[0] for name in path)
        if spot not in places.get(names, ()):
            places[names] = (*places.get(names, ()), spot)
    return places


def placed(program: Program) -> Iterator[tuple[Path, Spot]]:
    """Yield path and place of every field, in the order of the data."""
    yield from of_group(program.head, ())
    for group in program.groups:
        if isinstance(group, GroupLine):
            yield from of_group(group, ())
        else:
            yield from PROCEDURES[type(group).__name__].items()


def of_group(group: GroupLine, above: Path) -> Iterator[tuple[Path, Spot]]:
    """Yield the fields of a group and of those in it."""
    here = (*above, *group.path)
    for line in group.lines:
        if isinstance(line, GroupLine):
            yield from of_group(line, here)
        else:
            yield from of_line(line, group.trigger, here=here)


def of_line(line: MappingLine, group: str, *, here: Path) -> Iterator[tuple[Path, Spot]]:
    """Yield the fields of a segment."""
    if isinstance(line, Template):
        names = tuple(name for _, name in line.keys if name is not None)
        for at, slot in line.slots:
            if slot.path and line.role != "write":
                component = at[1] + 1 if line.shape[at[0]] > 1 else 0
                path = slot.path if slot.absolute else (*here, *slot.path)
                yield path, Spot(group, line.tag, names, at[0] + 1, component, line.writing.condition is None)
        return
    tag = line.keys[0][0] if line.keys else ""
    names = tuple(name for _, name in line.keys if name is not None)
    for path in line.paths():
        yield (*here, *path), Spot(group, tag, names, TEXT_ELEMENT if tag == "FTX" else 0)
