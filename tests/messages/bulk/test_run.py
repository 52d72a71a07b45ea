"""The run: order, broken files, killed workers, going on, memory, a cluster."""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import dask.config
import distributed
import pytest
from tasks import COUNT, count, tally  # found on the path set in conftest

from npn.errors import ConfigurationError, UnavailableError
from npn.messages.bulk import BulkLine, BulkSummary, Item, ResultsFile, cores, in_process, items_of, run
from npn.messages.bulk.cluster import cluster

Make = Callable[[int], bytes]


def names(lines: list[BulkLine]) -> list[str]:
    return [line.name for line in lines]


@pytest.fixture
def items(folder: Path) -> list[Item]:
    return list(items_of([str(folder)], stdin=sys.stdin.buffer))


def test_every_item_gets_its_line_in_order_on_one_core_and_on_two(items: list[Item]) -> None:
    alone = list(run(items, COUNT, in_process()))
    assert names(alone) == [item.name for item in items]
    assert json.loads(alone[0].json) == {"file": items[0].name, "segments": 1, "valid": True}
    assert {line.counts for line in alone} == {("valid",)}
    assert list(run(items, COUNT, cores(2), batch=7)) == alone


def test_a_broken_file_costs_its_own_result_only(items: list[Item]) -> None:
    assert items[3].path is not None
    assert items[5].path is not None
    items[3].path.write_bytes(b"RAISE 121277-8221")
    items[5].path.unlink()
    lines = list(run(items, COUNT, cores(2)))
    assert len(lines) == 200
    failed = {line.name: json.loads(line.json)["failed"] for line in lines if line.counts == ("failed",)}
    assert failed == {
        items[3].name: "RuntimeError: RAISE 121277-****",
        items[5].name: "it can't be read: No such file or directory",
    }


def test_a_killed_worker_costs_the_item_that_killed_it_only(items: list[Item]) -> None:
    for number in (10, 11):
        path = items[number].path
        assert path is not None
        path.write_bytes(b"KILL")
    lines = list(run(items, COUNT, cores(2), batch=8))
    assert names(lines) == [item.name for item in items]
    assert [n for n, line in enumerate(lines) if line.counts == ("failed",)] == [10, 11]
    assert "killed" in json.loads(lines[10].json)["failed"]


def test_a_run_that_was_stopped_goes_on_where_it_stopped(items: list[Item], tmp_path: Path) -> None:
    path, first = tmp_path / "results.jsonl", BulkSummary()
    with ResultsFile(path, first, tally) as results:
        for line in list(run(items, COUNT, in_process()))[:120]:
            results.write(line)
    with path.open("ab") as file:
        file.write(b'{"file":"torn')  # what a crash in the middle of writing leaves
    second = BulkSummary()
    with ResultsFile(path, second, tally) as results:
        for line in run(items, COUNT, in_process(), skip=results.holds):
            results.write(line)
            second.add(line.counts)
    assert (second.before, second.done, second.rows()) == (120, 80, [("valid", 200)])
    assert [json.loads(line)["file"] for line in path.read_text().splitlines()] == [item.name for item in items]


def test_a_file_that_holds_something_else_is_never_written_to(tmp_path: Path) -> None:
    for content in (
        "UNB+UNOC:3'\n",
        "UNB+UNOC:3'",
        '{"file":"a","valid":true}\nx',
        '{"file": 1}\n',
        "[]\n",
        '{"other": 1}\n',
    ):
        path = tmp_path / "other"
        path.write_text(content)
        with pytest.raises(ConfigurationError, match="something else than results"):
            ResultsFile(path, BulkSummary(), tally)
        assert path.read_text() == content


def test_results_that_cant_be_written_are_a_mistake_in_the_call(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be written"):
        ResultsFile(tmp_path / "no" / "folder", BulkSummary(), tally)


def test_the_summary_counts_failures_found_in_the_file_too(tmp_path: Path) -> None:
    path, summary = tmp_path / "results.jsonl", BulkSummary()
    path.write_text('{"file":"a","failed":"x"}\n{"file":"b","segments":1,"valid":false}\n')
    ResultsFile(path, summary, tally).__exit__(None, None, None)
    assert summary.failed == 1
    assert summary.rows() == [("failed", 1), ("not valid", 1)]


def test_only_a_bounded_number_of_items_is_taken_ahead(interchange: Make) -> None:
    taken = 0

    def endless() -> Iterator[Item]:
        nonlocal taken
        while True:
            taken += 1
            yield Item(str(taken), data=interchange(taken))

    lines = run(endless(), COUNT, cores(2), batch=5)
    for _ in range(10):
        next(lines)
    lines.close()
    assert taken <= 10 + 5 * 2 * 4


def test_workers_that_cant_be_started_again_end_the_run_with_a_clear_error(interchange: Make) -> None:
    pool, made = cores(1), 0

    def make() -> Executor:
        nonlocal made
        made += 1
        if made > 1:
            return ProcessPoolExecutor(1, initializer=_no_worker, mp_context=get_context("spawn"))
        return pool.make()

    harmed = [Item("a", data=interchange(1)), Item("b", data=b"KILL")]
    with pytest.raises(UnavailableError, match="no worker can be started"):
        list(run(harmed, COUNT, replace(pool, make=make)))


def _no_worker() -> None:
    """Fail, as a worker's start may."""
    os._exit(1)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A real cluster on this machine: a scheduler and two workers, processes of their own."""
    few_failures = {"distributed.scheduler.allowed-failures": 0}  # else each harmful item is tried four times
    with (
        dask.config.set(few_failures),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
    ):
        yield local.scheduler_address


def test_a_dask_cluster_gives_the_same_lines(items: list[Item], scheduler: str) -> None:
    alone = list(run(items, COUNT, in_process()))
    with cluster(scheduler) as pool:
        assert pool.workers == 2
        assert list(run(items, COUNT, pool, batch=16)) == alone


def test_on_a_cluster_too_a_file_that_kills_workers_costs_its_own_result_only(
    items: list[Item], scheduler: str
) -> None:
    assert items[20].path is not None
    assert items[21].path is not None
    items[20].path.write_bytes(b"KILL")
    items[21].path.unlink()
    with cluster(scheduler) as pool:
        lines = list(run(items[:64], COUNT, pool, batch=8))
    assert names(lines) == [item.name for item in items[:64]]
    assert [n for n, line in enumerate(lines) if line.counts == ("failed",)] == [20, 21]


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("npn.messages.bulk.cluster.CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(UnavailableError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        cluster("tcp://127.0.0.1:9"),
    ):
        pass


@pytest.mark.slow
def test_memory_stays_flat_over_a_hundred_thousand_messages(interchange: Make) -> None:
    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    data = interchange(1)
    marks = []
    lines = run((Item(f"m{n}", data=data) for n in range(100_000)), COUNT, cores(2))
    for number, line in enumerate(lines):
        assert line.counts == ("valid",)
        if number in (10_000, 99_999):
            marks.append(peak())
    assert marks[1] - marks[0] < 4_096  # KiB


def test_the_tasks_count_what_they_are_given(interchange: Make) -> None:
    assert count(Item("one", data=interchange(1)).pieces()) == {"segments": 1, "valid": True}
