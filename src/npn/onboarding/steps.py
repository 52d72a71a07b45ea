"""The steps of a request, judged by what the service itself sees: pure, so that every case of it is tested."""

from dataclasses import dataclass
from datetime import datetime

from npn.onboarding.model import Actor, Request, State, Step, StepName


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
    """What there was to see when the steps were judged."""

    test_key: KeyEvidence = KeyEvidence()
    production_key: KeyEvidence = KeyEvidence()
    agreement: AgreementState = AgreementState(None)
    certificate: str = ""
    certificate_until: datetime | None = None
    drawn_at: datetime | None = None
    released_at: datetime | None = None
    production_drawn_at: datetime | None = None


def judged(request: Request, seen: StepEvidence) -> list[Step]:
    """Return every step with who must do what; of those not done, the first is the next."""
    steps = [
        _requested(request),
        _test_access(request, seen),
        _agreement(request, seen),
        _certificate(request, seen),
        _test_shown(request, seen),
        _production(request, seen),
        _first_draw(request, seen),
    ]
    return steps if request.asked.environment == "production" or request.production_system else steps[:-2]


def next_step(steps: list[Step]) -> Step | None:
    """Return the first step that is not done; None where all are."""
    return next((step for step in steps if not step.done), None)


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
    if agreement.accepted:
        return Step(name, done=True, evidence="agreement_accepted", at=agreement.at)
    if agreement.version is None:
        return Step(name, done=True, evidence="no_agreement_in_force")
    return _waived(request, name) or Step(name, done=False, who=Actor.OWNER, todo="accept_agreement")


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
