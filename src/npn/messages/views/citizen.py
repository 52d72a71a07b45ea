"""The citizen's view: plain words, explained states, no internal codes, no CPR number.

Everything that the laboratory wrote is shown. What is left out is of a kind that `aside` names, and the page says so.
"""

from collections.abc import Collection, Iterator

from npn.messages.model.interchange import Element, Kind
from npn.messages.views.aside import InternalPart
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
    without_empty_columns,
)
from npn.messages.views.citizen_results import findings_sections, result_sections
from npn.messages.views.reading import LetterReading
from npn.messages.views.requisition import REQUESTED, cautions, priority_cell, questions
from npn.messages.views.results import GENERAL

STATES = {
    "komplet_svar": "state_complete", "komplet": "state_complete", "del_svar": "state_partial",
    "delvis": "state_partial", "modtaget": "state_received",
}  # fmt: skip
WAITING = "proeve_modtaget"
PRELIMINARY = "svar_midlertidigt"
CORRECTED = "svar_rettet"
FINAL = "svar_endeligt"
WHOLLY = frozenset(("preliminary", "corrected"))
WHOLE = (f"{GENERAL}/ReportStatusCode", f"{GENERAL}/ResultStatus")
STATUSES = ("LaboratoryResults/Result/ResultStatusCode", f"{GENERAL}/ResultStatusCode")


def sheet(reading: LetterReading, heading: str) -> Sheet:
    """Lay out one letter."""
    words = reading.words
    if reading.letter.version is None:
        return Sheet(heading, (NoticeBlock(words.say("citizen_unknown")),))
    if reading.letter.kind is Kind.RECEIPT:
        return Sheet(
            heading, (NoticeBlock(words.say("citizen_receipt")), *kept(section(words.say("details"), when(reading))))
        )
    aside = InternalPart(reading)
    request = reading.letter.kind is Kind.REQUISITION
    intro = NoticeBlock(words.say("citizen_request" if request else "citizen_intro"))
    top = section(words.say("overview"), when(reading))
    body = [ordered(reading), questions(reading)] if request else answer(reading)
    return Sheet(heading, (intro, *cautions(reading), *kept(top, *body, *more(reading), aside.remainder())))


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
    received = first(reading, f"RequisitionInformation/Sample/{reception}", f"RequisitionInformation/{reception}")
    request = reading.letter.kind is Kind.REQUISITION
    said(reading, ("RequisitionInformation/SamplingDateTimeType",), codes=("faktisk", "oensket"))
    is_wish = root.value("RequisitionInformation/SamplingDateTimeType") == "oensket"
    return LabelledValues(
        filled(
            (words.say("name"), " ".join(str(name) for name in names if name)),
            (words.say("ordered_by" if request else "from"), ", ".join(str(name) for name in sender if name)),
            (words.say("ordered"), reading.value(root, "RequisitionInformation/RequisitionDateTime")),
            (words.say("to_be_taken" if is_wish else "taken"), sampling),
            (words.say("received"), received),
            (words.say("answered"), reading.value(root, f"{GENERAL}/ResultsDateTime")),
        )
    )


def first(reading: LetterReading, *paths: str) -> Content:
    """Show what stands at the first path that has anything."""
    return next((text for text in (reading.value(reading.root, path) for path in paths) if text), "")


def ordered(reading: LetterReading) -> SectionBlock | None:
    """How many tests were ordered, and each by its name; one that has only a code, by that."""
    words = reading.words
    requests = reading.root.all(REQUESTED)
    rows = []
    for request in requests:
        name = reading.test_name(request.child("Analysis"))
        rows.append(
            TableRow(
                (Cell(name), priority_cell(reading, request)),
                LabelledValues(reading.plain_rows(request)),
            )
        )
    caption = words.say("ordered_one" if len(rows) == 1 else "ordered_count", count=len(rows))
    table = Table(caption, (words.say("test"), words.say("priority")), tuple(rows))
    number = NoticeBlock(caption) if rows else None
    return section(words.say("ordered_tests"), number, without_empty_columns(table))


def answer(reading: LetterReading) -> list[SectionBlock | None]:
    """How far the answer is, then what it says."""
    return [
        section(reading.words.say("state"), *states(reading)),
        remarks(reading),
        *result_sections(reading),
        questions(reading),
        *findings_sections(reading),
    ]


def states(reading: LetterReading) -> list[NoticeBlock]:
    """Return whole sentences on how far the answer is, as far as the message says it; none where it says nothing."""
    root, words = reading.root, reading.words
    whole = next((status.text.strip() for path in WHOLE for status in root.all(path)), "")
    said(reading, (*WHOLE, *STATUSES), codes=(*STATES, WAITING, PRELIMINARY, CORRECTED, FINAL))
    single = {status.text.strip() for path in STATUSES for status in root.all(path)}
    if single == {WAITING}:
        return [NoticeBlock(words.say("state_no_answer"), "preliminary")]
    key = "state_final" if single == {FINAL} and whole not in STATES else STATES.get(whole, "")
    if WAITING in single and key == "state_complete":
        key = ""  # the letter contradicts itself: it is not called complete
    return [*([NoticeBlock(words.say(key))] if key else []), *reservations(reading, single)]


def reservations(reading: LetterReading, single: set[str]) -> Iterator[NoticeBlock]:
    """Yield what is to be said of results that wait, may change or have changed: of some, or of all."""
    words = reading.words
    for status, name in ((WAITING, "waiting"), (PRELIMINARY, "preliminary"), (CORRECTED, "corrected")):
        if status in single:
            is_whole = single == {status} and name in WHOLLY
            mark = "corrected" if name == "corrected" else "preliminary"
            yield NoticeBlock(words.say(f"{name}_all" if is_whole else f"state_{name}"), mark)


def said(reading: LetterReading, paths: tuple[str, ...], *, codes: Collection[str]) -> None:
    """Remember that sentences say what stands at the paths, where it is one of the codes that they know."""
    for path in paths:
        for element in reading.root.all(path):
            if element.text.strip() in codes:
                reading.mark(element)


def remarks(reading: LetterReading) -> SectionBlock | None:
    """What the laboratory remarks on the whole answer, such as material that it could not use."""
    comments = reading.root.all("LaboratoryResults/Comments")
    return section(
        reading.words.say("remarks"), *(Prose(reading.coded(comment) or reading.show(comment)) for comment in comments)
    )


def more(reading: LetterReading) -> list[SectionBlock | None]:
    """What else the letter says: of the requisition, of the answer."""
    groups: tuple[tuple[str, tuple[Element, ...]], ...] = (
        ("about_you", reading.root.all("Patient")),
        ("more_requested", (*reading.root.all("RequisitionInformation"), *reading.root.all("Requests"))),
        ("more_answered", reading.root.all("LaboratoryResults")),
    )
    return [
        section(
            reading.words.say(key), LabelledValues(tuple(row for part in parts for row in reading.plain_rows(part)))
        )
        for key, parts in groups
    ]
