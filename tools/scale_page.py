"""Writes the tables of docs/scale.md from bench/results/cluster.json; with --check it only says whether they lag."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # a result is whatever JSON holds

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "scale.md"
RESULT = ROOT / "bench" / "results" / "cluster.json"
BEGIN, END = "<!-- computed by tools/scale_page.py -->", "<!-- end of what is computed -->"

SAMPLES_A_HEAD = 17  # a year: 100 million in a country of 5.9 million (docs/national-year.md)
NUMBERS_A_SAMPLE = 11  # ten of eleven fail the check
PEAK = 20  # the busiest second against the mean one
LOOKED_UP = 0.02  # of the samples, once each
SECONDS = 365 * 86_400


@dataclass(frozen=True)
class Size:
    """A user of the service: people, and how many samples one draw serves."""

    name: str
    people: float
    samples_a_draw: int


SIZES = (
    Size("Denmark, six months' stock", 5.9e6, 290_000),
    Size("Denmark, a draw for each 1,000 samples", 5.9e6, 1_000),
    Size("Denmark, a draw for each sample", 5.9e6, 1),
    Size("a country of 84 million, each 1,000 samples", 84e6, 1_000),
    Size("a country of 84 million, each sample", 84e6, 1),
    Size("a continent of 450 million, each 1,000 samples", 450e6, 1_000),
    Size("a continent of 450 million, each sample", 450e6, 1),
)


def asked(size: Size, measured: dict[str, Any]) -> str:  # Any: JSON
    """Compute one user's year: what is asked of the service."""
    samples = size.people * SAMPLES_A_HEAD
    series = samples / size.samples_a_draw
    peak = series / SECONDS * PEAK
    share = peak / max(measured["draws_per_s"].values())
    looked = rate(samples * LOOKED_UP / SECONDS * PEAK)
    return f"| {size.name} | {big(samples)} | {rate(series / SECONDS)} | {rate(peak)} | {share:.2%} | {looked} |"


def kept(size: Size, measured: dict[str, Any]) -> str:  # Any: JSON
    """Compute one user's year: what is kept of it."""
    samples = size.people * SAMPLES_A_HEAD
    series, numbers = samples / size.samples_a_draw, samples * NUMBERS_A_SAMPLE
    per = measured["bytes_a_series"]
    sizes = " | ".join(space(series * per[name]) for name in ("tables", "write_ahead_log", "exported_ledger"))
    return f"| {size.name} | {big(series)} | {sizes} | {big(numbers)} | {len(str(int(numbers * 20)))} |"


def big(figure: float) -> str:
    """Write a count as people read it."""
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if figure >= size:
            return f"{figure / size:,.1f} {name}"
    return f"{figure:,.0f}"


def rate(figure: float) -> str:
    """Write a rate with two digits that matter."""
    return f"{figure:,.0f}" if figure >= 10 else f"{figure:.2g}"


def space(size: float) -> str:
    """Write bytes as people read them."""
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size / 1e3:,.0f} kB"


def tables() -> str:
    """Return what was measured, and what follows from it."""
    if not RESULT.exists():
        return "Not measured yet: `python -m bench cluster`.\n"
    document = json.loads(RESULT.read_text("utf-8"))
    measured, machine = document["results"], document["machine"]
    if "skipped" in measured:
        return f"Not measured: {measured['skipped']}.\n"
    ways = "\n".join(f"| {name} | {figure:,} |" for name, figure in measured["draws_per_s"].items())
    ratios = "\n".join(
        f"| {name.replace('_', ' ')} | {value} |" for name, value in measured.items() if isinstance(value, float)
    )
    stored = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in measured["bytes_a_series"].items())
    when = f"{machine['date']}, {machine['cores']} cores, load before {machine['load_before']}"
    return "\n".join(
        (
            f"Measured on one machine, all of it at once ({when}):\n",
            f"| draws a second | |\n| --- | --- |\n{ways}\n",
            f"| ratio | |\n| --- | --- |\n{ratios}\n",
            f"Bytes a series: {stored}.\n",
            "| asked for | samples a year | draws/s, mean | peak | peak, of what was measured | look-ups/s, peak |",
            "| --- | --- | --- | --- | --- | --- |",
            *(asked(size, measured) for size in SIZES),
            "",
            "| kept, a year | series | tables | write-ahead log | exported ledger | numbers | digits for 20 years |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *(kept(size, measured) for size in SIZES),
            "",
        )
    )


def main() -> int:
    """Write, or compare."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    text = f"{before}{BEGIN}\n{tables()}{END}{rest.partition(END)[2]}"
    if "--check" in sys.argv[1:]:
        if text != PAGE.read_text("utf-8"):
            print("docs/scale.md is out of date: run `make docs`")
            return 1
        return 0
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
