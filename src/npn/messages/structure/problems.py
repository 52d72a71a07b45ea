"""Every problem in the structure of an interchange: its frame, its letters, versions that nobody described."""

from npn.messages import versions
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.structure import rules
from npn.messages.structure.check import Outline, check, letter_problems, outline_problems
from npn.messages.structure.explain import Problem


def interchange_problems(interchange: Interchange) -> list[Problem]:
    """Return what the XML schema would refuse in the frame and in each letter."""
    problems = frame_problems(interchange)
    for letter in interchange.letters:
        problems += (
            unknown(interchange, letter) if letter.version is None else letter_problems(letter.root, letter.version)
        )
    return problems


def frame_problems(interchange: Interchange) -> list[Problem]:
    """Check what stands around the letters; an unknown namespace can't be checked and is an error itself."""
    if interchange.root is None:
        return envelope_problems(interchange)
    known = [versions.version(name) for name in versions.of_namespace(interchange.namespace)]
    if not known:
        return [unknown_namespace(interchange, interchange.root)]
    elements = frozenset(version.letter for version in known) | {letter.root.name for letter in interchange.letters}
    outline = Outline(interchange.root, elements, known[0].local_elements, known[0].envelope)
    return outline_problems(outline)


def envelope_problems(interchange: Interchange) -> list[Problem]:
    """Check the envelope of an interchange that has no frame of its own, with that of its first letter's version."""
    problems: list[Problem] = []
    version = next((letter.version for letter in interchange.letters if letter.version), None)
    headless = bool(interchange.segments) and interchange.segments[0].tag != "UNB"
    if version is not None and not headless:
        check(interchange.envelope, version.envelope, problems)
    return problems


def unknown_namespace(interchange: Interchange, root: Element) -> Problem:
    """Name a namespace that is none of ours, and the one that the first letter's version has."""
    code = next((letter.version_code for letter in interchange.letters), "")
    right = sorted({each["namespace"] for each in versions.headings().values() if each["version"] == code})
    named = f"the namespace '{interchange.namespace}' is not one of MedCom's laboratory messages"
    navn = f"navnerummet '{interchange.namespace}' hører ikke til MedComs laboratoriemeddelelser"
    if not interchange.namespace:
        named = f"{root.name} has no namespace (xmlns)"
        navn = f"{root.name} har intet navnerum (xmlns)"
    if right:
        named += f"; {code} has {' or '.join(right)}"
        navn += f"; {code} har {' eller '.join(right)}"
    return Problem(rules.NAMESPACE, root, Text(named, navn))


def unknown(interchange: Interchange, letter: Letter) -> list[Problem]:
    """Name the version that nobody described; its content is shown as it is and not checked."""
    element: Element = letter.root.find("Letter/VersionCode") or letter.root
    named = letter.version_code or "?"
    if interchange.syntax is Syntax.EDIFACT:
        return [Problem(rules.VERSION, element, unknown_in_edifact(letter.root.name, named.removeprefix("X")))]
    mine = (interchange.namespace, letter.root.name)
    same = sorted(
        {each["version"] for each in versions.headings().values() if (each["namespace"], each["letter"]) == mine}
    )
    en, da = (f". Known: {', '.join(same)}", f". Kendte: {', '.join(same)}") if same else ("", "")
    return [
        Problem(
            rules.VERSION,
            element,
            Text(
                f"{letter.root.name} in version {named} is not known in this namespace; it is not checked{en}",
                f"{letter.root.name} i version {named} kendes ikke i dette navnerum; den er ikke kontrolleret{da}",
            ),
        )
    ]


def unknown_in_edifact(kind: str, code: str) -> Text:
    """Say that UNH names a version that is none, and which there are of that type."""
    known = [each["edifact"].split() for each in versions.headings().values() if "edifact" in each]
    same = ", ".join(sorted({each[1] for each in known if each[0] == kind}))
    other = ", ".join(sorted({each[0] for each in known if each[1] == code}))
    en = f"UNH names version {code} of {kind}, which is not known; the letter is not checked"
    da = f"UNH angiver version {code} af {kind}, som ikke kendes; brevet er ikke kontrolleret"
    if other:
        return Text(f"{en}. {code} is a version of {other}", f"{da}. {code} er en version af {other}")
    return Text(f"{en}. Known: {same}", f"{da}. Kendte: {same}") if same else Text(en, da)
