"""Answers that the service and the mock make alike: small files, frames of lists, and which suggestions are of use."""

from collections.abc import Sequence
from typing import TypeVar

from npn.errors import ConflictError, codes
from npn.numbers.scheme import NumberScheme
from npn.wire.documents import Series
from npn.wire.requests import CSV, JSONL, TEXT

FRAMES = {TEXT: (b"", b"\n"), CSV: (b"", b"\n"), JSONL: (b'{"number":"', b'"}\n')}
CSV_TYPE = f"{CSV}; charset=utf-8; header=present"
CSV_COLUMNS = "series,space,first,last,size,usable"
MAX_SUGGESTIONS = 25
NEVER_ISSUED = "never_issued"
_T = TypeVar("_T")


def series_file(series: Series, scheme: NumberScheme) -> tuple[str, str]:
    """Return the CSV of what is still held of a series, for loading by hand, and its file name.

    Raises ConflictError `nothing_held`.
    """
    first, last = int(series.first), held_to(series)
    if last < first:
        raise ConflictError("the whole series was released", code=codes.NOTHING_HELD)
    final = scheme.format(last)
    row = (series.id, series.space, series.first, final, last - first + 1, scheme.count(first, last))
    return f"{CSV_COLUMNS}\r\n{','.join(map(str, row))}\r\n", f"npn-{series.first}-{final}.csv"


def held_to(series: Series) -> int:
    """Return the last number not released; below the first where all are."""
    return int(series.last) if series.released_from is None else int(series.released_from) - 1


def useful(suggestions: Sequence[tuple[_T, str]]) -> list[_T]:
    """Return the suggestions to show of those with their state: numbers that exist, and others only where none does."""
    issued = [suggestion for suggestion, state in suggestions if state != NEVER_ISSUED]
    return (issued or [suggestion for suggestion, _ in suggestions])[:MAX_SUGGESTIONS]
