"""Runs the benchmarks named, or all, and writes bench/results/<name>.json with the machine described.

A benchmark is a module of this package with `run() -> dict`: figures, and ratios of figures that were measured
side by side in the same run, since absolute ones hold for one machine only. Each stands in the table below.
"""

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from bench.machine import describe

RESULTS = Path(__file__).resolve().parent / "results"
BENCHES = {
    # name of the module: what it measures
    "bulk": "messages in bulk: two processes against one",
    "edifact": "EDIFACT: segments a second, against pydifact's parser",
    "messages": "laboratory messages: validation and conversion, against lxml's parser and schema",
    "numbers": "usable numbers: listing, text, the n-th, start of the command line",
    "agent": "the agent: numbers in process and over its socket, start and memory with a large stock",
    "soap": "draws over the legacy web service against draws over REST; one signature's verification",
    "service": "draws folded into one transaction against one commit per draw, and pgbench's bare cursor",
    "pages": "pages with 200 systems, 100,000 series and three years of stock reports behind them",
    "scale": "look-ups and draws with ten thousand and a million series",
    "cluster": "draws with one, two and three servers on the cluster, and what standby and witness cost",
    "idle": "draws of 16 clients beside 2,000 idle connections, and beside 4,000 unfinished requests",
    "http": "draws over HTTP against a POST without a database; start and memory of the server",
}


def main(names: list[str]) -> int:
    """Run them one after the other; 2 for a name that is not in the table."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"Error: no benchmark {', '.join(unknown)}", file=sys.stderr)
        print(f"Hint: there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs start as where they are installed: compiled once
    for name in names or BENCHES:
        print(f"{name}: {BENCHES[name]}", flush=True)
        machine, started = describe(), time.perf_counter()
        results = import_module(f"bench.{name}").run()
        took = round(time.perf_counter() - started, 1)
        document = {"bench": name, "machine": machine, "seconds": took, "results": results}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(f"{text}\n", "utf-8")
        print(json.dumps(results, indent=2, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
