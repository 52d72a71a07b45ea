"""`npn simulate`: a stock policy against a consumption pattern, before it is used."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.errors import ConfigurationError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from npn.replenishment.simulate import Day, SimulationSummary


@click.command()
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), required=True, help="Usable numbers a day.")
@click.option("--days", type=click.IntRange(1, 3650), required=True, help="How many days to run.")
@click.option(
    "--pattern",
    type=click.Choice(["constant", "weekday", "winter", "outbreak"]),
    default="constant",
    show_default=True,
    help="winter: weekdays and a peak in winter; outbreak: ten times the use for six weeks.",
)
@click.option("--away", metavar="DAY:DAYS", default="0:0", help="The service can't be reached from DAY on, for DAYS.")
@click.option("--cap", type=click.IntRange(min=1), help="The most that the service grants at a time.")
@click.option("--start", type=click.IntRange(min=0), help="Usable numbers in stock at first.  [default: the target]")
@click.option("--known", type=click.IntRange(min=0), default=56, show_default=True, help="Days of use seen before.")
@click.option(
    "--trigger",
    type=click.Choice(["level", "crossing"]),
    default="level",
    show_default=True,
    help="crossing: one draw when the stock falls past the reorder point, as some systems do.",
)
@click.option("--point", type=click.IntRange(min=0), help="Usable numbers left at which the system draws.")
@click.option("--size", type=click.IntRange(min=1), help="Usable numbers that it draws at --point.")
@click.option("--target-days", type=int)
@click.option("--reorder-days", type=int)
@click.option("--min-draw", type=int)
@click.option("--max-draw", type=int)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Days that one line of the table sums up.",
)
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write the chart to this file.")
@click.option("--json", "json_", is_flag=True, help="One JSON document.")
def simulate(*, svg: Path | None, json_: bool, every: int, **given: object) -> None:
    """Run a stock policy through time: whether the laboratory runs out, and when.

    Exit status 1 where numbers were missing on any day. A policy that the agent would refuse is run anyway,
    with the reason, to show what it does.
    """
    import msgspec

    from npn.agent import charts
    from npn.replenishment import simulate as simulation
    from npn.replenishment.policy import StockPolicy

    names = ("target_days", "reorder_days", "min_draw", "max_draw")
    options = {name: given.pop(name) for name in names}
    policy = msgspec.convert({name: value for name, value in options.items() if value is not None}, StockPolicy)
    scenario = msgspec.convert({**given, "away": _away(str(given["away"]))}, simulation.Scenario)
    refusal = ""
    try:
        msgspec.structs.replace(policy, used_per_day=scenario.rate).verify()
    except ConfigurationError as error:
        refusal = f"the agent refuses this policy: {error.message} ({error.field})"
    rows = simulation.simulate(scenario, policy)
    summary = simulation.summary(rows)
    if svg is not None:
        title, reorder = f"{scenario.rate:g} a day, {scenario.pattern}", policy.reorder_days * scenario.rate
        svg.write_text(charts.svg_chart(rows, title, reorder=reorder), "utf-8")
    warned = simulation.warnings(rows, policy)
    if json_:
        document = {"summary": summary, "refused": refusal or None, "warnings": warned, "days": rows}
        click.echo(msgspec.json.encode(document))
    else:
        if refusal:
            click.echo(refusal, err=True)
        _show(simulation.totals(rows, every), summary)
        click.echo(charts.terminal_chart(rows))
        for text in warned:
            click.echo(f"Warning: {text}", err=True)
    sys.exit(1 if summary.missing else 0)


def _show(rows: "Sequence[Day]", found: "SimulationSummary") -> None:
    from npn.cli.printing import table

    columns = ("to_day", "used", "drawn", "missing", "stock", "cover_days")
    table(
        [
            {
                "to_day": str(row.day),
                "used": str(row.used),
                "drawn": str(row.drawn),
                "missing": str(row.missing),
                "stock": str(row.free),
                "cover_days": "-" if row.cover is None else f"{row.cover:.0f}",
            }
            for row in rows
        ],
        columns,
    )
    ran_out = "never ran out" if found.first_empty_day is None else f"ran out on day {found.first_empty_day}"
    click.echo(
        f"\n{ran_out}: {found.missing} numbers missing on {found.empty_days} days; {found.draws} draws,"
        f" {found.drawn} drawn, {found.used} used; lowest stock {found.lowest} on day {found.lowest_day}"
    )


def _away(text: str) -> tuple[int, int]:
    first, colon, days = text.partition(":")
    if not (colon and first.isdigit() and days.isdigit()):
        raise InvalidInputError(f"{text!r} is not DAY:DAYS", field="away", hint="such as --away 100:90")
    return int(first), int(days)
