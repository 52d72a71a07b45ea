"""The sunset of plain HTTP on a real database: announced, browned out, cut off, exempted, counted, proven."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from authority import Authority
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.registry.draws import GrantedSeries
from npn.systems.model import ApiKey, ConnectedSystem, Environment
from npn.transport.calls import Call, Counter
from npn.transport.model import read_instant
from npn.transport.planner import Rhythm
from npn.transport.service import Transport
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from wishes import wish

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
CUT_OFF = datetime(2027, 8, 31, 22, tzinfo=UTC)  # the beginning of 1 September in Denmark


class Time:
    """The clock of a test."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def to(self, at: datetime) -> None:
        self.now = at


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def timed(settings: Settings, time: Time) -> Iterator[Service]:
    initialised(settings)
    made = build(settings, clock=time)
    yield made
    made.close()


@pytest.fixture
def labka(timed: Service) -> tuple[ConnectedSystem, ApiKey]:
    return timed.systems.add(by="t", name="labka", vendor="CSC", owner="Nord", environment=Environment.PRODUCTION)


def announced(service: Service) -> None:
    service.transport.announce(CUT_OFF, by="anna", reason="decided by the steering group")


def outcome(service: Service, by: tuple[ConnectedSystem, ApiKey], request_id: str, *, secure: bool = False) -> str:
    (answer,) = service.registry.draw([replace(wish(by, request_id), secure=secure)])
    return "granted" if isinstance(answer, GrantedSeries) else answer.code


def test_by_default_nothing_is_refused(timed: Service, labka: tuple[ConnectedSystem, ApiKey]) -> None:
    assert outcome(timed, labka, "a") == "granted"
    assert timed.transport.plan().is_empty
    assert timed.transport.refusal("labka") is None


