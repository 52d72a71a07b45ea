"""Pathology, cytology, genetics: coded diagnoses, then the texts, the conclusion first."""

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import (
    Block,
    Cell,
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
from npn.messages.views.reading import LetterReading
from npn.messages.views.results import result_mark

RESULTS = "LaboratoryResults"
ORDER = (
    "Conclusion", "AnalysisHeadline", "AnalysisResults", "Microscopic", "Macroscopic", "Hematology",
    "AnalysisMethod", "GenomeReference", "InternalReference", "Comments",
)  # fmt: skip
AXES = frozenset(("T", "M", "P", "F", "S", "Æ"))


def pathology_sections(reading: LetterReading) -> list[SectionBlock | None]:
    """Diagnoses, the answer for tables, the texts."""
    codes, table = (reading.root.find(f"{RESULTS}/{name}") for name in ("CodedFormat", "TableFormat"))
    texts = reading.root.find(f"{RESULTS}/TextualFormat")
    parts = [texts.child(name) for name in ORDER] if texts is not None else []
    # the coded diagnoses and the conclusion are what a clinician looks for first
    return [
        diagnoses(reading, codes),
        *(text_section(reading, text) for text in parts if text is not None),
        for_tables(reading, table),
    ]


def for_tables(reading: LetterReading, table: Element | None) -> SectionBlock | None:
    """The answer as patient record systems put it into their tables."""
    if table is None:
        return None
    mark = result_mark(table)
    words = reading.words
    head = (words.label("TableResult"), words.say("assessment"))
    heading = bare(reading.value(table, "ResultHeadline")) or words.label("TableFormat")
    cells = (
        Cell(reading.value(table, "TableResult")),
        Cell(reading.value(table, "ResultValidation"), mark, mark),
    )
    row = TableRow(cells, reading.facts(table), mark)
    return section(words.label("TableFormat"), without_empty_columns(Table(heading, head, (row,))))


def diagnoses(reading: LetterReading, coded: Element | None) -> SectionBlock | None:
    """One table of codes and texts for each sample."""
    if coded is None:
        return None
    words = reading.words
    heading = bare(reading.value(coded, "DiagnosisHeadline")) or words.say("diagnoses")
    blocks: list[Block | None] = []
    samples = coded.all("Sample")
    for number, sample in enumerate(samples, 1):
        name = bare(reading.value(sample, "MaterialDescription"))
        title = words.say("sample_no", number=number) + (f": {name}" if name else "")
        blocks.append(section(title, diagnosis_table(reading, sample, number=number), reading.facts(sample)))
    return section(heading, *blocks, reading.facts(coded))


def diagnosis_table(reading: LetterReading, sample: Element, *, number: int) -> Table | None:
    """Topography first, then the findings; each with its code."""
    results = sample.child("CodedResults")
    if results is None:
        return None
    words = reading.words
    caption = words.say("diagnoses_of", number=number)
    headline = bare(reading.value(results, "Headline"))
    rows = []
    for child in results.children:
        if child.name in ("Topography", "Result"):
            cells = (
                Cell(reading.value(child, "Code")),
                Cell(axis(reading, child)),
                Cell(reading.value(child, "Text")),
                Cell(reading.value(child, "Comment")),
            )
            rows.append(TableRow(cells, LabelledValues(reading.rows(child))))
    head = tuple(words.say(key) for key in ("code", "axis", "text", "comment"))
    return without_empty_columns(Table(f"{caption}: {headline}" if headline else caption, head, tuple(rows)))


def axis(reading: LetterReading, diagnosis: Element) -> str:
    """Return what a code of the Danish SNOMED speaks of, by its first letter: `M-code (morphology)`."""
    letter = (diagnosis.value("Code") or "").strip()[:1].upper()
    return reading.words.say(f"axis_{letter}") if letter in AXES else reading.words.label(diagnosis.name)


def text_section(reading: LetterReading, part: Element) -> SectionBlock | None:
    """A headline and its text; the haematology as the table it is."""
    heading = bare(reading.value(part, "Headline")) or reading.words.label(part.name)
    if part.name == "Hematology":
        return section(heading, haematology(reading, part), reading.facts(part))
    return section(heading, Prose(reading.value(part, "Text")), references(reading, part), reading.facts(part))


def references(reading: LetterReading, part: Element) -> LabelledValues:
    """What a text points to."""
    label = reading.words.label("Reference")
    return LabelledValues(tuple((label, reading.reference(reference)) for reference in part.all("Reference")))


def haematology(reading: LetterReading, part: Element) -> Table:
    """Cell types down, marrow and blood across."""
    words = reading.words
    labels = part.child("Labels")
    names = (("CellTypes", "CellType"), ("Marrow", "Marrow"), ("Peripheral", "Peripheral"))
    head = tuple(bare(reading.value(labels, name)) or words.label(fallback) for name, fallback in names)
    rows = []
    for result in part.all("Result"):
        cells = tuple(Cell(reading.value(result, name)) for _, name in names)
        rows.append(TableRow(cells, LabelledValues(filled(*reading.rows(result)))))
    return Table(words.say("haematology"), head, tuple(rows), numeric=(1, 2))
