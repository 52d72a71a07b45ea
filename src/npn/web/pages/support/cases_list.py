"""The list of cases: the operator's desk, and what others see of those about their own systems."""

from collections.abc import Callable
from dataclasses import dataclass

from npn.http.answers import Answer
from npn.people.accounts import Accounts
from npn.people.model import AccountRole, Person
from npn.support.model import Case, CaseState
from npn.support.service import Cases
from npn.systems.service import Systems
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.support.cases import CASE_STATES, SEE_CASES
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

_OPERATOR = frozenset({AccountRole.OPERATOR})
_SHOWN = (
    Choice("open", _("Open cases only")),
    *(Choice(state.value, label) for state, label in CASE_STATES.items() if state is not CaseState.OPEN),
    Choice("turn", CASE_STATES[CaseState.OPEN]),
    Choice("all", _("All")),
)


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case with the names of its system and of who looks after it."""

    case: Case
    system: str
    assigned: str


def _is_shown(row: ListedCase, wanted: str) -> bool:
    if wanted == "open":
        return row.case.state is not CaseState.CLOSED
    return wanted == "all" or row.case.state == ("open" if wanted == "turn" else wanted)


def cases_list(person: Person) -> ListDefinition[ListedCase]:
    """Return the list as somebody has it: what waits for the operator stands out for the operator alone."""

    def state(row: ListedCase) -> Cell:
        waits = row.case.state is CaseState.OPEN and person.is_operator
        return TagCell(CASE_STATES[row.case.state], "warn" if waits else "")

    return ListDefinition[ListedCase](
        name="cases",
        path="/cases",
        caption=_("Cases"),
        columns=_columns(state),
        empty=_("There are no open cases."),
        none_left=_("No case fits the search."),
        order="changed",
        filters=(Filter(Field("show", _("State"), kind="select", choices=_SHOWN), _is_shown, usual="open"),),
    )


def _subject(row: ListedCase) -> Cell:
    return LinkCell(row.case.subject, f"/cases/{row.case.number}")


def _system(row: ListedCase) -> Cell:
    return LinkCell(row.system, f"/systems/{row.case.system}") if row.case.system else None


def _columns(state: Callable[[ListedCase], Cell]) -> tuple[Column[ListedCase], ...]:
    return (
        Column("subject", _("Topic"), lambda row: row.case.subject, cell=_subject),
        Column(
            "number", _("Number"), lambda row: row.case.number, cell=lambda row: str(row.case.number), under="subject"
        ),
        Column("state", _("State"), lambda row: CASE_STATES[row.case.state], cell=state),
        Column("system", _("System"), lambda row: row.system or None, cell=_system),
        Column("asked", _("Requester"), lambda row: row.case.requester.name or row.case.requester.email),
        Column("assigned", _("Assigned operator"), lambda row: row.assigned or None, roles=_OPERATOR),
        Column("opened", _("Opened"), lambda row: row.case.opened_at, kind=Kind.DAY),
        Column("changed", _("Changed"), lambda row: row.case.changed_at, kind=Kind.TIME),
        Column("closed", _("Closed"), lambda row: row.case.closed_at, kind=Kind.TIME, only="file"),
    )


async def _rows(visit: Visit) -> list[ListedCase]:
    services = visit.services
    return await visit.read(_listed, services.cases, services.systems, services.accounts, person=visit.person)


def _listed(cases: Cases, systems: Systems, accounts: Accounts, *, person: Person) -> list[ListedCase]:
    names = {system.id: system.name for system in systems.list(closed=True) if person.may_see(system.id)}
    people = {account.by: account.name for account in accounts.list()} if person.is_operator else {}
    return [
        ListedCase(
            case,
            names.get(case.system or "", case.system or ""),
            people.get(case.assigned, case.assigned) if person.is_operator else "",
        )
        for case in cases.some(systems=person.sees)
    ]


@get("/cases", only(*SEE_CASES))
async def list_cases(visit: Visit) -> Answer:
    """List the cases that are the visitor's to see."""
    cases = await listed(visit, cases_list(visit.person), await _rows(visit))
    return await visit.page("support/cases.html", cases=cases)


offer_file("/cases", only(*SEE_CASES), rows=_rows, definition=lambda visit: cases_list(visit.person))
