"""What MiBa answers say in nested codes, as tables: properties of a microorganism, and what the microscope showed."""

from collections.abc import Iterator

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import Cell, Content, LabelledValues, SectionBlock, Table, TableRow, bare, section
from npn.messages.views.reading import LetterReading

LINES = Markup("<br>")


def properties_table(reading: LetterReading, organism: Element, *, name: Content) -> Table:
    """Each property with its result, and the analyses and tests behind it."""
    words = reading.words
    head = (words.label("Property"), words.say("result"), words.say("shown_by"))
    properties = organism.child("Properties")
    rows = [property_row(reading, group) for group in groups(properties)] if properties is not None else []
    rest = reading.rows(properties)
    if rest and rows:
        rows[-1] = TableRow(rows[-1].cells, LabelledValues(rest))
    return Table(words.say("properties_of", name=bare(name)), head, tuple(rows))


def groups(properties: Element) -> Iterator[list[Element]]:
    """Cut the row of elements at each property."""
    group: list[Element] = []
    for child in properties.children:
        if child.name == "Property" and group:
            yield group
            group = []
        group.append(child)
    if group:
        yield group


def property_row(reading: LetterReading, group: list[Element]) -> TableRow:
    """One property."""
    parts: dict[str, list[Content]] = {"Property": [], "Result": [], "": []}
    for element in group:
        parts[element.name if element.name in parts else ""].append(line(reading, element))
    return TableRow(tuple(Cell(LINES.join(part for part in texts if part)) for texts in parts.values()))


def line(reading: LetterReading, element: Element) -> Content:
    """Return an analysis with its result, and in brackets its tests: `mecA: positive (slidex: positive)`."""
    if not element.children:
        return Markup(": ").join((reading.words.label(element.name), reading.show(element)))
    text = reading.coded(element)
    results = [line(reading, result) for result in element.all("Result")]
    if results:
        text = Markup(": ").join((text or reading.words.label(element.name), Markup(", ").join(results)))
    tests = [line(reading, assay) for assay in element.all("Assay")]
    if tests:
        text = Markup("{} ({})").format(text, Markup("; ").join(tests))
    rest = [Markup("{}: {}").format(*row) for row in reading.rows(element)]
    return Markup(" · ").join(part for part in (text, *rest) if part)


def microscopy_sections(reading: LetterReading, findings: Element) -> list[SectionBlock | None]:
    """One table for each group of what the microscope showed."""
    words = reading.words
    sections = []
    for number, group in enumerate(findings.all("Grouping"), 1):
        headline = group.child("Headline")
        name = bare(reading.coded(headline) or reading.show(headline)) or f"{words.label('Grouping')} {number}"
        rows = tuple(microscopy_row(reading, kind) for kind in group.all("MicroscopicType"))
        table = Table(words.say("microscopy"), (words.label("Type"), words.say("findings")), rows)
        sections.append(section(name, table, reading.facts(group)))
    return sections


def microscopy_row(reading: LetterReading, kind: Element) -> TableRow:
    """One kind of findings: cells, microorganisms, ..."""
    texts = []
    for detail in kind.all("Details"):
        name, value = detail.child("Identification"), detail.child("Value")
        pair = [reading.coded(part) or reading.show(part) for part in (name, value) if part is not None]
        rest = [Markup("{}: {}").format(*row) for row in reading.rows(detail)]
        texts.append(Markup(" ").join(part for part in (*pair, *rest) if part))
    cells = (Cell(reading.value(kind, "Type")), Cell(LINES.join(texts)))
    return TableRow(cells, LabelledValues(reading.rows(kind)))
