"""From a request to the first draw of production: every step, its checks, its links, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from drawing import draw
from letters import letters, the_last
from mail_catcher import certificate
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from npn.ledger.export import export
from npn.onboarding.asking import FROM_ONE_ADDRESS, FROM_ONE_PLACE, looks_human
from npn.onboarding.model import Actor, ConnectionWishes, Request, State, StepName, checked
from npn.onboarding.steps import AgreementState, KeyEvidence, StepEvidence, all_done, judged, ready
from npn.proof.verify import verify
from npn.support.contacts import Contact
from npn.support.model import Requester
from npn.systems.model import ApiKey, Caller, Environment, Role
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised

WHO = Requester("Rikke Rekvirent", "rikke@vendor.dk")
TECHNICAL = Contact("technical", "Tore Teknik", "tore@vendor.dk", "+45 12345678")
ASKED = ConnectionWishes(
    system="Labka III",
    vendor="CSC",
    owner="Region Nord",
    expected_per_day=2000,
    transport="https_certificate",
    addresses=("192.0.2.10", "LAB.example.dk"),
    contacts=(TECHNICAL, Contact("administrative", "Anne Adm", "anne@nord.dk")),
    comment="Vi vil gerne i gang i marts",
)


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
    initialised(settings)
    made = build(settings, clock=clock)
    yield made
    made.close()


def asked(service: Service, what: ConnectionWishes = ASKED, *, remote: str = "192.0.2.1") -> Request:
    return service.onboarding.get(service.onboarding.asking.ask(what, requester=WHO, remote=remote))


def confirmed(service: Service) -> Request:
    asked(service)
    request, token = service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)
    assert service.cases.of_link(token).number == request.case
    return request


def coming(service: Service, request: Request) -> tuple[StepName, Actor, str]:
    step = ready(service.onboarding.steps(service.onboarding.get(request.id)))[0]
    return step.name, step.who, step.todo


def fetched(service: Service) -> ApiKey:
    return service.onboarding.handovers.collect(the_last(service, "/key/").token)[1]


def drawn_and_released(service: Service, system_id: str, key: ApiKey) -> None:
    series = draw(service, (service.systems.get(system_id), key), 100)
    service.registry.release(series.id, by=Caller(Role.SYSTEM, system_id, system_id, key.digest), from_text=None)


def test_the_whole_path(service: Service, tmp_path: Path) -> None:
    request = confirmed(service)
    assert coming(service, request) == (StepName.TEST_ACCESS, Actor.OPERATOR, "give_test_access")

    request = service.onboarding.give_test(request.id, by="admin:ops")
    assert request.test_system == "labka-iii-test"
    test = service.systems.get("labka-iii-test")
    assert (test.environment, test.owner, test.vendor) == (Environment.TEST, "Region Nord", "CSC")
    assert the_last(service, "/key/").to == TECHNICAL.email
    assert coming(service, request) == (StepName.TEST_ACCESS, Actor.TECHNICAL, "fetch_key")

    key = fetched(service)
    assert coming(service, request) == (StepName.CERTIFICATE, Actor.TECHNICAL, "send_certificate")
    token = the_last(service, "/case/").token
    service.onboarding.propose_certificate(token, certificate(tmp_path).read_text())
    assert coming(service, request) == (StepName.CERTIFICATE, Actor.OPERATOR, "bind_certificate")
    service.onboarding.bind_proposed(request.id, by="admin:ops")
    assert coming(service, request) == (StepName.TEST_SHOWN, Actor.TECHNICAL, "draw_and_release")

    with pytest.raises(RefusedError) as caught:
        service.onboarding.give_production(request.id, by="admin:ops")
    assert caught.value.code == "steps_missing"
    drawn_and_released(service, "labka-iii-test", key)
    assert coming(service, request) == (StepName.PRODUCTION, Actor.OPERATOR, "give_production_access")

    request = service.onboarding.give_production(request.id, by="admin:ops")
    assert (request.state, request.production_system) == (State.CONNECTED, "labka-iii")
    assert service.systems.get("labka-iii").environment is Environment.PRODUCTION
    assert coming(service, request) == (StepName.PRODUCTION, Actor.TECHNICAL, "fetch_key")
    key = fetched(service)
    assert coming(service, request) == (StepName.FIRST_DRAW, Actor.TECHNICAL, "draw_first")
    draw(service, (service.systems.get("labka-iii"), key), 100)
    assert all_done(service.onboarding.steps(request))

    lines: list[bytes] = []
    export(service.database, lines.append)
    assert verify(lines).systems == 2
    told = b"".join(lines).decode()
    for person in (WHO.name, WHO.email, TECHNICAL.name, TECHNICAL.email, key.secret):
        assert person not in told


def test_before_it_is_confirmed_a_request_is_in_no_ledger_and_goes_away_by_itself(
    service: Service, clock: Clock
) -> None:
    before = service.ledger.state().length
    request = asked(service)
    assert service.ledger.state().length == before
    assert (request.state, request.case) == (State.UNCONFIRMED, None)
    assert service.onboarding.requests() == []
    token = the_last(service, "apply/confirm").token
    clock.now += timedelta(days=2, minutes=1)
    with pytest.raises(NotFoundError) as caught:
        service.onboarding.asking.confirm(token)
    assert caught.value.code == "link_ended"
    assert service.onboarding.asking.forget() == 1
    with pytest.raises(NotFoundError):
        service.onboarding.get(request.id)


def test_a_request_is_confirmed_once(service: Service) -> None:
    confirmed(service)
    with pytest.raises(ConflictError) as caught:
        service.onboarding.asking.confirm(the_last(service, "apply/confirm").token)
    assert caught.value.code == "confirmed"


def test_a_key_is_fetched_once_and_in_time_and_a_new_link_ends_the_old(service: Service, clock: Clock) -> None:
    request = confirmed(service)
    service.onboarding.give_test(request.id, by="ops")
    first = the_last(service, "/key/").token
    service.onboarding.offer_key(request.id, by="ops")
    second = the_last(service, "/key/").token
    for ended in (first, "x" * 43, ""):
        with pytest.raises(NotFoundError):
            service.onboarding.handovers.collect(ended)
    system, key = service.onboarding.handovers.collect(second)
    assert service.systems.caller(key.digest) is not None
    for use in (service.onboarding.handovers.collect, service.onboarding.handovers.offered):
        with pytest.raises(NotFoundError) as caught:
            use(second)
        assert caught.value.code == "link_ended"
    with service.database.read() as connection:
        kept = str(list(connection.exec_driver_sql("SELECT * FROM key_handover")))
    assert second not in kept

    service.onboarding.offer_key(request.id, by="ops")
    third = the_last(service, "/key/").token
    clock.now += timedelta(days=3, minutes=1)
    with pytest.raises(NotFoundError):
        service.onboarding.handovers.collect(third)
    assert service.onboarding.handovers.of(system.id)[0].collected_at is None


def test_a_link_that_ran_out_is_the_operators_turn(service: Service, clock: Clock) -> None:
    request = confirmed(service)
    service.onboarding.give_test(request.id, by="ops")
    clock.now += timedelta(days=4)
    assert coming(service, request) == (StepName.TEST_ACCESS, Actor.OPERATOR, "offer_key_again")


def test_the_form_cannot_be_used_to_write_to_others(service: Service) -> None:
    for number in range(FROM_ONE_ADDRESS):
        asked(service, remote=f"192.0.2.{number}")
    with pytest.raises(RefusedError) as caught:
        asked(service, remote="198.51.100.1")
    assert caught.value.code == "too_many_requests_to_connect"
    assert len(letters(service)) == FROM_ONE_ADDRESS
    for number in range(FROM_ONE_PLACE):
        other = Requester("x", f"x{number}@y.dk")
        service.onboarding.asking.ask(ASKED, requester=other, remote="203.0.113.5")
    with pytest.raises(RefusedError):
        service.onboarding.asking.ask(ASKED, requester=Requester("x", "z@y.dk"), remote="203.0.113.5")


def test_a_program_that_fills_in_forms_gives_itself_away() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    opened = str(int(now.timestamp()) - 30)
    assert looks_human(trap="", opened=opened, at=now)
    assert not looks_human(trap="http://x", opened=opened, at=now)
    for wrong in ("", "x", str(int(now.timestamp())), "0", "9" * 30, str(int(now.timestamp()) + 60)):
        assert not looks_human(trap="", opened=wrong, at=now)


def test_a_refusal_is_told_with_its_reason_and_ends_the_request(service: Service) -> None:
    request = confirmed(service)
    with pytest.raises(InvalidInputError):
        service.onboarding.refuse(request.id, reason=" ", by="ops")
    service.onboarding.refuse(request.id, reason="Systemet bruger lokale numre", by="ops")
    assert "lokale numre" in letters(service, WHO.email)[-1].text
    with pytest.raises(ConflictError):
        service.onboarding.give_test(request.id, by="ops")
    assert request.case is not None
    assert service.cases.get(request.case).closed_at is not None


def test_steps_may_be_waived_for_a_reason_but_not_all(service: Service) -> None:
    request = confirmed(service)
    service.onboarding.give_test(request.id, by="ops")
    fetched(service)
    for step in (StepName.CERTIFICATE, StepName.TEST_SHOWN):
        with pytest.raises(InvalidInputError):
            service.onboarding.waive(request.id, step, reason="", by="ops")
        service.onboarding.waive(request.id, step, reason="Flyttet fra den gamle tjeneste", by="ops")
    assert coming(service, request)[0] is StepName.PRODUCTION
    with pytest.raises(InvalidInputError):
        service.onboarding.waive(request.id, StepName.REQUESTED, reason="x", by="ops")


def test_production_despite_missing_steps_needs_its_reason(service: Service) -> None:
    request = confirmed(service)
    with pytest.raises(RefusedError):
        service.onboarding.give_production(request.id, by="ops", despite="hast")  # not without a test system
    service.onboarding.give_test(request.id, by="ops")
    given = service.onboarding.give_production(request.id, by="ops", despite="Haster: aftalt med styregruppen")
    assert given.reason.startswith("Haster")
    with pytest.raises(ConflictError):
        service.onboarding.give_production(request.id, by="ops", despite="igen")


def test_what_is_no_certificate_is_not_taken(service: Service, tmp_path: Path) -> None:
    request = confirmed(service)
    token = the_last(service, "/case/").token
    pem = certificate(tmp_path).read_text()
    with pytest.raises(NotFoundError):  # nobody waits for one yet
        service.onboarding.propose_certificate(token, pem)
    service.onboarding.give_test(request.id, by="ops")
    for wrong in ("", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", pem * 200):
        with pytest.raises(InvalidInputError) as caught:
            service.onboarding.propose_certificate(token, wrong)
        assert caught.value.code == "not_a_certificate"
    with pytest.raises(NotFoundError):
        service.onboarding.propose_certificate("x" * 43, pem)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"system": ""}, "system"),
        ({"vendor": "a\u202eb"}, "vendor"),
        ({"expected_per_day": -1}, "expected_per_day"),
        ({"expected_per_day": 10**9}, "expected_per_day"),
        ({"transport": "carrier_pigeon"}, "transport"),
        ({"addresses": ("not an address",)}, "addresses"),
        ({"addresses": ("0.0.0.0/0",)}, "addresses"),
        ({"addresses": ("<script>.dk",)}, "addresses"),
        ({"addresses": ("192.0.2.1",) * 21}, "addresses"),
        ({"contacts": (replace(TECHNICAL, email="x"),)}, "technical_email"),
        ({"contacts": (replace(TECHNICAL, name=""),)}, "technical_name"),
        ({"contacts": (replace(TECHNICAL, kind="boss"),)}, "contacts"),
    ],
)
def test_what_is_asked_for_is_checked_field_by_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked(msgspec.structs.replace(ASKED, **change))
    assert caught.value.field == field


def test_addresses_are_tidied() -> None:
    wanted = ("192.0.2.77/24", "2001:DB8::1", "Lab.Region.DK")
    found = checked(msgspec.structs.replace(ASKED, addresses=wanted))
    assert found.addresses == ("192.0.2.0/24", "2001:db8::1", "lab.region.dk")


AT = datetime(2026, 11, 24, tzinfo=UTC)
UNDER_WAY = Request(
    id="0" * 16,
    state=State.UNDER_WAY,
    asked=ASKED,
    requester_name="x",
    requester_email="x@y.dk",
    language="da",
    case=1001,
    test_system="lab-test",
    production_system=None,
    proposed_certificate="",
    waived=frozenset(),
    created_at=AT,
    confirmed_at=AT,
    settled_at=None,
    reason="",
)
KEY = KeyEvidence(AT)


@pytest.mark.parametrize(
    ("request_", "seen", "expected"),
    [
        (replace(UNDER_WAY, confirmed_at=None), StepEvidence(), ("requester", "confirm_mail")),
        (replace(UNDER_WAY, test_system=None), StepEvidence(), ("operator", "give_test_access")),
        (UNDER_WAY, StepEvidence(test_key=KeyEvidence(None, expired=True)), ("operator", "offer_key_again")),
        (UNDER_WAY, StepEvidence(test_key=KEY, agreement=AgreementState("2.0")), ("owner", "accept_agreement")),
        (
            UNDER_WAY,
            StepEvidence(test_key=KEY, agreement=AgreementState("2.0", accepted=True, at=AT)),
            ("technical", "send_certificate"),
        ),
        (UNDER_WAY, StepEvidence(test_key=KEY, certificate="CN=x", drawn_at=AT), ("technical", "release_once")),
        (
            replace(UNDER_WAY, asked=msgspec.structs.replace(ASKED, transport="https_key")),
            StepEvidence(test_key=KEY),
            ("technical", "draw_and_release"),
        ),
    ],
)
def test_the_next_step_says_who_must_do_what(request_: Request, seen: StepEvidence, expected: tuple[str, str]) -> None:
    step = ready(judged(request_, seen))[0]
    assert (step.who.value, step.todo) == expected
