"""Where all systems stand with the connection agreement; and from when what becomes of those without it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from npn.agreements.model import (
    CONNECTION,
    Acceptance,
    Dates,
    Exemption,
    Language,
    Respite,
    Stage,
    Standing,
    Version,
    VersionNumber,
)
from npn.agreements.requirements import Check, Verdict
from npn.agreements.text import Section
from npn.errors import InvalidInputError, NpnError
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.systems.model import ConnectedSystem
from npn.web.forms import Field
from npn.web.pages.agreements.agreement import VERDICTS, edition, language_of
from npn.web.paging import part
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit
from npn.wiring.service import Service

STAGES = {
    Stage.NONE: _("nothing"),
    Stage.INFORM: _("is informed"),
    Stage.WARN: _("is warned"),
    Stage.REFUSE: _("is refused"),
}
_DAY_HINT = _("From midnight UTC. Empty: it never begins.")
_POLICY = (
    Field("version", _("Version"), kind="hidden", largest=12),
    Field("inform_from", _("Inform from"), kind="date", required=False, hint=_DAY_HINT),
    Field("warn_from", _("Warn at each draw from"), kind="date", required=False, hint=_DAY_HINT),
    Field("refuse_from", _("Refuse new series from"), kind="date", required=False, hint=_DAY_HINT),
    Field("at_once", _("Systems are refused at once, on purpose"), kind="checkbox", required=False),
)


_AT_ONCE = _("That day has come: systems without the version are refused at once. Tick it, if you mean it.")


@dataclass(frozen=True, slots=True)
class Row:
    """One system: what it accepted and meets."""

    system: ConnectedSystem
    standing: Standing
    acceptance: Acceptance | None
    counts: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True)
class _Overview:
    """What the page shows; `rows` are the systems the visitor sees, the counts are over all."""

    versions: Sequence[Version]
    accepted: Mapping[VersionNumber, int]
    systems: int
    dates: Mapping[VersionNumber, Dates]
    requirements: Sequence[tuple[Section, Mapping[Verdict, int]]]
    rows: Sequence[Row]
    respites: Sequence[Respite]
    exemptions: Sequence[Exemption]
    names: Mapping[str, str]
    titles: Mapping[str, str]


@get("/agreements", only(AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP))
async def show_overview(visit: Visit) -> Answer:
    """Show the versions, who has accepted and who has not, and how the requirements are met."""
    found = await visit.read(_overview, visit.service, visit.person, language_of(visit))
    missing = visit.query.get("show") == "missing"
    rows = [row for row in found.rows if not missing or row.acceptance is None]
    return await visit.page(
        "agreements/agreements.html",
        found=found,
        part=part(rows, visit.query.get("page", "")),
        missing=missing,
        verdicts=VERDICTS,
        stages=STAGES,
    )


def _overview(service: Service, person: Person, language: Language) -> _Overview:
    versions = service.agreements.versions()
    shown = edition(service, "", language)
    held = [] if shown is None else service.requirements.of_all(shown.text)
    standings = service.agreements.standings()
    newest: dict[str, Acceptance] = {}
    for each in service.agreements.acceptances():
        newest[each.system] = max(newest.get(each.system, each), each, key=lambda a: a.number)
    return _Overview(
        versions=versions[::-1],
        accepted={
            v.number: sum(s.accepted is not None and s.accepted >= v.number for s in standings) for v in versions
        },
        systems=len(standings),
        dates={each.number: each for each in service.agreements.dates()},
        requirements=[] if shown is None else _by_requirement(shown.text.requirements, [c for _s, c in held]),
        rows=_rows(held, {each.system: each for each in standings}, newest, person),
        respites=[each for each in service.agreements.respites() if person.may_see(each.system)],
        exemptions=[each for each in service.requirements.exemptions() if person.may_see(each.system)],
        names={system.id: system.name for system, _checks in held},
        titles={} if shown is None else {s.name: f"{s.number} {s.title}" for s in shown.text.requirements},
    )


def _by_requirement(
    sections: Sequence[Section], held: Sequence[Sequence[Check]]
) -> list[tuple[Section, Mapping[Verdict, int]]]:
    counts: dict[str, Counter[Verdict]] = {section.name: Counter() for section in sections}
    for checks in held:
        for check in checks:
            counts[check.requirement][check.verdict] += 1
    return [(section, counts[section.name]) for section in sections]


def _rows(
    held: Sequence[tuple[ConnectedSystem, Sequence[Check]]],
    standings: Mapping[str, Standing],
    newest: Mapping[str, Acceptance],
    person: Person,
) -> list[Row]:
    return [
        Row(system, standings[system.id], newest.get(system.id), Counter(check.verdict for check in checks))
        for system, checks in held
        if person.may_see(system.id) and system.id in standings
    ]


@get("/agreements/policy", only(AccountRole.OPERATOR))
async def show_policy(visit: Visit) -> Answer:
    """Ask from when what happens to systems without a version."""
    dates = await visit.read(_dates, visit.service, visit.query.get("version", ""))
    values = {"inform_from": dates.inform_from, "warn_from": dates.warn_from, "refuse_from": dates.refuse_from}
    form = visit.form(_POLICY, {"version": dates.number, **values})
    return await visit.page("agreements/agreement_policy.html", form=form)


def _dates(service: Service, wanted: str) -> Dates:
    number = service.agreements.version(VersionNumber.parse(wanted) if wanted else None).number
    known = {each.number: each for each in service.agreements.dates()}
    return known.get(number) or Dates(CONNECTION, number)


@post("/agreements/policy", only(AccountRole.OPERATOR))
async def set_policy(visit: Visit) -> Answer:
    """Set the days, and say who is refused from now on."""
    form = visit.form(_POLICY)
    if form.errors:
        return await visit.again("agreements/agreement_policy.html", form)
    try:
        days = [_day(form[name], name) for name in ("inform_from", "warn_from", "refuse_from")]
        wanted = Dates(CONNECTION, VersionNumber.parse(form["version"]), *days)
        if wanted.stage(visit.service.agreements.today) is Stage.REFUSE and form["at_once"] != "yes":
            form.errors["refuse_from"] = _AT_ONCE
            return await visit.again("agreements/agreement_policy.html", form)
        refused = await visit.write(visit.service.agreements.set_dates, wanted, by=visit.person.by)
    except NpnError as error:
        visit.blame(form, error)
        return await visit.again("agreements/agreement_policy.html", form)
    said = visit.text(_("The days are set. Systems refused today: %(count)s."), count=len(refused))
    return visit.see_other("/agreements", said)


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError("that is no day", code="not_a_day", field=field) from None
