"""The clinician's view: everything, in the order a clinician looks for it."""

from npn.messages.model.identifiers import Flaw, cpr
from npn.messages.model.interchange import Element, Kind
from npn.messages.model.masking import compact_cpr
from npn.messages.views.blocks import (
    Block,
    Cell,
    Content,
    LabelledValues,
    NoticeBlock,
    SectionBlock,
    Sheet,
    Table,
    TableRow,
    bare,
    filled,
    section,
    without_empty_columns,
)
from npn.messages.views.culture import investigation_sections, microbiology_sections
from npn.messages.views.pathology import pathology_sections
from npn.messages.views.reading import LetterReading
from npn.messages.views.requisition import cautions, priority_cell, questions
from npn.messages.views.results import assessment, interval, measured, overview, standing, with_code
from npn.messages.views.words import WITHIN

EXAMINED = ("AnalysisMDSName", "ExaminationTypeCode")
PARTIES = ("Sender", "OriginalRequester", "Receiver", "CCReceiver", "Collector", "Payer")


def sheet(reading: LetterReading, heading: str) -> Sheet:
    """Lay out one letter."""
    blocks: list[Block | None] = [patient(reading), *cautions(reading), *overview(reading), *main(reading)]
    blocks += [about(reading), parties(reading), technical(reading), further(reading), not_shown(reading)]
    return Sheet(heading, tuple(block for block in blocks if block is not None))


def main(reading: LetterReading) -> list[SectionBlock | None]:
    """What the letter is for: results, or what is requested."""
    if reading.letter.kind is Kind.REQUISITION:
        return [requested(reading), questions(reading)]
    return [
        section(reading.words.label("GeneralResultInformation"), summary(reading)),
        results(reading),
        *microbiology_sections(reading),
        *investigation_sections(reading),
        *pathology_sections(reading),
    ]


def patient(reading: LetterReading) -> SectionBlock | None:
    """The patient first, the number written the way people read it."""
    person = reading.root.child("Patient")
    if person is None:
        return None
    words = reading.words
    number = person.child("CivilRegistrationNumber")
    name = filled(("", reading.value(person, "PersonGivenName")), ("", reading.value(person, "PersonSurnameName")))
    rows = filled(
        (words.say("name"), " ".join(text for _, text in name)),
        (words.label("CivilRegistrationNumber"), hyphened(number, reading)),
        (words.say("born"), birthday(number, reading)),
    )
    relative = reading.root.child("Relative")
    around = f"{words.label('Relative')}{WITHIN}"
    rest = (*reading.rows(person), *(reading.rows(relative, around=around) if relative is not None else ()))
    return section(words.say("patient"), LabelledValues((*rows, *rest), kind="patient"))


def birthday(number: Element | None, reading: LetterReading) -> str:
    """The day of birth that a CPR number says.

    A number that fails modulus 11 may be mistyped, or made up for a test: then its digits are given as they
    stand, without a century.
    """
    identifier = cpr(number.text.strip()) if number is not None else None
    if identifier is None or isinstance(identifier, Flaw):
        return ""
    if identifier.note is None:
        return f"{identifier.born:%d.%m.%Y}"
    return reading.words.say("born_unsure", day=f"{identifier.born:%d.%m.%y}")


def hyphened(number: Element | None, reading: LetterReading) -> Content:
    """Write a CPR number with its hyphen, anything else as it is."""
    text = reading.show(number)
    plain = compact_cpr(str(text))
    return f"{plain[:6]}-{plain[6:]}" if len(plain) == 10 and plain.isalnum() else text


def summary(reading: LetterReading) -> LabelledValues:
    """What holds for the whole answer."""
    general = reading.root.find("LaboratoryResults/GeneralResultInformation")
    text = general.child("Summary") if general is not None else None
    rows = filled((reading.words.label("Summary"), reading.coded(text) or reading.show(text)))
    results = reading.root.child("LaboratoryResults")
    comments = results.all("Comments") if results is not None else ()
    pairs = [
        (reading.words.label(comment.name), reading.coded(comment) or reading.show(comment)) for comment in comments
    ]
    return LabelledValues((*filled(*rows, *pairs), *reading.rows(general)))


def results(reading: LetterReading) -> SectionBlock | None:
    """The table of results; the laboratory's words below a result, everything else after the table."""
    words = reading.words
    answers = reading.root.all("LaboratoryResults/Result")
    if not answers:
        return None
    head = ("analysis", "result", "unit", "interval", "assessment", "status")
    names = [analysis_name(reading, result.child("Analysis")) for result in answers]
    rows = tuple(result_row(reading, result, name=name) for result, name in zip(answers, names, strict=True))
    caption = words.say("results_of", total=len(rows))
    details = section(words.say("details_of_results"), *details_of(reading, answers, names=names))
    table = Table(caption, tuple(words.say(key) for key in head), rows)
    return section(words.say("results"), without_empty_columns(table), details)


