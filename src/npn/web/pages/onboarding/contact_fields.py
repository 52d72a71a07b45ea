"""The fields of contacts, as the request form and the contacts' own page have them."""

from collections.abc import Mapping
from types import MappingProxyType

from npn.support.contacts import KIND_ORDER, Contact
from npn.web.forms import Field, Form
from npn.web.texts import _

_LABELS = {
    "technical": (_("Technical contact: name"), _("Technical contact: e-mail"), _("Technical contact: telephone")),
    "administrative": (
        _("Administrative contact: name"),
        _("Administrative contact: e-mail"),
        _("Administrative contact: telephone"),
    ),
    "on_call": (_("On call: name"), _("On call: e-mail"), _("On call: telephone")),
}
_HINTS = {
    "technical": _("Who connects the system, and gets its key."),
    "administrative": _("Who answers for agreements and notices."),
    "on_call": _("Who is called at night when numbers run out; often a duty desk."),
}


def contact_fields(*, optional: frozenset[str], hints: Mapping[str, str] = MappingProxyType({})) -> tuple[Field, ...]:
    """Return the fields of the three contacts. `optional`: kinds that may stay empty; `hints`: other ones, by kind."""
    fields: list[Field] = []
    for kind in KIND_ORDER:
        name, email, telephone = _LABELS[kind]
        required = kind not in optional
        fields += [
            Field(f"{kind}_name", name, hint=hints.get(kind, _HINTS[kind]), required=required, autocomplete="off"),
            Field(f"{kind}_email", email, kind="email", required=required, largest=254, autocomplete="off"),
            Field(f"{kind}_telephone", telephone, kind="tel", required=False, largest=60, autocomplete="off"),
        ]
    return tuple(fields)


def contacts_in(form: Form) -> tuple[Contact, ...]:
    """Read them."""
    return tuple(
        Contact(kind, form[f"{kind}_name"], form[f"{kind}_email"], form[f"{kind}_telephone"]) for kind in KIND_ORDER
    )


GROUPS = {
    "technical": _("Technical contact"),
    "administrative": _("Administrative contact"),
    "on_call": _("On call"),
}


def groups(form: Form) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return a form's fields by contact, each group with its heading."""
    return tuple((GROUPS[kind], tuple(n for n in form.fields if n.startswith(f"{kind}_"))) for kind in KIND_ORDER)


def values_of(contacts: tuple[Contact, ...]) -> dict[str, object]:
    """Return what the form shows of contacts that are known."""
    return {
        f"{contact.kind}_{part}": getattr(contact, part)
        for contact in contacts
        for part in ("name", "email", "telephone")
    }
