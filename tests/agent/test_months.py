"""Months alone, and a year with a service that fails: no number twice, no stock-out, everything accounted for."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from laboratory import Laboratory, power_cut
from npn.agent import Pool
from npn.agent.mock import MockService
from npn.errors import NpnError
from npn.replenishment.policy import StockPolicy

POLICY = StockPolicy(min_draw=200, target_days=183, reorder_days=150)
FIRST = date(2027, 1, 1)
SLOW = (pytest.mark.slow, pytest.mark.timeout(0))


class Year:
    """A laboratory that uses some 20 numbers a day, on its own calendar."""

    def __init__(self, laboratory: Laboratory, seed: int) -> None:
        self.laboratory = laboratory
        self.lots = random.Random(seed)
        self.handed: set[str] = set()
        self.pool: Pool = laboratory.open(chunk=25)
        self.today = FIRST

    def live(self, rounds: int = 1) -> None:
        """One day: a few rounds, then the day's numbers."""
        for _ in range(rounds):
            refill = self.laboratory.refill(self.pool, POLICY)
            refill._today = lambda: self.today
            try:
                refill.round()
            except NpnError:
                continue
        count = self.lots.randint(10, 30) if self.today.weekday() < 5 else self.lots.randint(0, 6)
        numbers = self.pool.take_many(count) if count else []
        assert not self.handed & set(numbers)
        self.handed |= set(numbers)
        self._note()
        self.today += timedelta(days=1)

    def _note(self) -> None:
        """Write the day's use on the day of the story."""
        with self.pool._lock, self.pool.store.transaction() as change:
            taken = self.pool._reserved - len(self.pool._ready)
            self.pool.logbook.note_use(change, self.today, taken - self.pool._noted)
            self.pool._noted = taken

    def restart(self, *, crash: bool) -> None:
        """Stop, or be killed, and start again."""
        if crash:
            power_cut(self.pool)
        else:
            self.pool.close()
        self.pool = self.laboratory.open(chunk=25)


@pytest.fixture
def laboratory(service: MockService) -> Iterator[Laboratory]:
    """In memory where there is such a folder: a year has many thousand commits."""
    memory = Path("/dev/shm")  # noqa: S108  # only to be quick
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Laboratory(Path(folder), service)


@pytest.fixture
def _calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool's own count of use on today's date would confuse the story's calendar."""
    monkeypatch.setattr("npn.agent.stock.pool.Pool.note_use", lambda _: None)


@pytest.mark.usefixtures("_calendar")
def test_half_a_year_with_the_service_down(laboratory: Laboratory, service: MockService) -> None:
    year = Year(laboratory, 1)
    for _ in range(40):
        year.live()
    service.down = True
    for n in range(150):
        year.live()
        if n % 30 == 0:
            year.restart(crash=n % 60 == 0)
    assert year.pool.free() > 0
    service.down = False
    year.live()
    assert year.pool.free() > 150 * 15
    assert all(laboratory.granted(number) for number in year.handed)
    year.pool.close()


@pytest.mark.usefixtures("_calendar")
@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=(pytest.mark.slow, pytest.mark.timeout(0))) for seed in (3, 4))]
)
def test_a_year_with_a_failing_service_restarts_and_a_restored_pool(
    laboratory: Laboratory, service: MockService, tmp_path: Path, seed: int
) -> None:
    service.failure_rate = 0.3
    year, crashes = Year(laboratory, seed), 0
    while year.pool.free() < 100:
        laboratory_round(year)
    for n in range(365):
        year.live(rounds=2)
        if n % 9 == 0:
            crash = year.lots.random() < 0.5
            crashes += crash
            year.restart(crash=crash)
        if n == 180:
            year.pool.close()
            for name in ("agent.db", "agent.db.mark"):
                shutil.copy(laboratory.folder / name, tmp_path / f"yesterday-{name}")
            year.pool = laboratory.open(chunk=25)
            refill_until_it_works(year)
            year.pool.close()
            for name in ("agent.db", "agent.db.mark"):  # the whole machine is set back
                shutil.copy(tmp_path / f"yesterday-{name}", laboratory.folder / name)
            year.pool = laboratory.open(chunk=25)
            while year.pool.status().withheld == 0 or year.pool.free() < 100:
                laboratory_round(year)
    service.failure_rate = 0
    laboratory_round(year)
    status = year.pool.status()
    assert {flag.kind for flag in status.flags} <= {"unknown_series"}
    held = {series.id for series in status.series}
    listed = {series.id for series in service.registry.series}
    assert held <= listed
    assert listed - held == {flag.series for flag in status.flags}
    most = max(25, 30)  # a chunk, or one request that asks for more
    assert sum(gap.at_most for gap in status.gaps if gap.reason == "crash") <= most * crashes
    assert all(laboratory.granted(number) for number in year.handed)
    year.pool.close()


def laboratory_round(year: Year) -> None:
    """One round, whatever comes of it."""
    refill = year.laboratory.refill(year.pool, POLICY)
    refill._today = lambda: year.today
    try:
        refill.round()
    except NpnError:
        return


def refill_until_it_works(year: Year) -> None:
    """Contacts until one round succeeds, so that the chain has moved on."""
    with year.pool.reading() as log:
        log_before = log.fact("last_success")
    for _ in range(50):
        refill = year.laboratory.refill(year.pool, POLICY)
        refill._today = lambda: year.today
        try:
            refill.round()
        except NpnError:
            continue
        return
    raise AssertionError(f"no round in fifty succeeded since {log_before}")
