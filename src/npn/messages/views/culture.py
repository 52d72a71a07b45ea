"""Microbiology: findings by microscope and culture, with the resistance pattern as one table."""

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import Block, Cell, Facts, Prose, Row, Section, Table, Text, filled, section
from npn.messages.views.properties import bare, microscopy_sections, properties_table
from npn.messages.views.reading import Reading
from npn.messages.views.results import assessment, interval, measured, standing, with_code

RESULTS = "LaboratoryResults"
SUSCEPTIBILITY = ("Sensitivity", "Susceptibility")
METHOD = "SusceptibilityMethod"
KEYS = ("SensitivityInterpretation", "SusceptibilityInterpretation")
STANDING_OUT = {"R": "high", "I": "abnormal"}


def microbiology_sections(reading: Reading) -> list[Section | None]:
    """XRPT02: microscopy, culture without findings, culture with findings."""
    parts = (f"{RESULTS}/{name}" for name in ("MicroscopicFindings", "CultureWithoutFindings"))
    plain = [finding_section(reading, reading.root.find(path)) for path in parts]
    return [*plain, culture_section(reading, reading.root.find(f"{RESULTS}/CultureWithFindings"))]


def investigation_sections(reading: Reading) -> list[Section | None]:
    """XRPT05 and XRPT06: one section an investigation."""
    return [
        investigation_section(reading, each, number)
        for number, each in enumerate(reading.root.all(f"{RESULTS}/Investigation"), 1)
    ]


def investigation_section(reading: Reading, investigation: Element, number: int) -> Section | None:
    """What was examined, and all that was found."""
    words = reading.words
    examination = investigation.child("Examination")
    name = reading.value(examination, "AnalysisMDSName/Examination") or reading.value(examination, "AnalysisShortName")
    codes = filled((words.say("code"), reading.codes(examination)))
    return section(
        words.say("investigation_no", number=number, name=name),
        quantitative_section(reading, investigation.child("QuantitativeFindings")),
        culture_section(reading, investigation.child("CultureFindings")),
        finding_section(reading, investigation.child("MicroscopicFindings")),
        Facts((*codes, *reading.rows(examination), *reading.rows(investigation))),
    )


def finding_section(reading: Reading, findings: Element | None) -> Section | None:
    """A headline with a text; groups of details below."""
    if findings is None:
        return None
    heading = str(reading.value(findings, "Headline")) or reading.words.label(findings.name)
    said = Prose(reading.value(findings, "Comments"))
    return section(heading, said, *microscopy_sections(reading, findings), reading.facts(findings))


def quantitative_section(reading: Reading, findings: Element | None) -> Section | None:
    """Analyses with a value each."""
    if findings is None:
        return None
    words = reading.words
    head = tuple(words.say(key) for key in ("analysis", "result", "unit", "interval", "assessment"))
    rows = tuple(quantitative_row(reading, each) for each in findings.all("AnalysisFindings"))
    whole = filled((words.label("InterPretation"), reading.coded(findings.child("InterPretation"))))
    table = Table(words.say("quantitative"), head, rows)
    return section(words.say("quantitative"), Facts(whole), table, reading.facts(findings))


def quantitative_row(reading: Reading, each: Element) -> Row:
    """One analysis; what else there is to it stands below its row."""
    found = each.child("Findings")
    mark = standing(found) if found is not None else ""
    said = reading.coded(found.child("InterPretation")) if found is not None else ""
    value = measured(reading, found)
    text: Text = Markup("{} · {}").format(value, said) if said and value else said or value
    cells = (
        Cell(reading.coded(each.child("Analysis"))),
        Cell(text, mark),
        Cell(reading.value(found, "Unit")),
        Cell(interval(reading, found)),
        assessment(reading, found),
    )
    return Row(cells, Facts(reading.rows(each)), mark)


def culture_section(reading: Reading, culture: Element | None) -> Section | None:
    """Microorganisms, then the resistance pattern, then comments."""
    if culture is None:
        return None
    words = reading.words
    heading = str(reading.value(culture, "Headline")) or words.say("culture")
    names = [organism_name(reading, each) for each in culture.all("Microorganism")]
    return section(
        heading,
        organism_table(reading, culture, names),
        *properties_tables(reading, culture, names),
        pattern_section(reading, culture, names),
        reading.facts(culture),
    )


def properties_tables(reading: Reading, culture: Element, names: list[Text]) -> list[Table]:
    """The properties of each microorganism that has any."""
    organisms = culture.all("Microorganism")
    return [properties_table(reading, each, name) for each, name in zip(organisms, names, strict=True)]


def organism_name(reading: Reading, organism: Element) -> Text:
    """A microorganism's name, without its code."""
    return reading.value(organism, "Name") or reading.value(organism, "Identification/Text")


def organism_code(reading: Reading, organism: Element) -> Text:
    """A microorganism's code."""
    return reading.codes(organism) or reading.codes(organism.child("Identification"))


