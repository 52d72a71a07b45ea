"""The pool under crashes between any two steps: a state machine whose file layer stops the machine anywhere.

What docs/agent-pool.md promises is checked after every step: no number twice, each usable and granted, and no
more lost than a chunk for each crash.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from laboratory import Crash, Laboratory, power_cut
from npn.agent.mock import Failure, MockService
from npn.agent.stock.pool import Pool
from npn.agent.upstream.transfers import Transfers
from npn.errors import NpnError

CHUNK = 4


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: stopping is what is tried here, not the disk."""
    memory = Path("/dev/shm")  # noqa: S108  # only to be quick
    folder = Path(tempfile.mkdtemp(prefix="npn-pool-", dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class PoolUnderCrashes(RuleBasedStateMachine):
    """Takes, draws, releases, returns and closes, with the machine stopping at any step of them."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = memory_folder()
        self.folder = self.memory.__enter__()
        self.laboratory = Laboratory(self.folder, MockService())
        self.handed: list[str] = []
        self.crashes = 0
        self.pool: Pool = self.laboratory.open(chunk=CHUNK)

    def teardown(self) -> None:
        self.laboratory.disk.fuse.left = None
        power_cut(self.pool)
        self.memory.__exit__(None, None, None)

    @initialize()
    def first_stock(self) -> None:
        self.laboratory.stock(self.pool, 60)

    def survive(self) -> None:
        """The machine stopped: start it again, which may stop as well."""
        self.crashes += 1
        power_cut(self.pool)
        self.laboratory.disk.fuse.left = None
        self.pool = self.laboratory.open(chunk=CHUNK)

    def attempt(self, act: object) -> None:
        """Do it; a crash in it is survived, a refusal is an answer."""
        try:
            act()  # type: ignore[operator]  # a function without parameters
        except Crash:
            self.survive()
        except NpnError:
            pass
        finally:
            self.laboratory.disk.fuse.left = None

    @rule(steps=st.integers(0, 40))
    def the_machine_will_stop_in(self, steps: int) -> None:
        self.laboratory.disk.fuse.left = steps
        self.attempt(lambda: self.handed.append(self.pool.take()))

    @rule(steps=st.integers(0, 40), count=st.integers(1, CHUNK))
    def the_machine_stops_in_a_take_of_several(self, steps: int, count: int) -> None:
        self.laboratory.disk.fuse.left = steps
        self.attempt(lambda: self.handed.extend(self.pool.take_many(count)))

    @rule(count=st.integers(1, 9))
    def take(self, count: int) -> None:
        for _ in range(count):
            self.attempt(lambda: self.handed.append(self.pool.take()))

    @rule(steps=st.none() | st.integers(0, 40))
    def numbers_are_reserved_ahead(self, steps: int | None) -> None:
        self.laboratory.disk.fuse.left = steps
        self.attempt(lambda: self.pool._reserve(0))

    @rule(writes=st.integers(0, 2), count=st.integers(1, CHUNK))
    def the_disk_is_full_for_a_while(self, writes: int, count: int) -> None:
        self.laboratory.disk.fuse.full_after = writes
        self.attempt(lambda: self.handed.extend(self.pool.take_many(count)))
        self.attempt(lambda: self.pool._reserve(0))
        self.laboratory.disk.fuse.full_after = None

    @rule(steps=st.integers(0, 120), failure=st.sampled_from([None, "lose_reply", "drop", "error"]))
    def a_draw_is_cut_short(self, steps: int, failure: Failure | None) -> None:
        if failure:
            self.laboratory.service.fail(failure)
        self.laboratory.disk.fuse.left = steps
        self.attempt(lambda: self.laboratory.stock(self.pool, 20))

    @rule()
    def draw(self) -> None:
        self.attempt(lambda: self.laboratory.stock(self.pool, 20))

    @rule(steps=st.integers(0, 60), part=st.integers(0, 99))
    def a_release_is_cut_short(self, steps: int, part: int) -> None:
        series = [s for s in self.pool.series() if s.state == "open" and s.free]
        if series:
            last = series[-1]
            start = last.next + (last.stop - last.next) * part // 100
            self.laboratory.disk.fuse.left = steps
            refill = self.laboratory.refill(self.pool)
            self.attempt(lambda: refill.release(last.id, last.scheme.format(start)))

    @precondition(lambda self: self.handed)
    @rule(data=st.data(), steps=st.integers(0, 30))
    def a_return_is_cut_short(self, data: st.DataObject, steps: int) -> None:
        number = data.draw(st.sampled_from(self.handed))
        self.laboratory.disk.fuse.left = steps
        self.attempt(lambda: self.pool.give_back([number]))

    @rule(steps=st.integers(0, 60))
    def a_clone_is_found_and_that_is_cut_short(self, steps: int) -> None:
        transfers = Transfers(self.pool)
        self.laboratory.disk.fuse.left = steps
        self.attempt(lambda: transfers.cloned("another copy is in use"))

    @rule(steps=st.integers(0, 30))
    def a_close_is_cut_short(self, steps: int) -> None:
        self.laboratory.disk.fuse.left = steps
        try:
            self.pool.close()
        except Crash:
            self.crashes += 1
            power_cut(self.pool)
        self.laboratory.disk.fuse.left = None
        self.pool = self.laboratory.open(chunk=CHUNK)

    @rule(steps=st.integers(0, 30))
    def an_opening_is_cut_short(self, steps: int) -> None:
        power_cut(self.pool)
        self.crashes += 1
        self.laboratory.disk.fuse.left = steps
        try:
            self.pool = self.laboratory.open(chunk=CHUNK)
        except Crash:
            self.laboratory.disk.fuse.left = None
            self.pool = self.laboratory.open(chunk=CHUNK)
        self.laboratory.disk.fuse.left = None

    @invariant()
    def no_number_was_handed_out_twice(self) -> None:
        assert len(self.handed) == len(set(self.handed))

    @invariant()
    def every_number_is_usable_and_granted(self) -> None:
        assert all(self.laboratory.granted(number) for number in self.handed[-20:])

    @invariant()
    def no_more_is_lost_than_a_chunk_for_each_crash(self) -> None:
        status = self.pool.status()
        crashed = sum(gap.at_most for gap in status.gaps if gap.reason == "crash")
        assert crashed <= CHUNK * self.crashes
        missing = sum(s.scheme.count(s.first, s.stop) for s in status.series) - status.free - status.arrived
        withheld = sum(gap.at_most for gap in status.gaps if gap.reason == "cloned")
        in_stock = [n for n in self.handed if any(s.first <= int(n) <= s.stop for s in status.series)]
        assert 0 <= missing - withheld - len(in_stock) <= CHUNK * self.crashes
        assert missing - withheld - len(in_stock) <= crashed  # and nothing is lost without being counted


TestPoolUnderCrashes = PoolUnderCrashes.TestCase
TestPoolUnderCrashes.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # a story of crashes is short enough to read unshrunk
)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_the_pool_under_crashes_for_long() -> None:
    PoolUnderCrashes.TestCase.settings = settings(
        max_examples=2000, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
    )
    PoolUnderCrashes.TestCase("runTest").runTest()


@pytest.mark.parametrize("stride", [13, pytest.param(1, marks=(pytest.mark.slow, pytest.mark.timeout(0)))])
def test_a_crash_at_each_step_of_draw_hand_out_release_and_close(stride: int) -> None:
    """Not by lot: the machine is stopped at one step after the other until the whole story passes."""
    step, done = 0, False
    while not done:
        with memory_folder() as folder:
            done = _story(Laboratory(folder, MockService()), step)
        step += stride
    assert step > 100


def _story(laboratory: Laboratory, step: int) -> bool:
    """A pool's life with the machine stopping at a step; then what must hold. True when it did not stop."""
    handed: list[str] = []
    pool = laboratory.open(chunk=CHUNK)
    laboratory.disk.fuse.left = step
    try:
        laboratory.stock(pool, 20)
        for _ in range(6):
            handed.append(pool.take())  # noqa: PERF401  # what came before a crash counts
        laboratory.refill(pool).release(pool.series()[0].id, None)
        pool.close()
        done = True
    except Crash:
        power_cut(pool)
        done = False
    laboratory.disk.fuse.left = None
    with laboratory.open(chunk=CHUNK) as pool:
        laboratory.stock(pool, 20)
        handed += pool.take_many(pool.free())
        assert pool.free() == 0
    assert len(handed) == len(set(handed)) >= 20
    assert all(laboratory.granted(number) for number in handed)
    return done
