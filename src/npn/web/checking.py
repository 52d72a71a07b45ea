"""Check your answers: what can't be undone is shown whole before it is done, with what it means.

A form is sent twice: first it leads to the page with what would happen, which carries its values along unseen; sent
from there (`do` is `go`) it is carried out, or (`do` is `change`) shown again to be changed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from npn.http.answers import Answer
from npn.web.forms import Field, Form
from npn.web.texts import NOTHING, Msgid, _
from npn.web.visit import Onward, Visit

_T = TypeVar("_T")
_DO, _GO, _CHANGE = "do", "go", "change"


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
    """What is shown before something is done, all of it in the visitor's language.

    `rows`: what is asked for, each with its name. `meaning`: sentences on what follows, and what undoing it means.
    `warnings`: what is out of the ordinary. `button`: what is pressed to do it. `action`: where the form goes, where
    the page has an address besides it.
    """

    title: str
    button: str
    rows: Sequence[tuple[str, str]]
    meaning: Sequence[str] = ()
    warnings: Sequence[str] = ()
    danger: bool = True
    action: str = ""


async def submit_checked(
    visit: Visit,
    form: Form,
    action: Callable[[], Awaitable[_T]],
    *,
    then: Onward | Callable[[_T], Answer | Awaitable[Answer]],
    again: Callable[[], Awaitable[Answer]],
    answers: Callable[[], Awaitable[CheckedAnswers | Answer]],
    check: Callable[[], Awaitable[object] | object] | None = None,
) -> Answer:
    """Run a form's action once its answers were checked on a page of their own; before that nothing happens.

    `answers` makes that page of a sound form, or leads elsewhere; what it refuses is shown beside the form's fields.
    The rest is as in `Visit.submit`.
    """
    if is_to_be_changed(visit):
        form.errors.clear()
        return await again()
    if is_confirmed(visit):
        return await visit.submit(form, action, then=then, again=again, check=check)

    async def show(shown: CheckedAnswers | Answer) -> Answer:
        return shown if isinstance(shown, Answer) else await visit.page("check.html", form=form, check=shown)

    return await visit.submit(form, answers, then=show, again=again, check=check)


def is_to_be_changed(visit: Visit) -> bool:
    """Whether somebody went back from the page on which the answers are checked."""
    return visit.sent.get(_DO, "") == _CHANGE


def is_confirmed(visit: Visit) -> bool:
    """Whether the form comes from the page on which its answers were checked."""
    return visit.sent.get(_DO, "") == _GO


async def summary(
    visit: Visit,
    form: Form,
    *,
    title: str,
    button: Msgid,
    meaning: Sequence[Msgid],
    about: Sequence[tuple[str, str]] = (),
) -> CheckedAnswers:
    """Make the page out of what a form's fields show; `about` stands before them, such as whom it concerns."""
    fields = [entry for entry in form.fields.values() if entry.kind != "hidden"]
    rows = [(visit.texts.translated(entry.label), _shown(visit, entry, form[entry.name])) for entry in fields]
    return CheckedAnswers(
        title=title,
        button=visit.text(button),
        rows=[*about, *rows],
        meaning=[visit.text(sentence) for sentence in meaning],
    )


def _shown(visit: Visit, entry: Field, value: str) -> str:
    """Write what was answered as a page writes it."""
    if entry.kind == "checkbox":
        return visit.text(_("yes") if value == "yes" else _("no"))
    if not value:
        return NOTHING
    if entry.kind == "date":
        return visit.texts.day(date.fromisoformat(value))
    if entry.kind == "number":
        return visit.texts.number(value)
    label = next((choice.label for choice in entry.choices if choice.value == value), value)
    return visit.texts.translated(label)
