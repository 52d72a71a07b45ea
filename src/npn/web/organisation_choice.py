"""How a form names an organisation: from the list, or a new one, with "did you mean" where one has nearly that name.

A form has three fields for it: the list, the name of a new one, and, once a name is near, which one is meant. Only
whoever says there that it is another one makes an organisation of a name that is near.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from npn.systems.model import Organisation, OrganisationKind
from npn.web.forms import NOT_A_CHOICE, REQUIRED, Choice, Field, Form
from npn.web.texts import Msgid, _
from npn.web.visit import Visit

NEW = "new"
VENDOR = Field("vendor", _("Vendor"))
OWNER = Field("owner", _("Owner"), hint=_("Who runs it: a hospital, a region's IT."))
ORGANISATIONS = {"vendor": OrganisationKind.VENDOR, "owner": OrganisationKind.OWNER}
_OTHER = "other"
_NEW_NAMES: Mapping[OrganisationKind, Msgid] = {
    OrganisationKind.VENDOR: _("New vendor"),
    OrganisationKind.OWNER: _("New owner"),
    OrganisationKind.REGION: _("New region"),
}
_ONLY_NEW = _("Only where the list lacks it.")
_NEAR = _("There is one with nearly that name. Say which one is meant.")


def choice_fields(field: Field, kind: OrganisationKind, organisations: Iterable[Organisation]) -> tuple[Field, Field]:
    """Return the list, with the organisations of the kind that are open, and the field for the name of a new one."""
    choices = [Choice(one.id, one.name) for one in organisations if one.kind is kind and one.is_open]
    listed = replace(field, kind="select", choices=(*choices, Choice(NEW, _("New: not in the list"))))
    return listed, Field(f"{field.name}_new", _NEW_NAMES[kind], required=False, hint=_ONLY_NEW)


async def settle(visit: Visit, form: Form, asked: Mapping[str, OrganisationKind]) -> None:
    """Judge what a form says of organisations, by field; what is wrong or near stands in the form afterwards."""
    for name, kind in asked.items():
        typed = form[f"{name}_new"]
        if typed and form[name] in ("", NEW):
            form.errors.pop(name, None)
            form.values[name] = NEW
            near = await visit.read(visit.services.systems.near, kind, typed)
            if near:
                _ask_which(visit, form, name, near=near)
        elif form[name] == NEW:
            form.errors.setdefault(f"{name}_new", REQUIRED)


def _ask_which(visit: Visit, form: Form, name: str, *, near: Sequence[str]) -> None:
    """Put the question into the form after the new name, with what was answered."""
    other = visit.text(_("None of these: %(name)s is another"), name=form[f"{name}_new"])
    choices = (*(Choice(f"={one}", one) for one in near), Choice(_OTHER, other))
    field = Field(f"{name}_meant", _("Did you mean"), kind="radio", choices=choices)
    fields: dict[str, Field] = {}
    for key, entry in form.fields.items():
        fields[key] = entry
        if key == f"{name}_new":
            fields[field.name] = field
    form.fields = fields
    answer = visit.sent.get(field.name, "")
    form.values[field.name] = answer
    if not answer:
        form.errors[field.name] = _NEAR
    elif answer not in {choice.value for choice in choices}:
        form.errors[field.name] = NOT_A_CHOICE


def name_in(form: Form, name: str) -> str:
    """Return the name of the organisation that a settled form says."""
    if form[name] != NEW:
        return next(choice.label for choice in form.fields[name].choices if choice.value == form[name])
    answer = form[f"{name}_meant"]
    return answer[1:] if answer.startswith("=") else form[f"{name}_new"]
