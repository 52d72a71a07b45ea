"""A list as a file that a Danish Excel opens by a double click, and that any program reads.

UTF-8 with a byte order mark, semicolons, CRLF. Figures have no thousands separators, and a decimal comma where the
page is Danish. Days are written 2026-11-24 and times 2026-11-24 14:05, Danish time, in both languages: every
spreadsheet sorts them. A text that a spreadsheet would take for a formula has an apostrophe before it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

from npn.instants import in_denmark, iso_day
from npn.web.lists.model import Column, Kind, Value
from npn.web.texts import Texts

T = TypeVar("T")
MEDIA_TYPE = "text/csv; charset=utf-8"
_BLOCK = 500  # rows
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the last four: as wide as a Chinese character


def blocks(texts: Texts, columns: Sequence[Column[T]], rows: Sequence[T]) -> Iterator[bytes]:
    """Yield the file: the headings, then every row, some hundred at a time."""
    return file_of(texts, columns, (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)))


def file_of(texts: Texts, columns: Sequence[Column[T]], batches: Iterable[Sequence[T]]) -> Iterator[bytes]:
    """Yield the file of rows that come in batches, a block for each."""
    yield lines_of(texts, [[column.heading for column in columns]], is_first=True)
    for batch in batches:
        yield _lines([[_cell(texts, column, row) for column in columns] for row in batch])


def lines_of(texts: Texts, rows: Sequence[Sequence[Value]], *, is_first: bool = False) -> bytes:
    """Return lines of a file whose cells say by themselves what they are."""
    lines = _lines([[plain(texts, value, Kind.TEXT) for value in row] for row in rows])
    return _BYTE_ORDER_MARK + lines if is_first else lines


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def _cell(texts: Texts, column: Column[T], row: T) -> str:
    return plain(texts, column.value(row), column.kind)


def plain(texts: Texts, value: Value, kind: Kind) -> str:
    """Write a value as the file has it; what is unknown is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(texts.translated(value))
    if isinstance(value, datetime):
        local = in_denmark(value)
        return iso_day(local) if kind is Kind.DAY else f"{iso_day(local)} {local.hour:02}:{local.minute:02}"
    if isinstance(value, date):
        return iso_day(value)
    if kind is not Kind.DECIMAL:
        return str(int(value))
    return f"{value:.1f}".replace(".", "," if texts.language == "da" else ".")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text
