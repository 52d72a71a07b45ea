"""The structure of a message that came as EDIFACT, reported on its segments: group, segment and component first.

The verdict is that on the tree of the XML form. What reading the segments has reported is not repeated: a code
that means nothing, an invalid date, a missing UNB, a segment that did not come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from npn.messages.findings.places import Places
from npn.messages.mapping.segment_places import MissingPlace
from npn.messages.mapping.words import missing_segment
from npn.messages.model.finding import Finding, Place, Text
from npn.messages.model.interchange import Element, Interchange
from npn.messages.model.labels import any_of, in_danish
from npn.messages.rules.conversion import DATE, MISSING_GROUP, MISSING_SEGMENT, UNKNOWN_CODE
from npn.messages.structure import rules
from npn.messages.structure.explain import StructureProblem

NO_PLACE = Text("has no place in EDIFACT", "har ingen plads i EDIFACT")
UNB_FAULTS = ("edifact.unb-missing", "edifact.unb-incomplete")


@dataclass(frozen=True, slots=True)
class SegmentFinding:
    """A problem as a finding on segments; `wanted`: where each field that is missing belongs."""

    finding: Finding
    wanted: tuple[MissingPlace, ...] = ()

    def is_among(self, segments: set[int | None]) -> bool:
        """Whether a field that is missing belongs into one of the segments."""
        return any(wanted.place and wanted.spot and wanted.place.segment in segments for wanted in self.wanted)


class ReadingFaults:
    """What reading has reported that structure would report again.

    codes          segments with a code that means nothing
    dates          segments with an invalid date
    has_unb_fault  whether the UNB is missing or incomplete
    """

    __slots__ = ("codes", "dates", "has_unb_fault")

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Sort the findings of reading."""
        self.codes = {finding.place.segment for finding in findings if finding.rule == UNKNOWN_CODE.id}
        self.dates = {finding.place.segment for finding in findings if finding.rule == DATE.id}
        self.has_unb_fault = any(finding.rule in UNB_FAULTS for finding in findings)

    def explain(self, problem: StructureProblem) -> bool:
        """Whether one of them is the cause of a problem."""
        if problem.rule is rules.CODE and not problem.element.text:
            return problem.element.origin in self.codes
        return self.has_unb_fault and problem.expected == ("EANIdentifier",)


class WantedFields:
    """The fields that structure findings ask for: what reading says of a missing segment or group is then said.

    segments  index of the segment that opens the group, and the text about the missing segment
    groups    by the index of a letter's UNH: group and segment of each field
    """

    __slots__ = ("groups", "segments")

    def __init__(self, fields: Iterable[MissingPlace]) -> None:
        """Sort the fields that have a place in EDIFACT."""
        self.segments: set[tuple[int, str]] = set()
        self.groups: dict[int, set[tuple[str, str]]] = {}
        for field in fields:
            if field.spot:
                self.segments.add((field.opening, missing_segment(field.spot.segment).en))
                self.groups.setdefault(field.letter, set()).add((field.spot.group, field.spot.segment))

    def explain(self, finding: Finding) -> bool:
        """Whether a finding is about a segment or group that one of the fields belongs into."""
        index = finding.place.segment
        if index is None:
            return False
        if finding.rule == MISSING_SEGMENT.id:
            return (index, finding.en) in self.segments
        return finding.rule == MISSING_GROUP.id and any(
            finding.en.startswith(f"the group {group} ") and ("(" not in finding.en or segment in finding.en)
            for group, segment in self.groups.get(index, ())
        )


def segment_findings(
    interchange: Interchange, places: Places, *, problems: Sequence[StructureProblem]
) -> list[Finding]:
    """Return the findings of reading and of structure, each fault once."""
    faults = ReadingFaults(interchange.findings)
    reports = [segment_finding(problem, places) for problem in problems if not faults.explain(problem)]
    reports = [report for report in reports if not report.is_among(faults.dates)]
    wanted = WantedFields(field for report in reports for field in report.wanted)
    earlier = [finding for finding in interchange.findings if not wanted.explain(finding)]
    return [*earlier, *(report.finding for report in reports)]


def segment_finding(problem: StructureProblem, places: Places) -> SegmentFinding:
    """Return a problem as a finding on segments."""
    parent = problem.parent
    if problem.rule is rules.MISSING and parent is not None and problem.expected:
        return missing(problem, parent, places=places)
    place = places.of(problem.element)
    return SegmentFinding(problem.finding(place, places.interchange.namespace, text=label(problem, place)))


def label(problem: StructureProblem, place: Place) -> Text | None:
    """Return what is wrong with the segment and what is expected; None where only the XML form has words for it."""
    if not problem.why.en:
        return None
    expected = " | ".join(problem.expected)
    en = f"; expected: {expected}" if expected else ""
    da = f"; her kan stå {any_of(problem.expected)}" if expected else ""
    name = f"{place.path} ({problem.element.name})" if place.segment else problem.element.name
    where = f" i {place.path}" if place.segment else ""
    field = f"feltet {in_danish(problem.element.name)}{where}"
    return Text(f"{name} {problem.why.en}{en}", f"{field} {problem.why.da}{da}")


def missing(problem: StructureProblem, parent: Element, *, places: Places) -> SegmentFinding:
    """Return the finding that says where what is missing belongs; of several fields one is wanted."""
    standing = places.standing(parent)
    fields = tuple(places.segments.wanted(standing.below(name)) for name in problem.expected)
    pairs = list(zip(problem.expected, fields, strict=True))
    en = " | ".join(f"{field.spot} ({name})" if field.spot else f"{name} ({NO_PLACE.en})" for name, field in pairs)
    da = " eller ".join(
        f"{in_danish(name)} i {field.spot}" if field.spot else f"{in_danish(name)}, som {NO_PLACE.da},"
        for name, field in pairs
    )
    path = places.of(parent).element
    place = next((field.place for field in fields if field.place), None) or Place()
    place = replace(place, element=f"{path}/{problem.expected[0]}" if len(pairs) == 1 else path)
    text = Text(f"{en} is missing", f"{da} mangler")
    return SegmentFinding(problem.finding(place, places.interchange.namespace, text=text), fields)
