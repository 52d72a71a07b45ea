"""What the laboratory found, in plain words: values, bacteria, what was seen, diagnoses."""

import re

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import (
    Cell,
    Content,
    LabelledValues,
    NoticeBlock,
    Prose,
    SectionBlock,
    Table,
    TableRow,
    bare,
    filled,
    section,
    without_empty_columns,
)
from npn.messages.views.culture import KEYS, SUSCEPTIBILITY, entries_of, organism_name, properties_tables
from npn.messages.views.pathology import ORDER, haematology
from npn.messages.views.properties import microscopy_sections
from npn.messages.views.reading import LetterReading
from npn.messages.views.results import ELSEWHERE, standing, unflagged

RESULT = "LaboratoryResults/Result"
QUANTITATIVE = "LaboratoryResults/Investigation/QuantitativeFindings/AnalysisFindings"
INVESTIGATION = "LaboratoryResults/Investigation"
CULTURE = "LaboratoryResults/CultureWithFindings"
SEEN = ("LaboratoryResults/MicroscopicFindings", "LaboratoryResults/CultureWithoutFindings")
MEANINGS = {
    "for_hoej": "means_high", "for_lav": "means_low", "unormal": "means_abnormal",
    "malign": "means_malign", "premalign": "means_premalign",
}  # fmt: skip
COMMENTS = ("ResultTextValue", "ResultComments")
OPERATORS = {"mindre_end": "less_than", "stoerre_end": "more_than"}
LEGEND = re.compile(r"\b([A-Z])\s*[=:]\s*([^,;.=:]+?)\s*(?=[,;.]|\b[A-Z]\s*[=:]|$)")


def result_sections(reading: LetterReading) -> list[SectionBlock | None]:
    """The values, each with the expected range and what the laboratory says of it."""
    words = reading.words
    rows = [
        result_row(reading, result, name=reading.test_name(result.child("Analysis")))
        for result in reading.root.all(RESULT)
    ]
    for finding in reading.root.all(QUANTITATIVE):
        values = finding.child("Findings")
        if values is not None:
            rows.append(result_row(reading, values, name=reading.value(finding, "Analysis/Text")))
    if not rows:
        return []
    judged = any(row.cells[3].text not in ("", words.say("means_unsaid")) for row in rows)
    if not judged:
        rows = [TableRow((*row.cells[:3], Cell("")), row.note, row.mark) for row in rows]
    head = tuple(words.say(key) for key in ("test", "your_result", "usual", "meaning"))
    table = without_empty_columns(Table(words.say("your_results"), head, tuple(dict.fromkeys(rows))))
    is_measured = any(result.child("Value") is not None for result in reading.root.all(RESULT))
    return [
        section(
            words.say("your_results"), table, None if judged or not is_measured else Prose(words.say("means_unsaid"))
        )
    ]


def result_row(reading: LetterReading, result: Element, *, name: Content) -> TableRow:
    """One value in words; below it the laboratory's comments, then what else there is to it."""
    words = reading.words
    mark = standing(result)
    waiting = result.value("ResultStatusCode") == "proeve_modtaget"
    expected = usual(reading, result)
    says_nothing = waiting or (result.value("Value") or "") in ("", ELSEWHERE)
    cells = (
        Cell(name),
        Cell(words.say("not_done") if waiting else value_in_words(reading, result), "" if waiting else mark),
        Cell(expected),
        Cell("" if says_nothing else words.say(meaning(result, expected)), mark, mark),
    )
    comments = [reading.show(child) for child in result.children if child.name in COMMENTS]
    comment = Markup("<br>").join(text for text in comments if text)
    for status in filter(None, map(result.child, ("ResultStatusCode", "ResultValidation"))):
        reading.mark(status)
    note = (*filled((words.say("comments"), comment)), *reading.plain_rows(result))
    return TableRow(cells, LabelledValues(note), "" if waiting else mark)


def meaning(result: Element, expected: Content) -> str:
    """Return the sentence on what the laboratory says of a value."""
    side = unflagged(result)
    if side:
        return f"means_outside_{side}"
    flag = result.value("ResultValidation") or ""
    return MEANINGS.get(flag, "means_usual" if flag.strip() or expected else "means_unsaid")


