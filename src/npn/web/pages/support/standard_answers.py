"""Standard answers: operators list, add, change, retire and restore the texts that answers in cases begin with."""

from collections.abc import Mapping

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.support.model import CaseKind, StandardAnswer, StandardText
from npn.support.standard_answers import LONGEST_LABEL, checked_texts
from npn.support.standard_texts import LONGEST_STANDARD_TEXT, fill
from npn.web.forms import Choice, Field, Form
from npn.web.lists.model import Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import NAMES, Msgid, _
from npn.web.visit import Visit

PATH = "/standard-answers"
CASE_KINDS: Mapping[str, Msgid] = {
    "": _("All cases"),
    CaseKind.CONNECTION: _("Connection cases"),
    CaseKind.SUPPORT: _("Support cases"),
}
MEANINGS: Mapping[str, Msgid] = {
    "name": _("the requester's name"),
    "case": _("the case number"),
    "system": _("the system's name"),
    "operator": _("your name"),
}
_EXAMPLE: Mapping[str, str] = {"name": "Anna Jensen", "case": "1042", "system": "Labka Nord"}
_FIELDS = (
    Field(
        "kind",
        _("Used in"),
        kind="select",
        required=False,
        choices=[Choice(kind, label) for kind, label in CASE_KINDS.items()],
    ),
    Field("label_da", _("Name in Danish"), largest=LONGEST_LABEL),
    Field("danish", _("Text in Danish"), kind="textarea", largest=LONGEST_STANDARD_TEXT),
    Field("label_en", _("Name in English"), largest=LONGEST_LABEL),
    Field("english", _("Text in English"), kind="textarea", largest=LONGEST_STANDARD_TEXT),
)
_STATES = (
    Choice("used", _("In use")),
    Choice("retired", _("Retired")),
    Choice("all", _("All")),
)


def _kind_of(answer: StandardAnswer) -> Msgid:
    return CASE_KINDS[answer.case_kind or ""]


def _state(answer: StandardAnswer) -> Msgid:
    return _("Retired") if answer.is_retired else _("In use")


def answers_list(language: str) -> ListDefinition[StandardAnswer]:
    """Return the list with the names in the visitor's language."""
    return ListDefinition[StandardAnswer](
        name="standard_answers",
        path=PATH,
        caption=_("Standard answers"),
        columns=(
            Column(
                "label",
                _("Name"),
                lambda row: row.text(language).label,
                cell=lambda row: LinkCell(row.text(language).label, f"{PATH}/{row.id}"),
            ),
            Column("kind", _("Used in"), _kind_of),
            Column("state", _("State"), _state, cell=lambda row: TagCell(_state(row))),
            Column("changed", _("Changed"), lambda row: row.updated_at, kind=Kind.DAY),
            Column("danish", _("Text in Danish"), lambda row: row.danish.body, only="file"),
            Column("english", _("Text in English"), lambda row: row.english.body, only="file"),
        ),
        empty=_("There are no standard answers yet."),
        none_left=_("No standard answer fits the search."),
        order="label",
        filters=(
            Filter(
                Field("show", _("State"), kind="select", choices=_STATES),
                lambda row, wanted: wanted == "all" or row.is_retired == (wanted == "retired"),
                usual="used",
            ),
        ),
        also=lambda row: f"{row.danish.label} {row.english.label} {row.danish.body} {row.english.body}",
    )


async def _rows(visit: Visit) -> list[StandardAnswer]:
    return await visit.read(visit.services.standard_answers.all)


@get(PATH, only(AccountRole.OPERATOR))
async def list_answers(visit: Visit) -> Answer:
    """List the standard answers."""
    answers = await listed(visit, answers_list(visit.language), await _rows(visit))
    return await visit.page("support/standard_answers.html", answers=answers)


offer_file(PATH, only(AccountRole.OPERATOR), rows=_rows, definition=lambda visit: answers_list(visit.language))


@get("/standard-answers/new", only(AccountRole.OPERATOR))
async def show_new_answer(visit: Visit) -> Answer:
    """Show the form for another one."""
    return await _form_page(visit, visit.form(_FIELDS))


@post("/standard-answers/new", only(AccountRole.OPERATOR))
async def add_answer(visit: Visit) -> Answer:
    """Add one."""
    return await _put(visit, "", then=_("The standard answer is added."))


@get("/standard-answers/{answer}", only(AccountRole.OPERATOR))
async def show_answer(visit: Visit) -> Answer:
    """Show one as it is filled in, and the form that changes it."""
    answer = await visit.read(visit.services.standard_answers.get, visit.arguments["answer"])
    values = {
        "kind": answer.case_kind or "",
        "label_da": answer.danish.label,
        "danish": answer.danish.body,
        "label_en": answer.english.label,
        "english": answer.english.body,
    }
    return await _form_page(visit, visit.form(_FIELDS, values), answer)


@post("/standard-answers/{answer}", only(AccountRole.OPERATOR))
async def change_answer(visit: Visit) -> Answer:
    """Change one."""
    return await _put(visit, visit.arguments["answer"], then=_("The standard answer is changed."))


@post("/standard-answers/{answer}/retire", only(AccountRole.OPERATOR))
async def retire_answer(visit: Visit) -> Answer:
    """Offer one no longer."""
    await visit.write(visit.services.standard_answers.retire, visit.arguments["answer"], by=visit.person.by)
    return visit.see_other(PATH, _("The standard answer is retired."))


@post("/standard-answers/{answer}/restore", only(AccountRole.OPERATOR))
async def restore_answer(visit: Visit) -> Answer:
    """Offer one again."""
    answer = visit.arguments["answer"]
    await visit.write(visit.services.standard_answers.restore, answer, by=visit.person.by)
    return visit.see_other(f"{PATH}/{answer}", _("The standard answer is in use again."))


async def _put(visit: Visit, answer_id: str, *, then: Msgid) -> Answer:
    answers, form = visit.services.standard_answers, visit.form(_FIELDS)
    answer = await visit.read(answers.get, answer_id) if answer_id else None
    danish = StandardText(form["label_da"], form["danish"])
    english = StandardText(form["label_en"], form["english"])
    return await visit.submit(
        form,
        lambda: visit.write(
            answers.put,
            by=visit.person.by,
            danish=danish,
            english=english,
            case_kind=CaseKind(form["kind"]) if form["kind"] else None,
            answer_id=answer_id,
        ),
        then=lambda stored: visit.see_other(f"{PATH}/{stored.id}", then),
        again=lambda: _form_page(visit, form, answer),
        check=lambda: checked_texts(danish, english),
    )


async def _form_page(visit: Visit, form: Form, answer: StandardAnswer | None = None) -> Answer:
    return await visit.page(
        "support/standard_answer.html",
        form=form,
        answer=answer,
        examples=[] if answer is None else _examples(answer, visit.person.name),
        meanings=MEANINGS,
    )


def _examples(answer: StandardAnswer, operator: str) -> list[tuple[str, str, str]]:
    """Return the answer in each language as a case would fill it: the language, its name, and the text."""
    values = {**_EXAMPLE, "operator": operator}
    return [(language, name, fill(answer.text(language).body, values)) for language, name in NAMES.items()]
