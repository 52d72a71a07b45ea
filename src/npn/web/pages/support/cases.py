"""Cases: the operator's desk, and what regions, owners and vendors see of those about their own systems."""

from collections.abc import Callable
from typing import NamedTuple

from npn.errors import InvalidInputError, details
from npn.http.answers import Answer
from npn.onboarding.model import Request, State
from npn.onboarding.service import Onboarding
from npn.people.accounts import Accounts
from npn.people.invitations import InvitationWish
from npn.people.model import AccountRole, AccountState, Person
from npn.support.facts import FactFinder
from npn.support.model import Case, CaseState, Direction, Requester
from npn.support.service import Cases
from npn.systems.permissions import Act
from npn.systems.service import Systems
from npn.web.forms import Choice, Field, Form
from npn.web.pages.onboarding.request_picture import request_picture
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.pages.onboarding.typed_names import names_of
from npn.web.pages.people.inviting import invitation_in
from npn.web.pages.support.answering import begun, choosing, particulars
from npn.web.pages.support.case_certificates import case_certificates
from npn.web.pages.support.case_forms import ALWAYS_SHOWN, TEXT, WAIVABLE, assign_fields, request_forms, system_fields
from npn.web.routes import get, post
from npn.web.rules import only, theirs
from npn.web.texts import Msgid, _
from npn.web.visit import Onward, Visit

SEE_CASES = (
    AccountRole.OPERATOR,
    AccountRole.AUDITOR,
    AccountRole.REGION,
    AccountRole.OWNER,
    AccountRole.VENDOR,
)
_OWN = (AccountRole.REGION, AccountRole.OWNER, AccountRole.VENDOR)
_OPERATOR = AccountRole.OPERATOR
CASE_STATES = {
    CaseState.OPEN: _("Waiting for the operator"),
    CaseState.WAITING: _("Waiting for an answer"),
    CaseState.CLOSED: _("Closed"),
}
COLOURS = {"green": "good", "amber": "warn", "red": "bad", "unknown": "soft"}
_NEW = (
    Field("subject", _("Topic")),
    Field("text", _("What is it about?"), kind="textarea", largest=20_000),
)


async def system_of_case(visit: Visit, number: str) -> str:
    """Return the system that a case is about; none is nobody's but the operator's."""
    return (await visit.read(visit.services.cases.get, _number(number))).system or ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _choices(systems: Systems, person: Person) -> list[Choice]:
    return [Choice(s.id, f"{s.name} ({s.id})") for s in systems.list() if person.may_act_for(s.id)]


@get("/cases/new", only(_OPERATOR, *_OWN))
async def show_new(visit: Visit) -> Answer:
    """Show the form to open a case about one's own system."""
    fields = await visit.read(_fields, visit.services.systems, visit.person)
    return await visit.page("support/case_new.html", form=visit.form(fields, {"system": visit.query.get("system", "")}))


@post("/cases/new", only(_OPERATOR, *_OWN))
async def open_case(visit: Visit) -> Answer:
    """Open a case; the list of systems holds the visitor to their own."""
    form, person = visit.form(await visit.read(_fields, visit.services.systems, visit.person)), visit.person
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.cases.open,
            by=person.by,
            subject=form["subject"],
            text=form["text"],
            requester=Requester(person.name, person.email, visit.language),
            system=form["system"],
            tell=not person.is_operator,
        ),
        then=lambda case: visit.see_other(f"/cases/{case.number}", _("The case is open.")),
        again=lambda: visit.page("support/case_new.html", form=form),
    )


def _fields(systems: Systems, person: Person) -> tuple[Field, ...]:
    return (Field("system", _("System"), kind="select", choices=_choices(systems, person)), *_NEW)


@get("/cases/{case}", theirs(*SEE_CASES, by="case", find=system_of_case))
async def show_case(visit: Visit) -> Answer:
    """Show a case with what was said, its request's steps, and its system's live facts."""
    return await case_page(visit, visit.arguments["case"])


async def case_page(visit: Visit, case: str, *, name: str = "", sent: Form | None = None) -> Answer:
    """Show a case; `sent` is the form of that `name` on it that had errors."""
    services, number = visit.services, _number(case)
    values = await visit.read(
        _whole,
        services.cases,
        services.onboarding,
        services.facts,
        systems=services.systems,
        accounts=services.accounts,
        person=visit.person,
        number=number,
    )
    certificates = await visit.read(
        case_certificates, services.clients, services.cases, services.onboarding, number=number
    )
    if visit.person.is_operator:
        await _offer_answers(visit, values, is_begun=sent is None)
    if sent is not None and name not in values.forms:
        raise InvalidInputError(details.NO_SUCH_STEP, field="step")
    if sent is not None:
        values.forms[name] = sent
    return await visit.page(
        "support/case.html",
        status=422 if sent is not None and sent.errors else 200,
        form=sent,
        forms=values.forms,
        waivable=WAIVABLE,
        is_stale=sent is not None and values.is_refused and name not in ALWAYS_SHOWN,
        state_called=CASE_STATES,
        colours=COLOURS,
        certificates=certificates,
        invitations=await visit.read(_invitations, visit, number) if visit.person.is_operator else {},
        **values.shown,
        **WORDS,
    )


def _invitations(visit: Visit, number: int) -> dict[int, tuple[str, InvitationWish]]:
    """Return the wishes for accounts that a case's entries carry, by entry."""
    carried = {entry.id: invitation_in(visit, entry) for entry in visit.services.cases.entries(number)}
    return {entry: wish for entry, wish in carried.items() if wish is not None}


