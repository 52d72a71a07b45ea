"""Microbiology: findings by microscope and culture, with the resistance pattern as one table."""

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import (
    Block,
    Cell,
    Content,
    LabelledValues,
    Prose,
    SectionBlock,
    Table,
    TableRow,
    bare,
    filled,
    section,
    without_empty_columns,
)
from npn.messages.views.properties import microscopy_sections, properties_table
from npn.messages.views.reading import LetterReading
from npn.messages.views.results import assessment, interval, measured, standing, with_code

RESULTS = "LaboratoryResults"
SUSCEPTIBILITY = ("Sensitivity", "Susceptibility")
METHOD = "SusceptibilityMethod"
KEYS = ("SensitivityInterpretation", "SusceptibilityInterpretation")
STANDING_OUT = {"R": "high", "I": "abnormal"}


def microbiology_sections(reading: LetterReading) -> list[SectionBlock | None]:
    """XRPT02: microscopy, culture without findings, culture with findings."""
    parts = (f"{RESULTS}/{name}" for name in ("MicroscopicFindings", "CultureWithoutFindings"))
    plain = [finding_section(reading, reading.root.find(path)) for path in parts]
    return [*plain, culture_section(reading, reading.root.find(f"{RESULTS}/CultureWithFindings"))]


def investigation_sections(reading: LetterReading) -> list[SectionBlock | None]:
    """XRPT05 and XRPT06: one section an investigation."""
    return [
        investigation_section(reading, investigation, number=number)
        for number, investigation in enumerate(reading.root.all(f"{RESULTS}/Investigation"), 1)
    ]


def investigation_section(reading: LetterReading, investigation: Element, *, number: int) -> SectionBlock | None:
    """What was examined, and all that was found."""
    words = reading.words
    examination = investigation.child("Examination")
    name = reading.value(examination, "AnalysisMDSName/Examination") or reading.value(examination, "AnalysisShortName")
    codes = filled((words.say("code"), reading.codes(examination)))
    return section(
        words.say("investigation_no", number=number, name=bare(name)),
        quantitative_section(reading, investigation.child("QuantitativeFindings")),
        culture_section(reading, investigation.child("CultureFindings")),
        finding_section(reading, investigation.child("MicroscopicFindings")),
        LabelledValues((*codes, *reading.rows(examination), *reading.rows(investigation))),
    )


def finding_section(reading: LetterReading, findings: Element | None) -> SectionBlock | None:
    """A headline with a text; groups of details below."""
    if findings is None:
        return None
    heading = bare(reading.value(findings, "Headline")) or reading.words.label(findings.name)
    comments = Prose(reading.value(findings, "Comments"))
    return section(heading, comments, *microscopy_sections(reading, findings), reading.facts(findings))


def quantitative_section(reading: LetterReading, findings: Element | None) -> SectionBlock | None:
    """Analyses with a value each."""
    if findings is None:
        return None
    words = reading.words
    head = tuple(words.say(key) for key in ("analysis", "result", "unit", "interval", "assessment"))
    rows = tuple(quantitative_row(reading, analysis) for analysis in findings.all("AnalysisFindings"))
    whole = filled((words.label("InterPretation"), reading.coded(findings.child("InterPretation"))))
    table = without_empty_columns(Table(words.say("quantitative"), head, rows))
    return section(words.say("quantitative"), LabelledValues(whole), table, reading.facts(findings))


def quantitative_row(reading: LetterReading, analysis: Element) -> TableRow:
    """One analysis; what else there is to it stands below its row."""
    findings = analysis.child("Findings")
    mark = standing(findings) if findings is not None else ""
    interpretation = reading.coded(findings.child("InterPretation")) if findings is not None else ""
    value = measured(reading, findings)
    text: Content = (
        Markup("{} · {}").format(value, interpretation) if interpretation and value else interpretation or value
    )
    cells = (
        Cell(reading.coded(analysis.child("Analysis"))),
        Cell(text, mark),
        Cell(reading.value(findings, "Unit")),
        Cell(interval(reading, findings)),
        assessment(reading, findings),
    )
    return TableRow(cells, LabelledValues(reading.rows(analysis)), mark)


def culture_section(reading: LetterReading, culture: Element | None) -> SectionBlock | None:
    """Microorganisms, then the resistance pattern, then comments."""
    if culture is None:
        return None
    words = reading.words
    heading = bare(reading.value(culture, "Headline")) or words.say("culture")
    names = [organism_name(reading, organism) for organism in culture.all("Microorganism")]
    return section(
        heading,
        organism_table(reading, culture, names=names),
        *properties_tables(reading, culture, names=names),
        pattern_section(reading, culture, names=names),
        reading.facts(culture),
    )


def properties_tables(reading: LetterReading, culture: Element, *, names: list[Content]) -> list[Table]:
    """The properties of each microorganism that has any."""
    organisms = culture.all("Microorganism")
    return [properties_table(reading, organism, name=name) for organism, name in zip(organisms, names, strict=True)]


def organism_name(reading: LetterReading, organism: Element) -> Content:
    """A microorganism's name, without its code."""
    return reading.value(organism, "Name") or reading.value(organism, "Identification/Text")