def value_in_words(reading: LetterReading, result: Element) -> Content:
    """A value with its unit, `less than` and `more than` in words."""
    if result.value("Value") == ELSEWHERE:
        reading.value(result, "Value")
        return reading.words.say("see_below")
    interpretation, value = reading.value(result, "InterPretation/Text"), reading.value(result, "Value")
    unit = reading.value(result, "Unit")
    operator = result.child("Operator")
    key = OPERATORS.get(operator.text) if operator is not None else None
    if operator is not None:
        reading.mark(operator)
    text = reading.words.markup(key, value=value) if key and value else value
    with_unit = text if unit in ("", "1") or not value else Markup(" ").join((text, unit))
    return Markup(" · ").join(part for part in (with_unit, bare(interpretation)) if part)


def usual(reading: LetterReading, result: Element) -> Content:
    """The reference interval in words."""
    words, parts = reading.words, []
    low, high, text = (
        reading.value(result, f"ReferenceInterval/{name}") for name in ("LowerLimit", "UpperLimit", "IntervalText")
    )
    kind = result.find("ReferenceInterval/TypeOfInterval")
    if kind is not None:
        reading.mark(kind)
    if low and high:
        parts.append(Markup(f" {words.say('to')} ").join((low, high)))  # noqa: S704  # our own word
    elif low or high:
        parts.append(words.markup("above", limit=low) if low else words.markup("below", limit=high))
    return Markup("; ").join(part for part in (*parts, text) if part)


def findings_sections(reading: LetterReading) -> list[SectionBlock | None]:
    """Bacteria and what works on them, what was seen in the microscope, tissue."""
    root = reading.root
    return [
        *(culture_section(reading, culture) for culture in root.all(CULTURE)),
        *(seen_section(reading, finding) for path in SEEN for finding in root.all(path)),
        *(
            investigation_section(reading, investigation, number=number)
            for number, investigation in enumerate(root.all(INVESTIGATION), 1)
        ),
        *tissue_sections(reading),
    ]


def investigation_section(reading: LetterReading, investigation: Element, *, number: int) -> SectionBlock | None:
    """One investigation by its name: what grew, what was seen, what else it says."""
    name = bare(reading.value(investigation, "Examination/AnalysisMDSName/Examination"))
    name = name or bare(reading.value(investigation, "Examination/AnalysisShortName"))
    title = reading.words.say("investigation_no", number=number, name=name).removesuffix(": ")
    cultures, slides = investigation.all("CultureFindings"), investigation.all("MicroscopicFindings")
    blocks = (
        *(culture_section(reading, culture) for culture in cultures),
        *(seen_section(reading, finding) for finding in slides),
    )
    return section(title, *blocks, LabelledValues(reading.plain_rows(investigation)))


def culture_section(reading: LetterReading, culture: Element) -> SectionBlock | None:
    """The bacteria that grew, which medicine was tried on them, and every comment."""
    words = reading.words
    heading = bare(reading.value(culture, "Headline")) or words.say("found")
    organisms = culture.all("Microorganism")
    names = [organism_name(reading, organism) for organism in organisms]
    rows = []
    for name, organism in zip(names, organisms, strict=True):
        growth, comments = organism.child("GrowthValue"), organism.all("SpeciesComment")
        remark = Markup("; ").join(reading.coded(comment) or reading.show(comment) for comment in comments)
        rows.append(TableRow((Cell(name), Cell(reading.coded(growth) or reading.show(growth)), Cell(remark))))
    head = (words.say("organism"), words.say("growth"), words.say("comment"))
    return section(
        heading,
        without_empty_columns(Table(words.say("organisms"), head, tuple(rows))),
        *properties_tables(reading, culture, names=names),
        *medicine(reading, culture, names=names),
        LabelledValues(reading.plain_rows(culture)),
    )


