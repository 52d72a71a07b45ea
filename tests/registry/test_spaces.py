"""Number spaces: disjoint within a length, never changed, and guarded by the database itself."""

import pytest
import sqlalchemy.exc as sa_exc

from npn.errors import ConflictError, InvalidInputError, UnavailableError
from npn.numbers.scheme import NPN10, NumberScheme
from npn.systems.model import Environment
from npn.wiring.service import Service
from wishes import Connected, draw


def add(service: Service, name: str, first: int, last: int, *, scheme: NumberScheme = NPN10) -> None:
    service.registry.add_space(
        by="test", name=name, environment=Environment.TEST, scheme=scheme, first=first, last=last
    )


def test_init_makes_production_and_test(service: Service) -> None:
    spaces = {s.name: (s.first, s.last, s.cursor) for s in service.registry.spaces()}
    assert spaces == {
        "production": (1_000_000_000, 8_999_999_999, 1_000_000_000),
        "test": (9_000_000_000, 9_999_999_999, 9_000_000_000),
    }


@pytest.mark.parametrize(("first", "last"), [(0, 1_000_000_000), (9_999_999_999, 9_999_999_999)])
def test_spaces_of_one_length_never_overlap(service: Service, first: int, last: int) -> None:
    with pytest.raises(ConflictError) as error:
        add(service, "more", first, last)
    assert error.value.code == "space_overlaps"


def test_the_same_numbers_in_another_length_are_other_numbers(service: Service, connected: Connected) -> None:
    add(service, "eleven", 1_000_000_000, 1_000_000_999, scheme=NumberScheme("eleven", 11, tuple(range(11, 0, -1))))
    assert draw(service, connected, "a").first == 1_000_000_000


def test_a_name_is_used_once(service: Service) -> None:
    add(service, "low", 0, 999)
    with pytest.raises(ConflictError) as error:
        add(service, "low", 1000, 1999)
    assert error.value.code == "space_exists"


@pytest.mark.parametrize(
    ("name", "first", "last", "field"), [("Low", 0, 9, "name"), ("low", 10**10, 10**10, "first"), ("low", 9, 8, "last")]
)
def test_a_space_that_makes_no_sense_is_refused_with_its_field(
    service: Service, *, name: str, first: int, last: int, field: str
) -> None:
    with pytest.raises(InvalidInputError) as error:
        add(service, name, first, last)
    assert error.value.field == field


RANGE = "INSERT INTO live_range (id, kind, space, scheme_length, first, last, usable, drawn_at, ledger_seq) "
ENTRY = "INSERT INTO ledger (seq, at, type, data, previous, hash) "
BY_HAND = [
    "UPDATE number_space SET cursor = first WHERE name = 'production'",
    "UPDATE number_space SET last = last - 1 WHERE name = 'test'",
    "UPDATE live_range SET last = last - 1",
    "DELETE FROM live_range",
    "UPDATE ledger SET data = '{}' WHERE seq = 1",
    f"{ENTRY} VALUES (10000, '', '', '{{}}', '', 'x')",
    f"{ENTRY} SELECT seq + 1, at, type, data, hash || 'x', hash || 'y' FROM ledger ORDER BY seq DESC LIMIT 1",
    f"{ENTRY} SELECT seq + 2, at, type, data, hash, hash || 'y' FROM ledger ORDER BY seq DESC LIMIT 1",
    f"{RANGE} SELECT 'x', 'withheld', 'production', 10, first + 3, first + 3, 0, drawn_at, 1 FROM live_range",
    f"{RANGE} SELECT 'x', 'withheld', 'production', 10, 8999999990, 9000000000, 0, drawn_at, 1 FROM live_range",
    f"{RANGE} SELECT 'x', 'withheld', 'production', 9, 100000000, 100000001, 0, drawn_at, 1 FROM live_range",
]


def test_hand_written_sql_cannot_undo_what_was_granted(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a")
    for statement in BY_HAND:
        with pytest.raises((sa_exc.DBAPIError, UnavailableError)), service.database.write() as connection:
            connection.exec_driver_sql(statement)
    assert draw(service, connected, "a") == series
    assert draw(service, connected, "b").first == series.last + 1