async def _offer_answers(visit: Visit, values: "_CaseValues", *, is_begun: bool) -> None:
    """Put the form by which a standard answer is chosen on a case's page, and begin the answer with it."""
    case, wanted = values.case, visit.query.get("answer", "")
    offered = await visit.read(visit.services.standard_answers.offered, case.kind)
    values.forms["choosing"] = choosing(offered, wanted, language=visit.language)
    if is_begun and wanted:
        filling = particulars(case, values.system, visit.person.name)
        text = begun(offered, wanted, filling, language=case.requester.language)
        values.forms["message"] = Form.of((TEXT,), {"text": text})


class _CaseValues(NamedTuple):
    """What a case's page shows, and the forms on it by name."""

    shown: dict[str, object]
    forms: dict[str, Form]
    case: Case
    system: str
    request: Request | None

    @property
    def is_refused(self) -> bool:
        """Whether its request is: of the forms about one, none is shown."""
        return self.request is not None and self.request.state is State.REFUSED


def _whole(
    cases: Cases,
    onboarding: Onboarding,
    facts: FactFinder,
    *,
    systems: Systems,
    accounts: Accounts,
    person: Person,
    number: int,
) -> _CaseValues:
    case = cases.get(number)
    hidden = set() if person.is_operator else {Direction.NOTE}
    picture = request_picture(onboarding, case)
    request = picture.request
    handover_of = None if request is None else request.production_system or request.test_system
    values = {
        "case": case,
        "entries": [entry for entry in cases.entries(number) if entry.direction not in hidden],
        "facts": None if case.system is None else facts.of(case.system),
        **picture.values(),
        "typed_names": {} if request is None or request.test_system else names_of(systems, request),
        "own_systems": {} if request is None else _names_of_both(systems, request),
        "handovers": [] if handover_of is None else onboarding.handovers.of(handover_of),
        "may_write": not person.is_operator and case.system is not None and person.may_act_for(case.system),
    }
    forms = {"message": Form.of((TEXT,))}
    if person.is_operator:
        forms["system"] = Form.of(system_fields(_choices(systems, person)), {"system": case.system})
        forms["assign"] = Form.of(assign_fields(_lookers(accounts, case.assigned)), {"to": case.assigned})
        forms.update(request_forms(picture.steps, picture.readers))
    system = "" if case.system is None else systems.get(case.system).name
    return _CaseValues(values, forms, case, system, request)


def _names_of_both(systems: Systems, request: Request) -> dict[str, str]:
    """Return the names of the systems that a request was given."""
    both = {"test": request.test_system, "production": request.production_system}
    return {which: systems.get(system).name for which, system in both.items() if system is not None}


def _lookers(accounts: Accounts, assigned: str) -> list[Choice]:
    """Return the operators who may look after a case, and whoever does."""
    able = [a for a in accounts.list() if a.role is _OPERATOR and (a.state is AccountState.ACTIVE or a.by == assigned)]
    choices = [Choice(account.by, account.name) for account in able]
    stranger = assigned and all(choice.value != assigned for choice in choices)
    return [*choices, Choice(assigned, assigned)] if stranger else choices


@post("/cases/{case}/reply", only(_OPERATOR))
async def reply(visit: Visit) -> Answer:
    """Answer; it is sent by mail."""
    return await _say(visit, visit.services.cases.reply, _("The answer is sent."))


@post("/cases/{case}/note", only(_OPERATOR))
async def note(visit: Visit) -> Answer:
    """Keep a note."""
    return await _say(visit, visit.services.cases.note, _("The note is saved."))


@post("/cases/{case}/write", theirs(*_OWN, by="case", find=system_of_case, act=Act.ASK))
async def write(visit: Visit) -> Answer:
    """Take what somebody whose system it is writes."""
    return await _say(visit, visit.services.cases.answer, _("The message has been sent to the operator."))


async def _say(visit: Visit, work: Callable[..., object], said: Msgid) -> Answer:
    form, number, person = visit.form((TEXT,)), _number(visit.arguments["case"]), visit.person
    return await visit.submit(
        form,
        lambda: visit.write(work, number, form["text"], by=person.by, author=person.name),
        then=Onward(f"/cases/{number}", said),
        again=lambda: case_page(visit, visit.arguments["case"], name="message", sent=form),
    )


@post("/cases/{case}/state", only(_OPERATOR))
async def set_state(visit: Visit) -> Answer:
    """Close a case, or open it again."""
    number = _number(visit.arguments["case"])
    state = CaseState.OPEN if visit.sent.get("state") == "open" else CaseState.CLOSED
    await visit.write(visit.services.cases.set_state, number, state, by=visit.person.by)
    text = _("The case is open again.") if state is CaseState.OPEN else _("The case is closed.")
    return visit.see_other(f"/cases/{number}", text)


@post("/cases/{case}/system", only(_OPERATOR))
async def set_system(visit: Visit) -> Answer:
    """Set which system a case is about: its people then see it."""
    case, set_system = visit.arguments["case"], visit.services.cases.set_system
    form = visit.form(system_fields(await visit.read(_choices, visit.services.systems, visit.person)))
    return await visit.submit(
        form,
        lambda: visit.write(set_system, _number(case), form["system"] or None, by=visit.person.by),
        then=Onward(f"/cases/{_number(case)}", _("The case's system is set.")),
        again=lambda: case_page(visit, case, name="system", sent=form),
    )


@post("/cases/{case}/assign", only(_OPERATOR))
async def assign(visit: Visit) -> Answer:
    """Set which operator looks after a case, or that nobody does."""
    case = visit.arguments["case"]
    form = visit.form(assign_fields(await visit.read(_lookers, visit.services.accounts, "")))
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.cases.assign, _number(case), form["to"], by=visit.person.by),
        then=Onward(f"/cases/{_number(case)}", _("Saved who the case is assigned to.")),
        again=lambda: case_page(visit, case, name="assign", sent=form),
    )
