"""The run itself: batches out, results back in order, a bounded number of them under way.

When a worker dies nobody knows which item killed it: every batch under way is done again, item by item and
one at a time, so that the culprit is found and no other item suffers.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice

from npn.messages.bulk.items import Item
from npn.messages.bulk.pools import Pool, Workers, working
from npn.messages.bulk.work import Line, Task, failure

BATCH = 32
BATCH_BYTES = 4 << 20
AHEAD = 3  # batches under way for each worker: enough that none waits, few enough to hold
KILLED = "the worker that read it was killed, or ran out of memory"


def run(
    items: Iterable[Item],
    task: Task,
    pool: Pool,
    *,
    skip: Callable[[str], bool] = lambda _: False,
    batch: int = BATCH,
) -> Iterator[Line]:
    """Give one line for each item, in the order of the items; those whose name `skip` knows are left out.

    Holds at most `AHEAD` batches a worker, each of `batch` items or some megabytes.
    """
    batches = _batches((item for item in items if not skip(item.name)), batch)
    with working(pool) as workers:
        under_way: deque[tuple[list[Item], Future[list[Line]] | None]] = deque()
        while True:
            for each in islice(batches, max(0, AHEAD * pool.workers - len(under_way))):
                under_way.append((each, _submitted(workers, task, each)))
            if not under_way:
                return
            taken, future = under_way.popleft()
            lines = _result(future)
            if lines is not None:
                yield from lines
                continue
            settled = [(taken, lines), *((each, _result(later)) for each, later in under_way)]
            under_way.clear()
            for each, known in settled:
                yield from _one_by_one(workers, task, each) if known is None else known


def _batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Put items together so that handing them over costs little; large ones go with few."""
    batch: list[Item] = []
    held = 0
    for item in items:
        batch.append(item)
        held += len(item.data)
        if len(batch) == size or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _submitted(workers: Workers, task: Task, items: Sequence[Item]) -> "Future[list[Line]] | None":
    """Hand a batch over; None when the executor is broken."""
    try:
        return workers.submit(task, items)
    except Exception:  # noqa: BLE001 - each kind of executor has errors of its own for being broken
        return None


def _result(future: "Future[list[Line]] | None") -> list[Line] | None:
    """Wait for a batch; None when its worker is gone (what the task raises is a result, not an error)."""
    try:
        return future.result() if future else None
    except Exception:  # noqa: BLE001 - as above
        return None


def _one_by_one(workers: Workers, task: Task, items: Sequence[Item]) -> Iterator[Line]:
    """Do items one at a time on fresh workers; the one that kills its worker gets that as its result."""
    workers.renew()
    for item in items:
        lines = _result(_submitted(workers, task, [item]))
        if lines is None:
            workers.renew()
            yield failure(item, KILLED)
        else:
            yield from lines
