"""A message's source as rows with marks: a row is a line or a piece of one, a mark is where a finding points."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from npn.messages import Finding, Syntax

MAX_ROW = 240
ROWS_A_FOLD = 200
MAX_TEXT = 192 * 1024  # characters that a page shows; beyond that only what is marked, with its neighbours
NEIGHBOURS = 3
_WORD = {Syntax.EDIFACT: re.compile(r"[^+:']*"), Syntax.XML: re.compile(r"</?[^>]*>|[^<>]+")}
_BREAK = {Syntax.EDIFACT: re.compile(r"(?<!\?)'(?=.)"), Syntax.XML: re.compile(r">(?=<)")}


@dataclass(frozen=True, slots=True)
class SourcePiece:
    """A stretch of a row; `finding` is the number of the finding that points at it, 0 for none."""

    text: str
    finding: int = 0
    severity: str = ""


@dataclass(slots=True)
class SourceRow:
    """A row: its line, the column of its first character, its text, and the findings that point into it."""

    line: int
    column: int
    text: str
    marks: list[tuple[int, int, str]] = field(default_factory=list)  # column, number of the finding, severity

    @property
    def id(self) -> str:
        """Return what its address is made of."""
        return f"l{self.line}" if self.column == 1 else f"l{self.line}-{self.column}"

    def pieces(self, syntax: Syntax) -> Iterator[SourcePiece]:
        """Cut the row at its marks; of several at one place the first counts."""
        at = 0
        for column, number, severity in sorted(self.marks):
            start = max(0, column - self.column)
            if start < at:
                continue
            match = _WORD[syntax].match(self.text, start)
            end = max(match.end() if match else start, min(start + 1, len(self.text)))
            yield SourcePiece(self.text[at:start])
            yield SourcePiece(self.text[start:end] or " ", number, severity)
            at = end
        yield SourcePiece(self.text[at:])


@dataclass(frozen=True, slots=True)
class SourceFold:
    """Rows that are shown or folded together; `left_out`: how many rows before them are not shown at all."""

    rows: tuple[SourceRow, ...]
    is_open: bool
    left_out: int = 0


def rows_of(text: str, syntax: Syntax, findings: Sequence[Finding]) -> list[SourceRow]:
    """Return the rows of a source with the findings marked; findings are numbered from 1."""
    rows = list(_rows(text, syntax))
    starts = [(row.line, row.column) for row in rows]
    for number, finding in enumerate(findings, 1):
        place = finding.place
        if place.line is not None and starts:
            at = max(0, bisect_right(starts, (place.line, place.column or 1)) - 1)
            rows[at].marks.append((place.column or 1, number, finding.severity.value))
    return rows


def _rows(text: str, syntax: Syntax) -> Iterator[SourceRow]:
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        start = 0
        for cut in (*(match.end() for match in _BREAK[syntax].finditer(line)), len(line)):
            while cut - start > MAX_ROW:
                end = _end_of_row(line, start)
                yield SourceRow(number, start + 1, line[start:end])
                start = end
            if cut > start or start == 0:
                yield SourceRow(number, start + 1, line[start:cut])
            start = cut


def _end_of_row(line: str, start: int) -> int:
    """Return where to cut a long line: behind a delimiter, so that no number is torn apart, where there is one."""
    end = start + MAX_ROW
    at = max(line.rfind(character, start, end) for character in "+:'<> ")
    return at + 1 if at > start else end


def folds_of(rows: Sequence[SourceRow]) -> list[SourceFold]:
    """Fold a long source: its beginning is open, and every stretch with a mark; past a limit only the marked remain."""
    folds: list[SourceFold] = []
    size = left_out = 0
    for start in range(0, len(rows), ROWS_A_FOLD):
        part = rows[start : start + ROWS_A_FOLD]
        size += sum(len(row.text) for row in part)
        is_marked = any(row.marks for row in part)
        if size > MAX_TEXT:
            part = _near_marks(part) if is_marked and size < 4 * MAX_TEXT else []
        if part:
            folds.append(SourceFold(tuple(part), start == 0 or is_marked, left_out))
        left_out = 0 if part else left_out + ROWS_A_FOLD
    if left_out:
        folds.append(SourceFold((), is_open=True, left_out=min(left_out, len(rows))))
    return folds


def _near_marks(rows: Sequence[SourceRow]) -> list[SourceRow]:
    near: set[int] = set()
    for at, row in enumerate(rows):
        if row.marks:
            near.update(range(max(0, at - NEIGHBOURS), min(len(rows), at + NEIGHBOURS + 1)))
    return [rows[at] for at in sorted(near)]
