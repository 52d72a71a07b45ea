"""The loop of the process: a job in, its answer out, until the pipe ends or the process is to be replaced."""

import gc
import os
import sys
from collections.abc import Mapping
from typing import BinaryIO

import msgspec

from npn.errors import InvalidInputError
from npn.message_jobs.frames import SIZE, JobHead, ReplyHead, framed, head_size
from npn.message_jobs.model import MAX_REPLY_BYTES
from npn.message_worker.limits import ProcessLimits, resident
from npn.message_worker.reply import Reply
from npn.message_worker.work import WORK


def work(limits: ProcessLimits) -> None:
    """Do jobs from standard input until it ends."""
    limits.take_on()
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed goes nowhere
    gc.freeze()
    limit = resident() + limits.growth
    _send(target, ReplyHead("ready"))
    for number in range(1, limits.jobs + 1):
        job = _next(source)
        if job is None:
            return
        limits.begin()
        head, reply = _done(*job)
        limits.end()
        job = None
        is_last = number == limits.jobs or head.outcome in ("too_large", "failed") or resident() > limit
        _send(target, msgspec.structs.replace(head, is_last=is_last), reply)
        if is_last:
            return


def _next(source: BinaryIO) -> tuple[JobHead, list[bytes]] | None:
    """Read a job; None at the end."""
    prefix = source.read(SIZE.size)
    if len(prefix) < SIZE.size:
        return None
    head = msgspec.json.decode(source.read(head_size(prefix)), type=JobHead)
    return head, [source.read(size) for size in head.parts]


def _done(head: JobHead, parts: list[bytes]) -> tuple[ReplyHead, Reply | None]:
    """Do a job; whatever it raises becomes an answer that holds nothing of the message."""
    try:
        reply = WORK[head.kind](head.options, parts)
    except InvalidInputError as error:
        notes = {"code": error.code, "text": error.message, "field": error.field, "hint": error.hint}
        return ReplyHead("refused", notes=notes), None
    except (MemoryError, RecursionError):
        return ReplyHead("too_large"), None
    except Exception as error:  # noqa: BLE001  # the server must get an answer, and may not see what is in a message
        return ReplyHead("failed", notes={"error": _kind_and_place(error)}), None
    if sum(map(len, reply.parts)) > MAX_REPLY_BYTES:
        return ReplyHead("too_large"), None
    sizes = [len(part) for part in reply.parts]
    return ReplyHead("done", reply.media_type, _texts(reply.notes), sizes), reply


def _texts(notes: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in notes.items()}


def _kind_and_place(error: Exception) -> str:
    """Return what kind of error it was and where, without its words: they may quote the message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" in {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
    return f"{type(error).__name__}{place}"


def _send(target: BinaryIO, head: ReplyHead, reply: Reply | None = None) -> None:
    target.writelines(framed(head, () if reply is None else reply.parts))
    target.flush()