def organism_table(reading: Reading, culture: Element, names: list[Text]) -> Table:
    """The microorganisms found, numbered as the pattern's columns are."""
    words = reading.words
    head = (words.say("organism"), words.say("number"), words.say("growth"), words.say("comment"))
    rows = []
    for number, organism in enumerate(culture.all("Microorganism"), 1):
        reading.hide(organism.child("SortOrder"), "why_reference")
        growth, comments = organism.child("GrowthValue"), organism.all("SpeciesComment")
        said = Markup("; ").join(reading.coded(each) or reading.show(each) for each in comments)
        isolate = reading.value(organism, "IsolateNumber")
        cells = (
            Cell(with_code(names[number - 1], organism_code(reading, organism))),
            Cell(f"{number} ({words.say('isolate', number=isolate)})" if isolate else str(number)),
            Cell(reading.coded(growth) or reading.show(growth)),
            Cell(said),
        )
        apart = organism.child("Properties")
        rest = tuple(row for each in organism.children if each is not apart for row in reading.lone_rows(each))
        rows.append(Row(cells, Facts(rest)))
    return Table(words.say("organisms"), head, tuple(rows))


def pattern_section(reading: Reading, culture: Element, names: list[Text]) -> Section | None:
    """The resistance pattern: antibiotics down, microorganisms across."""
    pattern = culture.child("Pattern")
    if pattern is None:
        return None
    words = reading.words
    heading = str(reading.value(pattern, "Headline")) or words.say("pattern")
    entries = entries_of(culture, pattern)
    rows = []
    for number, antibiotic in enumerate(pattern.all("Antibiotic"), 1):
        reading.hide(antibiotic.child("AntibioticNumber"), "why_reference")
        name = reading.value(antibiotic, "Name") or reading.value(antibiotic, "AntibioticName/Text")
        cells = [entry_cell(reading, entries.get((column, number))) for column in range(1, len(names) + 1)]
        code = reading.codes(antibiotic) or reading.codes(antibiotic.child("AntibioticName"))
        method = antibiotic.child(METHOD)
        by = reading.coded(method) or reading.show(method)
        named = with_code(name, code)
        if by:
            named = Markup('{} <span class="code under">{}: {}</span>').format(named, words.label(METHOD), by)
        rows.append(Row((Cell(named), *cells), Facts(reading.rows(antibiotic))))
    head = (words.say("antibiotic"), *(f"{number}. {bare(name)}" for number, name in enumerate(names, 1)))
    key = next((each for each in map(pattern.child, KEYS) if each is not None), None)
    blocks: tuple[Block, ...] = (Table(heading, head, tuple(rows)), Prose(reading.show(key)), reading.facts(pattern))
    return section(words.say("pattern"), *blocks)


def entries_of(culture: Element, pattern: Element) -> dict[tuple[int, int], Element]:
    """Give the entry of each column and row; one that refers to nothing, or comes again, is left for the facts."""
    organisms = places(culture.all("Microorganism"), "SortOrder")
    antibiotics = places(pattern.all("Antibiotic"), "AntibioticNumber")
    found: dict[tuple[int, int], Element] = {}
    for entry in pattern.all("PatternEntry"):
        column = organisms.get(plain(entry.value("RefMicroorganism")))
        row = antibiotics.get(plain(entry.value("RefAntibiotic")))
        if column and row:
            found.setdefault((column, row), entry)
    return found


def places(elements: tuple[Element, ...], key: str) -> dict[str, int]:
    """Give each element's place by what entries call it: its own number, else its place from 1."""
    return {plain(each.value(key) or str(number)): number for number, each in enumerate(elements, 1)}


def plain(number: str | None) -> str:
    """A number without blanks and leading zeros."""
    return (number or "").strip().lstrip("0")


def entry_cell(reading: Reading, entry: Element | None) -> Cell:
    """How a microorganism answers to an antibiotic, with what was measured."""
    if entry is None:
        return Cell(reading.words.say("untested"), "untested")
    reading.hide(entry.child("RefMicroorganism"), "why_reference")
    reading.hide(entry.child("RefAntibiotic"), "why_reference")
    code = next((each for each in map(entry.child, SUSCEPTIBILITY) if each is not None), None)
    letter = str(reading.show(code))
    value = entry.child("SusceptibilityValue")
    unit = reading.value(value, "Unit")
    parts: list[Text] = [measured(reading, value), unit, interval(reading, value)]
    more = " ".join(str(part) for part in parts if part)
    rest = [Markup("{}: {}").format(*row) for row in reading.rows(entry)]
    lines = [Markup("<strong>{}</strong>").format(letter), more, *rest]
    text = Markup("<br>").join(line for line in lines if line)
    return Cell(text, STANDING_OUT.get(letter.strip().upper(), ""))
