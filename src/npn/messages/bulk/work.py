"""What a worker does: read an item, give it to the task, and make one line of JSON of the answer.

The line is made where the work is done, so that the process that gathers results only has to write them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from npn.errors import NpnError
from npn.messages.bulk.items import Item
from npn.messages.model.masking import masked
from npn.messages.model.pieces import Piece

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Task:
    """What is done to each item. Both functions must be importable by a worker: no lambdas.

    work   the pieces of an item, so that a long interchange need not be held whole, to a document that JSON can hold
    tally  what to count of a document, as words for the summary: `valid`, a rule's id ...
    """

    work: Callable[[Iterable[Piece]], Mapping[str, Any]]  # Any: whatever JSON holds
    tally: Callable[[Mapping[str, Any]], Iterable[str]]  # Any: the same document


@dataclass(frozen=True, slots=True)
class BulkLine:
    """One result: the item's name, its line of JSON (without line end), and what it counts as."""

    name: str
    json: bytes
    counts: tuple[str, ...]


def done(task: Task, items: Sequence[Item]) -> list[BulkLine]:
    """Do a batch; what one item raises becomes its result and harms no other."""
    return [_line(task, item) for item in items]


def _line(task: Task, item: Item) -> BulkLine:
    """Do one item."""
    try:
        document = task.work(item.pieces())
        counts = tuple(task.tally(document))
        return BulkLine(item.name, _encoded(item, document), counts)
    except MemoryError:
        return failure(item, "there was not enough memory for it")
    except NpnError as error:
        return failure(item, error.message)
    except OSError as error:
        return failure(item, f"it can't be read: {error.strerror}")
    except Exception as error:  # noqa: BLE001 - one file never stops the run; the result names what happened
        return failure(item, f"{type(error).__name__}: {error}")


def failure(item: Item, reason: str) -> BulkLine:
    """Make the result of an item that could not be done."""
    return BulkLine(item.name, _encoded(item, {FAILED: masked(reason)}), (FAILED,))


def _encoded(item: Item, document: Mapping[str, Any]) -> bytes:  # Any: whatever JSON holds
    """Make the line: the name first, then where a piece begins in its stream, then the document."""
    place = {"offset": item.offset} if item.offset else {}
    return msgspec.json.encode({"file": item.name, **place, **document}, enc_hook=str)
