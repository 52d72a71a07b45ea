"""Whoever must act next is written to; whose turn it is says one function; who lets a step wait is reminded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from agreements_texts import TEXTS, months_of_stock
from authority import Authority
from drawing import draw
from letters import Written, letters, the_last
from npn.agreements.model import VersionNumber
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from npn.ledger.export import export
from npn.onboarding.model import Actor, ConnectionWishes, Request, StepName
from npn.onboarding.steps import AgreementState, StepEvidence, judged, ready, turn
from npn.proof.verify import verify
from npn.support.contacts import Contact
from npn.support.model import CaseState, Direction, Requester
from npn.systems.model import ApiKey, Caller, Role
from npn.wiring.assembly import build
from npn.wiring.service import Service, chores
from prepared import initialised

ASKED = ConnectionWishes(
    system="Labka IV",
    vendor="CSC",
    owner="Sygehus Nord",
    expected_per_day=300,
    transport="https_certificate",
    contacts=(
        Contact("technical", "Tore Teknik", "tore@vendor.dk"),
        Contact("administrative", "Anne Adm", "anne@nord.dk"),
    ),
)
ONE = VersionNumber(1, 0)
PEM = Authority().client("labka-iv").pem.decode()


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)  # so that letters stand in their order
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(settings: Settings, clock: Clock) -> Iterator[Service]:
    told = msgspec.structs.replace(settings, operator_mail="drift@npn.dk")
    initialised(settings)
    made = build(told, clock=clock)
    made.agreements.publish(ONE, TEXTS, by="admin:t", effective_from=made.agreements.today)
    yield made
    made.close()


def asked(service: Service, wishes: ConnectionWishes = ASKED) -> Request:
    service.onboarding.asking.ask(wishes, requester=Requester("Rikke", "rikke@vendor.dk"), remote="192.0.2.1")
    return service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)[0]


def with_test(service: Service, wishes: ConnectionWishes = ASKED) -> Request:
    return service.onboarding.give_test(asked(service, wishes).id, by="admin:ops")


def fetched(service: Service) -> ApiKey:
    return service.onboarding.handovers.collect(the_last(service, "/key/").token)[1]


def shown_in_test(service: Service, key: ApiKey) -> None:
    series = draw(service, (service.systems.get("labka-iv-test"), key), 100)
    caller = Caller(Role.SYSTEM, "labka-iv-test", "labka-iv-test", key.digest)
    service.registry.release(series.id, by=caller, from_text=None)


def accepted(service: Service, token: str, name: str = "Lone Leder") -> str:
    return service.onboarding.answers.accept(token, accepted_by=name, capacity="Laboratoriechef", number=ONE).id


def state_of(service: Service, request: Request) -> CaseState:
    assert request.case is not None
    return service.cases.get(request.case).state


def whose(service: Service, request: Request) -> tuple[set[str], str]:
    found = service.onboarding.turn(service.onboarding.get(request.id))
    return {actor.value for actor in found.who}, found.todo


def steps(service: Service, request: Request) -> dict[StepName, tuple[bool, bool]]:
    found = service.onboarding.steps(service.onboarding.get(request.id))
    return {step.name: (step.done, step.is_ready) for step in found}


def link_to(service: Service, address: str) -> Written:
    return [letter for letter in letters(service, address) if "/step/" in letter.text][-1]


def said(service: Service, request: Request) -> list[str]:
    assert request.case is not None
    return [entry.text for entry in service.cases.entries(request.case) if entry.direction is Direction.EVENT]


def test_an_agreement_in_force_is_asked_for_before_there_is_any_system(service: Service) -> None:
    request = asked(service)
    assert steps(service, request)[StepName.AGREEMENT] == (False, False)
    service.onboarding.give_test(request.id, by="ops")
    assert steps(service, request)[StepName.AGREEMENT] == (False, True)


def test_what_nobody_looked_at_is_unknown_and_never_done(service: Service) -> None:
    request = asked(service)
    found = {step.name: step for step in judged(request, StepEvidence())}
    assert (found[StepName.AGREEMENT].done, found[StepName.AGREEMENT].todo) == (False, "unknown")
    assert all(step.name is not StepName.AGREEMENT for step in ready(list(found.values())))
    none = judged(request, StepEvidence(agreement=AgreementState(None)))
    assert next(step for step in none if step.name is StepName.AGREEMENT).evidence == "no_agreement_in_force"


def test_owner_and_technical_contact_are_written_to_at_once_and_go_on_in_any_order(service: Service) -> None:
    request = with_test(service)
    assert state_of(service, request) is CaseState.WAITING
    assert whose(service, request) == ({"technical", "owner"}, "fetch_key")
    owner, technical = link_to(service, "anne@nord.dk"), link_to(service, "tore@vendor.dk")
    assert "Accepter tilslutningsaftalen for Labka IV" in owner.subject
    assert "klientcertifikat" in technical.subject

    service.onboarding.answers.send_certificate(technical.token, PEM)  # the owner has not answered yet
    assert state_of(service, request) is CaseState.OPEN
    assert whose(service, request) == ({"operator", "technical", "owner"}, "bind_certificate")
    assert "Certifikatet er sendt: se på det" in letters(service, "drift@npn.dk")[-1].text
    service.onboarding.bind_proposed(request.id, by="admin:ops")
    assert state_of(service, request) is CaseState.WAITING

    key = fetched(service)
    assert service.onboarding.progress.advance() == 1  # nobody told the service: it saw it
    assert "Træk en nummerserie i test" in link_to(service, "tore@vendor.dk").subject
    shown_in_test(service, key)
    service.onboarding.progress.advance()
    assert whose(service, request) == ({"owner"}, "accept_agreement")
    assert state_of(service, request) is CaseState.WAITING
    accepted(service, owner.token)
    assert whose(service, request) == ({"operator"}, "give_production_access")
    assert state_of(service, request) is CaseState.OPEN
    assert any("giv adgang til produktion" in letter.text for letter in letters(service, "drift@npn.dk"))
    service.onboarding.give_production(request.id, by="admin:ops")
    assert state_of(service, request) is CaseState.WAITING


def test_the_owner_accepts_once_and_everybody_gets_a_copy(service: Service) -> None:
    request = with_test(service)
    token = link_to(service, "anne@nord.dk").token
    before = service.ledger.state().length
    opened = service.onboarding.answers.opened(token)
    assert (opened.is_open, opened.acceptance) == (True, None)
    assert service.ledger.state().length == before  # looking does nothing
    acceptance = accepted(service, token)
    (kept,) = service.agreements.acceptances("labka-iv-test")
    assert (kept.id, kept.accepted_by, kept.capacity, kept.number) == (acceptance, "Lone Leder", "Laboratoriechef", ONE)
    assert kept.evidence is not None
    assert "anne@nord.dk" in kept.evidence.text
    for to in ("anne@nord.dk", "rikke@vendor.dk", "drift@npn.dk"):
        copy = next(letter for letter in letters(service, to) if "Kopi af accepten" in letter.text)
        for word in ("version 1.0", "Lone Leder", "Laboratoriechef", kept.id, "labka-iv-test"):
            assert word in copy.text
    assert any("accepteret af Lone Leder, Laboratoriechef" in text for text in said(service, request))
    again = service.onboarding.answers.opened(token)
    assert (again.is_open, again.acceptance and again.acceptance.id) == (False, acceptance)
    with pytest.raises(NotFoundError) as caught:
        accepted(service, token, "Tyv")
    assert caught.value.code == "link_ended"
    with service.database.read() as connection:
        assert token not in str(list(connection.exec_driver_sql("SELECT * FROM step_link")))
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)
    told = b"".join(lines).decode()
    assert "agreement_accepted" in told
    assert "Lone Leder" not in told
    assert "anne@nord.dk" not in told


def test_what_was_accepted_by_a_link_holds_for_production_too(service: Service) -> None:
    request = with_test(service)
    acceptance = accepted(service, link_to(service, "anne@nord.dk").token)
    service.onboarding.give_production(request.id, by="ops", despite="haster")
    (kept,) = service.agreements.acceptances("labka-iv")
    assert (kept.accepted_by, kept.number, kept.recorded_by) == ("Lone Leder", ONE, "ops")
    assert kept.evidence is not None
    assert acceptance in kept.evidence.text


def test_an_acceptance_recorded_for_the_test_system_alone_is_not_stretched(service: Service) -> None:
    request = with_test(service)
    service.agreements.accept("labka-iv-test", by="account:x", accepted_by="Lone", capacity="chef")
    service.onboarding.give_production(request.id, by="ops", despite="haster")
    assert service.agreements.acceptances("labka-iv") == []


@pytest.mark.parametrize("change", ["expired", "resent", "refused", "other step"])
def test_a_link_that_has_ended_takes_no_answer(service: Service, clock: Clock, change: str) -> None:
    request = with_test(service)
    token = link_to(service, "anne@nord.dk").token
    if change == "expired":
        clock.now += timedelta(days=30, minutes=1)
    elif change == "resent":
        service.onboarding.send_link(request.id, StepName.AGREEMENT, name="Bo", email="bo@nord.dk", by="ops")
        assert accepted(service, link_to(service, "bo@nord.dk").token)
    elif change == "refused":
        service.onboarding.refuse(request.id, reason="nej", by="ops")
    else:
        token = link_to(service, "tore@vendor.dk").token
    before = service.ledger.state().length
    with pytest.raises(NotFoundError) as caught:
        accepted(service, token)
    assert caught.value.code == "link_ended"
    assert service.ledger.state().length == before
    for unknown in ("", "x" * 43):
        with pytest.raises(NotFoundError):
            service.onboarding.answers.opened(unknown)


def test_a_refused_answer_leaves_the_link_open(service: Service) -> None:
    with_test(service)
    token, certificate = link_to(service, "anne@nord.dk").token, link_to(service, "tore@vendor.dk").token
    accept = service.onboarding.answers.accept
    with pytest.raises(InvalidInputError):
        accept(token, accepted_by=" ", capacity="chef", number=ONE)
    with pytest.raises(NotFoundError):
        accept(token, accepted_by="Lone", capacity="chef", number=VersionNumber(7, 0))
    with pytest.raises(InvalidInputError) as caught:
        service.onboarding.answers.send_certificate(certificate, Authority().client("x").key_pem.decode())
    assert caught.value.code == "private_key_sent"
    assert service.onboarding.answers.opened(token).is_open
    assert accepted(service, token)
    assert service.onboarding.answers.send_certificate(certificate, PEM).proposed_certificate == PEM.strip()


def test_a_version_that_was_superseded_meanwhile_is_not_accepted(service: Service, clock: Clock) -> None:
    with_test(service)
    first = service.agreements.version()
    clock.now += timedelta(days=1)
    day = service.agreements.today + timedelta(days=first.notice_days)
    service.agreements.publish(VersionNumber(1, 1), months_of_stock(190), by="t", effective_from=day)
    clock.now += timedelta(days=first.notice_days + 1)
    request = service.onboarding.requests()[0]
    service.onboarding.send_link(request.id, StepName.AGREEMENT, name="Bo", email="bo@nord.dk", by="ops")
    token = link_to(service, "bo@nord.dk").token
    with pytest.raises(RefusedError) as caught:
        accepted(service, token)
    assert caught.value.code == "version_superseded"
    assert service.onboarding.answers.opened(token).is_open


def test_a_step_that_waits_is_reminded_of_after_a_week_and_after_three_once_each(
    service: Service, clock: Clock
) -> None:
    request = with_test(service)
    begun = clock.now
    sent = []
    for day in range(1, 60):
        clock.now = begun + timedelta(days=day)
        service.onboarding.progress.advance()
        service.onboarding.progress.advance()
        reminders = [each for each in letters(service, "anne@nord.dk") if "Påmindelse: Accepter" in each.subject]
        if len(reminders) > len(sent):
            sent = reminders
            assert day in (7, 21), day
    assert len(sent) == 2
    assert service.onboarding.progress.waits(request.id)[StepName.AGREEMENT].reminders == 2
    assert sum("Påmindelse: Link til at acceptere" in text for text in said(service, request)) == 2
    with pytest.raises(NotFoundError):  # a reminder's link ends the one before it
        service.onboarding.answers.opened(sent[0].token)


def test_a_reminder_goes_to_whom_the_operator_sent_the_link(service: Service, clock: Clock) -> None:
    request = with_test(service)
    service.onboarding.send_link(request.id, StepName.AGREEMENT, name="Bo Chef", email="bo@nord.dk", by="ops")
    clock.now += timedelta(days=8)
    service.onboarding.progress.advance()
    assert "Påmindelse" in link_to(service, "bo@nord.dk").subject
    assert not [letter for letter in letters(service, "anne@nord.dk") if "Påmindelse" in letter.subject]


def test_the_operator_is_told_once_and_reminded(service: Service, clock: Clock) -> None:
    asked(service)
    first = len(letters(service, "drift@npn.dk"))
    for _ in range(3):
        service.onboarding.progress.advance()
    assert len(letters(service, "drift@npn.dk")) == first  # the confirmation told them
    clock.now += timedelta(days=8)
    service.onboarding.progress.advance()
    assert "Påmindelse: Se på anmodningen" in letters(service, "drift@npn.dk")[-1].text


def test_a_message_stays_the_operators_to_answer_whatever_else_happens(service: Service) -> None:
    request = with_test(service)
    service.cases.answer_by_link(the_last(service, "/case/").token, "Hvornår kan vi?")
    assert whose(service, request)[1] == "answer_message"
    accepted(service, link_to(service, "anne@nord.dk").token)
    service.onboarding.progress.advance()
    assert state_of(service, request) is CaseState.OPEN
    assert request.case is not None
    service.cases.reply(request.case, "I morgen", by="ops", author="Ole")
    assert "operator" not in whose(service, request)[0]


def test_where_the_operator_asked_something_it_is_the_requesters_turn_everywhere(service: Service) -> None:
    request = asked(service)
    assert request.case is not None
    service.cases.reply(request.case, "Hvor mange prøver?", by="ops", author="Ole")
    service.onboarding.progress.advance()
    assert state_of(service, request) is CaseState.WAITING
    assert whose(service, request) == ({"requester"}, "answer_operator")


def test_a_case_whose_steps_are_all_done_closes_by_itself(service: Service) -> None:
    request = with_test(service, msgspec.structs.replace(ASKED, transport="https_key", environment="test"))
    key = fetched(service)
    accepted(service, link_to(service, "anne@nord.dk").token)
    shown_in_test(service, key)
    service.onboarding.progress.advance()
    assert state_of(service, request) is CaseState.CLOSED
    assert whose(service, request) == (set(), "")
    assert service.onboarding.progress.advance() == 0


def test_a_link_is_sent_only_for_a_step_that_waits_for_somebody_else(service: Service) -> None:
    request = asked(service)
    send = service.onboarding.send_link
    with pytest.raises(ConflictError) as caught:
        send(request.id, StepName.AGREEMENT, name="Bo", email="bo@nord.dk", by="ops")
    assert caught.value.code == "step_not_due"
    service.onboarding.give_test(request.id, by="ops")
    for step in (StepName.TEST_ACCESS, StepName.PRODUCTION, StepName.REQUESTED):
        with pytest.raises(ConflictError):
            send(request.id, step, name="Bo", email="bo@nord.dk", by="ops")
    with pytest.raises(InvalidInputError) as wrong:
        send(request.id, StepName.AGREEMENT, name="Bo", email="bo", by="ops")
    assert wrong.value.field == "email"


def test_turn_is_nobodys_in_a_closed_case_and_the_operators_in_an_open_one(service: Service) -> None:
    request = asked(service)
    found = service.onboarding.steps(request)
    assert turn(found, CaseState.CLOSED).who == ()
    assert turn(found, CaseState.OPEN).who == (Actor.OPERATOR,)
    assert turn(found, CaseState.WAITING).who == (Actor.REQUESTER,)
    assert turn(judged(replace(request, confirmed_at=None), StepEvidence()), None).todo == "confirm_mail"


def test_a_running_service_looks_by_itself(service: Service) -> None:
    assert "follow_requests" in {chore.name for chore in chores(service)}
