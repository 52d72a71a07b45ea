"""Client processes, and what must hold of everything they were told."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from servers import Server

from command import npn
from npn.config import Settings
from npn.registry import store
from npn.systems.model import Environment
from npn.wiring.assembly import build
from prepared import initialised


def set_up(settings: Settings, systems: int = 1) -> list[str]:
    """Make the database and so many production systems; give their keys."""
    initialised(settings)
    service = build(settings)
    try:
        made = [
            service.systems.add(by="test", name=f"Lab {n}", vendor="V", owner="O", environment=Environment.PRODUCTION)
            for n in range(systems)
        ]
        return [str(key) for _, key in made]
    finally:
        service.close()


@dataclass
class Told:
    """What clients were told, and the reports they ended with."""

    files: list[Path]
    reports: list[dict[str, int]] = field(default_factory=list)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for file in self.files for line in file.read_text().splitlines()]


@contextmanager
def clients(
    keys: Sequence[str], servers: Sequence[Server], folder: Path, *, processes: int, seconds: float, most: int = 10**9
) -> Iterator[Told]:
    """Run client processes, for so long or until each drew `most` series; all have ended well at the end."""
    told = Told([folder / f"told-{n}.jsonl" for n in range(processes)])
    running = []
    for n, out in enumerate(told.files):
        plan = {
            "ports": [server.port for server in servers],
            "key": keys[n % len(keys)],
            "seed": n,
            "seconds": seconds,
            "most": most,
            "out": str(out),
            "name": f"{folder.name}-client{n}",  # request ids are for ever: a second run on one database has its own
        }
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("load.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        process.stdin = None
        running.append(process)
    try:
        yield told
        for process, file in zip(running, told.files, strict=True):
            out, errors = process.communicate(timeout=seconds + 180)
            assert process.returncode == 0, _how(process.returncode, errors, file)
            told.reports.append(json.loads(out))
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _how(status: int, errors: str, file: Path) -> str:
    """Return how a client ended: by a signal it says nothing itself."""
    ended = f"by {signal.Signals(-status).name}, which somebody sent it" if status < 0 else f"with status {status}"
    lines = file.read_text().splitlines() if file.exists() else []
    last = lines[-1] if lines else "nothing"
    return f"the client of {file.name} ended {ended}; it said {errors!r}; told {len(lines)} times, at last {last}"


def prove(told: Told, settings: Settings, folder: Path) -> int:
    """Hold what was told against the database and its ledger; give how many series were acknowledged.

    No overlap, every acknowledged draw present as it was told, every request id one series, the ledger verifies.
    """
    by_request: dict[tuple[object, object], dict[str, object]] = {}
    for line in told.lines():
        line.pop("status")
        known = by_request.setdefault((line["key"], line["request_id"]), line)
        assert known == line, "a repeated request id was told another series"
    told_series = {str(line["id"]): line for line in by_request.values()}
    assert len(told_series) == len(by_request), "two request ids were told the same series"
    ranges = sorted((int(str(s["first"])), int(str(s["last"]))) for s in told_series.values())
    for (_, last), (first, _) in pairwise(ranges):
        assert last < first, f"{first} was given twice"
    _held_against_database(told_series, settings)
    exported = folder / "ledger.jsonl"
    done = npn("ledger", "export", exported, "--force", on=settings)
    assert done.status == 0, done
    verified = npn("ledger", "verify", exported)
    assert verified.status == 0, verified
    return len(told_series)


def _held_against_database(told_series: dict[str, dict[str, object]], settings: Settings) -> None:
    service = build(settings)
    try:
        with service.database.read() as connection:
            for series_id, line in told_series.items():
                kept = store.series(connection, series_id)
                assert kept is not None, f"{series_id} was acknowledged and is lost"
                shown = (kept.text(kept.first), kept.text(kept.last), kept.size, kept.usable, kept.request_id)
                assert shown == tuple(line[n] for n in ("first", "last", "size", "usable", "request_id"))
    finally:
        service.close()
