"""Which space a draw goes to: the one it names, the system's own, or the default; and closed spaces."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
import sqlalchemy.exc as sa_exc

from drawing import add, caller, draw
from npn.config import Settings
from npn.errors import ConflictError, NotFoundError, NpnError, RefusedError, UnavailableError
from npn.ledger.export import export
from npn.numbers.scheme import NPN10, NPN14
from npn.people.approvals import Decision
from npn.proof.verify import verify
from npn.registry.draws import GrantedSeries
from npn.registry.first_spaces import Wish
from npn.registry.model import Draw
from npn.systems.model import ApiKey, ConnectedSystem, Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from operators import named

Connected = tuple[ConnectedSystem, ApiKey]


@pytest.fixture
def two(service: Service) -> Service:
    """A service with a second space in each environment, of another length."""
    for name, environment, first in (("p14", "production", 10**13), ("t14", "test", 9 * 10**13)):
        service.registry.add_space(
            by="t", name=name, environment=Environment(environment), scheme=NPN14, first=first, last=first + 10**12
        )
    return service


def space_of(service: Service, of: Connected, request_id: str = "") -> str:
    return draw(service, of, 10, request_id=request_id).space


def drawn_from(service: Service, of: Connected, space: str) -> object:
    (answer,) = service.registry.draw([Draw(of[0].id, of[1].digest, f"from-{space}", 10, None, space, None)])
    if not isinstance(answer, GrantedSeries):
        raise answer
    return answer.series


def proved(service: Service) -> None:
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)


def kinds(service: Service) -> list[str]:
    return [entry.type for entry in reversed(service.ledger.page(before=None, limit=500)) if "space" in entry.type]


def test_a_system_keeps_the_space_of_its_first_draw_when_the_default_changes(two: Service) -> None:
    early, late = add(two, "Early"), add(two, "Late")
    assert space_of(two, early) == "production"
    two.spaces.set_default("p14", by="t")
    assert space_of(two, early) == "production"
    assert space_of(two, late) == "p14"
    assert len(draw(two, late, 1).text(0)) == 14
    two.spaces.set_default("production", by="t")
    assert space_of(two, late) == "p14"
    assert [space.name for space in two.registry.spaces() if space.is_default] == ["production", "test"]
    proved(two)


def test_a_first_draw_that_names_a_space_is_kept_and_a_later_one_changes_nothing(two: Service) -> None:
    of = add(two)
    drawn_from(two, of, "p14")
    assert space_of(two, of) == "p14"
    drawn_from(two, of, "production")
    assert space_of(two, of) == "p14"


def test_a_refused_first_draw_chooses_nothing(two: Service) -> None:
    of = add(two)
    with pytest.raises(NpnError):
        draw(two, of, 10**9)
    assert two.systems.get(of[0].id).space is None
    two.spaces.set_default("p14", by="t")
    assert space_of(two, of) == "p14"


def test_two_first_draws_in_one_batch_are_from_one_space(two: Service) -> None:
    of = add(two)
    draws = [Draw(of[0].id, of[1].digest, f"r{n}", 10, None, None, None) for n in range(3)]
    assert {answer.series.space for answer in two.registry.draw(draws) if isinstance(answer, GrantedSeries)} == {
        "production"
    }
    assert two.systems.get(of[0].id).space == "production"


def test_a_space_kept_within_a_batch_is_that_of_the_draws_after_it(two: Service) -> None:
    of = add(two)
    wishes = [("r1", 10**9, None), ("r2", 10, "p14"), ("r3", 10, None)]
    draws = [Draw(of[0].id, of[1].digest, name, count, None, space, None) for name, count, space in wishes]
    refused, chosen, later = two.registry.draw(draws)
    assert isinstance(refused, NpnError)
    assert isinstance(chosen, GrantedSeries)
    assert isinstance(later, GrantedSeries)
    assert (chosen.series.space, later.series.space) == ("p14", "p14")


def test_nothing_is_drawn_from_a_closed_space_and_all_else_works(two: Service) -> None:
    of, other = add(two, "One"), add(two, "Two")
    series = draw(two, of, 10, request_id="before")
    two.spaces.set_open("production", is_open=False, by="t")
    for wish in ("later",):
        with pytest.raises(ConflictError) as refused:
            draw(two, of, 10, request_id=wish)
        assert refused.value.code == "space_closed"
    with pytest.raises(ConflictError):
        draw(two, other, 10)
    assert draw(two, of, 10, request_id="before") == series
    assert drawn_from(two, other, "p14")
    assert two.registry.release(series.id, by=caller(of), from_text=None).state == "released"
    two.spaces.set_open("production", is_open=True, by="t")
    assert space_of(two, of) == "production"
    assert kinds(two)[-2:] == ["space_closed", "space_opened"]
    proved(two)


def test_what_is_so_already_is_no_event_and_a_closed_space_is_no_default(two: Service) -> None:
    before = two.ledger.state().length
    two.spaces.set_default("production", by="t")
    two.spaces.set_open("p14", is_open=True, by="t")
    assert two.ledger.state().length == before
    two.spaces.set_open("p14", is_open=False, by="t")
    with pytest.raises(ConflictError) as refused:
        two.spaces.set_default("p14", by="t")
    assert refused.value.code == "space_closed"
    for act in (
        lambda: two.spaces.set_default("mars", by="t"),
        lambda: two.spaces.set_open("mars", is_open=True, by="t"),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_a_test_system_is_moved_at_once_and_told(two: Service) -> None:
    of = add(two, "Trial", "test")
    assert space_of(two, of) == "test"
    assert two.spaces.move(of[0].id, "t14", by="admin:anna").space == "t14"
    assert space_of(two, of) == "t14"
    told = [notice.text for notice in two.notices(two.systems.get(of[0].id)) if notice.code == "space_set"]
    assert len(told) == 1
    assert "t14: numbers of 14 digits" in told[0]
    proved(two)


def test_two_people_move_a_production_system(two: Service) -> None:
    of = add(two)
    assert space_of(two, of) == "production"
    with pytest.raises(RefusedError) as alone:
        two.spaces.move(of[0].id, "p14", by="admin:anna")
    assert alone.value.code == "two_people_needed"
    wish = {"system": of[0].id, "space": "p14"}
    asked = two.approvals.propose("space", wish, by=named(two, "anna"), reason="its vendor is ready")
    done = two.approvals.decide(asked.id, Decision.APPROVED, by=named(two, "bo"))
    assert done.outcome.startswith("done: ")
    assert space_of(two, of) == "p14"
    (entry,) = [e for e in two.ledger.page(before=None, limit=50) if e.type == "system_space_set"]
    assert msgspec.json.decode(entry.data) == {
        "approval": asked.id,
        "by": f"{named(two, 'anna')}, {named(two, 'bo')}",
        **wish,
    }
    proved(two)


@pytest.mark.parametrize(
    ("space", "code"), [("test", "wrong_space"), ("mars", "unknown_space"), ("production", "policy_unchanged")]
)
def test_a_wish_that_can_not_be_is_refused_at_once(two: Service, space: str, code: str) -> None:
    of = add(two)
    space_of(two, of)
    with pytest.raises(NpnError) as refused:
        two.approvals.propose("space", {"system": of[0].id, "space": space}, by=named(two, "anna"), reason="none")
    assert refused.value.code == code


def test_the_notice_ends_after_half_a_year(two: Service, settings: Settings) -> None:
    of = add(two, "Trial", "test")
    two.spaces.move(of[0].id, "t14", by="admin:anna")
    later = build(settings, clock=lambda: datetime.now(UTC) + timedelta(days=184))
    try:
        assert not [n for n in later.spaces.notices(later.systems.get(of[0].id)) if n.code == "space_set"]
    finally:
        later.close()


def test_the_database_has_one_default_in_an_environment(two: Service) -> None:
    with pytest.raises((sa_exc.DBAPIError, UnavailableError)), two.database.write() as connection:
        connection.execute(sa.text("UPDATE number_space SET is_default = :yes WHERE name = 'p14'"), {"yes": True})


@pytest.mark.parametrize(
    ("wish", "bounds"),
    [
        (Wish(), ["1000000000", "8999999999", "9000000000", "9999999999"]),
        (Wish("npn14"), ["10000000000000", "89999999999999", "90000000000000", "99999999999999"]),
        (Wish("6:1,2,3,4,5,6:7"), ["100000", "899999", "900000", "999999"]),
        (Wish("6:1,2,3,4,5,6", "000000-499999", "500000-500999"), ["000000", "499999", "500000", "500999"]),
    ],
)
def test_the_first_spaces_are_what_was_asked_for(settings: Settings, wish: Wish, bounds: list[str]) -> None:
    made = initialise(settings, first=wish).spaces
    assert [space.scheme.format(each) for space in made for each in (space.first, space.last)] == bounds
    assert [space.is_default for space in made] == [True, True]
    initialise(settings)  # nobody says anything of spaces: they stay as they are
    service = build(settings)
    try:
        of = add(service)
        assert draw(service, of, usable=5).usable == 5
        proved(service)
    finally:
        service.close()


def test_the_known_scheme_of_fourteen_digits_is_that_of_old_requisition_numbers() -> None:
    assert (NPN14.length, NPN14.modulus, NPN14.remainder) == (14, 11, 0)
    assert NPN14.weights[-10:] == (4, 3, 2, 7, 6, 5, 4, 3, 2, 1) == NPN10.weights
    assert NPN14.count(10**13, 9 * 10**13 - 1) == 7_272_727_272_728
