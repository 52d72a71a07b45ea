"""The citizen's view: plain words, explained states, no internal codes, no CPR number."""

from markupsafe import Markup

from npn.messages.model.interchange import Element, Kind
from npn.messages.views.blocks import (
    Block,
    Cell,
    Content,
    LabelledValues,
    NoticeBlock,
    Prose,
    SectionBlock,
    Sheet,
    Table,
    TableRow,
    filled,
    section,
)
from npn.messages.views.culture import entries_of
from npn.messages.views.reading import LetterReading
from npn.messages.views.results import standing, unflagged
from npn.messages.views.words import Words

GENERAL = "LaboratoryResults/GeneralResultInformation"
STATES = {
    "komplet_svar": "state_complete", "komplet": "state_complete", "del_svar": "state_partial",
    "delvis": "state_partial", "modtaget": "state_received",
}  # fmt: skip
MEANINGS = {
    "for_hoej": "means_high", "for_lav": "means_low", "unormal": "means_abnormal",
    "malign": "means_malign", "premalign": "means_premalign",
}  # fmt: skip
WORKS = {"S": "works", "I": "works_more", "R": "works_not"}
TEXTS = ("Conclusion", "AnalysisResults", "Microscopic", "Macroscopic", "Comments")


def sheet(reading: LetterReading, heading: str) -> Sheet:
    """Lay out one letter."""
    words = reading.words
    if reading.letter.version is None:
        return Sheet(heading, (NoticeBlock(words.say("citizen_unknown")),))
    if reading.letter.kind is Kind.RECEIPT:
        return Sheet(
            heading, (NoticeBlock(words.say("citizen_receipt")), *kept(section(words.say("details"), when(reading))))
        )
    request = reading.letter.kind is Kind.REQUISITION
    intro = NoticeBlock(words.say("citizen_request" if request else "citizen_intro"))
    body = [ordered(reading)] if request else answer(reading)
    return Sheet(heading, (intro, *kept(section(words.say("overview"), when(reading)), *body)))


def kept(*blocks: SectionBlock | None) -> tuple[Block, ...]:
    """Leave out what holds nothing."""
    return tuple(block for block in blocks if block is not None)


def when(reading: LetterReading) -> LabelledValues:
    """Whose it is, from whom, and when."""
    words, root = reading.words, reading.root
    names = [reading.value(root, f"Patient/{name}") for name in ("PersonGivenName", "PersonSurnameName")]
    sender = [reading.value(root, f"Sender/{name}") for name in ("OrganisationName", "DepartmentName")]
    sampling = first(
        reading, "RequisitionInformation/Sample/SamplingDateTime", "RequisitionInformation/SamplingDateTime"
    )
    reception = "SampleReceivedDateTime"
    got = first(reading, f"RequisitionInformation/Sample/{reception}", f"RequisitionInformation/{reception}")
    request = reading.letter.kind is Kind.REQUISITION
    return LabelledValues(
        filled(
            (words.say("name"), " ".join(str(name) for name in names if name)),
            (words.say("ordered_by" if request else "from"), ", ".join(str(name) for name in sender if name)),
            (words.say("ordered"), reading.value(root, "RequisitionInformation/RequisitionDateTime")),
            (words.say("taken"), "" if request else sampling),
            (words.say("received"), got),
            (words.say("answered"), reading.value(root, f"{GENERAL}/ResultsDateTime")),
        )
    )


def first(reading: LetterReading, *paths: str) -> Content:
    """Show what stands at the first path that has anything."""
    return next((text for text in (reading.value(reading.root, path) for path in paths) if text), "")


def ordered(reading: LetterReading) -> SectionBlock | None:
    """The names of what was ordered."""
    names = [
        plain_name(reading, request.child("Analysis")) for request in reading.root.all("Requests/RequestedAnalysis")
    ]
    rows = tuple(TableRow((Cell(name),)) for name in names if name)
    words = reading.words
    return section(words.say("ordered_tests"), Table(words.say("ordered_tests"), (words.say("analysis"),), rows))


