"""A letter of a version that is only assumed: what its description lacks is named, what differs is only remarked."""

from dataclasses import replace

from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import in_danish
from npn.messages.model.unknown import SEGMENT, known_part
from npn.messages.structure import rules
from npn.messages.structure.check import letter_problems
from npn.messages.structure.explain import StructureProblem, shown
from npn.messages.versions.notation import Version


def assumed_problems(root: Element, version: Version) -> list[StructureProblem]:
    """Return that the version is assumed, each element that it lacks, and what differs from its base."""
    part = known_part(root, version.root)
    problems = [assumed(root.find("Letter/VersionCode") or root, version)]
    problems += map(not_known, part.unknown)
    return problems + [
        differs(replace(problem, element=part.original(problem.element), parent=None), version)
        for problem in letter_problems(part.root, version)
    ]


def assumed(element: Element, version: Version) -> StructureProblem:
    """Return the problem that nothing is judged."""
    text = Text(
        f"version {version.code} is assumed ({version.assumed}): the letter is read as {version.base} and not judged",
        f"version {version.code} er antaget (der er ingen offentlig beskrivelse af den): "
        f"brevet læses som {version.base} og bedømmes ikke",
    )
    return StructureProblem(rules.ASSUMED, element, text)


def not_known(element: Element) -> StructureProblem:
    """Name an element, or a segment that is kept as one."""
    if element.name == SEGMENT:
        name = shown(element.text)
        text = Text(
            f"segment {name} is not known to this tool; it is kept and not judged",
            f"segmentet {name} kendes ikke af dette værktøj; det bevares og bedømmes ikke",
        )
    else:
        text = Text(
            f"{element.name} is not known to this tool; it is kept and not judged",
            f"feltet {in_danish(element.name)} kendes ikke af dette værktøj; det bevares og bedømmes ikke",
        )
    return StructureProblem(rules.NOT_KNOWN, element, text)


def differs(problem: StructureProblem, version: Version) -> StructureProblem:
    """Turn a problem into the remark that the letter differs from the version it is read as."""
    text = Text(
        f"not judged; in {version.base}: {problem.text.en}",
        f"ikke bedømt; i {version.base}: {problem.text.da}",
    )
    return StructureProblem(rules.DIFFERS, problem.element, text)