def organism_code(reading: LetterReading, organism: Element) -> Content:
    """A microorganism's code."""
    return reading.codes(organism) or reading.codes(organism.child("Identification"))


def organism_table(reading: LetterReading, culture: Element, *, names: list[Content]) -> Table:
    """The microorganisms found, numbered as the pattern's columns are."""
    words = reading.words
    head = (words.say("organism"), words.say("number"), words.say("growth"), words.say("comment"))
    rows = []
    for number, organism in enumerate(culture.all("Microorganism"), 1):
        reading.hide(organism.child("SortOrder"), "why_reference")
        growth, comments = organism.child("GrowthValue"), organism.all("SpeciesComment")
        remark = Markup("; ").join(reading.coded(comment) or reading.show(comment) for comment in comments)
        isolate = reading.value(organism, "IsolateNumber")
        cells = (
            Cell(with_code(names[number - 1], organism_code(reading, organism))),
            Cell(f"{number} ({words.say('isolate', number=isolate)})" if isolate else str(number)),
            Cell(reading.coded(growth) or reading.show(growth)),
            Cell(remark),
        )
        apart = organism.child("Properties")
        rest = tuple(row for child in organism.children if child is not apart for row in reading.lone_rows(child))
        rows.append(TableRow(cells, LabelledValues(rest)))
    return without_empty_columns(Table(words.say("organisms"), head, tuple(rows)))


def pattern_section(reading: LetterReading, culture: Element, *, names: list[Content]) -> SectionBlock | None:
    """The resistance pattern: antibiotics down, microorganisms across."""
    pattern = culture.child("Pattern")
    if pattern is None:
        return None
    words = reading.words
    heading = bare(reading.value(pattern, "Headline")) or words.say("pattern")
    entries = entries_of(culture, pattern)
    rows = []
    for number, antibiotic in enumerate(pattern.all("Antibiotic"), 1):
        reading.hide(antibiotic.child("AntibioticNumber"), "why_reference")
        name = reading.value(antibiotic, "Name") or reading.value(antibiotic, "AntibioticName/Text")
        cells = [entry_cell(reading, entries.get((column, number))) for column in range(1, len(names) + 1)]
        code = reading.codes(antibiotic) or reading.codes(antibiotic.child("AntibioticName"))
        method = antibiotic.child(METHOD)
        by = reading.coded(method) or reading.show(method)
        title = with_code(name, code)
        if by:
            title = Markup('{} <span class="code under">{}: {}</span>').format(title, words.label(METHOD), by)
        rows.append(TableRow((Cell(title), *cells), LabelledValues(reading.rows(antibiotic))))
    head = (words.say("antibiotic"), *(f"{number}. {bare(name)}" for number, name in enumerate(names, 1)))
    key = next((child for child in map(pattern.child, KEYS) if child is not None), None)
    blocks: tuple[Block, ...] = (Table(heading, head, tuple(rows)), Prose(reading.show(key)), reading.facts(pattern))
    return section(words.say("pattern"), *blocks)


def entries_of(culture: Element, pattern: Element) -> dict[tuple[int, int], Element]:
    """Return the entry of each column and row; one that refers to nothing, or comes again, is left for the facts."""
    organisms = places(culture.all("Microorganism"), "SortOrder")
    antibiotics = places(pattern.all("Antibiotic"), "AntibioticNumber")
    entries: dict[tuple[int, int], Element] = {}
    for entry in pattern.all("PatternEntry"):
        column = organisms.get(plain(entry.value("RefMicroorganism")))
        row = antibiotics.get(plain(entry.value("RefAntibiotic")))
        if column and row:
            entries.setdefault((column, row), entry)
    return entries


def places(elements: tuple[Element, ...], key: str) -> dict[str, int]:
    """Return each element's place by what entries call it: its own number, else its place from 1."""
    return {plain(element.value(key) or str(number)): number for number, element in enumerate(elements, 1)}


def plain(number: str | None) -> str:
    """A number without blanks and leading zeros."""
    return (number or "").strip().lstrip("0")


def entry_cell(reading: LetterReading, entry: Element | None) -> Cell:
    """How a microorganism answers to an antibiotic, with what was measured."""
    if entry is None:
        return Cell(reading.words.say("untested"), "untested")
    reading.hide(entry.child("RefMicroorganism"), "why_reference")
    reading.hide(entry.child("RefAntibiotic"), "why_reference")
    code = next((child for child in map(entry.child, SUSCEPTIBILITY) if child is not None), None)
    letter = str(reading.show(code))
    value = entry.child("SusceptibilityValue")
    unit = reading.value(value, "Unit")
    parts: list[Content] = [measured(reading, value), unit, interval(reading, value)]
    more = Markup(" ").join(part for part in parts if part)
    rest = [Markup("{}: {}").format(*row) for row in reading.rows(entry)]
    lines = [Markup("<strong>{}</strong>").format(letter), more, *rest]
    text = Markup("<br>").join(line for line in lines if line)
    return Cell(text, STANDING_OUT.get(letter.strip().upper(), ""))
