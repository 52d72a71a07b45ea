"""Where all systems stand with the connection agreement; and from when what becomes of those without it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from npn.agreements.model import (
    CONNECTION,
    Acceptance,
    AgreementStanding,
    Dates,
    Language,
    RequirementExemption,
    Respite,
    Stage,
    Version,
    VersionNumber,
)
from npn.agreements.requirements import Check, Verdict
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.agreements.text import Section
from npn.errors import InvalidInputError
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.systems.model import ConnectedSystem
from npn.web.forms import Field, Form
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.agreements.agreement import VERDICTS, edition, language_of
from npn.web.pages.agreements.proposals import day_of
from npn.web.pages.agreements.standings import STANDINGS, SystemRow
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

_SEE = (AccountRole.OPERATOR, AccountRole.AUDITOR, AccountRole.GROUP)
_DAY_HINT = _("From the beginning of the day, Danish time. Empty: it never begins.")
_POLICY = (
    Field("version", _("Version"), kind="hidden", largest=12),
    Field("inform_from", _("Inform from"), kind="date", required=False, hint=_DAY_HINT),
    Field("warn_from", _("Warn at each draw from"), kind="date", required=False, hint=_DAY_HINT),
    Field("refuse_from", _("Refuse new series from"), kind="date", required=False, hint=_DAY_HINT),
    Field("at_once", _("Refuse systems at once"), kind="checkbox", required=False),
)


_DAYS = ("inform_from", "warn_from", "refuse_from")
_AT_ONCE = _("That day has already come, so systems without the version are refused at once. Tick the box to confirm.")


@dataclass(frozen=True, slots=True)
class SystemChecks:
    """A system with how it meets the requirements."""

    system: ConnectedSystem
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class _Overview:
    """What the page shows; `rows` are the systems the visitor sees, the counts are over all."""

    versions: Sequence[Version]
    accepted: Mapping[VersionNumber, int]
    systems: int
    dates: Mapping[VersionNumber, Dates]
    requirements: Sequence[tuple[Section, Mapping[Verdict, int]]]
    rows: Sequence[SystemRow]
    respites: Sequence[Respite]
    exemptions: Sequence[RequirementExemption]
    names: Mapping[str, str]
    titles: Mapping[str, str]


@get("/agreements", only(*_SEE))
async def show_overview(visit: Visit) -> Answer:
    """Show the versions, who has accepted and who has not, and how the requirements are met."""
    overview = await visit.read(
        _overview,
        visit.services.agreements,
        visit.services.requirements,
        person=visit.person,
        language=language_of(visit),
    )
    return await visit.page(
        "agreements/agreements.html",
        overview=overview,
        systems=await listed(visit, STANDINGS, overview.rows),
        verdicts=VERDICTS,
    )


async def _all_rows(visit: Visit) -> Sequence[SystemRow]:
    services, language = visit.services, language_of(visit)
    work = (services.agreements, services.requirements)
    return (await visit.read(_overview, *work, person=visit.person, language=language)).rows


offer_file(STANDINGS.path, only(*_SEE), rows=_all_rows, definition=lambda _visit: STANDINGS)


def _overview(agreements: Agreements, requirements: Status, *, person: Person, language: Language) -> _Overview:
    versions, standings = agreements.versions(), agreements.standings()
    current = edition(agreements, "", language)
    sections = () if current is None else current.text.requirements
    checked = [] if current is None else [SystemChecks(*pair) for pair in requirements.of_all(current.text)]
    return _Overview(
        versions=versions[::-1],
        accepted={version.number: _count_accepted(version, standings) for version in versions},
        systems=len(standings),
        dates={dates.number: dates for dates in agreements.dates()},
        requirements=_by_requirement(sections, checked),
        rows=_rows(checked, standings, _newest(agreements.acceptances()), person=person),
        respites=[row for row in agreements.respites() if person.may_see(row.system)],
        exemptions=[row for row in requirements.exemptions() if person.may_see(row.system)],
        names={row.system.id: row.system.name for row in checked},
        titles={section.name: f"{section.number} {section.title}" for section in sections},
    )


def _count_accepted(version: Version, standings: Sequence[AgreementStanding]) -> int:
    """Return how many systems have accepted a version, or a later one."""
    return sum(s.accepted is not None and s.accepted >= version.number for s in standings)


def _newest(acceptances: Sequence[Acceptance]) -> dict[str, Acceptance]:
    """Return each system's acceptance of the highest version."""
    newest: dict[str, Acceptance] = {}
    for acceptance in acceptances:
        newest[acceptance.system] = max(newest.get(acceptance.system, acceptance), acceptance, key=lambda a: a.number)
    return newest


