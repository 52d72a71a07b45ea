"""Contacts kept current: asked once a year, answered on a private page, in doubt where nobody answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from drawing import add
from letters import letters, the_last
from npn.config import Settings
from npn.errors import ConflictError, InvalidInputError, NotFoundError
from npn.mail import store as mail_store
from npn.support.contacts import Contact
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(settings: Settings, clock: Clock) -> Iterator[Service]:
    initialised(settings)
    made = build(settings, clock=clock)
    system, _ = add(made)
    for kind, name, email in (
        ("administrative", "Anne", "anne@nord.dk"),
        ("technical", "Tore", "tore@nord.dk"),
        ("on_call", "Vagten", "vagt@nord.dk"),
    ):
        made.systems.set_contact(system.id, by="t", kind=kind, name=name, email=email, telephone="33123456")
    yield made
    made.close()


def reasons(service: Service) -> tuple[str, ...]:
    return next((each.reasons for each in service.contacts.stale() if each.system == "labka-ii"), ())


def test_nobody_is_asked_within_the_year_then_one_and_after_three_weeks_all(service: Service, clock: Clock) -> None:
    clock.now += timedelta(days=364)
    assert service.contacts.ask_due() == 0
    clock.now += timedelta(days=2)
    assert (service.contacts.ask_due(), service.contacts.ask_due()) == (1, 0)
    assert [letter.to for letter in letters(service)] == ["anne@nord.dk"]
    clock.now += timedelta(days=22)
    assert (service.contacts.ask_due(), service.contacts.ask_due()) == (1, 0)
    assert sorted(letter.to for letter in letters(service)[1:]) == ["anne@nord.dk", "tore@nord.dk", "vagt@nord.dk"]
    assert reasons(service) == ("old",)
    clock.now += timedelta(days=31)
    assert reasons(service) == ("old", "unanswered")


def test_one_answer_settles_it_for_a_year(service: Service, clock: Clock) -> None:
    clock.now += timedelta(days=366)
    service.contacts.ask_due()
    token = the_last(service, "/contacts/").token
    question = service.contacts.question(token)
    assert (question.system.id, question.answered_at) == ("labka-ii", None)
    assert [c.name for c in question.contacts] == ["Tore", "Anne", "Vagten"]
    service.contacts.confirm(token)
    assert service.contacts.question(token).answered_at is not None
    assert reasons(service) == ()
    clock.now += timedelta(days=40)
    assert service.contacts.ask_due() == 0
    clock.now += timedelta(days=330)
    assert service.contacts.ask_due() == 1


def test_contacts_are_changed_on_the_page_all_or_none(service: Service) -> None:
    service.contacts.ask("labka-ii", by="t")
    token = the_last(service, "/contacts/").token
    with pytest.raises(InvalidInputError) as caught:
        service.contacts.change(
            token, (Contact("technical", "Ny", "ny@nord.dk"), Contact("on_call", "V", "no address"))
        )
    assert caught.value.field == "on_call_email"
    assert service.contacts.question(token).contacts[0].name == "Tore"
    with pytest.raises(InvalidInputError):
        service.contacts.change(token, (Contact("technical"),))

    changed = (Contact("technical", "Ny", "ny@nord.dk"), Contact("administrative", "Anne", "anne@nord.dk"))
    service.contacts.change(token, (*changed, Contact("on_call")))
    assert [c.name for c in service.contacts.question(token).contacts] == ["Ny", "Anne", ""]
    assert reasons(service) == ("missing:on_call",)


def test_a_link_that_ended_or_never_was_answers_nothing(service: Service, clock: Clock) -> None:
    service.contacts.ask("labka-ii", by="t")
    token = the_last(service, "/contacts/").token
    clock.now += timedelta(days=61)
    for wrong in (token, "x" * 43, ""):
        with pytest.raises(NotFoundError) as caught:
            service.contacts.confirm(wrong)
        assert caught.value.code == "link_ended"


def test_who_cannot_be_asked_is_said(service: Service) -> None:
    add(service, "Tavs")
    with pytest.raises(ConflictError) as caught:
        service.contacts.ask("tavs", by="t")
    assert caught.value.code == "no_contact"
    found = next(each for each in service.contacts.stale() if each.system == "tavs")
    assert found.reasons == ("missing:technical", "missing:administrative", "missing:on_call")


def test_an_address_that_bounced_is_in_doubt(service: Service, clock: Clock) -> None:
    service.contacts.ask("labka-ii", by="t")
    (letter,) = service.outbox.emails()
    with service.database.write() as connection:
        mail_store.change(connection, letter.id, {"state": "failed", "settled_at": clock(), "error": "550"})
    assert reasons(service) == ("bounced",)
