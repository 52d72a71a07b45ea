"""The structure layer of validation: every problem of the frame and the letters, as findings."""

from npn.messages import versions
from npn.messages.finding import Finding, Severity
from npn.messages.model import Element, Interchange, Letter
from npn.messages.places import Places
from npn.messages.structure.check import Outline, check, letter_problems, outline_problems
from npn.messages.structure.explain import Problem

CITATION = "MedCom XML schema {namespace}"


def structure_findings(interchange: Interchange, places: Places) -> list[Finding]:
    """Give the findings on structure; no error among them means that the XML schema accepts the document."""
    problems = frame_problems(interchange)
    for letter in interchange.letters:
        problems += unknown(letter) if letter.version is None else letter_problems(letter.root, letter.version)
    citation = CITATION.format(namespace=interchange.namespace)
    return [places.finding(Severity.ERROR, each.element, (each.rule, each.en, each.da), citation) for each in problems]


def frame_problems(interchange: Interchange) -> list[Problem]:
    """Check what stands around the letters; an unknown namespace can't be checked and is an error itself."""
    if interchange.root is None:
        return envelope_problems(interchange)
    known = [versions.version(name) for name in versions.of_namespace(interchange.namespace)]
    if not known:
        return [
            Problem(
                "version.namespace",
                interchange.root,
                f"the namespace '{interchange.namespace}' is not one of MedCom's laboratory messages",
                f"navnerummet '{interchange.namespace}' hører ikke til MedComs laboratoriemeddelelser",
            )
        ]
    elements = frozenset(version.letter for version in known) | {letter.root.name for letter in interchange.letters}
    outline = Outline(interchange.root, elements, known[0].local_elements, known[0].envelope)
    return outline_problems(outline)


def envelope_problems(interchange: Interchange) -> list[Problem]:
    """Check the envelope of an interchange that has no frame of its own, with that of its first letter's version."""
    problems: list[Problem] = []
    version = next((letter.version for letter in interchange.letters if letter.version), None)
    if version is not None:
        check(interchange.envelope, version.envelope, problems)
    return problems


def unknown(letter: Letter) -> list[Problem]:
    """Name the version that nobody described; its content is shown as it is and not checked."""
    element: Element = letter.root.find("Letter/VersionCode") or letter.root
    named = letter.version_code or "?"
    return [
        Problem(
            "version.unknown",
            element,
            f"{letter.root.name} in version {named} is not known in this namespace; it is not checked",
            f"{letter.root.name} i version {named} kendes ikke i dette navnerum; den er ikke kontrolleret",
        )
    ]
