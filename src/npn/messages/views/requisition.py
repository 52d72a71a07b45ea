"""What was asked for: the tests, and the questions that were answered with them. Both audiences read it."""

from markupsafe import Markup

from npn.messages.model.interchange import Element
from npn.messages.views.blocks import (
    Cell,
    LabelledValues,
    NoticeBlock,
    SectionBlock,
    Table,
    TableRow,
    section,
    without_empty_columns,
)
from npn.messages.views.reading import LetterReading
from npn.messages.views.results import with_code

REQUESTED = "Requests/RequestedAnalysis"
PROMPTS = ("Requests/Prompt", "LaboratoryResults/Investigation/Prompt")
URGENT = {"straks": "high", "fremskyndet": "abnormal"}
CONSENTS = ("Patient/Consent/Given", "Patient/Consent/ConsentGiven")
REFUSED = frozenset(("false", "0"))


def priority_cell(reading: LetterReading, request: Element) -> Cell:
    """How soon a test is wanted; what is urgent stands out."""
    urgency = URGENT.get((request.value("ResultPriority") or "").strip(), "")
    return Cell(reading.value(request, "ResultPriority"), urgency, urgency)


def cautions(reading: LetterReading) -> list[NoticeBlock]:
    """What must not be missed of a requisition or its patient: no consent, tests that are wanted at once."""
    words = reading.words
    notices = []
    if any(element.text.strip() in REFUSED for path in CONSENTS for element in reading.root.all(path)):
        notices.append(NoticeBlock(words.say("no_consent"), "abnormal"))
    requests = reading.root.all(REQUESTED)
    urgent = sum((request.value("ResultPriority") or "").strip() == "straks" for request in requests)
    if urgent:
        notices.append(NoticeBlock(words.say("urgent", count=urgent, total=len(requests)), "high"))
    return notices


def questions(reading: LetterReading) -> SectionBlock | None:
    """What was asked when the requisition was made, and the answers."""
    words = reading.words
    rows = []
    for prompt in (prompt for path in PROMPTS for prompt in reading.root.all(path)):
        question, answer = prompt.child("Question"), prompt.child("Answer")
        question_text = reading.value(question, "CodeText") or (reading.show(question) if question is not None else "")
        parts = [reading.show(child) for child in answer.children] if answer is not None else []
        answers = Markup(" ").join(part for part in parts if part)
        cells = Cell(with_code(question_text, reading.codes(question))), Cell(answers)
        rows.append(TableRow(cells, LabelledValues(reading.rows(prompt))))
    head = words.say("question"), words.say("answer")
    return section(words.say("questions"), without_empty_columns(Table(words.say("questions"), head, tuple(rows))))
