"""How an answer in a case begins: a standard answer is chosen, filled with the case's values, and then edited."""

from collections.abc import Mapping, Sequence

from npn.support.model import Case, StandardAnswer
from npn.support.standard_texts import fill
from npn.web.forms import Choice, Field, Form
from npn.web.lists.collation import danish
from npn.web.texts import _, texts


def choosing(offered: Sequence[StandardAnswer], chosen: str, *, language: str) -> Form:
    """Return the form by which an answer is chosen, its names in the operator's language."""
    choices = sorted(
        (Choice(answer.id, answer.text(language).label) for answer in offered), key=lambda choice: danish(choice.label)
    )
    field = Field("answer", _("Start from a standard answer"), kind="select", choices=choices)
    return Form.of((field,), {"answer": chosen})


def begun(offered: Sequence[StandardAnswer], chosen: str, values: Mapping[str, str], *, language: str) -> str:
    """Return the chosen answer in the requester's language with the case's values; empty where none is chosen."""
    answer = next((answer for answer in offered if answer.id == chosen), None)
    return "" if answer is None else fill(answer.text(language).body, values)


def particulars(case: Case, system: str, operator: str) -> dict[str, str]:
    """Return what placeholders stand for in a case. `system`: its name, empty where the case has none."""
    return {
        "name": case.requester.name or case.requester.email,
        "case": str(case.number),
        "system": system or texts(case.requester.language).gettext(_("the system")),
        "operator": operator,
    }
