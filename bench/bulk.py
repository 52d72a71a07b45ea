"""How well bulk work spreads over two cores, beside what the machine gave at best in the same run.

The ceiling is the same work with nothing handed over: each process has its share from the start. What other
programs take of the cores they take of both.
"""

import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bench.edifact import message
from npn.messages import bulk
from npn.messages.bulk import Item, Task, cores
from npn.messages.edifact.groups import nest
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.model.pieces import Piece

MESSAGES = 4_000
ROUNDS = 5


def nest_pieces(pieces: Iterable[Piece]) -> Mapping[str, Any]:  # Any: whatever JSON holds
    """Do the work to an item."""
    (piece,) = pieces
    return read_and_nest(piece.data)


def read_and_nest(data: bytes) -> Mapping[str, Any]:  # Any: as above
    """Read an answer and nest its groups: about a millisecond."""
    (interchange,) = read_interchanges(data).interchanges
    return {"groups": sum(1 for each in interchange.messages for _ in nest(each).walk())}


def no_words(_: Mapping[str, Any]) -> Sequence[str]:  # Any: as above
    """Count nothing."""
    return ()


TASK = Task(nest_pieces, no_words)


def run_alone(share: Sequence[bytes]) -> int:
    """Do a share in one go."""
    return sum(1 for data in share if read_and_nest(data))


def _in_bulk(messages: Sequence[bytes], jobs: int) -> float:
    started = time.perf_counter()
    items = (Item(str(number), data=data) for number, data in enumerate(messages))
    assert sum(1 for _ in bulk.run(items, TASK, cores(jobs))) == len(messages)
    return time.perf_counter() - started


def _at_best(messages: Sequence[bytes], jobs: int) -> float:
    started = time.perf_counter()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        assert sum(pool.map(run_alone, [messages[n::jobs] for n in range(jobs)])) == len(messages)
    return time.perf_counter() - started


def run(*, messages: int = MESSAGES, rounds: int = ROUNDS) -> dict[str, float]:
    """Medians: messages a second on two processes, the speed-up over one, the ceiling, and our share of it."""
    work = [message(10 + number % 20) for number in range(messages)]
    taken = [(_in_bulk(work, 1), _in_bulk(work, 2), _at_best(work, 1), _at_best(work, 2)) for _ in range(rounds)]
    return {
        "messages_per_second": messages / statistics.median(two for _, two, _, _ in taken),
        "speed_up": statistics.median(one / two for one, two, _, _ in taken),
        "speed_up_ceiling": statistics.median(one / two for _, _, one, two in taken),
        "share_of_ceiling": statistics.median((a / b) / (c / d) for a, b, c, d in taken),
    }
