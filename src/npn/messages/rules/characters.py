"""What a text holds that EDIFACT can't carry: other letters, line breaks, marks that mean something there."""

from collections.abc import Iterator

from npn.messages.model.finding import Severity, Text
from npn.messages.model.interchange import Element, Syntax
from npn.messages.rules.model import ANY, LETTERS, XML_ONLY, Book, Hit, RuleSubject, Sample, Scope, hit, once

BOOK = Book()
UNOC = "EDIFACT level C (UNOC): ISO-8859-1"
SEVERAL_LINES = frozenset(("Comments", "ClinicalInformation", "Text", "ResultComments", "ResultTextValue"))
LAYOUT = dict.fromkeys(map(ord, "\t\n\r"))
SURNAME = "Patient/PersonSurnameName"
TEXTS = "MedCom FTX: a lone '.' is an empty line, a trailing backslash joins two"


def can_be_edifact(case: RuleSubject) -> bool:
    """Whether the letter's type has an EDIFACT form, and the letter is not already one."""
    version = case.letter.version
    return version is not None and version.type not in XML_ONLY and case.interchange.syntax is Syntax.XML


def texts(element: Element, pairs: list[tuple[str, Element]]) -> list[tuple[str, Element]]:
    """Return every text of a letter with the element that it stands in, quickly."""
    if element.text:
        pairs.append((element.text, element))
    for child in element.children:
        texts(child, pairs)
        if child.tail:
            pairs.append((child.tail, element))
    return pairs


@once
def all_texts(case: RuleSubject) -> list[tuple[str, Element]]:
    """Return every text of the letter."""
    return texts(case.root, [])


@BOOK.rule(
    "chars.not-edifact",
    Severity.WARNING,
    scope=Scope(ANY),
    demands=Text("Texts keep to ISO-8859-1, all that EDIFACT can carry.", "Tekster holder sig til ISO-8859-1, som er alt EDIFACT kan overføre."),
    finds=Text("EDIFACT can't carry {characters}", "EDIFACT kan ikke overføre {characters}"),
    citation=UNOC,
    sample=Sample(version="XR0131K", passes={SURNAME: "Müller"}, fails={SURNAME: "Łukasz €"}),
)  # fmt: skip
def not_edifact(case: RuleSubject) -> Iterator[Hit]:
    """Look for characters above 255."""
    if not can_be_edifact(case):
        return
    everything = all_texts(case)
    try:
        "".join([text for text, _ in everything]).encode("latin-1")
    except UnicodeEncodeError:
        for text, element in everything:
            strange = sorted({character for character in text if ord(character) > 255})
            if strange:
                names = ", ".join(f"{character} (U+{ord(character):04X})" for character in strange)
                yield hit(element, characters=names)


@BOOK.rule(
    "chars.control",
    Severity.WARNING,
    scope=Scope(ANY),
    demands=Text("A field holds no line break, tab or other control character.", "Et felt indeholder ingen linjeskift, tabulatorer eller andre styretegn."),
    finds=Text("the field holds the control character U+{code}; EDIFACT drops line breaks, and receivers may not take the others", "feltet indeholder styretegnet U+{code}; linjeskift fjernes ved overførslen, og øvrige styretegn kan blive afvist af modtageren"),
    citation="mapping of texts: CR and LF are ignored anywhere in an interchange",
    sample=Sample(version="XR0131K", fails={SURNAME: "Berg\tgren"}),
)  # fmt: skip
def control(case: RuleSubject) -> Iterator[Hit]:
    """Look in every text; line breaks and tabs between elements are layout. Of EDIFACT the syntax tells."""
    if case.interchange.syntax is Syntax.EDIFACT:
        return
    for text, element in all_texts(case):
        if not text.isprintable():
            for character in text.translate(LAYOUT) if element.children else text:
                if ord(character) < 32 or 127 <= ord(character) < 160:
                    yield hit(element, code=f"{ord(character):04X}")
                    break


def lines(element: Element) -> Iterator[str]:
    """Yield the lines of a text: what stands between two breaks."""
    line = element.text
    for child in element.children:
        if child.name == "Break":
            yield line
            line = ""
        line += " " if child.name == "Space" else "".join(text for text, _ in texts(child, []))
        line += child.tail
    yield line


@BOOK.rule(
    "chars.line-mark",
    Severity.INFO,
    scope=Scope(LETTERS),
    demands=Text("No line of a text is a lone point or ends with a backslash.", "Ingen linje i en tekst er et enligt punktum eller slutter med omvendt skråstreg."),
    finds=Text("the line '{line}' reads otherwise once it has been EDIFACT", "linjen '{line}' læses anderledes, når den har været EDIFACT"),
    citation=TEXTS,
    sample=Sample(version="XR0131K", fails={"RequisitionInformation/Comments": "."}),
)  # fmt: skip
def line_mark(case: RuleSubject) -> Iterator[Hit]:
    """Look at every line of the texts that may have several."""
    if not can_be_edifact(case):
        return
    for element in several_lined(case.root, []):
        for line in lines(element):
            if line == "." or line.endswith("\\"):
                yield hit(element, line=line[-40:])


def several_lined(element: Element, elements: list[Element]) -> list[Element]:
    """Return the texts that may have several lines, in document order, quickly."""
    if element.name in SEVERAL_LINES:
        elements.append(element)
    for child in element.children:
        if child.children or child.name in SEVERAL_LINES:
            several_lined(child, elements)
    return elements
