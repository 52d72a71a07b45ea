"""What goes through the pipes between the server and a worker: a head of JSON, then bodies whose sizes it names.

Nothing else is understood: no pickled objects, no names of files, no code.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Literal

import msgspec

from npn.message_jobs.model import MAX_REPLY_BYTES, Bytes

MAX_HEAD_BYTES = 65_536
SIZE = Struct(">I")


class JobHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job: its kind and options, and the sizes of what it is done to."""

    kind: str
    options: dict[str, str]
    parts: list[int]


class ReplyHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer. `is_last`: the worker ends after it, to be replaced.

    outcome  `ready` once, at the start; `done`; `refused`: the options are wrong, as `notes` say; `too_large`: there
             was not enough memory, or the answer is too long; `failed`: a fault of ours
    """

    outcome: Literal["ready", "done", "refused", "too_large", "failed"]
    media_type: str = ""
    notes: dict[str, str] = {}
    parts: list[int] = []
    is_last: bool = False


class BrokenFrameError(Exception):
    """The bytes from a pipe are not a valid frame."""


def framed(head: JobHead | ReplyHead, parts: Sequence[Bytes] = ()) -> list[Bytes]:
    """Return what is written for a head and its bodies."""
    text = msgspec.json.encode(head)
    return [SIZE.pack(len(text)), text, *parts]


def head_size(prefix: bytes) -> int:
    """Return how many bytes the head has. Raises BrokenFrameError."""
    (size,) = SIZE.unpack(prefix)
    if not 0 < size <= MAX_HEAD_BYTES:
        raise BrokenFrameError
    return int(size)


def parse_reply(text: bytes) -> ReplyHead:
    """Read the head of an answer. Raises BrokenFrameError, also where its bodies are too long together."""
    try:
        head = msgspec.json.decode(text, type=ReplyHead)
    except msgspec.DecodeError as error:
        raise BrokenFrameError from error
    if any(size < 0 for size in head.parts) or sum(head.parts) > MAX_REPLY_BYTES:
        raise BrokenFrameError
    return head