def test_until_the_cut_off_draws_pass_and_then_only_over_tls(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    announced(timed)
    assert outcome(timed, labka, "before") == "granted"
    time.to(CUT_OFF)
    assert outcome(timed, labka, "after") == "insecure_transport"
    assert outcome(timed, labka, "after", secure=True) == "granted"
    assert outcome(timed, labka, "before") == "granted"  # a repeat is answered before any policy


def test_a_brown_out_refuses_while_it_lasts_and_says_when_it_is_over(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    announced(timed)
    starts = datetime(2027, 3, 2, 8, tzinfo=UTC)
    made = timed.transport.announce_brown_out(starts, starts + timedelta(hours=2), by="anna", reason="a first try")
    assert outcome(timed, labka, "a") == "granted"
    time.to(starts + timedelta(minutes=30))
    refused = timed.transport.refusal("labka")
    assert isinstance(refused, RefusedError)
    assert (refused.code, refused.retry_after) == ("insecure_transport", 5400)
    assert outcome(timed, labka, "b") == "insecure_transport"
    time.to(starts + timedelta(hours=2))
    assert outcome(timed, labka, "b") == "granted"
    with pytest.raises(NotFoundError):
        timed.transport.cancel_brown_out(made.id, by="anna", reason="too late")


def test_a_brown_out_can_be_called_off(timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time) -> None:
    announced(timed)
    starts = START + timedelta(days=10)
    made = timed.transport.announce_brown_out(starts, starts + timedelta(hours=2), by="anna", reason="a first try")
    timed.transport.cancel_brown_out(made.id, by="anna", reason="an epidemic")
    time.to(starts)
    assert outcome(timed, labka, "a") == "granted"


def test_an_exception_is_one_systems_and_ends(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    other = timed.systems.add(by="t", name="bcc", vendor="CSC", owner="Nord", environment=Environment.PRODUCTION)
    announced(timed)
    until = CUT_OFF + timedelta(days=60)
    timed.transport.exempt("labka", until, by="anna", reason="released in October")
    time.to(CUT_OFF)
    assert outcome(timed, labka, "a") == "granted"
    assert outcome(timed, other, "a") == "insecure_transport"
    assert timed.transport.plan().ends_for("labka") == until
    time.to(until)
    assert outcome(timed, labka, "b") == "insecure_transport"


def test_an_exception_ended_before_its_time_no_longer_holds(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    announced(timed)
    timed.transport.exempt("labka", CUT_OFF + timedelta(days=60), by="anna", reason="released in October")
    timed.transport.end_exemption("labka", by="anna", reason="released in August after all")
    time.to(CUT_OFF)
    assert outcome(timed, labka, "a") == "insecure_transport"
    with pytest.raises(NotFoundError):
        timed.transport.end_exemption("labka", by="anna", reason="again")


def test_what_is_withdrawn_refuses_nobody(timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time) -> None:
    announced(timed)
    timed.transport.withdraw(by="anna", reason="postponed")
    time.to(CUT_OFF + timedelta(days=1))
    assert outcome(timed, labka, "a") == "granted"
    with pytest.raises(ConflictError):
        timed.transport.withdraw(by="anna", reason="again")


def test_a_short_notice_needs_to_be_meant(timed: Service) -> None:
    soon = START + timedelta(days=30)
    with pytest.raises(InvalidInputError) as refused:
        timed.transport.announce(soon, by="anna", reason="quick")
    assert (refused.value.code, refused.value.field) == ("notice_too_short", "cut_off")
    timed.transport.announce(soon, by="anna", reason="an incident", short_notice=True)
    with pytest.raises(InvalidInputError) as refused:
        timed.transport.announce_brown_out(START + timedelta(hours=1), START + timedelta(hours=2), by="a", reason="b")
    assert (refused.value.code, refused.value.field) == ("notice_too_short", "starts_at")


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (START - timedelta(days=1), START + timedelta(hours=1), "starts_at"),
        (START + timedelta(days=10), START + timedelta(days=10), "ends_at"),
        (START + timedelta(days=10), START + timedelta(days=13), "ends_at"),
        (CUT_OFF - timedelta(hours=1), CUT_OFF + timedelta(hours=1), "ends_at"),
    ],
)
def test_a_brown_out_that_makes_no_sense_is_refused_with_its_field(
    timed: Service, starts: datetime, ends: datetime, field: str
) -> None:
    announced(timed)
    with pytest.raises(InvalidInputError) as refused:
        timed.transport.announce_brown_out(starts, ends, by="a", reason="b")
    assert refused.value.field == field


def test_a_brown_out_comes_after_an_announcement(timed: Service) -> None:
    with pytest.raises(ConflictError) as refused:
        timed.transport.announce_brown_out(CUT_OFF, CUT_OFF + timedelta(hours=1), by="a", reason="b")
    assert refused.value.code == "no_sunset"


@pytest.mark.parametrize("text", ["", " ", "x" * 401, "a\u0000b"])
def test_a_reason_is_needed(timed: Service, text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        timed.transport.announce(CUT_OFF, by="anna", reason=text)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("text", ["2027-9-1", "tomorrow", "2027-03-02T09:00", "2027-02-30", "99999-01-01"])
def test_an_instant_is_a_day_or_has_its_zone(text: str) -> None:
    assert read_instant("2027-09-01", "cut_off") == CUT_OFF
    assert read_instant("2027-12-01", "cut_off") == datetime(2027, 11, 30, 23, tzinfo=UTC)
    assert read_instant("2027-09-01T00:00+02:00", "cut_off") == CUT_OFF
    with pytest.raises(InvalidInputError):
        read_instant(text, "cut_off")


def test_another_process_learns_of_it_in_a_moment(settings: Settings, timed: Service, time: Time) -> None:
    other = build(settings, clock=time)
    try:
        seconds = [0.0]
        watching = Transport(other.database, other.ledger, elapsed=lambda: seconds[0])
        assert watching.plan().is_empty
        announced(timed)
        assert watching.plan().is_empty
        seconds[0] = 10.0
        assert watching.plan().ends_for("labka") == CUT_OFF
    finally:
        other.close()


def test_calls_are_counted_by_day_channel_and_how_they_came(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    counter = Counter(timed.transport.add_calls, clock=time)
    plain = Call("labka", "rest", secure=False, certified=False, refused=False, address="10.1.2.3")
    for _ in range(3):
        counter.count(plain)
    counter.flush()
    counter.flush()
    counter.count(replace(plain, channel="soap", refused=True, address="10.1.2.4"))
    counter.count(replace(plain, secure=True, certified=True))
    time.to(START + timedelta(days=1))
    counter.count(replace(plain, secure=True))
    counter.flush()

    found = timed.transport.usage()["labka"]
    assert (found.rest_plain, found.soap_plain, found.secure, found.certified, found.refused) == (3, 1, 2, 1, 1)
    assert (found.plain, found.plain_at, found.plain_from) == (4, START, "10.1.2.4")
    days = timed.transport.calls(system="labka")
    assert [(d.day, d.plain, d.secure) for d in days] == [(date(2026, 11, 24), 4, 1), (date(2026, 11, 25), 0, 1)]
    time.to(START + timedelta(days=31))
    assert "labka" not in timed.transport.usage()  # the day that it was has left the thirty
    assert timed.transport.usage(days=60)["labka"].plain == 4


def test_who_still_calls_over_plain_http_is_told_and_who_does_not_is_not(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    announced(timed)
    starts = START + timedelta(days=10)
    timed.transport.announce_brown_out(starts, starts + timedelta(hours=2), by="anna", reason="a first try")
    assert timed.notices(labka[0]) == []
    counter = Counter(timed.transport.add_calls, clock=time)
    counter.count(Call("labka", "rest", secure=False, certified=False, refused=False, address=""))
    counter.flush()
    told = timed.notices(labka[0])
    assert [(notice.code, notice.by) for notice in told] == [
        ("plain_http_ends", date(2027, 9, 1)),
        ("brown_out", date(2026, 12, 4)),
    ]
    assert "loopback counts" in told[0].text


def test_letters_go_to_contacts_once_each_in_both_languages(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey]
) -> None:
    other, _ = timed.systems.add(by="t", name="bcc", vendor="CSC", owner="Nord", environment=Environment.PRODUCTION)
    for system in (labka[0].id, other.id):
        timed.systems.set_contact(system, by="t", kind="technical", name="IT", email="it@nord.dk", telephone="")
    timed.systems.set_contact("bcc", by="t", kind="on_call", name="Vagt", email="vagt@nord.dk", telephone="")
    timed.transport.announce(CUT_OFF, by="anna", reason="decided")
    (letter,) = timed.outbox.emails()
    assert letter.to == "it@nord.dk"
    assert "ophører" in letter.subject
    assert "can't be called over plain HTTP from 1 Sept 2027." in letter.text


def test_letters_lie_in_the_outbox_with_the_announcement(timed: Service, labka: tuple[ConnectedSystem, ApiKey]) -> None:
    timed.systems.set_contact("labka", by="t", kind="technical", name="IT", email="it@nord.dk", telephone="")
    announced(timed)
    (letter,) = timed.outbox.emails()
    assert (letter.to, letter.automatic) == ("it@nord.dk", True)
    assert "ophører 1. sep. 2027 " in letter.subject


def test_certificates_are_warned_of_ninety_thirty_and_seven_days_ahead_once_each(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey], time: Time
) -> None:
    timed.systems.set_contact("labka", by="t", kind="technical", name="IT", email="it@nord.dk", telephone="")
    issued = Authority().client("labka", days=(0, 365))
    bound = timed.certificates.bind("labka", issued.pem, by="t")
    warned = []
    for left in (200, 91, 89.5, 60, 29.5, 10, 6.5, 1):
        time.to(bound.not_after - timedelta(days=left))
        warned.append((left, timed.expiries.warn(), timed.expiries.warn()))
    assert [(left, first) for left, first, _ in warned if first] == [(89.5, 1), (29.5, 1), (6.5, 1)]
    assert all(again == 0 for _, _, again in warned)
    assert len(timed.outbox.emails()) == 3
    assert timed.expiries.notices(labka[0])[0].code == "certificate_expires"
    successor = Authority().client("labka", days=(0, 900))
    timed.certificates.bind("labka", successor.pem, by="t")
    assert timed.expiries.notices(labka[0]) == []


def test_everything_of_it_is_in_the_ledger_and_the_ledger_is_proven(
    timed: Service, labka: tuple[ConnectedSystem, ApiKey]
) -> None:
    authority = Authority()
    announced(timed)
    starts = START + timedelta(days=10)
    for reason in ("a first try", "a second try"):
        made = timed.transport.announce_brown_out(starts, starts + timedelta(hours=2), by="anna", reason=reason)
    timed.transport.cancel_brown_out(made.id, by="anna", reason="an epidemic")
    timed.transport.exempt("labka", CUT_OFF, by="anna", reason="late")
    timed.transport.end_exemption("labka", by="anna", reason="not late")
    timed.release_notices.state("CSC", Rhythm(date(2026, 10, 1), 6, 3), by="anna")
    subject = timed.clients.bind_subject("labka", authority.client("labka").pem, by="anna")
    timed.clients.unbind_subject("labka", subject.digest[:10], by="anna")
    timed.clients.bind_subject("labka", authority.client("labka").pem, by="anna")
    timed.transport.withdraw(by="anna", reason="postponed")
    lines: list[bytes] = []
    export(timed.database, lines.append)
    verify(lines)
    kinds = [line.partition(b'"type":"')[2].partition(b'"')[0].decode() for line in lines]
    assert {"sunset_announced", "brown_out_cancelled", "transport_exception_ended", "subject_ended"} <= set(kinds)


def test_the_planner_works_on_what_vendors_have_stated(timed: Service, labka: tuple[ConnectedSystem, ApiKey]) -> None:
    timed.release_notices.state("CSC", Rhythm(date(2026, 10, 1), 6, 3), by="anna", note="LIMS 9")
    timed.release_notices.state("CSC", Rhythm(date(2026, 10, 1), 6, 2), by="anna", note="LIMS 10")
    (stated,) = timed.release_notices.stated()
    assert (stated.vendor, stated.rhythm.freeze_months, stated.note) == ("CSC", 2, "LIMS 10")
    found = timed.release_notices.prospect(date(2027, 3, 1))
    assert (found.notice, found.late, found.earliest) == (date(2026, 11, 24), ["CSC"], date(2027, 4, 1))
    with pytest.raises(NotFoundError):
        timed.release_notices.state("nobody", Rhythm(date(2026, 10, 1), 6, 3), by="anna")
