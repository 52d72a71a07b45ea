"""A national year: every laboratory and hospital system of MedCom's list draws for a simulated year, at full speed.

`python -m bench.national_year` lives through it with ten digits and with fourteen, writes both tables in
docs/national-year.md between their markers, and docs/national-year.svg of the ten. What the list doesn't say (how much
a system uses, how it draws) is assumed, and said so.
"""

import asyncio
import hashlib
import math
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from npn.config import Settings
from npn.ledger.export import export
from npn.proof.verify import Summary, lines_of, verify
from npn.registry.first_spaces import Wish
from npn.registry.model import Draw
from npn.stock.forecast import Forecast, forecast_space
from npn.systems.model import Environment
from npn.systems.register import import_register, read_register
from npn.systems.service import LARGEST_DRAW
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise

ROOT = Path(__file__).resolve().parent.parent
REGISTER = ROOT.parent / "shared" / "data" / "register" / "approved_systems.csv"
PAGE, PICTURE = ROOT / "docs" / "national-year.md", ROOT / "docs" / "national-year.svg"
SCHEMES = ("npn10", "npn14")
BEGIN, END = "<!-- begin: python -m bench.national_year, {} -->", "<!-- end -->"

# --- what is assumed ---------------------------------------------------------------------------------------------
SAMPLES = 100_000_000  # a year in the whole country
# Type in the list: its share of all samples, and the days between two looks at the stock. A system of several
# types counts as the first of them here.
TYPES: dict[str, tuple[float, int]] = {
    "Laboratoriesystemer": (0.79, 1),  # draw by themselves, looking every night
    "Sygehus-EPJ-systemer": (0.17, 7),  # draw by themselves, looking once a week
    "Sygehus-PAS-systemer": (0.03, 28),  # somebody looks every four weeks
    "Privathospitalsystemer": (0.01, 28),
}
WEEK = (1.28, 1.26, 1.24, 1.22, 1.14, 0.46, 0.40)  # Monday to Sunday, of the mean day
YEAR = (1.07, 1.05, 1.05, 0.97, 0.98, 1.00, 0.80, 0.99, 1.05, 1.06, 1.06, 0.92)  # January to December
NOISE = 0.08  # standard deviation of a day's use
TARGET_DAYS, REORDER_DAYS = 183, 150  # the agent's own defaults: six months' stock
START, DAYS = date(2027, 1, 1), 365
# -----------------------------------------------------------------------------------------------------------------
COLUMNS = (
    "type",
    "systems",
    "samples (million)",
    "draws",
    "numbers drawn (million)",
    "usable (million)",
    "waste",
    "days of stock at the end",
)


@dataclass
class Drawer:
    """A connected system with its pool, as far as the simulation needs one."""

    system: str
    key: str
    system_type: str
    per_day: float
    every: int
    offset: int
    free: int = 0
    used: int = 0
    draws: int = 0
    numbers: int = 0
    usable: int = 0
    lacked: int = 0

    def use(self, wanted: int) -> None:
        """Use up a day's numbers; what is lacking is counted."""
        taken = min(wanted, self.free)
        self.free -= taken
        self.used += taken
        self.lacked += wanted - taken

    def wish(self, day: int) -> Draw | None:
        """Look at the stock when it is the day for it, and draw up to the target once the reorder point is passed."""
        if day and (day + self.offset) % self.every:
            return None
        if self.free >= REORDER_DAYS * self.per_day:
            return None
        needed = min(math.ceil(TARGET_DAYS * self.per_day) - self.free, LARGEST_DRAW)
        return Draw(self.system, self.key, f"day-{day}", None, needed, None, None)


@dataclass
class Year:
    """What came of it."""

    drawers: list[Drawer]
    used_by_day: list[int] = field(default_factory=list)
    draws_by_day: list[int] = field(default_factory=list)
    cursor_by_day: list[int] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)
    summary: Summary | None = None
    seconds: float = 0.0
    space: tuple[int, int] = (0, 0)


def chance_of(name: str) -> random.Random:
    """Return dice of one's own to each name, the same in every run."""
    return random.Random(hashlib.sha256(name.encode()).digest())


def connect(service: Service) -> list[Drawer]:
    """Import the systems of the chosen types, give each a key and a share of its type's samples."""
    listed = read_register(REGISTER.read_text("utf-8"))
    kinds = {(item.name, item.vendor): next((t for t in TYPES if t in item.types), None) for item in listed}
    import_register(service.systems, listed, types=list(TYPES), environment=Environment.PRODUCTION, by="simulation")
    by_type: dict[str, list[str]] = {name: [] for name in TYPES}
    for system in service.systems.list():
        kind = kinds.get((system.name, system.vendor))
        if kind is not None:
            by_type[kind].append(system.id)
    drawers = []
    for kind, ids in by_type.items():
        share, every = TYPES[kind]
        # A few are large: the n-th largest has 1/n of the largest, which of them is large is drawn by lot.
        order = sorted(ids, key=lambda system_id: chance_of(system_id).random())
        whole = sum(1 / rank for rank in range(1, len(order) + 1))
        for rank, system_id in enumerate(order, 1):
            per_day = SAMPLES * share / rank / whole / 365
            key = service.systems.rotate_key(system_id, by="simulation")
            drawers.append(Drawer(system_id, key.digest, kind, per_day, every, rank % every))
    return drawers


async def drawn(service: Service, drawers: Iterable[Drawer], day: int) -> int:
    """Draw for all who want to, at once; give how many did."""
    waiting = [(drawer, draw) for drawer in drawers if (draw := drawer.wish(day)) is not None]
    answers = await asyncio.gather(*(asyncio.wrap_future(service.allocator.draw(draw)) for _, draw in waiting))
    for (drawer, _), answer in zip(waiting, answers, strict=True):
        drawer.free += answer.series.usable
        drawer.usable += answer.series.usable
        drawer.numbers += answer.series.size
        drawer.draws += 1
    return len(waiting)


