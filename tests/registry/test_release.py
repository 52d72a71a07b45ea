"""Releases: owner only, whole or tail, recorded, held in quarantine, never granted again."""

import pytest

from npn.errors import InvalidInputError, NotFoundError, RefusedError
from npn.registry.lookup import look_up
from npn.systems.model import Caller, Environment, Role
from npn.wiring.service import Service
from wishes import Connected, draw


def caller(by: Connected) -> Caller:
    """The caller that a system's key stands for."""
    return Caller(Role.SYSTEM, by[0].id, by[0].id, by[1].digest)


OPERATOR = Caller(Role.OPERATOR, "operator", None, "")


def test_a_whole_series_is_given_back(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a")
    back = service.registry.release(series.id, by=caller(connected), from_text=None)
    assert (back.state, back.released_from) == ("released", series.first)
    assert look_up(service.database, series.text(series.first)).state == "released"


def test_a_tail_is_given_back_and_the_rest_stays_granted(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", count=100)
    middle = series.first + 30
    back = service.registry.release(series.id, by=caller(connected), from_text=series.text(middle))
    assert (back.state, back.released_from) == ("partly_released", middle)
    assert look_up(service.database, series.text(middle - 1)).state == "granted"
    found = look_up(service.database, series.text(series.last))
    assert found.state == "released"
    assert [event.event for event in found.history] == ["granted", "released"]
    assert "quarantine" in (found.history[1].detail or "")


def test_releasing_the_same_again_changes_nothing(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", count=100)
    middle = series.text(series.first + 30)
    once = service.registry.release(series.id, by=caller(connected), from_text=middle)
    length = service.ledger.state().length
    assert service.registry.release(series.id, by=caller(connected), from_text=middle) == once
    later = series.text(series.first + 60)
    assert service.registry.release(series.id, by=caller(connected), from_text=later) == once
    assert service.ledger.state().length == length


def test_a_longer_tail_releases_only_what_was_still_held(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", count=100)
    for offset in (80, 30, 0):
        text = series.text(series.first + offset)
        back = service.registry.release(series.id, by=caller(connected), from_text=text)
        assert back.released_from == series.first + offset
    assert back.state == "released"


@pytest.mark.parametrize("who", ["another system", "an operator"])
def test_only_the_owner_releases(service: Service, connected: Connected, who: str) -> None:
    series = draw(service, connected, "a")
    other = service.systems.add(by="test", name="MADS", vendor="V", owner="O", environment=Environment.PRODUCTION)
    by = caller(other) if who == "another system" else OPERATOR
    with pytest.raises(RefusedError) as error:
        service.registry.release(series.id, by=by, from_text=None)
    assert error.value.code == "not_owner"
    assert service.registry.series(series.id, by=OPERATOR).state == "granted"


@pytest.mark.parametrize("text", ["999999999", "0000000001", "1000000010", "100000000x", "１０００００００００", ""])
def test_a_tail_starts_inside_its_series(service: Service, connected: Connected, text: str) -> None:
    series = draw(service, connected, "a", count=10)
    with pytest.raises(InvalidInputError) as error:
        service.registry.release(series.id, by=caller(connected), from_text=text)
    assert error.value.field == "from"


def test_a_series_that_does_not_exist_cannot_be_released(service: Service, connected: Connected) -> None:
    with pytest.raises(NotFoundError):
        service.registry.release("s0", by=caller(connected), from_text=None)


def test_released_numbers_are_never_granted_again(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a", count=100)
    service.registry.release(series.id, by=caller(connected), from_text=None)
    assert draw(service, connected, "b", count=100).first == series.last + 1


def test_the_owner_and_operators_see_a_series_and_nobody_else(service: Service, connected: Connected) -> None:
    series = draw(service, connected, "a")
    other = service.systems.add(by="test", name="MADS", vendor="V", owner="O", environment=Environment.PRODUCTION)
    assert service.registry.series(series.id, by=caller(connected)) == series
    assert service.registry.series(series.id, by=OPERATOR) == series
    with pytest.raises(RefusedError):
        service.registry.series(series.id, by=caller(other))


def test_pages_of_series_are_newest_first_and_complete(service: Service, connected: Connected) -> None:
    drawn = [draw(service, connected, f"r{n}").id for n in range(7)]
    other = service.systems.add(by="test", name="MADS", vendor="V", owner="O", environment=Environment.PRODUCTION)
    draw(service, other, "x")
    seen: list[str] = []
    before = None
    while True:
        page = service.registry.page(by=caller(connected), before=before, limit=3)
        seen += [series.id for series in page.items]
        before = page.before
        if before is None:
            break
    assert seen == drawn[::-1]
    assert len(service.registry.page(by=OPERATOR, before=None, limit=500).items) == 8
