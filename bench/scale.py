"""What a full registry costs: look-ups and draws with ten thousand series and with a million.

The million are drawn through the registry itself, in large batches, so every row and ledger entry is a true one.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.postgres import cluster, installed

from bench.service import service_on
from npn.numbers.scheme import NPN10
from npn.registry.lookup import look_up
from npn.registry.model import Draw
from npn.wiring import Service

FEW, MANY = 10_000, 1_000_000
BATCH, SIZE = 5_000, 20
LOOK_UPS, DRAWS, FOLDED = 2_000, 150, 64
Result = dict[str, object]


class Filled:
    """A service that is filled step by step."""

    def __init__(self, service: Service, system: str, key: str) -> None:
        self.service = service
        self.by = (system, key)
        self.series = 0
        self.first = next(s.first for s in service.registry.spaces() if s.name == "production")

    def draws(self, many: int) -> list[Draw]:
        """So many new wishes."""
        start, self.series = self.series, self.series + many
        return [Draw(*self.by, f"r{start + n}", SIZE, None, None, None) for n in range(many)]

    def fill(self, target: int) -> None:
        """Draw until there are so many series."""
        while self.series < target:
            self.service.registry.draw(self.draws(min(BATCH, target - self.series)))

    def a_number(self, chance: random.Random, *, usable: bool) -> str:
        """A number that was granted, any; a mistyped one (not usable) makes a look-up suggest others."""
        number = self.first + chance.randrange(self.series * SIZE - 100)
        found = NPN10.next(number) if usable else number
        assert found is not None
        return str(found if usable or not NPN10.is_usable(found) else found + 1)


def microseconds(times: int, work: Callable[[], object]) -> float:
    """The median of so many calls."""
    taken = []
    for _ in range(times):
        started = time.perf_counter_ns()
        work()
        taken.append(time.perf_counter_ns() - started)
    return round(statistics.median(taken) / 1000, 1)


def measured(filled: Filled) -> Result:
    """Medians in microseconds with as many series as there are."""
    chance = random.Random(filled.series)
    database, draw = filled.service.database, filled.service.registry.draw
    granted = filled.series
    return {
        "series": granted,
        "lookup_us": microseconds(LOOK_UPS, lambda: look_up(database, filled.a_number(chance, usable=True))),
        "lookup_mistyped_us": microseconds(
            LOOK_UPS // 10, lambda: look_up(database, filled.a_number(chance, usable=False))
        ),
        "draw_us": microseconds(DRAWS, lambda: draw(filled.draws(1))),
        f"draws_{FOLDED}_us": microseconds(DRAWS // 3, lambda: draw(filled.draws(FOLDED))),
    }


def grown(service: Service, system: str, key: str) -> Result:
    """Measure with few, then with many, on one database."""
    filled = Filled(service, system, key)
    filled.fill(FEW)
    few = measured(filled)
    started = time.perf_counter()
    filled.fill(MANY)
    filling = time.perf_counter() - started
    many = measured(filled)
    ratios = {
        name.removesuffix("_us"): round(float(str(many[name])) / float(str(few[name])), 2)
        for name in few
        if name.endswith("_us")
    }
    return {"few": few, "many": many, "many_to_few": ratios, "seconds_to_fill": round(filling, 1)}


def run() -> Result:
    """Measure on both engines."""
    results: Result = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with service_on(f"sqlite:///{path / 'npn.db'}", path) as (service, system, key):
            results["sqlite"] = grown(service, system, key)
    programs = installed()
    if programs is None:
        return {**results, "postgresql": {"skipped": "no PostgreSQL server is installed"}}
    with (
        cluster(programs) as server,
        tempfile.TemporaryDirectory() as folder,
        service_on(server.new_database(), Path(folder)) as (service, system, key),
    ):
        results["postgresql"] = grown(service, system, key)
    return results
