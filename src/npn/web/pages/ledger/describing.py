"""What an entry of the ledger says, in words: names in place of ids, and each value as the pages write it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from npn.instants import day_or_none, instant_or_none
from npn.ledger.canonical import Json
from npn.web.lists.model import LinkCell
from npn.web.pages.ledger.sentences_of_numbers import NUMBERS, SYSTEMS
from npn.web.pages.ledger.sentences_of_people import AGREEMENTS, PEOPLE, SERVICE, SUPPORT, TRANSPORT
from npn.web.pages.ledger.sentences_of_standards import STANDARDS
from npn.web.pages.ledger.values import VALUES, called_kind
from npn.web.texts import NOTHING, Msgid, Texts, _

GROUPS = {
    "numbers": (_("Numbers and series"), NUMBERS),
    "systems": (_("Systems and organisations"), SYSTEMS),
    "people": (_("People and approvals"), PEOPLE),
    "agreements": (_("Agreements"), AGREEMENTS),
    "standards": (_("Standards and products"), STANDARDS),
    "transport": (_("Transport"), TRANSPORT),
    "support": (_("Cases, contacts and onboarding"), SUPPORT),
    "service": (_("The service itself"), SERVICE),
}
EVENTS = {tag: text for _label, texts in GROUPS.values() for tag, text in texts.items()}
_PLACE = re.compile(r"%\(([a-z_]+)\)s")
_ADMIN, _ACCOUNT = "admin:", "account:"
_ACTORS: Mapping[str, Msgid] = {
    "init": _("the installation"),
    "operator": _("the operator, by key"),
    "service": _("the service"),
    "contact": _("a contact, by link"),
    "requester": _("whoever asked, by link"),
    "handover": _("whoever had the link"),
    "openid": _("the sign-in service"),
    "admin": _("a command on the server"),
}
_FIGURES = frozenset(
    {"usable", "systems", "smallest_draw", "largest_draw", "quota", "quota_days", "ended", "days", "every_months",
     "freeze_months", "work_weeks", "revision", "rules",
     "rows"}
)  # fmt: skip

Part = str | LinkCell


@dataclass(frozen=True, slots=True)
class LedgerNames:
    """The names that the ledger leaves out, by id. `accounts`: by the account's own id."""

    systems: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    requirements: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Description:
    """An entry in words. `who`: who did it, `person`: what the filter by person calls them; empty where unknown."""

    label: str
    sentence: tuple[Part, ...]
    who: str
    person: str
    reason: str
    series: str
    approval: str


def described(texts: Texts, names: LedgerNames, *, kind: str, facts: Mapping[str, Json]) -> Description:
    """Return what an entry says."""
    event = EVENTS.get(kind)
    by = str(facts.get("by") or "")
    if kind == "approval_proposed":  # another event may have a kind of that name
        facts = {**facts, "wanted": facts.get("kind")}
    return Description(
        label=texts.gettext(event.label if event else _("Something this page does not know")),
        sentence=_parts(texts, names, event.sentence, facts=facts) if event else (),
        who=_actor(texts, names, by),
        person=by if by.startswith(_ACCOUNT) else "",
        reason=str(facts.get("reason") or facts.get("purpose") or ""),
        series=str(facts.get("series") or facts.get("range") or "") if kind != "pool_contested" else "",
        approval=str(facts.get("approval") or ""),
    )


def _parts(texts: Texts, names: LedgerNames, sentence: Msgid, *, facts: Mapping[str, Json]) -> tuple[Part, ...]:
    pieces = _PLACE.split(texts.gettext(sentence))
    parts: list[Part] = []
    for at, piece in enumerate(pieces):
        parts.append(_value(texts, names, piece, value=facts.get(piece)) if at % 2 else piece)
    return tuple(part for part in parts if part != "")


def _value(texts: Texts, names: LedgerNames, member: str, *, value: Json) -> Part:
    """Write a member as people read it."""
    if value in (None, "", []):
        return texts.gettext(_("none")) if member in _OPTIONAL else NOTHING
    named = _NAMED.get(member)
    if named is not None:
        return named(names, str(value))
    if member == "holder":
        return texts.gettext(_("The operator")) if value == "operator" else _system(names, str(value))
    if member == "kind":
        return texts.translated(called_kind(str(value)))
    if member in VALUES:
        return _words(texts, member, value)
    return _written(texts, member, value)


def _words(texts: Texts, member: str, value: Json) -> str:
    labels = VALUES[member]
    values = value if isinstance(value, list) else [value]
    return ", ".join(texts.translated(labels.get(_plain(item), _("something else"))) for item in values)


def _plain(value: Json) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _written(texts: Texts, member: str, value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) if member == "levels" else texts.number(len(value))
    if member in _FIGURES:
        return texts.number(int(str(value)))
    text = str(value)
    instant = instant_or_none(text) if "T" in text else None
    if isinstance(instant, datetime):
        return texts.time(instant)
    day = day_or_none(text) if len(text) == 10 and text.count("-") == 2 else None
    return text if day is None else texts.day(day)


def _system(names: LedgerNames, system: str) -> Part:
    return LinkCell(names.systems.get(system, system), f"/systems/{system}")


def _account(names: LedgerNames, account: str) -> Part:
    return LinkCell(names.accounts.get(account, account), f"/ledger?person={_ACCOUNT}{account}")


def _case(_names: LedgerNames, case: str) -> Part:
    return LinkCell(case, f"/cases/{case}")


def _answer(names: LedgerNames, answer: str) -> Part:
    return names.answers.get(answer, answer)


def _proposal(_names: LedgerNames, proposal: str) -> Part:
    return LinkCell(proposal, f"/agreements/proposals/{proposal}")


def _organisation(names: LedgerNames, organisation: str) -> Part:
    return names.organisations.get(organisation, organisation)


def _unit(names: LedgerNames, unit: str) -> Part:
    return names.units.get(unit, unit)


def _requirement(names: LedgerNames, requirement: str) -> Part:
    return names.requirements.get(requirement, requirement.replace("_", " "))


def _vendor(names: LedgerNames, vendor: str) -> Part:
    """Return a vendor's name; some events have its id, others its name."""
    return names.organisations.get(vendor, vendor)


_NAMED: Mapping[str, Callable[[LedgerNames, str], Part]] = {
    "system": _system,
    "test": _system,
    "account": _account,
    "case": _case,
    "proposal": _proposal,
    "answer": _answer,
    "organisation": _organisation,
    "region": _organisation,
    "into": _organisation,
    "vendor": _vendor,
    "unit": _unit,
    "requirement": _requirement,
}
_OPTIONAL = frozenset({"quota", "quota_days", "missing", "withheld", "organisation"})


def _actor(texts: Texts, names: LedgerNames, by: str) -> str:
    """Return who did something."""
    if by.startswith(_ACCOUNT):
        return names.accounts.get(by.removeprefix(_ACCOUNT), texts.gettext(_("an account")))
    if by.startswith(_ADMIN):
        user = by.removeprefix(_ADMIN)
        return texts.gettext(_("%(user)s, by a command on the server")) % {"user": user}
    if by in _ACTORS:
        return texts.gettext(_ACTORS[by])
    return names.systems.get(by, by) if by else texts.gettext(_("the system itself"))