def plain_name(reading: LetterReading, analysis: Element | None) -> Content:
    """The name of an analysis that says most to a person."""
    paths = ("AnalysisCompleteName", "AnalysisMDSName/Examination", "AnalysisShortName")
    return next((text for text in (reading.value(analysis, path) for path in paths) if text), "")


def answer(reading: LetterReading) -> list[SectionBlock | None]:
    """How far the answer is, then what it says."""
    return [
        section(reading.words.say("state"), *states(reading)),
        results(reading),
        *cultures(reading),
        *microscopy(reading),
        *tissue(reading),
    ]


def states(reading: LetterReading) -> list[NoticeBlock]:
    """Return whole sentences on how far the answer is."""
    root, words = reading.root, reading.words
    whole = root.value(f"{GENERAL}/ReportStatusCode") or root.value(f"{GENERAL}/ResultStatus") or ""
    single = {status.text for status in root.all("LaboratoryResults/Result/ResultStatusCode")}
    single |= {status.text for status in root.all(f"{GENERAL}/ResultStatusCode")}
    notices = [NoticeBlock(words.say(STATES[whole]))] if whole in STATES else []
    if "svar_midlertidigt" in single:
        notices.append(NoticeBlock(words.say("state_preliminary"), "preliminary"))
    if "svar_rettet" in single:
        notices.append(NoticeBlock(words.say("state_corrected"), "corrected"))
    return notices or [NoticeBlock(words.say("state_final"))]


def results(reading: LetterReading) -> SectionBlock | None:
    """The values, each with the usual range and what it means."""
    words = reading.words
    rows = [
        result_row(reading, result, name=plain_name(reading, result.child("Analysis")))
        for result in found_results(reading)
    ]
    findings = "LaboratoryResults/Investigation/QuantitativeFindings/AnalysisFindings"
    for finding in reading.root.all(findings):
        values = finding.child("Findings")
        if values is not None:
            rows.append(result_row(reading, values, name=reading.value(finding, "Analysis/Text")))
    head = tuple(words.say(key) for key in ("analysis", "your_result", "usual", "meaning"))
    return section(words.say("your_results"), Table(words.say("your_results"), head, tuple(rows)))


def found_results(reading: LetterReading) -> tuple[Element, ...]:
    """The results that say something to a person; headings of microbiology do not."""
    return tuple(
        result
        for result in reading.root.all("LaboratoryResults/Result")
        if result.value("Analysis/ExaminationTypeCode") != "overskrift" and result.value("Value") != "MIKRO"
    )


def result_row(reading: LetterReading, result: Element, *, name: Content) -> TableRow:
    """One value in words."""
    words = reading.words
    mark, side = standing(result), unflagged(result)
    waiting = result.value("ResultStatusCode") == "proeve_modtaget"
    flag, interval_text = result.value("ResultValidation") or "", usual(reading, result)
    meaning = MEANINGS.get(flag, "means_usual" if flag.strip() or interval_text else "means_unsaid")
    meaning = f"means_outside_{side}" if side else meaning
    comments = [reading.show(child) for child in result.children if child.name in ("ResultTextValue", "ResultComments")]
    comment = Markup("<br>").join(text for text in comments if text)
    cells = (
        Cell(name),
        Cell(words.say("not_done") if waiting else value_in_words(reading, result), "" if waiting else mark),
        Cell(interval_text),
        Cell("" if waiting else words.say(meaning), mark, mark),
    )
    return TableRow(cells, LabelledValues(filled((words.say("comments"), comment))), "" if waiting else mark)


def value_in_words(reading: LetterReading, result: Element) -> str:
    """A value with its unit, `less than` and `more than` in words."""
    words = reading.value(result, "InterPretation/Text")
    value = str(reading.value(result, "Value"))
    unit = str(reading.value(result, "Unit"))
    key = {"mindre_end": "less_than", "stoerre_end": "more_than"}.get(result.value("Operator") or "")
    text = reading.words.say(key, value=value) if key and value else value
    with_unit = text if unit in ("", "1") or not value else f"{text} {unit}"
    return " · ".join(filter(None, (with_unit, str(words.striptags() if isinstance(words, Markup) else words))))


