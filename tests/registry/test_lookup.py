"""Look-ups: what is known of any number, over all history."""

import pytest

from drawing import add
from drawing import draw as drawn
from npn.errors import InvalidInputError
from npn.numbers.scheme import NPN10, NumberScheme
from npn.registry.lookup import look_up
from npn.systems.model import Environment
from npn.wiring.service import Service
from wishes import Connected, draw


def test_a_granted_number_tells_its_series_system_and_time(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", usable=5)
    found = look_up(service.database, series.text(series.last))
    assert (found.state, found.usable, found.space) == ("granted", True, "production")
    assert (found.series, found.system, found.drawn_at) == (series.id, connected[0].id, series.drawn_at)
    assert found.suggestions == []


def test_a_number_nobody_has_was_never_issued(service: Service) -> None:
    found = look_up(service.database, "8999999999")
    assert (found.state, found.series, found.history) == ("never_issued", None, [])


def test_a_number_outside_every_space_is_never_issued_and_not_usable(service: Service) -> None:
    found = look_up(service.database, "0000000000")
    assert (found.state, found.usable, found.space) == ("never_issued", False, None)


@pytest.mark.parametrize(
    "text", ["", "1", "12345678901", "100000000a", "１０００００００００", "³²", "1000000000\n", "9" * 400]
)
def test_what_is_no_number_is_refused(service: Service, text: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        look_up(service.database, text)
    assert error.value.code == "not_a_number"


def test_a_mistyped_number_suggests_those_that_were_granted_first(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", usable=50)
    right = NPN10.nth(series.first, 20)
    assert right is not None
    wrong = series.text(right)[:-1] + str((right % 10 + 1) % 10)
    found = look_up(service.database, wrong)
    assert not found.usable
    states = [s.state == "never_issued" for s in found.suggestions]
    assert states == sorted(states)
    assert series.text(right) in [s.number for s in found.suggestions if s.state == "granted"]


def test_spaces_of_other_lengths_and_weights_work_alike(service: Service, connected: Connected) -> None:
    for length, first in ((6, 0), (18, 10**17)):
        scheme = NumberScheme(f"s{length}", length, tuple((n * 7) % 11 for n in range(1, length + 1)), modulus=11)
        service.registry.add_space(
            by="test",
            name=f"space-{length}",
            environment=Environment.PRODUCTION,
            scheme=scheme,
            first=first,
            last=first + 9_999,
        )
        series = draw(service, connected, f"r{length}", usable=100, space=f"space-{length}")
        assert series.usable == sum(scheme.is_usable(n) for n in range(series.first, series.last + 1)) == 100
        text = series.text(series.last)
        assert len(text) == length
        found = look_up(service.database, text)
        assert (found.state, found.usable, found.space) == ("granted", True, f"space-{length}")


def test_the_line_of_a_systems_numbers_reaches_as_far_as_each_series(service: Service) -> None:
    one, other = add(service, "One"), add(service, "Other")
    drawn(service, one, 500)
    drawn(service, other, 400)
    drawn(service, one, 100)
    parts = next(line.parts for line in service.registry.line(one[0].id, bins=10) if line.space.name == "production")
    assert sorted(parts) == [0, 1, 2, 3, 4, 9]
    assert sum(parts.values()) == 600