def medicine(reading: LetterReading, culture: Element, *, names: list[Content]) -> list[Table | Prose | NoticeBlock]:
    """The resistance pattern with the letters that the laboratory wrote, and what it says that they mean."""
    pattern = culture.child("Pattern")
    if pattern is None:
        return []
    words = reading.words
    key = next((child for child in map(pattern.child, KEYS) if child is not None), None)
    legend = reading.show(key)
    meanings = dict(LEGEND.findall(bare(legend)))
    entries = entries_of(culture, pattern)
    columns = sorted({column for column, _ in entries})
    rows = []
    for number, antibiotic in enumerate(pattern.all("Antibiotic"), 1):
        name = reading.value(antibiotic, "Name") or reading.value(antibiotic, "AntibioticName/Text")
        cells = [tried(reading, entries.get((column, number)), meanings=meanings) for column in columns]
        rows.append(TableRow((Cell(name), *cells)))
    heading = bare(reading.value(pattern, "Headline")) or words.say("antibiotics")
    head = (words.say("antibiotic"), *(bare(names[column - 1]) for column in columns))
    explained = Prose(legend) if legend else NoticeBlock(words.say("no_legend"))
    return [Table(heading, head, tuple(rows)), explained]


def tried(reading: LetterReading, entry: Element | None, *, meanings: dict[str, str]) -> Cell:
    """What the laboratory wrote of a medicine, with its own meaning of the letter."""
    if entry is None:
        return Cell(reading.words.say("untested"), "untested")
    code = next((child for child in map(entry.child, SUSCEPTIBILITY) if child is not None), None)
    letter = bare(reading.show(code)).strip()
    meaning = meanings.get(letter)
    return Cell(f"{letter}: {meaning}" if meaning else letter)


def seen_section(reading: LetterReading, finding: Element) -> SectionBlock | None:
    """What was seen in the microscope, and cultures without findings."""
    heading = bare(reading.value(finding, "Headline")) or reading.words.label(finding.name)
    comments = Prose(reading.value(finding, "Comments"))
    rest = microscopy_sections(reading, finding)
    return section(heading, comments, *rest, LabelledValues(reading.plain_rows(finding)))


def tissue_sections(reading: LetterReading) -> list[SectionBlock | None]:
    """Pathology and genetics: what was examined, what was found, the doctors' texts."""
    words = reading.words
    rows = []
    for sample in reading.root.all("LaboratoryResults/CodedFormat/Sample"):
        names = (reading.value(sample, path) for path in ("MaterialDescription", "CodedResults/Headline"))
        material = Markup(", ").join(name for name in names if name)
        rows.append(TableRow((Cell(material), Cell(diagnoses(reading, sample)))))
    tissue = bare(reading.value(reading.root, "LaboratoryResults/CodedFormat/DiagnosisHeadline")) or words.say("tissue")
    head = (words.say("material"), words.say("diagnosis"))
    table = reading.root.find("LaboratoryResults/TableFormat")
    flag = MEANINGS.get((table.value("ResultValidation") or "") if table is not None else "")
    notice = NoticeBlock(words.say(flag), "abnormal") if flag else None
    text = reading.root.find("LaboratoryResults/TextualFormat")
    parts = [text.child(name) for name in ORDER] if text is not None else []
    return [
        section(tissue, notice, without_empty_columns(Table(tissue, head, tuple(rows)))),
        *(text_section(reading, part) for part in parts if part is not None),
    ]


def diagnoses(reading: LetterReading, sample: Element) -> Content:
    """What the doctors found in one sample: where, what, and their comments."""
    lines = []
    for results in sample.all("CodedResults"):
        for child in results.children:
            if child.name in ("Topography", "Result"):
                text, comment = reading.value(child, "Text"), reading.value(child, "Comment")
                lines.append(Markup(" \N{EN DASH} ").join(part for part in (text, comment) if part))
    return Markup("<br>").join(line for line in lines if line)


def text_section(reading: LetterReading, part: Element) -> SectionBlock | None:
    """A headline and its text; the haematology as the table it is."""
    heading = bare(reading.value(part, "Headline")) or reading.words.label(part.name)
    if part.name == "Hematology":
        return section(heading, haematology(reading, part), LabelledValues(reading.plain_rows(part)))
    return section(heading, Prose(reading.value(part, "Text")), LabelledValues(reading.plain_rows(part)))
