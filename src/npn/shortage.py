"""What a process runs out of: descriptors, memory, time. Whatever was asked for may be sound; it could not be asked.

One function, so that no shortage is ever taken for a thing that is not there.
"""

import errno
import os
from collections.abc import Iterator

from npn.errors import Code, UnavailableError, codes

DESCRIPTORS, MEMORY, TIME = codes.OUT_OF_DESCRIPTORS, codes.OUT_OF_MEMORY, codes.OUT_OF_TIME
_KINDS = {
    errno.EMFILE: DESCRIPTORS,
    errno.ENFILE: DESCRIPTORS,
    errno.ENOMEM: MEMORY,
    errno.ENOBUFS: MEMORY,
    errno.ETIMEDOUT: TIME,
}
_WORDS = {
    DESCRIPTORS: (
        "this process has as many files and connections open as it may",
        "raise its limit (systemd: LimitNOFILE=, a shell: ulimit -n) or let fewer connections in",
    ),
    MEMORY: ("there is no memory left for it", "give the service more memory, or let fewer connections in"),
    TIME: ("it did not answer in time", "repeat it; where it goes on, look at the disk, the network and the server"),
}
RETRY_AFTER_SECONDS = 3


def shortage(error: BaseException, what: str) -> UnavailableError | None:
    """Return the error that tells of a shortage which is behind `error`, or None where none is.

    `what` could not be done, as a part of a sentence: "the witness can't be read".
    """
    for cause in _causes(error):
        code = _kind(cause)
        if code is not None:
            return short_of(code, what)
    return None


def short_of(code: Code, what: str) -> UnavailableError:
    """Return the error of that shortage."""
    why, hint = _WORDS[code]
    return UnavailableError(f"{what}: {why}", code=code, hint=hint, retry_after=RETRY_AFTER_SECONDS)


def descriptors_are_out() -> bool:
    """Return whether this process can open nothing more; for drivers that don't say why they could not."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return _KINDS.get(error.errno or 0) == DESCRIPTORS
    return False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    visited: set[int] = set()
    while error is not None and id(error) not in visited:
        visited.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _kind(error: BaseException) -> Code | None:
    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, TimeoutError):
        return TIME
    return _KINDS.get(error.errno or 0) if isinstance(error, OSError) else None
