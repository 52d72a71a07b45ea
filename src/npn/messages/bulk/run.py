"""The run itself: batches out, results back in order, a bounded number of them under way.

When a worker dies nobody knows which item killed it: every batch under way is done again, item by item and
one at a time, so that the culprit is found and no other item suffers.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice

from npn.messages.bulk.items import Item
from npn.messages.bulk.pools import BatchPool, Workers, working
from npn.messages.bulk.work import BulkLine, Task, done, failure

BATCH = 32
BATCH_BYTES = 4 << 20
BATCHES_AHEAD = 3  # batches under way for each worker: enough that none waits, few enough to hold
KILLED = "the worker that read it was killed, or ran out of memory"


def run(
    items: Iterable[Item],
    task: Task,
    pool: BatchPool,
    *,
    skip: Callable[[str], bool] = lambda _: False,
    batch: int = BATCH,
) -> Iterator[BulkLine]:
    """Yield one line for each item, in the order of the items; those whose name `skip` knows are left out.

    Holds at most `BATCHES_AHEAD` batches a worker, each of `batch` items or some megabytes.
    """
    batches = _batches((item for item in items if not skip(item.name)), batch)
    with working(pool) as workers:
        under_way: deque[tuple[list[Item], Future[list[BulkLine]] | None]] = deque()
        while True:
            for upcoming in islice(batches, max(0, BATCHES_AHEAD * pool.workers - len(under_way))):
                under_way.append((upcoming, _submitted(workers, task, items=upcoming)))
            if not under_way:
                return
            first, future = under_way.popleft()
            lines = _result(future)
            if lines is not None:
                yield from lines
                continue
            results = [(first, None), *((later, _result(pending)) for later, pending in under_way)]
            under_way.clear()
            for items_again, lines in results:
                yield from _one_by_one(workers, task, items=items_again) if lines is None else lines


def _batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """Put items together so that handing them over costs little; large ones go with few."""
    batch: list[Item] = []
    byte_count = 0
    for item in items:
        if item.is_bound and batch:
            yield batch
            batch, byte_count = [], 0
        batch.append(item)
        byte_count += len(item.data)
        if len(batch) == size or item.is_bound or byte_count >= BATCH_BYTES:
            yield batch
            batch, byte_count = [], 0
    if batch:
        yield batch


def _submitted(workers: Workers, task: Task, *, items: Sequence[Item]) -> "Future[list[BulkLine]] | None":
    """Hand a batch over; None when the executor is broken. What is bound to its stream is done here, at once."""
    if items[0].is_bound:
        return _here(task, items)
    try:
        return workers.submit(task, items)
    except Exception:  # noqa: BLE001 - each kind of executor raises its own errors when broken
        return None


def _here(task: Task, items: Sequence[Item]) -> "Future[list[BulkLine]]":
    """Do items in this process."""
    future: Future[list[BulkLine]] = Future()
    future.set_result(done(task, items))
    return future


def _result(future: "Future[list[BulkLine]] | None") -> list[BulkLine] | None:
    """Wait for a batch; None when its worker is gone (what the task raises is a result, not an error)."""
    try:
        return future.result() if future else None
    except Exception:  # noqa: BLE001 - as above
        return None


def _one_by_one(workers: Workers, task: Task, *, items: Sequence[Item]) -> Iterator[BulkLine]:
    """Do items one at a time on fresh workers; the one that kills its worker gets that as its result."""
    workers.renew()
    for item in items:
        lines = _result(_submitted(workers, task, items=[item]))
        if lines is None:
            workers.renew()
            yield failure(item, KILLED)
        else:
            yield from lines
