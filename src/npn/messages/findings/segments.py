"""The structure of a letter that came as EDIFACT, said of its segments: group, segment and component first.

The verdict is that on the tree of the XML form. What the reading of the segments has said already is not said
again: a code that means nothing, a date that is none, a missing UNB, a segment that did not come.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from npn.messages.findings.places import Places
from npn.messages.mapping.segment_places import Wanted
from npn.messages.model.finding import Finding, Place, Severity
from npn.messages.model.interchange import Element, Interchange
from npn.messages.model.notes import missing_segment
from npn.messages.structure.explain import Problem

NO_PLACE = ("has no place in EDIFACT", "har ingen plads i EDIFACT")
MISSING_SEGMENT, MISSING_GROUP = "mapping.missing-segment", "mapping.missing-group"


@dataclass(frozen=True, slots=True)
class Said:
    """A problem as a finding on segments; `wanted`: where each field that is missing belongs."""

    finding: Finding
    wanted: tuple[Wanted, ...] = ()


def segment_findings(
    interchange: Interchange, places: Places, problems: Sequence[Problem], citation: str
) -> list[Finding]:
    """Give the findings of reading and of structure, each fault once."""
    said = [say(each, places, citation) for each in problems if not known(each, interchange)]
    dates = {each.place.segment for each in interchange.findings if each.rule == "mapping.date"}
    said = [each for each in said if not any(w.place and w.spot and w.place.segment in dates for w in each.wanted)]
    wanted = [each for one in said for each in one.wanted]
    read = [each for each in interchange.findings if not explained(each, wanted)]
    return [*read, *(each.finding for each in said)]


def known(problem: Problem, interchange: Interchange) -> bool:
    """Whether reading has reported the cause of a problem."""
    element = problem.element
    if problem.rule == "structure.code" and not element.text:
        found = {each.place.segment for each in interchange.findings if each.rule == "mapping.unknown-code"}
        return element.origin in found
    if problem.expected == ("EANIdentifier",):
        return any(each.rule in ("edifact.unb-missing", "edifact.unb-incomplete") for each in interchange.findings)
    return False


def explained(finding: Finding, wanted: Sequence[Wanted]) -> bool:
    """Whether a segment or group that did not come is one that a structure finding asks for."""
    if finding.rule == MISSING_SEGMENT:
        return any(
            each.spot and each.opening == finding.place.segment and missing_segment(each.spot.segment)[0] == finding.en
            for each in wanted
        )
    if finding.rule == MISSING_GROUP:
        return any(
            each.spot
            and each.letter == finding.place.segment
            and finding.en.startswith(f"the group {each.spot.group} ")
            and ("(" not in finding.en or each.spot.segment in finding.en)
            for each in wanted
        )
    return False


def say(problem: Problem, places: Places, citation: str) -> Said:
    """Say a problem of segments."""
    parent = problem.parent
    if problem.rule == "structure.missing" and parent is not None and problem.expected:
        return missing(problem, parent, places, citation)
    place = places.of(problem.element)
    label = f"{place.path} ({problem.element.name})" if place.segment else problem.element.name
    names = f": {' | '.join(problem.expected)}" if problem.expected else ""
    en = f"{label} {problem.why[0]}" + (f"; expected{names}" if names else "")
    da = f"{label} {problem.why[1]}" + (f"; forventet{names}" if names else "")
    if not problem.why[0]:
        en, da = problem.en, problem.da
    return Said(Finding(problem.rule, Severity.ERROR, place, en, da, citation))


def missing(problem: Problem, parent: Element, places: Places, citation: str) -> Said:
    """Say where what is missing belongs; one is wanted, whichever of them."""
    standing = places.standing(parent)
    wanted = tuple(places.segments.wanted(standing.below(name)) for name in problem.expected)
    pairs = list(zip(problem.expected, wanted, strict=True))
    en = " | ".join(f"{each.spot} ({name})" if each.spot else f"{name} ({NO_PLACE[0]})" for name, each in pairs)
    da = " | ".join(f"{each.spot} ({name})" if each.spot else f"{name} ({NO_PLACE[1]})" for name, each in pairs)
    path = places.of(parent).element
    spot = next((each.place for each in wanted if each.place), None) or Place()
    spot = replace(spot, element=f"{path}/{problem.expected[0]}" if len(pairs) == 1 else path)
    return Said(Finding(problem.rule, Severity.ERROR, spot, f"{en} is missing", f"{da} mangler", citation), wanted)
