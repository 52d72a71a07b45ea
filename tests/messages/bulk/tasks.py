"""Tasks that the bulk tests give to workers; a module of its own, so that a worker can import it."""

import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from npn.messages.bulk.items import Item
from npn.messages.bulk.work import Task
from npn.messages.edifact.syntax import read_interchanges


def count(data: bytes) -> Mapping[str, Any]:
    """Count the segments; some contents do harm."""
    if data.startswith(b"KILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    if data.startswith(b"RAISE"):
        raise RuntimeError(data.decode())
    file = read_interchanges(data)
    segments = sum(len(m.segments) for i in file.interchanges for m in i.messages)
    return {"segments": segments, "valid": not file.findings}


def tally(document: Mapping[str, Any]) -> Iterable[str]:
    """Count the valid ones and the others."""
    return ("valid" if document["valid"] else "not valid",)


def parse_much(data: bytes) -> Mapping[str, Any]:
    """Do what a validation costs, a few milliseconds."""
    for _ in range(12):
        read_interchanges(data)
    return count(data)


def work_alone(items: Sequence[Item]) -> int:
    """Do the same work without handing anything over."""
    return sum(1 for item in items if parse_much(item.data))


COUNT = Task(count, tally)
PARSE_MUCH = Task(parse_much, tally)
