"""What the message commands share when there are many files: the options, the progress bar, the summary."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from npn.cli.messages.versions import with_versions
from npn.cli.printing import remark
from npn.errors import ConfigurationError

if TYPE_CHECKING:
    from npn.messages.bulk import BulkLine, BulkSummary, Task
    from npn.messages.bulk.pools import BatchPool

STANDARD = "-"


@dataclass(frozen=True, slots=True)
class Bulk:
    """How the user wants many files to be done."""

    jobs: int
    results: str | None
    cluster: str | None

    def wanted(self, paths: tuple[str, ...]) -> bool:
        """Whether this is a job for more than one process: a directory, or any of the options."""
        return bool(self.jobs or self.results or self.cluster) or any(Path(path).is_dir() for path in paths)


def bulk_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options; the command gets them as `jobs`, `results` and `cluster`."""
    for option in (
        click.option("--cluster", metavar="ADDRESS", help="Use the workers of the Dask scheduler there."),
        click.option(
            "--results",
            type=click.Path(dir_okay=False),
            help="Write a line of JSON for each file there; what it holds already is skipped.",
        ),
        click.option("--jobs", type=click.IntRange(1), help="Processes to use.  [default: one for each core]"),
    ):
        command = option(command)
    return command


def over(
    paths: tuple[str, ...],
    task: "Task",
    bulk: Bulk,
    *,
    show: "Callable[[BulkLine], None]",
    portions: bool = True,
) -> "BulkSummary":
    """Do all files; each result is given to `show`, or goes into the results file where there is one.

    `portions`: whether a long interchange may come to the task in portions.
    """
    from npn.messages.bulk import BulkSummary, ResultsFile, items_of, run

    task = with_versions(task)
    summary = BulkSummary()
    results = ResultsFile(Path(bulk.results), summary, task.tally) if bulk.results else None
    skip: Callable[[str], bool] = results.holds if results else _nothing
    quiet = bulk.results is not None or not sys.stdout.isatty()
    items = items_of(paths, stdin=sys.stdin.buffer, portions=portions)
    with results or nullcontext(), _pool(bulk) as pool, _progress(paths, shown=quiet) as advance:
        advance(summary.before)
        for line in run(items, task, pool, skip=skip):
            summary.add(line.counts)
            if results:
                results.write(line)
            else:
                show(line)
            advance(1)
    return summary


def show_summary(summary: "BulkSummary") -> None:
    """Print on standard error what was counted, as a table."""
    earlier = f", {summary.before} done before" if summary.before else ""
    remark(f"{summary.done} done{earlier}, {summary.failed} failed")
    width = max((len(word) for word, _ in summary.rows()), default=0)
    for word, times in summary.rows():
        remark(f"  {word.ljust(width)}  {times:>9}")


def _nothing(_: str) -> bool:
    return False


def _pool(bulk: Bulk) -> "AbstractContextManager[BatchPool]":
    """Print where the work is done."""
    from npn.messages.bulk import cores

    if not bulk.cluster:
        return nullcontext(cores(bulk.jobs))
    if bulk.jobs:
        raise ConfigurationError("--jobs and --cluster exclude each other", field="jobs", hint="leave one out")
    from npn.messages.bulk.cluster import cluster

    return cluster(bulk.cluster)


@contextmanager
def _progress(paths: tuple[str, ...], *, shown: bool) -> Iterator[Callable[[int], Any]]:  # Any: it is not looked at
    """Show a bar on a terminal's standard error, where nothing else is printed and it is known how many there are."""
    from npn.messages.bulk import count_of

    total = count_of(paths) if shown and sys.stderr.isatty() else None
    if total is None:
        yield lambda _: None
        return
    with click.progressbar(range(total), label="files", file=sys.stderr, show_pos=True) as bar:
        yield bar.update
