"""Asking again: as often as told, as long as told, and only after errors that waiting helps against."""

import pytest

from npn import retries
from npn.retries import doubling_wait, retry


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retries, "time", clock)
    return clock


class Work:
    """Work that fails some times, then goes well."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.times = list(errors), 0

    def __call__(self) -> str:
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def seconds(error: Exception, failures: int) -> float | None:
    return float(failures) if isinstance(error, OSError) else None


def test_what_goes_well_in_the_end_is_returned_after_the_waits(clock: Clock) -> None:
    assert retry(Work(OSError(), OSError()), seconds, attempts=4, within=60) == "done"
    assert clock.slept == [1.0, 2.0]


def test_the_last_error_is_raised_after_the_last_attempt(clock: Clock) -> None:
    work = Work(OSError("1"), OSError("2"), OSError("3"))
    with pytest.raises(OSError, match="3"):
        retry(work, seconds, attempts=3, within=60)
    assert (work.times, clock.slept) == (3, [1.0, 2.0])


def test_an_error_that_waiting_does_not_help_against_is_raised_at_once(clock: Clock) -> None:
    work = Work(KeyError("k"))
    with pytest.raises(KeyError):
        retry(work, seconds, attempts=3, within=60)
    assert (work.times, clock.slept) == (1, [])


def test_no_attempt_begins_after_the_time_that_there_is(clock: Clock) -> None:
    work = Work(*[OSError() for _ in range(9)])
    with pytest.raises(OSError):
        retry(work, seconds, attempts=9, within=5)
    assert (work.times, clock.slept) == (3, [1.0, 2.0])


def test_waits_double_between_their_bounds_and_differ() -> None:
    for failures, most in ((1, 0.4), (2, 0.8), (3, 1.6), (4, 2.0), (99, 2.0)):
        waits = {doubling_wait(failures, first=0.4, longest=2.0) for _ in range(50)}
        assert most / 2 <= min(waits) < max(waits) <= most
    assert doubling_wait(1, first=1.0, longest=900.0, least=30.0) >= 15
