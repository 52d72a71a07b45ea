"""What a full registry costs: look-ups and draws with ten thousand series and with a million.

The million are drawn through the registry itself, in large batches, so every row and ledger entry is a true one. Both
registries stand side by side and are asked in turn, so that whatever else the machine does meets both alike.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.postgres import cluster, installed

from bench.service import service_on
from npn.numbers.scheme import NPN10
from npn.registry.lookup import look_up
from npn.registry.model import Draw
from npn.wiring.service import Service

FEW, MANY = 10_000, 1_000_000
BATCH, SIZE = 5_000, 20
FOLDED = 64
TIMES = {"lookup": 2_000, "lookup_mistyped": 200, "draw": 150, f"draws_{FOLDED}": 50}
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
        """Draw until there are that many series."""
        while self.series < target:
            self.service.registry.draw(self.draws(min(BATCH, target - self.series)))

    def a_number(self, chance: random.Random, *, usable: bool) -> str:
        """A number that was granted, any; a mistyped one (not usable) makes a look-up suggest others."""
        number = self.first + chance.randrange(self.series * SIZE - 100)
        found = NPN10.next(number) if usable else number
        assert found is not None
        return str(found if usable or not NPN10.is_usable(found) else found + 1)


def tasks(filled: Filled) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    chance = random.Random(filled.series)
    database, draw = filled.service.database, filled.service.registry.draw
    return {
        "lookup": lambda: look_up(database, filled.a_number(chance, usable=True)),
        "lookup_mistyped": lambda: look_up(database, filled.a_number(chance, usable=False)),
        "draw": lambda: draw(filled.draws(1)),
        f"draws_{FOLDED}": lambda: draw(filled.draws(FOLDED)),
    }


def in_turn(times: int, works: list[Callable[[], object]]) -> list[float]:
    """The median microseconds of that many calls of each."""
    taken: list[list[int]] = [[] for _ in works]
    for _ in range(times):
        for work, mine in zip(works, taken, strict=True):
            started = time.perf_counter_ns()
            work()
            mine.append(time.perf_counter_ns() - started)
    return [round(statistics.median(mine) / 1000, 1) for mine in taken]


def compared(few: Filled, many: Filled) -> Result:
    """Fill both, then measure both in turn."""
    few.fill(FEW)
    started = time.perf_counter()
    many.fill(MANY)
    results: dict[str, Result] = {"few": {"series": few.series}, "many": {"series": many.series}, "many_to_few": {}}
    filling = time.perf_counter() - started
    with_few, with_many = tasks(few), tasks(many)
    for name, times in TIMES.items():
        a, b = in_turn(times, [with_few[name], with_many[name]])
        results["few"][f"{name}_us"], results["many"][f"{name}_us"] = a, b
        results["many_to_few"][name] = round(b / a, 2)
    return {**results, "seconds_to_fill": round(filling, 1)}


@contextmanager
def two(new_database: Callable[[Path], str]) -> Iterator[tuple[Filled, Filled]]:
    """Return two services, each on its own database."""
    with ExitStack() as stack:
        made = []
        for _ in range(2):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            made.append(Filled(*stack.enter_context(service_on(new_database(folder), folder))))
        yield made[0], made[1]


def run() -> Result:
    """Measure on both engines."""
    results: Result = {}
    with two(lambda folder: f"sqlite:///{folder / 'npn.db'}") as (few, many):
        results["sqlite"] = compared(few, many)
    programs = installed()
    if programs is None:
        return {**results, "postgresql": {"skipped": "no PostgreSQL server is installed"}}
    with cluster(programs) as server, two(lambda _: server.new_database()) as (few, many):
        results["postgresql"] = compared(few, many)
    return results
