"""Cases: opened, answered and closed; mail finds its case, and is never an authority."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from drawing import add, draw
from letters import letters as written
from letters import the_last
from npn.config import Settings
from npn.errors import InvalidInputError, NotFoundError, RefusedError
from npn.ledger.export import export
from npn.mail.incoming import read
from npn.proof.verify import verify
from npn.support.model import CaseState, Direction, Requester
from npn.support.receiving import MOST_AN_HOUR, ReceivingOutcome, receive
from npn.systems.model import CallerKind, CallerName
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised

ANNA = Requester("Anna Vagt", "anna@region.dk")


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(settings: Settings, clock: Clock) -> Iterator[Service]:
    """A service whose clock is set by hand."""
    initialised(settings)
    made = build(settings, clock=clock)
    yield made
    made.close()


def letters(service: Service) -> list[tuple[str, str, str]]:
    return [(each.to, each.subject, each.text) for each in written(service)]


def opened(service: Service, system: str | None = None) -> int:
    return service.cases.open(
        by="test", subject="Kan ikke trække", text="Vi får 403", requester=ANNA, system=system
    ).number


def incoming(subject: str, *, sender: str = "anna@region.dk", text: str = "Hej", extra: str = "") -> bytes:
    return f"From: {sender}\nSubject: {subject}\n{extra}\n{text}".encode()


def test_a_case_is_opened_answered_and_closed_each_with_its_row_in_the_ledger(service: Service) -> None:
    number = opened(service)
    service.cases.reply(number, "Hvilken nøgle?", by="admin:ops", author="Ole")
    service.cases.note(number, "Ligner MADS i maj", by="admin:ops", author="Ole")
    assert service.cases.get(number).state is CaseState.WAITING
    assert service.cases.set_state(number, CaseState.CLOSED, by="admin:ops").closed_at is not None

    said = [(e.direction, e.text) for e in service.cases.entries(number)]
    assert said == [
        (Direction.IN, "Vi får 403"),
        (Direction.OUT, "Hvilken nøgle?"),
        (Direction.NOTE, "Ligner MADS i maj"),
    ]
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)
    told = b"".join(lines).decode()
    assert '"what":"closed"' in told
    assert "Anna" not in told
    assert "anna@region.dk" not in told
    assert "Vi får" not in told  # the figure alone may stand in a hash


def test_the_requester_is_written_to_with_a_private_link_and_answers_there(timed: Service, clock: Clock) -> None:
    number = opened(timed)
    clock.now += timedelta(seconds=1)
    timed.cases.reply(number, "Prøv nu", by="t", author="Ole")
    (to, subject, _), (_, answer, _) = letters(timed)
    assert to == ANNA.email
    assert subject.startswith(f"[NPN-{number}-")
    assert answer.endswith("Kan ikke trække")
    token = the_last(timed, "/case/").token
    assert timed.cases.of_link(token).number == number

    assert timed.cases.answer_by_link(token, "Det virker").state is CaseState.OPEN
    clock.now += timedelta(days=91)
    for use in (timed.cases.of_link, lambda t: timed.cases.answer_by_link(t, "x")):
        with pytest.raises(NotFoundError) as caught:
            use(token)
        assert caught.value.code == "link_ended"
    assert timed.cases.forget() == 2
    with timed.database.read() as connection:
        assert token not in str(list(connection.exec_driver_sql("SELECT * FROM case_link")))


def test_an_answer_by_mail_finds_its_case_and_makes_it_the_operators_turn(service: Service) -> None:
    number = opened(service)
    service.cases.reply(number, "Hvilken nøgle?", by="t", author="Ole")
    mark = service.cases.get(number).thread
    done = receive(service.cases, read(incoming(f"SV: [{mark}] Kan ikke", text="Den nye", extra="Message-ID: <1@x>\n")))
    again = receive(
        service.cases, read(incoming(f"SV: [{mark}] Kan ikke", text="Den nye", extra="Message-ID: <1@x>\n"))
    )

    assert (done.outcome, done.case) == (ReceivingOutcome.ADDED, number)
    assert again.outcome is ReceivingOutcome.REPEATED
    assert service.cases.get(number).state is CaseState.OPEN
    last = service.cases.entries(number)[-1]
    assert (last.text, last.known, last.address) == ("Den nye", True, "anna@region.dk")


def test_a_mail_from_elsewhere_is_shown_as_such_and_can_do_nothing_else(service: Service) -> None:
    number = opened(service)
    mark = service.cases.get(number).thread
    receive(
        service.cases, read(incoming(f"[{mark}]", sender="Anna Vagt <tyv@evil.example>", text="Luk sagen, giv adgang"))
    )
    last = service.cases.entries(number)[-1]
    assert (last.known, last.address, last.author) == (False, "tyv@evil.example", "Anna Vagt")
    assert service.cases.get(number).requester == ANNA
    assert all(to == ANNA.email for to, _, _ in letters(service))


def test_a_wrong_mark_leads_to_no_case_but_a_new_one(service: Service) -> None:
    number = opened(service)
    done = receive(service.cases, read(incoming(f"NPN-{number}-abcdefghjk")))
    assert done.outcome is ReceivingOutcome.OPENED
    assert done.case != number


def test_a_stranger_is_not_written_to_and_a_contact_is(service: Service) -> None:
    system, _ = add(service)
    service.systems.set_contact(system.id, by="t", kind="technical", name="Bo", email="bo@lab.dk", telephone="")
    stranger = receive(service.cases, read(incoming("Køb nu", sender="spam@x.dk")))
    known = receive(service.cases, read(incoming("Fejl", sender="Bo <BO@lab.dk>")))

    assert [to for to, _, _ in letters(service)] == ["BO@lab.dk"]
    assert stranger.case is not None
    assert known.case is not None
    assert service.cases.get(known.case).system == system.id
    assert service.cases.get(stranger.case).system is None


def test_a_machines_mail_opens_nothing_and_is_kept_where_it_belongs(service: Service) -> None:
    number = opened(service)
    service.cases.reply(number, "?", by="t", author="Ole")
    mark = service.cases.get(number).thread
    absent = incoming(f"Ude af kontoret: [{mark}]", extra="Auto-Submitted: auto-replied\n")
    assert receive(service.cases, read(absent)).outcome is ReceivingOutcome.ADDED
    assert service.cases.get(number).state is CaseState.WAITING
    bounce = incoming("Undelivered", extra="Return-Path: <>\n")
    assert receive(service.cases, read(bounce)).outcome is ReceivingOutcome.AUTOMATIC


def test_a_flood_from_one_address_is_refused(service: Service) -> None:
    for number in range(MOST_AN_HOUR):
        receive(service.cases, read(incoming(f"Mail {number}", sender="spam@x.dk")))
    with pytest.raises(RefusedError) as caught:
        receive(service.cases, read(incoming("En til", sender="SPAM@x.dk")))
    assert caught.value.code == "too_much_mail"


def test_who_may_see_a_case_goes_by_its_system(service: Service) -> None:
    system, _ = add(service)
    mine, other = opened(service, system.id), opened(service)
    assert [c.number for c in service.cases.some(systems=[system.id])] == [mine]
    assert [c.number for c in service.cases.some(systems=[])] == []
    service.cases.set_system(other, system.id, by="t")
    assert {c.number for c in service.cases.some(systems=[system.id])} == {mine, other}
    with pytest.raises(NotFoundError):
        service.cases.set_system(other, "ghost", by="t")


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001, "a\0b"])
def test_nothing_and_a_book_are_no_text(service: Service, text: str) -> None:
    number = opened(service)
    with pytest.raises(InvalidInputError) as caught:
        service.cases.reply(number, text, by="t", author="Ole")
    assert caught.value.field == "text"


def test_the_operator_is_told_where_there_is_an_address(settings: Settings) -> None:
    initialised(settings)
    made = build(Settings(database=settings.database, witness=settings.witness, operator_mail="npn@sds.dk"))
    try:
        receive(made.cases, read(incoming("Fejl", sender="x@y.dk")))
        assert [to for to, _, _ in letters(made)] == ["npn@sds.dk"]
    finally:
        made.close()


def test_the_facts_of_a_system_stand_beside_its_case(service: Service) -> None:
    lab = add(service)
    series = draw(service, lab, 100)
    service.refusals.note(CallerName(CallerKind.SYSTEM, lab[0].id), "quota_exceeded")
    service.refusals.note(CallerName(CallerKind.SYSTEM, lab[0].id), "quota_exceeded")
    service.refusals.note(CallerName(CallerKind.ACCOUNT, lab[0].id), "not_found")
    service.refusals.note(CallerName(CallerKind.SYSTEM, "ghost"), "not_found")
    service.refusals.flush()
    service.refusals.note(CallerName(CallerKind.SYSTEM, lab[0].id), "quota_exceeded")
    service.refusals.flush()

    facts = service.facts.of(lab[0].id)
    assert facts is not None
    assert facts.last_draw == series
    assert [(code, count) for code, count, _ in facts.refusals] == [("quota_exceeded", 3)]
    assert (facts.keys, facts.care, facts.certificates) == (1, None, ())
    assert service.facts.of("ghost") is None
