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
    elif not isinstance(value, list):
        yield path, value


def table() -> str:
    """Give every result's figures, a section each, with the machine they were taken on."""
    parts = []
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
