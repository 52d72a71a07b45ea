"""A list of a system's series is filtered, ordered and cut by the database, the same on both engines."""

from typing import Any

import pytest

from drawing import caller, draw
from npn.registry import series_store, store
from npn.registry.model import Series, SeriesQuery
from npn.systems.model import ApiKey, ConnectedSystem
from npn.wiring.service import Service

_RANK = {"granted": 0, "partly_released": 1, "released": 2}
_KEYS = {
    "first": lambda s: s.first,
    "last": lambda s: s.last,
    "drawn": lambda s: s.seq,
    "size": lambda s: s.size,
    "usable": lambda s: s.usable,
    "purpose": lambda s: s.purpose,
    "state": lambda s: _RANK[s.state],
}


@pytest.fixture
def series(service: Service, connected: tuple[ConnectedSystem, ApiKey]) -> list[Series]:
    """Sixty series, one of them without a purpose, one given back and one in part; the newest first."""
    for n in range(60):
        draw(service, connected, n % 7 + 2, purpose=f"p{n % 5}" if n else None)
    by = caller(connected)
    drawn = service.registry.page(by=by, before=None, limit=500).items
    service.registry.release(drawn[5].id, by=by, from_text=None)
    service.registry.release(drawn[6].id, by=by, from_text=drawn[6].text(drawn[6].last))
    return service.registry.page(by=by, before=None, limit=500).items


def in_order(series: list[Series], order: str) -> list[Series]:
    """Sort them as a list does: what is unknown last, both ways."""
    key = _KEYS[order.removeprefix("-")]
    known = [s for s in series if key(s) is not None]
    known.sort(key=key, reverse=order.startswith("-"))
    return [*known, *(s for s in series if key(s) is None)]


def test_every_order_both_ways(service: Service, series: list[Series]) -> None:
    assert set(_KEYS) == series_store.ORDERS
    for name in _KEYS:
        for order in (name, f"-{name}"):
            query = SeriesQuery(series[0].system, "", order)
            cut = [s for at in (0, 25, 50) for s in service.registry.cut_series(query, offset=at, limit=25)]
            assert cut == in_order(series, order), order
            assert [s for batch in service.registry.batches_of_series(query) for s in batch] == cut


def test_each_state_and_how_many(service: Service, series: list[Series]) -> None:
    system = series[0].system
    for state in _RANK:
        query, fitting = SeriesQuery(system, state), [s for s in series if s.state == state]
        assert fitting
        assert service.registry.count_series(query) == len(fitting)
        assert service.registry.cut_series(query, offset=0, limit=100) == fitting
    assert service.registry.count_series(SeriesQuery(system)) == 60
    assert service.registry.count_series(SeriesQuery("another")) == 0


def test_no_more_is_read_than_the_page_holds(
    service: Service, series: list[Series], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    made = store.one_series

    def counted(row: Any) -> Series:
        read.append(row)
        return made(row)

    monkeypatch.setattr(store, "one_series", counted)
    service.registry.cut_series(SeriesQuery(series[0].system, "", "-usable"), offset=20, limit=10)
    assert len(read) == 10
