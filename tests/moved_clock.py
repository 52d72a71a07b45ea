"""Tests that move the clock of everything at once: Python's, SQLite's, and a PostgreSQL server's.

A module marked `moves_clock` is run by its own pytest under libfaketime, which reads a file for what to add to
the time. Everything that it starts (the PostgreSQL server, `npn` as a process) reads the same file. The results come
back to the session that asked. `Clock` writes the file.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

_FILE, _REPORTS = "FAKETIME_TIMESTAMP_FILE", "NPN_TEST_REPORTS"
_reports = pytest.StashKey[dict[Path, dict[str, list[pytest.TestReport]]]]()


def library() -> Path | None:
    """Return libfaketime for programs with threads, or None."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def environment(file: Path) -> dict[str, str]:
    """Return what a process needs in its environment to add to the time what `file` says.

    The monotonic clock moves too: with that left alone, libfaketime 0.9.10 breaks Python's `time.sleep`.
    """
    return {
        "LD_PRELOAD": str(library()),
        _FILE: str(file),
        "FAKETIME_NO_CACHE": "1",
        "NO_FAKE_STAT": "1",
    }


class Clock:
    """The clock of this process and of all that it started; real until it is moved."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = Path(os.environ[_FILE]) if file is None else file
        self.moved = timedelta(0)
        self.move(timedelta(0))

    @property
    def at(self) -> datetime:
        return datetime.now(UTC)

    def move(self, to: timedelta) -> None:
        """Set how far the clock is from the real time."""
        self.moved = to
        whole = round(to.total_seconds())
        temporary = self.file.with_suffix(".new")
        temporary.write_text(f"{whole:+d}\n")
        temporary.chmod(0o644)
        temporary.replace(self.file)

    def wait(self, time: timedelta) -> None:
        """Let so much time pass."""
        self.move(self.moved + time)


def is_apart() -> bool:
    """Whether this is the pytest under libfaketime."""
    return _REPORTS in os.environ


def run_apart(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Report the results of a test that moves the clock, from a pytest under libfaketime; False for any other.

    What the tests before it in this process have left for it is torn down here, unless the `following` one needs it.
    """
    if item.get_closest_marker("moves_clock") is None or is_apart():
        return False
    known = item.session.stash.setdefault(_reports, {})
    if item.path not in known:
        known[item.path] = _run(item.session, item.path)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in known[item.path].get(item.nodeid) or [_missing(item)]:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    item.session._setupstate.teardown_exact(following)  # no other way to end fixtures of a module
    return True


def note(config: pytest.Config, report: pytest.TestReport) -> None:
    """Write a result for the session that asked for it."""
    if is_apart():
        reports = Path(os.environ[_REPORTS])
        before = reports.stat().st_mtime  # the file system's clock is not moved
        reports.touch()
        report.duration = reports.stat().st_mtime - before
        data = config.hook.pytest_report_to_serializable(config=config, report=report)
        with reports.open("a", encoding="utf-8") as out:
            out.write(json.dumps(data) + "\n")


def _run(session: pytest.Session, path: Path) -> dict[str, list[pytest.TestReport]]:
    wanted = [each.nodeid for each in session.items if each.path == path and each.get_closest_marker("moves_clock")]
    found: dict[str, list[pytest.TestReport]] = {}
    if library() is None:
        return found
    with tempfile.TemporaryDirectory(prefix="npn-clock-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's user reads the file too
        reports, output = folder / "reports", folder / "output"
        reports.touch()
        Clock(folder / "clock")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        limit = session.config.getoption("timeout")
        limits = [] if limit is None else [f"--timeout={limit}"]  # as long as the session that asks lets a test take
        with output.open("wb") as out:
            subprocess.run(
                [sys.executable, "-m", "pytest", *wanted, *limits, "-p", "no:xdist"],
                cwd=session.config.rootpath,
                env={**kept, **environment(folder / "clock"), _REPORTS: str(reports)},
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
        for line in reports.read_text("utf-8").splitlines():
            report = session.config.hook.pytest_report_from_serializable(config=session.config, data=json.loads(line))
            found.setdefault(report.nodeid, []).append(report)
        if not found:
            print(output.read_text("utf-8", "replace"), file=sys.stderr)  # noqa: T201  # why there are no results
    return found


def _missing(item: pytest.Item) -> pytest.TestReport:
    """Report that there is no result: skipped where libfaketime is missing, else failed."""
    if library() is None:
        reason = (str(item.path), 0, "Skipped: libfaketime is not installed (Debian: apt-get install faketime)")
        return _report(item, "skipped", reason)
    return _report(item, "failed", "the pytest under libfaketime ended before it came to this test")


def _report(item: pytest.Item, outcome: str, words: Iterable[object]) -> pytest.TestReport:
    return pytest.TestReport(item.nodeid, item.location, {}, outcome, words, "call")  # type: ignore[arg-type]  # as pytest's own