def details_of(reading: LetterReading, answers: tuple[Element, ...], *, names: list[str]) -> list[Block | None]:
    """What else there is to each result; what is the same for all stands once."""
    facts = [reading.rows(result) for result in answers]
    common = tuple(row for row in facts[0] if all(row in rows for rows in facts)) if len(facts) > 1 else ()
    own = [
        section(name, LabelledValues(tuple(row for row in rows if row not in common)))
        for rows, name in zip(facts, names, strict=True)
    ]
    return [section(reading.words.say("common_details"), LabelledValues(common)), *own]


def analysis_name(reading: LetterReading, analysis: Element | None) -> str:
    """The name that a clinician knows an analysis by."""
    names = ("AnalysisShortName", "AnalysisMDSName/Examination", "AnalysisCompleteName", "AnalysisCode")
    return bare(next((text for text in (reading.value(analysis, path) for path in names) if text), ""))


def result_row(reading: LetterReading, result: Element, *, name: str) -> TableRow:
    """One result; below it what was examined in which material, and the laboratory's words."""
    status = result.value("ResultStatusCode") or ""
    mark = standing(result)
    badge = {"svar_rettet": "corrected", "svar_midlertidigt": "preliminary", "proeve_modtaget": "preliminary"}
    analysis = result.child("Analysis")
    cells = (
        Cell(with_code(name, reading.codes(analysis))),
        Cell(measured(reading, result), mark),
        Cell(reading.value(result, "Unit")),
        Cell(interval(reading, result)),
        assessment(reading, result),
        Cell(reading.value(result, "ResultStatusCode"), badge=badge.get(status, "")),
    )
    parts = filter(None, map(analysis.child, EXAMINED)) if analysis is not None else ()
    examined = tuple(
        row for part in parts for row in (reading.rows(part) if part.children else reading.lone_rows(part))
    )
    comments = [child for child in result.children if child.name in ("ResultTextValue", "ResultComments")]
    note = filled(*((reading.words.label(comment.name), reading.show(comment)) for comment in comments))
    return TableRow(cells, LabelledValues((*examined, *note)), badge.get(status, mark))


def requested(reading: LetterReading) -> SectionBlock | None:
    """The analyses that are asked for."""
    words = reading.words
    requests = reading.root.all("Requests/RequestedAnalysis")
    rows = []
    for request in requests:
        analysis = request.child("Analysis")
        name = with_code(analysis_name(reading, analysis), reading.codes(analysis))
        cells = Cell(name), priority_cell(reading, request)
        rows.append(TableRow(cells, LabelledValues(reading.rows(request))))
    head = words.say("analysis"), words.say("priority")
    caption = words.say("requested_of", total=len(rows))
    table = without_empty_columns(Table(caption, head, tuple(rows)))
    rest = reading.root.find("Requests/SupplementaryCervixInformations")
    cervix = section(words.label("SupplementaryCervixInformations"), reading.facts(rest))
    return section(words.say("requested"), table, cervix)


def about(reading: LetterReading) -> SectionBlock | None:
    """Samples and what else the requisition says."""
    words = reading.words
    information = reading.root.child("RequisitionInformation")
    if information is None:
        return None
    samples = information.all("Sample")
    blocks: list[Block | None] = []
    for number, sample in enumerate(samples, 1):
        name = words.say("sample_no", number=number) if len(samples) > 1 else words.say("sample")
        blocks.append(section(name, reading.facts(sample)))
    return section(words.label("RequisitionInformation"), reading.facts(information), *blocks)


def parties(reading: LetterReading) -> SectionBlock | None:
    """Who sent the letter to whom."""
    people = [party for name in PARTIES for party in reading.root.all(name)]
    return section(
        reading.words.say("parties"),
        *(section(reading.words.label(party.name), reading.facts(party)) for party in people),
    )


def technical(reading: LetterReading) -> SectionBlock | None:
    """Numbers and codes of the letter and the interchange it came in."""
    around = f"{reading.words.label('Envelope')}{WITHIN}"
    envelope = LabelledValues(reading.rows(reading.envelope, around=around))
    return section(reading.words.say("technical"), reading.facts(reading.root.child("Letter")), envelope)


def further(reading: LetterReading) -> SectionBlock | None:
    """Whatever the letter holds that had no place above."""
    return section(reading.words.say("further"), reading.facts(reading.root))


def not_shown(reading: LetterReading) -> SectionBlock | None:
    """The fields that are not shown by themselves, with the reason."""
    words = reading.words
    if any(element.name in ("Break", "Space") for element in reading.root.walk()):
        layout = words.say("why_layout")
        reading.hidden += [(words.label("Break"), layout), (words.label("Space"), layout)]
    rows = tuple(dict.fromkeys(reading.hidden))
    if not rows:
        return None
    why = NoticeBlock(words.say("not_shown_why"))
    return section(words.say("not_shown"), why, LabelledValues(rows))
