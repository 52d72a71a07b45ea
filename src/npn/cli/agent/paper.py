"""`npn agent print …`: labels and forms with numbers of the pool, each in the journal before its file exists."""

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.agent.commands import config_option, read_agent_settings, read_condition, take_numbers
from npn.cli.labels.label import described, design_options, form_of, resolution
from npn.cli.lazy import DefaultingGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.errors import ConfigurationError, NpnError
from npn.instants import iso_time

if TYPE_CHECKING:
    from npn.agent.paper.journal import Journal
    from npn.agent.paper.model import PaperJob, Sheet
    from npn.labels.model import Language

COMMANDS = {
    "new": ("npn.cli.agent.paper:new", "Print new numbers; the word may be left out."),
    "list": ("npn.cli.agent.paper:list_", "The jobs, or one job's numbers."),
    "use": ("npn.cli.agent.paper:use", "Printed numbers were used, and are in the system."),
    "spoil": ("npn.cli.agent.paper:spoil", "Printed numbers were spoiled or thrown away."),
    "place": ("npn.cli.agent.paper:place", "A job's paper lies somewhere else."),
    "reprint": ("npn.cli.agent.paper:reprint", "Print a job's numbers again, marked as copies."),
}
MOST_SHEETS = 10_000


@click.group(
    cls=DefaultingGroup,
    commands_table=COMMANDS,
    default_command="new",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def print_() -> None:
    """Labels and forms with numbers of the pool: emergency forms, rolls, tubes printed ahead.

    `npn agent print --design D --count N -o FILE` is `npn agent print new ...`. The journal beside the pool knows
    each number on paper; none is ever printed in two jobs.
    """


def _by_option(command: Callable[..., object]) -> Callable[..., object]:
    who = "Who did it.  [default: the user]"
    return click.option("--by", default=getpass.getuser, show_default=False, metavar="NAME", help=who)(command)


_output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="File to write: .pdf, .svg, .png or .zpl.",
)


def _journal_path(config: Path) -> Path:
    from npn.agent.paper.journal import journal_of

    return journal_of(read_agent_settings(config).database_path)


def _journal(config: Path) -> "Journal":
    from npn.agent.paper.journal import Journal

    return Journal(_journal_path(config))


@click.command("new", short_help="Print new numbers; the word may be left out.")
@design_options
@click.option(
    "--count", type=click.IntRange(1, MOST_SHEETS), required=True, metavar="N", help="Print N numbers, each once."
)
@_output
@click.option("--place", default="", metavar="TEXT", help="Where the paper will lie, such as a ward.")
@_by_option
@config_option
def new(
    *, design: str, dpi: str | None, lang: "Language", count: int, output: Path, place: str, by: str, config: Path
) -> None:
    """Take N numbers from the pool and print them.

    They are in the journal before the file is made: what stops in between leaves them there as reserved, and they
    count as printed. Every symbol is read back before the file is written.
    """
    from npn.agent.paper.printing import Printer
    from npn.labels.designs import find_design

    selected = find_design(design)
    form = form_of(output)
    _check_writable(output)
    with _journal(config) as journal:
        printer = Printer(journal, selected, dpi=resolution(dpi, selected), language=lang, form=form)
        for series in read_condition(config, None).series:
            if series.free:
                printer.check_fits(len(series.first))
        numbers = take_numbers(count, config)
        try:
            job, paths = printer.print_new(numbers, output, by=by, place=place)
        except (NpnError, OSError):
            remark(f"{numbers[0]} to {numbers[-1]} have left the pool; `npn agent print list` shows whether in a job")
            raise
    remark(f"job {job}: {count} numbers, {numbers[0]} to {numbers[-1]}, every symbol read back: {described(paths)}")


@click.command("list", short_help="The jobs, or one job's numbers.")
@click.option("--job", type=int, metavar="ID", help="Show the numbers of one job.")
@click.option("--csv", "csv_", is_flag=True, help="Write the numbers of --job as CSV, to be filled in and filed.")
@config_option
@as_json
def list_(*, job: int | None, csv_: bool, config: Path, json_: bool) -> None:
    """Show the jobs, the newest first, or each number of one: state, place, by whom and when, note.

    A job in doubt ended before its file was complete, as far as the journal knows; its numbers count as printed.
    """
    if csv_ and job is None:
        raise click.UsageError("--csv needs --job.", click.get_current_context())
    if job is None and not _journal_path(config).exists():
        _show_jobs([], json_=json_)  # looking makes no file
        return
    with _journal(config) as journal:
        if job is None:
            _show_jobs(journal.jobs(), json_=json_)
        else:
            _show_sheets(journal.sheets(job), csv_=csv_, json_=json_)