def _by_requirement(
    sections: Sequence[Section], checked: Sequence[SystemChecks]
) -> list[tuple[Section, Mapping[Verdict, int]]]:
    counts: dict[str, Counter[Verdict]] = {section.name: Counter() for section in sections}
    for check in (check for row in checked for check in row.checks):
        counts[check.requirement][check.verdict] += 1
    return [(section, counts[section.name]) for section in sections]


def _rows(
    checked: Sequence[SystemChecks],
    standings: Sequence[AgreementStanding],
    newest: Mapping[str, Acceptance],
    *,
    person: Person,
) -> list[SystemRow]:
    by_system = {standing.system: standing for standing in standings}
    return [
        SystemRow(
            system=row.system,
            standing=by_system[row.system.id],
            acceptance=newest.get(row.system.id),
            counts=Counter(check.verdict for check in row.checks),
        )
        for row in checked
        if person.may_see(row.system.id) and row.system.id in by_system
    ]


@get("/agreements/policy", only(AccountRole.OPERATOR))
async def show_policy(visit: Visit) -> Answer:
    """Ask from when what happens to systems without a version."""
    dates = await visit.read(_dates, visit.services.agreements, visit.query.get("version", ""))
    values = {"inform_from": dates.inform_from, "warn_from": dates.warn_from, "refuse_from": dates.refuse_from}
    form = visit.form(_POLICY, {"version": dates.number, **values})
    return await visit.page("agreements/agreement_policy.html", form=form)


def _dates(agreements: Agreements, wanted: str) -> Dates:
    number = agreements.version(VersionNumber.parse(wanted) if wanted else None).number
    by_number = {dates.number: dates for dates in agreements.dates()}
    return by_number.get(number) or Dates(CONNECTION, number)


@post("/agreements/policy", only(AccountRole.OPERATOR))
async def set_policy(visit: Visit) -> Answer:
    """Set the days, and say who is refused from now on."""
    form = visit.form(_POLICY)
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.agreements.set_dates, _wanted(visit, form), by=visit.person.by),
        then=lambda refused: visit.see_other(
            "/agreements", visit.text(_("The days are set. Systems refused today: %(count)s."), count=len(refused))
        ),
        again=lambda: visit.page("agreements/agreement_policy.html", form=form),
        check=lambda: _check_policy(visit, form),
    )


async def _check_policy(visit: Visit, form: Form) -> None:
    """Hold the days to their order, where all could be read. Raises InvalidInputError."""
    if form.is_sound("", *_DAYS):
        await visit.read(visit.services.agreements.check_dates, _wanted(visit, form))


def _wanted(visit: Visit, form: Form) -> Dates:
    """Read the days. Raises InvalidInputError, also where systems would be refused at once and nobody said so."""
    days = [_day(form[name], name) for name in _DAYS]
    dates = Dates(CONNECTION, VersionNumber.parse(form["version"]), *days)
    if dates.stage(visit.services.agreements.today) is Stage.REFUSE and form["at_once"] != "yes":
        raise InvalidInputError(_AT_ONCE, field="refuse_from")
    return dates


def _day(text: str, field: str) -> date | None:
    return day_of(text, field) if text else None
