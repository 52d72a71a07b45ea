"""What MiBa answers say in nested codes, as tables: properties of a microorganism, and what the microscope showed."""

from collections.abc import Iterator

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import Cell, Facts, Row, Section, Table, Text, section
from npn.messages.views.reading import Reading

LINES = Markup("<br>")


def properties_table(reading: Reading, organism: Element, name: Text) -> Table:
    """Each property with its result, and the analyses and tests behind it."""
    words = reading.words
    head = (words.label("Property"), words.say("result"), words.say("shown_by"))
    properties = organism.child("Properties")
    rows = [property_row(reading, group) for group in groups(properties)] if properties is not None else []
    rest = reading.rows(properties)
    if rest and rows:
        rows[-1] = Row(rows[-1].cells, Facts(rest))
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


def property_row(reading: Reading, group: list[Element]) -> Row:
    """One property."""
    parts: dict[str, list[Text]] = {"Property": [], "Result": [], "": []}
    for each in group:
        parts[each.name if each.name in parts else ""].append(line(reading, each))
    return Row(tuple(Cell(LINES.join(part for part in found if part)) for found in parts.values()))


def line(reading: Reading, element: Element) -> Text:
    """Say an analysis with its result, and in brackets the tests it rests on: `mecA: positive (slidex: positive)`."""
    if not element.children:
        return Markup(": ").join((reading.words.label(element.name), reading.show(element)))
    said = reading.coded(element)
    results = [line(reading, each) for each in element.all("Result")]
    if results:
        said = Markup(": ").join((said or reading.words.label(element.name), Markup(", ").join(results)))
    tests = [line(reading, each) for each in element.all("Assay")]
    if tests:
        said = Markup("{} ({})").format(said, Markup("; ").join(tests))
    rest = [Markup("{}: {}").format(*row) for row in reading.rows(element)]
    return Markup(" · ").join(part for part in (said, *rest) if part)


def microscopy_sections(reading: Reading, findings: Element) -> list[Section | None]:
    """One table for each group of what the microscope showed."""
    words = reading.words
    made = []
    for number, group in enumerate(findings.all("Grouping"), 1):
        headline = group.child("Headline")
        name = bare(reading.coded(headline) or reading.show(headline)) or f"{words.label('Grouping')} {number}"
        rows = tuple(microscopy_row(reading, each) for each in group.all("MicroscopicType"))
        table = Table(words.say("microscopy"), (words.label("Type"), words.say("findings")), rows)
        made.append(section(name, table, reading.facts(group)))
    return made


def microscopy_row(reading: Reading, kind: Element) -> Row:
    """One kind of findings: cells, microorganisms, ..."""
    said = []
    for each in kind.all("Details"):
        named, value = each.child("Identification"), each.child("Value")
        pair = [reading.coded(part) or reading.show(part) for part in (named, value) if part is not None]
        rest = [Markup("{}: {}").format(*row) for row in reading.rows(each)]
        said.append(Markup(" ").join(part for part in (*pair, *rest) if part))
    cells = (Cell(reading.value(kind, "Type")), Cell(LINES.join(said)))
    return Row(cells, Facts(reading.rows(kind)))


def bare(text: Text) -> str:
    """A text for where no markup may stand, as a heading."""
    return str(text.striptags() if isinstance(text, Markup) else text)