def _show_jobs(jobs: "list[PaperJob]", *, json_: bool) -> None:
    if json_:
        json_line({"jobs": jobs})
        return
    from npn.agent.paper.model import STATES

    rows: list[dict[str, object]] = [
        {
            "job": job.id,
            "design": job.order.design,
            "made": iso_time(job.made_at) + (" in doubt" if job.is_in_doubt else ""),
            "by": job.order.by,
            "place": job.order.place,
            "first": job.first,
            "last": job.last,
            **{state: job.counts.get(state, 0) for state in STATES},
            "copies": job.copies,
            "file": job.order.file,
        }
        for job in jobs
    ]
    table(rows, tuple(rows[0]) if rows else ("job", "design", "made"))


def _show_sheets(sheets: "list[Sheet]", *, csv_: bool, json_: bool) -> None:
    if json_:
        json_line({"numbers": sheets})
        return
    rows = [
        {
            "number": sheet.number,
            "state": sheet.state,
            "place": sheet.place,
            "changed": iso_time(sheet.changed_at),
            "by": sheet.changed_by,
            "note": sheet.note,
        }
        for sheet in sheets
    ]
    if not csv_:
        table(rows, tuple(rows[0]))
        return
    import csv
    import sys

    writer = csv.DictWriter(sys.stdout, tuple(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


@click.command(short_help="Printed numbers were used, and are in the system.")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--note", default="", metavar="TEXT", help="What for, such as the requisition; no name or CPR number.")
@_by_option
@config_option
@as_json
def use(*, numbers: tuple[str, ...], note: str, by: str, config: Path, json_: bool) -> None:
    """Write down that printed numbers were used and entered in the system: the step after an outage.

    All or none. A number that was used or spoiled before is refused, status 3.
    """
    with _journal(config) as journal:
        sheets = journal.move(numbers, "used", by=by, note=note)
    _show_moved(sheets, "used", json_=json_)


@click.command(short_help="Printed numbers were spoiled or thrown away.")
@click.argument("numbers", nargs=-1, metavar="NUMBER...")
@click.option("--job", type=int, metavar="ID", help="Everything of one job that was not used.")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@_by_option
@config_option
@as_json
def spoil(*, numbers: tuple[str, ...], job: int | None, reason: str, by: str, config: Path, json_: bool) -> None:
    """Write down that paper was spoiled or thrown away. Its numbers are withheld: nothing prints them again."""
    if bool(numbers) == (job is not None):
        raise click.UsageError("Give either numbers or --job.", click.get_current_context())
    with _journal(config) as journal:
        if job is not None:
            sheets = journal.spoil_rest(job, by=by, note=reason)
        else:
            sheets = journal.move(numbers, "spoiled", by=by, note=reason)
    _show_moved(sheets, "spoiled", json_=json_)


@click.command(short_help="A job's paper lies somewhere else.")
@click.argument("job", type=int)
@click.argument("place_", metavar="PLACE")
@_by_option
@config_option
def place(*, job: int, place_: str, by: str, config: Path) -> None:
    """Write down where the paper of JOB lies now."""
    with _journal(config) as journal:
        journal.place(job, place_, by)
    remark(f"job {job} lies at {place_}")


@click.command(short_help="Print a job's numbers again, marked as copies.")
@click.argument("job", type=int)
@click.option("--number", "numbers", multiple=True, metavar="NUMBER", help="Only this number; may be given again.")
@_output
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@_by_option
@config_option
def reprint(*, job: int, numbers: tuple[str, ...], output: Path, reason: str, by: str, config: Path) -> None:
    """Print the numbers of JOB again on its design; each label says that it is a copy.

    Spoiled numbers are left out. The journal has the copies before the file is made; they never count as new numbers.
    """
    from npn.agent.paper.printing import Printer
    from npn.labels.designs import find_design

    form = form_of(output)
    _check_writable(output)
    with _journal(config) as journal:
        order = journal.job(job).order
        selected = find_design(order.design)
        dpi = resolution(str(order.dpi), selected)
        printer = Printer(journal, selected, dpi=dpi, language=order.language, form=form)
        sheets = journal.copy(job, numbers, by=by, note=reason)
        paths = printer.print_copies([sheet.number for sheet in sheets], output)
    remark(f"job {job}: {len(sheets)} copies, every symbol read back: {described(paths)}")


def _show_moved(sheets: "list[Sheet]", state: str, *, json_: bool) -> None:
    if json_:
        json_line({"state": state, "numbers": [sheet.number for sheet in sheets]})
    else:
        remark(f"{len(sheets)} {'number' if len(sheets) == 1 else 'numbers'} {state}")


def _check_writable(output: Path) -> None:
    """Refuse before anything is taken what could not be written after. Raises ConfigurationError."""
    folder = output.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ConfigurationError(f"can't write into {folder}", field="output", hint="nothing was taken or printed")
