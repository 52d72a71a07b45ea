"""Usable numbers by numpy, as an array and as text: the same as by the pure paths, several times faster.

Nothing else in the package imports this module, except `npn.numbers.fastest`: numpy is never required, and
takes a tenth of a second to import.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from npn.errors import InvalidInputError
from npn.numbers.residues import Residues
from npn.numbers.scheme import NumberScheme
from npn.numbers.text import BLOCK_SIZE, Frame

# Tails as arrays: longer runs cost less a number, as long as the tables (8 bytes a tail) stay in the cache.
_SHORT, _LONG = 5, 6
_LONG_SPAN = 10_000_000  # numbers from which making the tables of 10^6 tails (some 10 ms) pays
_LINES_TOGETHER = 64  # lines that share one addition of the leading digits


def usable_array(
    scheme: NumberScheme, first: int, last: int, *, out: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the usable numbers from `first` to `last`, both included, ascending, as an array of int64.

    out  a one-dimensional array of int64 to be filled from its start, which spares new memory; what is
    returned is its filled part. Raises InvalidInputError where it is too short or of another type.
    """
    first, last = max(first, scheme.lowest), min(last, scheme.highest)
    count = scheme.count(first, last)
    if out is None:
        out = np.empty(count, dtype=np.int64)
    if out.ndim != 1 or out.dtype != np.int64 or len(out) < count:
        message = f"an array of {count} int64 is needed"
        raise InvalidInputError(message, field="out", hint="count(first, last) says how many there are")
    if count:
        digits = min(_LONG if last - first >= _LONG_SPAN else _SHORT, scheme.length - 1)
        _fill(out, scheme.residues, first=first, last=last, digits=digits)
    return out[:count]


def blocks(
    scheme: NumberScheme,
    first: int,
    last: int,
    *,
    prefix: bytes = b"",
    suffix: bytes = b"\n",
    block_size: int = BLOCK_SIZE,
) -> Iterator[bytes]:
    """Yield the bytes that `npn.numbers.text.blocks` does, several times faster; perhaps cut elsewhere."""
    frame = Frame(prefix, suffix, block_size)
    return frame.gathered(_pieces(scheme, max(first, scheme.lowest), min(last, scheme.highest), frame=frame))


def _fill(out: NDArray[np.int64], residues: Residues, *, first: int, last: int, digits: int) -> None:
    """Write the passing numbers from `first` to `last` from the start of `out` on."""
    tails = _tails(residues.weights, residues.modulus, digits)
    place = 0
    for run in residues.runs(first, last, digits, tails=tails):
        offsets = tails[run.residue][run.start : run.stop]
        end = place + len(offsets)
        np.add(offsets, run.prefix * 10**digits, out=out[place:end])
        place = end


@lru_cache(maxsize=4)  # a table of six digits takes 8 MB
def _tails(weights: tuple[int, ...], modulus: int, digits: int) -> list[NDArray[np.int64]]:
    """Make the arrays of `residues.tails(digits)` without going through integers one by one."""
    tails = [np.zeros(1 if residue == 0 else 0, dtype=np.int64) for residue in range(modulus)]
    for place in range(digits):
        weight, unit = weights[-1 - place], 10**place
        tails = [
            np.concatenate([tails[(residue - weight * digit) % modulus] + digit * unit for digit in range(10)])
            for residue in range(modulus)
        ]
    return tails


def _pieces(scheme: NumberScheme, first: int, last: int, *, frame: Frame) -> Iterator[bytes]:
    """Yield the text of each run: ready lines with leading zeros, to which the leading digits are added."""
    width = scheme.length - _SHORT
    tails = scheme.residues.tails(_SHORT)
    before, after = bytes(len(frame.prefix)), bytes(_SHORT + len(frame.suffix))
    line = len(before) + width + len(after)
    ready: dict[int, tuple[NDArray[np.uint8], NDArray[np.uint8]]] = {}
    for run in scheme.residues.runs(first, last, _SHORT, tails=tails):
        if run.residue not in ready:
            text = frame.ready(tails[run.residue], _SHORT, b"0" * width)
            rows = _in_rows(text, line * _LINES_TOGETHER)
            ready[run.residue] = rows, np.empty_like(rows)
        rows, cells = ready[run.residue]
        digits = bytes(map(int, f"{run.prefix:0{width}d}"))
        np.add(rows, np.frombuffer((before + digits + after) * _LINES_TOGETHER, dtype=np.uint8), out=cells)
        for cut in frame.cuts(run, line, len(tails[run.residue])):
            yield cells.reshape(-1)[cut].tobytes()


def _in_rows(text: bytes, row: int) -> NDArray[np.uint8]:
    """Lay the text out in rows of `row` bytes, the last one filled up with zeros."""
    return np.frombuffer(text + bytes(-len(text) % row), dtype=np.uint8).reshape(-1, row)