def usual(reading: LetterReading, result: Element) -> Content:
    """The reference interval in words."""
    low, high, text = (
        str(reading.value(result, f"ReferenceInterval/{name}")) for name in ("LowerLimit", "UpperLimit", "IntervalText")
    )
    if low and high:
        return f"{low} {reading.words.say('to')} {high}"
    if low or high:
        return reading.words.say("above", limit=low) if low else reading.words.say("below", limit=high)
    return text


def cultures(reading: LetterReading) -> list[SectionBlock | None]:
    """Bacteria that were found, and which medicine works on them."""
    words = reading.words
    groups = (
        *reading.root.all("LaboratoryResults/CultureWithFindings"),
        *reading.root.all("LaboratoryResults/Investigation/CultureFindings"),
    )
    sections = []
    for culture in groups:
        organisms = culture.all("Microorganism")
        names = [reading.value(o, "Name") or reading.value(o, "Identification/Text") for o in organisms]
        rows = tuple(
            TableRow((Cell(name), Cell(growth(reading, organism))))
            for name, organism in zip(names, organisms, strict=True)
        )
        table = Table(words.say("organisms"), (words.say("organism"), words.say("growth")), rows)
        sections.append(section(words.say("found"), table, medicine(reading, culture, names=names)))
    return sections


def growth(reading: LetterReading, organism: Element) -> Content:
    """How much grew."""
    return reading.value(organism, "GrowthValue/Text") or reading.value(organism, "GrowthValue")


def medicine(reading: LetterReading, culture: Element, *, names: list[Content]) -> Table | None:
    """The resistance pattern in words."""
    pattern = culture.child("Pattern")
    if pattern is None:
        return None
    words = reading.words
    entries = entries_of(culture, pattern)
    rows = []
    for number, antibiotic in enumerate(pattern.all("Antibiotic"), 1):
        name = reading.value(antibiotic, "Name") or reading.value(antibiotic, "AntibioticName/Text")
        cells = [works(words, entries.get((column, number))) for column in range(1, len(names) + 1)]
        rows.append(TableRow((Cell(name), *cells)))
    return Table(words.say("antibiotics"), (words.say("antibiotic"), *map(str, names)), tuple(rows))


def works(words: Words, entry: Element | None) -> Cell:
    """Return whether a medicine works, in words."""
    if entry is None:
        return Cell(words.say("untested"), "untested")
    letter = (entry.value("Sensitivity") or entry.value("Susceptibility") or "").strip()
    return Cell(words.say(WORKS[letter]) if letter in WORKS else letter)


def microscopy(reading: LetterReading) -> list[SectionBlock | None]:
    """What was seen in the microscope, and cultures without findings."""
    paths = ("MicroscopicFindings", "CultureWithoutFindings", "Investigation/MicroscopicFindings")
    findings = [finding for path in paths for finding in reading.root.all(f"LaboratoryResults/{path}")]
    return [
        section(str(reading.value(finding, "Headline")), Prose(reading.value(finding, "Comments")))
        for finding in findings
    ]


def tissue(reading: LetterReading) -> list[SectionBlock | None]:
    """Pathology and genetics: what was examined, what was found, the doctors' texts."""
    words = reading.words
    rows = []
    for sample in reading.root.all("LaboratoryResults/CodedFormat/Sample"):
        texts = [reading.value(result, "Text") for result in sample.all("CodedResults/Result")]
        rows.append(TableRow((Cell(reading.value(sample, "MaterialDescription")), Cell("; ".join(map(str, texts))))))
    head = (words.say("material"), words.say("diagnosis"))
    whole = reading.root.find("LaboratoryResults/TableFormat")
    flag = MEANINGS.get((whole.value("ResultValidation") or "") if whole is not None else "")
    notice = NoticeBlock(words.say(flag), "abnormal") if flag else None
    parts = [reading.root.find(f"LaboratoryResults/TextualFormat/{name}") for name in TEXTS]
    return [
        section(words.say("tissue"), notice, Table(words.say("tissue"), head, tuple(rows)) if rows else None),
        *(
            section(str(reading.value(part, "Headline")), Prose(reading.value(part, "Text")))
            for part in parts
            if part is not None
        ),
    ]
