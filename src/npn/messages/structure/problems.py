"""Every problem in the structure of an interchange: its frame, its letters, versions that nobody described."""

from npn.messages import versions
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.structure import rules
from npn.messages.structure.assumed import assumed_problems
from npn.messages.structure.check import Outline, element_problems, letter_problems, outline_problems
from npn.messages.structure.explain import StructureProblem


def interchange_problems(interchange: Interchange) -> list[StructureProblem]:
    """Return what the XML schema would refuse in the frame and in each letter."""
    problems = frame_problems(interchange)
    for letter in interchange.letters:
        if letter.version is None:
            problems += unknown(interchange, letter)
        elif letter.version.assumed:
            problems += assumed_problems(letter.root, letter.version)
        else:
            problems += letter_problems(letter.root, letter.version)
    return problems


def frame_problems(interchange: Interchange) -> list[StructureProblem]:
    """Check what stands around the letters; an unknown namespace can't be checked and is an error itself."""
    if interchange.root is None:
        return envelope_problems(interchange)
    candidates = [versions.version(name) for name in versions.of_namespace(interchange.namespace)]
    candidates = candidates or [letter.version for letter in interchange.letters if letter.version]
    if not candidates:
        return [unknown_namespace(interchange, interchange.root)]
    elements = frozenset(version.letter for version in candidates) | {
        letter.root.name for letter in interchange.letters
    }
    outline = Outline(interchange.root, elements, candidates[0].local_elements, candidates[0].envelope)
    return outline_problems(outline)


def envelope_problems(interchange: Interchange) -> list[StructureProblem]:
    """Check the envelope of an interchange of EDIFACT by its first letter's version."""
    version = next((letter.version for letter in interchange.letters if letter.version), None)
    headless = bool(interchange.segments) and interchange.segments[0].tag != "UNB"
    if version is None or headless:
        return []
    return element_problems(interchange.envelope, version.envelope)


def unknown_namespace(interchange: Interchange, root: Element) -> StructureProblem:
    """Name an unknown namespace, and the one that the first letter's version has."""
    code = next((letter.version_code for letter in interchange.letters), "")
    right = sorted({heading["namespace"] for heading in versions.headings().values() if heading["version"] == code})
    en = f"the namespace '{interchange.namespace}' is not known to this tool; the message is not checked"
    da = f"navnerummet '{interchange.namespace}' kendes ikke af dette værktøj; meddelelsen er ikke kontrolleret"
    if not interchange.namespace:
        en = f"{root.name} has no namespace (xmlns)"
        da = f"{root.name} har intet navnerum (xmlns)"
    if right:
        en += f"; {code} has {' or '.join(right)}"
        da += f"; {code} har {' eller '.join(right)}"
    return StructureProblem(rules.NAMESPACE, root, Text(en, da))


def unknown(interchange: Interchange, letter: Letter) -> list[StructureProblem]:
    """Name an unknown version; its content is shown as it is and not checked."""
    element: Element = letter.root.find("Letter/VersionCode") or letter.root
    if letter.is_binary:
        return [StructureProblem(rules.BINARY, element, rules.BINARY.finds)]
    code = letter.version_code or "?"
    if interchange.syntax is Syntax.EDIFACT:
        return [StructureProblem(rules.VERSION, element, unknown_in_edifact(letter.root.name, code.removeprefix("X")))]
    key = (interchange.namespace, letter.root.name)
    same = sorted(
        {
            heading["version"]
            for heading in versions.headings().values()
            if (heading["namespace"], heading["letter"]) == key
        }
    )
    en, da = (f". Known: {', '.join(same)}", f". Kendte: {', '.join(same)}") if same else ("", "")
    name = letter.root.name
    text = Text(
        f"{name} in version {code} is not known to this tool in this namespace; it is not checked{en}",
        f"{name} i version {code} kendes ikke af dette værktøj i dette navnerum; brevet er ikke kontrolleret{da}",
    )
    return [StructureProblem(rules.VERSION, element, text)]


def unknown_in_edifact(kind: str, code: str) -> Text:
    """Return what is said of a UNH whose version is not known: which versions there are of that type."""
    pairs = [heading["edifact"].split() for heading in versions.headings().values() if "edifact" in heading]
    same = ", ".join(sorted({spot[1] for spot in pairs if spot[0] == kind}))
    types = ", ".join(sorted({spot[0] for spot in pairs if spot[1] == code}))
    en = f"UNH names version {code} of {kind}, which is not known to this tool; the letter is not checked"
    da = f"UNH angiver version {code} af {kind}, som ikke kendes af dette værktøj; brevet er ikke kontrolleret"
    if types:
        return Text(f"{en}. {code} is a version of {types}", f"{da}. {code} er en version af {types}")
    return Text(f"{en}. Known: {same}", f"{da}. Kendte: {same}") if same else Text(en, da)
