"""Tasks that the bulk tests give to workers; its own module, so that a worker can import it."""

import os
import signal
from collections.abc import Iterable, Mapping
from typing import Any

from npn.messages.bulk.work import Task
from npn.messages.edifact.syntax import read_interchanges
from npn.messages.model.pieces import Piece


def count(pieces: Iterable[Piece]) -> Mapping[str, Any]:
    """Count the segments; some contents do harm."""
    data = b"".join(piece.data for piece in pieces)
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


COUNT = Task(count, tally)
