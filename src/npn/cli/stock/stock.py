"""`npn admin stock`: how long each system's stock lasts, and which draw would mend it."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, table
from npn.config import Settings
from npn.instants import iso_day

if TYPE_CHECKING:
    from npn.stock.cover import Cover

COMMANDS = {
    "list": ("npn.cli.stock.stock:list_", "List every system's cover, the shortest first."),
    "show": ("npn.cli.stock.stock:show", "Show one system's cover, and what it drew by month."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def stock() -> None:
    """How long each system's stock lasts, by the six months' rule."""


@click.command("list")
@click.option(
    "--colour", type=click.Choice(["green", "amber", "red", "unknown"]), help="Only systems with this status."
)
@as_json
@works_on_database
def list_(settings: Settings, *, colour: str | None, json_: bool) -> None:
    """List every system's cover, the shortest first.

    Green: six months or more. Amber: 150 days or more, so a draw is due. Red: less, as the system reports. Figures are
    brought forward to today from its own report of the last 35 days; without one they are estimated from its draws,
    and an estimate is amber at most.
    """
    with opened(settings) as service:
        covers = service.pictures.latest().covers.values()
    shown_covers = sorted(covers, key=lambda c: (c.days is None, c.days or 0.0, c.system))
    if colour is not None:
        shown_covers = [c for c in shown_covers if c.colour == colour]
    if json_:
        for cover in shown_covers:
            json_line(cover)
        return
    rows = [
        {
            "system": c.system,
            "rule": c.colour.value,
            "days": c.whole_days,
            "free": c.free,
            "used_per_day": _whole(c.used_per_day),
            "below_six_months": _below(c),
            "draw": c.draw or None,
            "from": c.source.value,
        }
        for c in shown_covers
    ]
    table(rows, ("system", "rule", "days", "free", "used_per_day", "below_six_months", "draw", "from"))


@click.command()
@click.argument("system")
@as_json
@works_on_database
def show(settings: Settings, *, system: str, json_: bool) -> None:
    """Show one system's cover, and what it drew in each of the last thirteen months."""
    with opened(settings) as service:
        name = service.systems.get(system).name
        picture = service.pictures.latest()
    cover, months = picture.covers[system], picture.months[system]
    if json_:
        json_line({"cover": cover, "months": months})
        return
    record(
        {
            "system": f"{system} ({name})",
            "six months' rule": cover.colour.value,
            "cover, days": cover.whole_days,
            "free usable numbers": cover.free,
            "used a day": _whole(cover.used_per_day),
            "figures": f"{cover.source.value}{'' if cover.as_of is None else f', from {iso_day(cover.as_of)}'}",
            "below six months": _below(cover),
            "draw that mends it": cover.draw or None,
        }
    )
    click.echo()
    rows = [
        {"month": iso_day(m.month)[:7], "series": m.series, "numbers": m.numbers, "usable": m.usable} for m in months
    ]
    table(rows, ("month", "series", "numbers", "usable"))


def _below(cover: "Cover") -> str | None:
    """Return when the stock is, or was seen, below six months; an estimate says that it is one."""
    if cover.breaks_on is not None:
        return f"{iso_day(cover.breaks_on)}{' (estimated)' if cover.source == 'estimated' else ''}"
    if cover.below_since is not None:
        return f"since {iso_day(cover.below_since)}"
    return "already" if cover.is_below else None


def _whole(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f}"
