"""The forms on a case's page, each declared with its fields; its name begins the ids of its fields.

The forms about the request behind a case stand there too: a link sent again, a step left out, production before every
step is done, a refusal. What a form's page is given, and what its handler checks, are the same fields.
"""

from collections.abc import Mapping, Sequence

from npn.onboarding.model import Step, StepName
from npn.support.contacts import Contact
from npn.web.forms import Choice, Field, Form
from npn.web.texts import _

WAIVABLE = (StepName.AGREEMENT, StepName.CERTIFICATE, StepName.TEST_SHOWN)
ALWAYS_SHOWN = frozenset({"message", "system", "assign"})
TEXT = Field("text", _("Message"), kind="textarea", largest=20_000)
_STEP = Field("step", "", kind="hidden", largest=40, choices=[Choice(step.value, "") for step in StepName])
LINK_FIELDS = (_STEP, Field("name", _("Name")), Field("email", _("E-mail address"), kind="email", largest=254))
WAIVE_FIELDS = (_STEP, Field("reason", _("Why? It is kept in the ledger.")))
DESPITE_FIELDS = (Field("despite", _("Why before every step is done?"), required=False),)
REFUSE_FIELDS = (Field("reason", _("Why? It is sent to whoever asked."), kind="textarea", largest=2000),)


def system_fields(choices: Sequence[Choice]) -> tuple[Field, ...]:
    """Return the field for the system that a case is about; empty: none."""
    return (Field("system", _("System"), kind="select", required=False, choices=choices),)


def assign_fields(lookers: Sequence[Choice]) -> tuple[Field, ...]:
    """Return the field for the operator who looks after a case; empty: nobody yet."""
    choices = (Choice("", _("nobody yet")), *lookers)
    return (Field("to", _("Assigned operator"), kind="select", required=False, choices=choices),)


def request_forms(steps: Sequence[Step], readers: Mapping[StepName, Contact]) -> dict[str, Form]:
    """Return the forms about a request, by name: those of a step have the step in theirs."""
    forms = {"refuse": Form.of(REFUSE_FIELDS), "despite": Form.of(DESPITE_FIELDS)}
    for step in steps:
        reader = readers.get(step.name)
        address = {} if reader is None else {"name": reader.name, "email": reader.email}
        forms[named("send-link", step.name)] = Form.of(LINK_FIELDS, {"step": step.name.value, **address})
        forms[named("waive", step.name)] = Form.of(WAIVE_FIELDS, {"step": step.name.value})
    return forms


def named(form: str, step: str) -> str:
    """Return the name of a step's form."""
    return f"{form}-{step}"
