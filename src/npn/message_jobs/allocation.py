"""How this process gets memory for messages: apart from all else, so that it is given back when they are done."""

import ctypes
from contextlib import suppress

_MMAP_THRESHOLD = -3  # of mallopt(3)
LARGE_BYTES = 256 << 10


def give_back_large_memory() -> None:
    """Have large blocks mapped one by one, where the C library can be told so.

    Left to itself glibc raises the threshold to the largest block that was freed, and from then on takes blocks of
    that size from the heap, whose holes stay with the process.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
