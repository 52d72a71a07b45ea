"""The steps of a request, judged by what the service itself sees: pure, so that every case of it is tested.

Steps that do not depend on each other are ready at the same time: the technical contact sends the certificate while
the owner's acceptance waits. Whose turn it is says `turn`, to every list and page alike.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from npn.onboarding.model import Actor, Request, State, Step, StepName
from npn.support.model import CaseState


@dataclass(frozen=True, slots=True)
class AgreementState:
    """Whether a system's owner accepted the connection agreement. `version` None: no agreement is in force."""

    version: str | None
    accepted: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyEvidence:
    """Whether a system's key was fetched; `expired`: the link ended before anybody did."""

    fetched_at: datetime | None = None
    expired: bool = False


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """What there was to see when the steps were judged. `agreement` None: nobody has looked, so nobody knows."""

    test_key: KeyEvidence = KeyEvidence()
    production_key: KeyEvidence = KeyEvidence()
    agreement: AgreementState | None = None
    certificate: str = ""
    certificate_until: datetime | None = None
    drawn_at: datetime | None = None
    released_at: datetime | None = None
    production_drawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is in a request, the operator first, and what must be done first; nobody's where all is done."""

    who: tuple[Actor, ...] = ()
    todo: str = ""


def judged(request: Request, seen: StepEvidence) -> list[Step]:
    """Return every step with who must do what; those that can be taken now are ready."""
    steps = [
        _requested(request),
        _test_access(request, seen),
        _agreement(request, seen),
        _certificate(request, seen),
        _test_shown(request, seen),
        _production(request, seen),
        _first_draw(request, seen),
    ]
    wanted = steps if request.asked.environment == "production" or request.production_system else steps[:-2]
    return _with_readiness(wanted, request)


def ready(steps: list[Step]) -> list[Step]:
    """Return the steps that can be taken now, in their order."""
    return [step for step in steps if step.is_ready and not step.done]


def all_done(steps: list[Step]) -> bool:
    """Whether no step is left."""
    return all(step.done for step in steps)


def turn(steps: list[Step], case: CaseState | None) -> Turn:
    """Return whose turn it is: THE answer for lists, pages and reminders.

    A case that waits for the operator is the operator's, also where only a message waits for its answer; one that
    waits for the other side is nobody else's, also where the operator asked something and could go on.
    """
    if case is CaseState.CLOSED:
        return Turn()
    able = ready(steps)
    others = [step for step in able if step.who not in (Actor.OPERATOR, Actor.NOBODY)]
    actors = tuple(dict.fromkeys(step.who for step in others))
    if case is not CaseState.OPEN:
        if not others:
            return Turn() if all_done(steps) else Turn((Actor.REQUESTER,), "answer_operator")
        return Turn(actors, others[0].todo)
    own = [step for step in able if step.who is Actor.OPERATOR]
    return Turn((Actor.OPERATOR, *actors), own[0].todo if own else "answer_message")


def _with_readiness(steps: list[Step], request: Request) -> list[Step]:
    done_names = {step.name for step in steps if step.done}
    before_production = {step.name for step in steps} - {StepName.PRODUCTION, StepName.FIRST_DRAW}
    has_test = request.test_system is not None
    is_ready = {
        StepName.REQUESTED: True,
        StepName.TEST_ACCESS: StepName.REQUESTED in done_names,
        StepName.AGREEMENT: has_test,
        StepName.CERTIFICATE: has_test,
        StepName.TEST_SHOWN: StepName.TEST_ACCESS in done_names,
        StepName.PRODUCTION: before_production <= done_names or request.production_system is not None,
        StepName.FIRST_DRAW: StepName.PRODUCTION in done_names,
    }
    return [replace(step, is_ready=is_ready[step.name] and step.todo != "unknown") for step in steps]


def _requested(request: Request) -> Step:
    if request.confirmed_at is None:
        return Step(StepName.REQUESTED, done=False, who=Actor.REQUESTER, todo="confirm_mail")
    return Step(StepName.REQUESTED, done=True, evidence="mail_confirmed", at=request.confirmed_at)


def _test_access(request: Request, seen: StepEvidence) -> Step:
    name = StepName.TEST_ACCESS
    if request.test_system is None:
        return Step(name, done=False, who=Actor.OPERATOR, todo="give_test_access")
    if seen.test_key.fetched_at is None:
        expired = seen.test_key.expired
        who, todo = (Actor.OPERATOR, "offer_key_again") if expired else (Actor.TECHNICAL, "fetch_key")
        return Step(name, done=False, who=who, todo=todo)
    return Step(name, done=True, evidence="key_fetched", at=seen.test_key.fetched_at)


def _agreement(request: Request, seen: StepEvidence) -> Step:
    name, agreement = StepName.AGREEMENT, seen.agreement
    if agreement is not None and agreement.accepted:
        return Step(name, done=True, evidence="agreement_accepted", at=agreement.at)
    waived = _waived(request, name)
    if waived is not None:
        return waived
    if agreement is None:
        return Step(name, done=False, todo="unknown")
    if agreement.version is None:
        return Step(name, done=True, evidence="no_agreement_in_force")
    return Step(name, done=False, who=Actor.OWNER, todo="accept_agreement")


def _certificate(request: Request, seen: StepEvidence) -> Step:
    name = StepName.CERTIFICATE
    if seen.certificate:
        return Step(name, done=True, evidence="certificate_valid", at=seen.certificate_until)
    if request.asked.transport == "https_key":
        return Step(name, done=True, evidence="key_alone_asked_for")
    waived = _waived(request, name)
    if waived is not None:
        return waived
    if request.proposed_certificate:
        return Step(name, done=False, who=Actor.OPERATOR, todo="bind_certificate")
    return Step(name, done=False, who=Actor.TECHNICAL, todo="send_certificate")


def _test_shown(request: Request, seen: StepEvidence) -> Step:
    name = StepName.TEST_SHOWN
    if seen.drawn_at is not None and seen.released_at is not None:
        return Step(name, done=True, evidence="drawn_and_released", at=max(seen.drawn_at, seen.released_at))
    todo = "draw_and_release" if seen.drawn_at is None else "release_once"
    return _waived(request, name) or Step(name, done=False, who=Actor.TECHNICAL, todo=todo)


def _production(request: Request, seen: StepEvidence) -> Step:
    name = StepName.PRODUCTION
    if request.production_system is None:
        return Step(name, done=False, who=Actor.OPERATOR, todo="give_production_access")
    if seen.production_key.fetched_at is None:
        expired = seen.production_key.expired
        who, todo = (Actor.OPERATOR, "offer_key_again") if expired else (Actor.TECHNICAL, "fetch_key")
        return Step(name, done=False, who=who, todo=todo)
    return Step(name, done=True, evidence="key_fetched", at=seen.production_key.fetched_at)


def _first_draw(request: Request, seen: StepEvidence) -> Step:
    if seen.production_drawn_at is not None:
        return Step(StepName.FIRST_DRAW, done=True, evidence="drawn", at=seen.production_drawn_at)
    who = Actor.TECHNICAL if request.state is State.CONNECTED else Actor.NOBODY
    return Step(StepName.FIRST_DRAW, done=False, who=who, todo="draw_first")


def _waived(request: Request, name: StepName) -> Step | None:
    return Step(name, done=True, evidence="waived", waived=True) if name in request.waived else None