def lived(service: Service, clock: list[datetime], drawers: list[Drawer]) -> Year:
    """Live through the year, day by day: the stock is looked at before the day's use."""
    year = Year(drawers)
    chance = chance_of("use")
    space = next(s for s in service.registry.spaces() if s.name == "production")
    year.space = (space.first, space.last)
    started = time.perf_counter()
    for day in range(DAYS):
        clock[0] = datetime(START.year, START.month, START.day, 1, tzinfo=UTC) + timedelta(days=day)
        today = clock[0].date()
        year.draws_by_day.append(asyncio.run(drawn(service, drawers, day)))
        for drawer in drawers:
            mean = drawer.per_day * WEEK[today.weekday()] * YEAR[today.month - 1]
            drawer.use(max(0, round(chance.gauss(mean, NOISE * mean))))
        year.used_by_day.append(sum(d.used for d in drawers) - sum(year.used_by_day))
        year.cursor_by_day.append(next(s.cursor for s in service.registry.spaces() if s.name == "production"))
    year.seconds = time.perf_counter() - started
    now = clock[0] + timedelta(days=1)
    year.forecasts = [forecast_space(service.database, "production", now=now, days=days) for days in (364, 168)]
    return year


def simulate(scheme: str) -> Year:
    """Run the whole year on its own database; the ledger is exported and verified at its end."""
    clock = [datetime(START.year, START.month, START.day, tzinfo=UTC)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=f"sqlite:///{folder}/npn.db", witness=f"{folder}/npn.witness")
        initialise(settings, first=Wish(scheme=scheme))
        service = build(settings, clock=lambda: clock[0])
        try:
            year = lived(service, clock, connect(service))
            exported = Path(folder) / "ledger.jsonl"
            with exported.open("wb") as stream:
                export(service.database, stream.write)
            with exported.open("rb") as stream:
                year.summary = verify(lines_of(stream))
            return year
        finally:
            service.close()


def millions(number: float) -> str:
    """Write a figure in millions."""
    return f"{number / 1e6:,.1f}"


def _row(name: str, drawers: Sequence[Drawer]) -> str:
    numbers, usable = sum(d.numbers for d in drawers), sum(d.usable for d in drawers)
    used, draws = sum(d.used for d in drawers), sum(d.draws for d in drawers)
    cover = sum(d.free for d in drawers) / sum(d.per_day for d in drawers)
    return (
        f"| {name} | {len(drawers)} | {millions(used)} | {draws:,} | {millions(numbers)} | {millions(usable)} "
        f"| {1 - usable / numbers:.1%} | {cover:.0f} |"
    )


def _share(part: float) -> str:
    """Return a share as percent, with digits enough to tell it from nothing."""
    return f"{part:.1%}" if part >= 0.001 else f"{part:.5%}"


def _ends(found: Forecast) -> str:
    if found.ends is None:
        return f"in some {round(found.left / found.per_day / 365, -2):,.0f} years"
    if found.earliest is None or found.latest is None:
        return f"{found.ends}"
    return f"{found.ends} ({found.earliest} to {found.latest})"


def table(year: Year) -> str:
    """Return the page's figures as Markdown."""
    assert year.summary is not None
    first, last = year.space
    passed = year.cursor_by_day[-1] - first
    lacked = sum(d.lacked for d in year.drawers)
    whole, half = year.forecasts
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(kind, [d for d in year.drawers if d.system_type == kind]) for kind in TYPES),
        _row("**all**", year.drawers),
        "",
        "| | |",
        "| --- | --- |",
        f"| cursor at the end of the year | {year.cursor_by_day[-1]} |",
        f"| share of the space used | {_share(passed / (last - first + 1))} |",
        f"| samples that found no number | {lacked:,} |",
        f"| most draws on one day | {max(year.draws_by_day):,} (the first: everybody fills up) |",
        f"| the space ends, told from the whole year (with 95 % range) | {_ends(whole)} |",
        f"| the space ends, told from the last 24 weeks, without the first filling | {_ends(half)} |",
        f"| ledger | {year.summary.entries:,} entries, verified |",
        f"| time for the whole year | {year.seconds:.0f} s |",
    ]
    return "\n".join(lines)


def write_page(year: Year, scheme: str) -> None:
    """Put the figures between the page's markers of that scheme."""
    page, begin = PAGE.read_text("utf-8"), BEGIN.format(scheme)
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(END)
    if not rest:
        raise SystemExit(f"{PAGE} has no markers of {scheme}")
    PAGE.write_text(f"{before}{begin}\n{table(year)}\n{END}{after}", "utf-8")


def draw_picture(year: Year) -> None:
    """Draw use, draws and the space's filling."""
    from bench.national_picture import picture  # noqa: PLC0415  # matplotlib is slow to load, and only this needs it

    PICTURE.write_bytes(
        picture(
            start=START,
            used=year.used_by_day,
            draws=year.draws_by_day,
            cursor=year.cursor_by_day,
            space=year.space,
            told=year.forecasts[1],
        )
    )


def main() -> int:
    """Run, and write page and picture."""
    if not REGISTER.exists():
        print(f"Error: no list of systems at {REGISTER}", file=sys.stderr)
        return 2
    for scheme in SCHEMES:
        year = simulate(scheme)
        write_page(year, scheme)
        if scheme == SCHEMES[0]:
            draw_picture(year)
        print(f"{scheme}\n{table(year)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
