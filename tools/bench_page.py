"""Writes the table of bench/README.md from bench/results; with --check it only says whether it is up to date."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # a result is whatever JSON holds

BENCH = Path(__file__).resolve().parent.parent / "bench"
PAGE = BENCH / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def flat(value: Any, path: str = "") -> Iterator[tuple[str, object]]:  # Any: JSON
    """Name every figure by its path."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from flat(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for part in value:  # named by its first figure: "waiting.64 waiters"
            (key, first), *others = part.items()
            yield from flat(dict(others), f"{path}.{first} {key}")
    elif not isinstance(value, list):
        yield path, value


# What was wanted, and where in the results it is.
WANTED = (
    ("draws, 64 waiters, SQLite, to one commit a draw", "≥ 4", "service", "sqlite.waiting.64 waiters.ratio"),
    ("draws, 64 waiters, PostgreSQL, to one commit a draw", "≥ 5", "service", "postgresql.waiting.64 waiters.ratio"),
    ("draws, 64 waiters, PostgreSQL, to pgbench's bare cursor", "≥ 5", "service", "postgresql.ratio_to_pgbench"),
    ("draws over HTTP to a POST without a database", "≥ 0.4", "http", "throughput.draws_to_nothing"),
    ("usable numbers listed to `numpy.copyto`", "≥ 0.6", "numbers", "listing.numpy_to_copyto"),
    ("numbers as text to ready bytes", "≥ 0.25", "numbers", "text.pure_to_ready"),
    ("`take()` to one commit a number", "≥ 50", "agent", "in_process.take_to_commit"),
    ("`take` by 32 clients to an empty handler", "≥ 0.6", "agent", "socket.32_clients.ratio"),
    ("EDIFACT segments to pydifact's", "≥ 5", "edifact", "ratio"),
    ("bulk, two processes to one", "≥ 1.7", "bulk", "speed_up"),
    ("bulk, of what two processes could do then", "", "bulk", "share_of_ceiling"),
    ("draws with 10⁶ to 10⁴ series, PostgreSQL", "≤ 1.5", "scale", "postgresql.many_to_few.draws_64"),
    ("look-ups with 10⁶ to 10⁴ series, PostgreSQL", "≤ 1.5", "scale", "postgresql.many_to_few.lookup"),
    ("n-th usable number, µs", "≤ 15", "numbers", "nth.slowest"),
    ("`npn serve` ready, s", "", "http", "server.ready_s"),
    ("`npn serve` idle, MB", "≤ 150", "http", "server.idle_mb"),
    ("slowest page at the server, ms", "≤ 100", "pages", "slowest_server_ms"),
)


def summary() -> str:
    """Return what was wanted beside what was measured."""
    rows = []
    for title, wanted, name, path in WANTED:
        document = json.loads((BENCH / "results" / f"{name}.json").read_text("utf-8"))
        rows.append(f"| {title} | {wanted} | {dict(flat(document['results']))[path]:.3g} |")
    return "| figure | wanted | measured |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def table() -> str:
    """Return the summary, then every result's figures, a section each, with the machine they were taken on."""
    parts = [summary()]
    for file in sorted((BENCH / "results").glob("*.json")):
        document = json.loads(file.read_text("utf-8"))
        machine = ", ".join(f"{name} {value}" for name, value in flat(document["machine"]))
        rows = "\n".join(f"| {name} | {value} |" for name, value in flat(document["results"]))
        parts.append(f"### {file.stem}\n{machine}\n\n| figure | value |\n| --- | --- |\n{rows}\n")
    return "\n".join(parts)


def main() -> int:
    """Write, or compare."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}\n{table()}{END}{rest.partition(END)[2]}"
    if "--check" in sys.argv[1:]:
        if text != PAGE.read_text("utf-8"):
            print("bench/README.md is out of date: run `make docs`")
            return 1
        return 0
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
