"""Charts of a simulated stock: for a terminal, and as a picture."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from npn.replenishment.simulate import Day

_BLOCKS = " ▁▂▃▄▅▆▇█"
_AWAY, _MISSING, _LINE, _REORDER = "#dddddd", "#e06060", "#1f5fa8", "#8a6d00"


def terminal_chart(rows: Sequence[Day], *, width: int = 72, height: int = 12) -> str:
    """Return the stock over time in block characters, with a legend of the marks that occur."""
    columns = _columns(rows, min(width, len(rows)))
    top = max(1, *(row.free for row in rows))
    heights = [min(row.free for row in part) / top * height for part in columns]
    lines = []
    for line in range(height - 1, -1, -1):
        cells = "".join(_BLOCKS[max(0, min(8, round((value - line) * 8)))] for value in heights)
        label = {height - 1: f"{top:,}", 0: "0"}.get(line, "")
        lines.append(f"{label:>10} {cells}".rstrip())
    marks = "".join(_mark(part) for part in columns)
    legend = [text for mark, text in (("~", "~ the service away"), ("!", "! numbers missing")) if mark in marks]
    last = [f"{'':>10} {marks}".rstrip(), f"{'':>10} usable numbers in stock, day 0 to {rows[-1].day}"]
    return "\n".join([*lines, *last, *(f"{'':>10} {text}" for text in legend)])


def _columns(rows: Sequence[Day], width: int) -> list[Sequence[Day]]:
    """Return the days of each column, as many columns as the width."""
    starts = [place * len(rows) // width for place in range(width + 1)]
    return [rows[start:end] for start, end in pairwise(starts)]


def _mark(days: Sequence[Day]) -> str:
    """Return the mark below a column."""
    if any(day.missing for day in days):
        return "!"
    return "~" if any(day.away for day in days) else " "


def svg_chart(rows: Sequence[Day], title: str, *, reorder: float = 0.0) -> str:
    """Return the same as a picture: the stock as a line, with the reorder point at `reorder` usable numbers."""
    width, height, left, base = 800, 330, 90, 260
    top = max(1, round(reorder), *(row.free for row in rows))
    step = (width - left - 20) / max(len(rows) - 1, 1)

    def x(day: int) -> float:
        return round(left + day * step, 1)

    def y(free: float) -> float:
        return round(base - free / top * 220, 1)

    points = " ".join(f"{x(row.day)},{y(row.free)}" for row in rows)
    bands = "".join(
        f'<rect x="{x(first)}" y="40" width="{x(last) - x(first) + max(step, 1):.1f}" height="220" fill="{colour}"/>'
        for colour, draws in ((_AWAY, lambda row: row.away), (_MISSING, lambda row: row.missing > 0))
        for first, last in _spans(rows, draws)
    )
    line = ""
    if reorder:
        line = f'<path d="M{left} {y(reorder)}H{width - 20}" stroke="{_REORDER}" stroke-dasharray="6 4"/>'
    ran_out = sum(1 for row in rows if row.missing)
    text = f"Usable numbers in stock over {len(rows)} days; numbers were missing on {ran_out} days."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        f' font-size="12" role="img"><title>{_escaped(title)}</title><desc>{text}</desc>'
        f'<rect width="{width}" height="{height}" fill="white"/>'
        f'<text x="{left}" y="24" font-size="15">{_escaped(title)}</text>{bands}'
        f'<path d="M{left} 40V{base}H{width - 20}" fill="none" stroke="#444"/>{line}'
        f'<text x="{left - 6}" y="46" text-anchor="end">{top:,}</text>'
        f'<text x="{left - 6}" y="{base}" text-anchor="end">0</text>'
        f'<text x="{width - 20}" y="{base + 18}" text-anchor="end">day {len(rows)}</text>'
        f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="2"/>{_legend(left, base + 46)}</svg>\n'
    )


def _spans(rows: Sequence[Day], chosen: Callable[[Day], bool]) -> Iterator[tuple[int, int]]:
    """Yield the first and last day of each run of days that are chosen."""
    first: int | None = None
    for row in rows:
        if chosen(row):
            first = row.day if first is None else first
        elif first is not None:
            yield first, row.day - 1
            first = None
    if first is not None:
        yield first, rows[-1].day


def _legend(left: int, y: int) -> str:
    entries = (
        (_LINE, "usable numbers in stock"),
        (_REORDER, "reorder point"),
        (_AWAY, "the service away"),
        (_MISSING, "numbers missing"),
    )
    return "".join(
        f'<rect x="{left + n * 175}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{left + n * 175 + 18}" y="{y}">{text}</text>'
        for n, (colour, text) in enumerate(entries)
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
