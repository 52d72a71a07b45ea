"""Ranges already in use elsewhere, before go-live: through the same constraint, all or nothing."""

import csv
import io
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from npn.errors import ConflictError, InvalidInputError, codes
from npn.instants import rfc3339
from npn.ledger.service import Ledger
from npn.registry import store
from npn.registry.events import RangeImported
from npn.registry.model import RangeKind, Space
from npn.systems import store as systems

COLUMNS = ("space", "system", "first", "last", "drawn_at")
_OTHER_SEPARATORS = {"semicolons": ";", "tabs": "\t"}  # what Excel writes in Denmark, and where one copies cells
_EARLIEST = 1950  # the first year in which numbers can have been drawn
_AHEAD = timedelta(days=1)  # a day that has begun elsewhere
_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One line of the file as text; `number` counts from 1, the header included."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WantedRange:
    """A range that was read and understood."""

    line: int
    space: Space
    system: str
    first: int
    last: int
    drawn_at: datetime


class ImportConflictError(ConflictError):
    """Nothing was imported; `conflicts` has a sentence for each line that stands in the way."""

    code = codes.IMPORT_CONFLICT

    def __init__(self, conflicts: list[str]) -> None:
        """Keep them all."""
        super().__init__(
            f"nothing was imported: {len(conflicts)} conflict{'s' if len(conflicts) != 1 else ''}",
            hint="mend the lines named and import the whole file again",
        )
        self.conflicts = conflicts


def read_lines(text: str) -> Iterator[ImportLine]:
    """Read the CSV; its header is `space,system,first,last,drawn_at` in any order. Raises InvalidInputError."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        if sorted(reader.fieldnames or ()) != sorted(COLUMNS):
            raise InvalidInputError(
                f"the header must name each of {','.join(COLUMNS)} once, and nothing else",
                field="header",
                hint=_hint_of_header(text.partition("\n")[0]),
            )
        for row in reader:
            values = {column: (row.get(column) or "").strip() for column in COLUMNS}
            yield ImportLine(reader.line_num, values if None not in row else {})
    except csv.Error as error:
        raise InvalidInputError(f"line {reader.line_num} is not CSV: {error}", field="file") from error


def _hint_of_header(line: str) -> str:
    if not line.strip():
        return "the header is the first line; the file begins with an empty one"
    other = next((name for name, sign in _OTHER_SEPARATORS.items() if sign in line), "")
    return f"columns are separated by commas, and this file has {other}: save it as CSV with commas" if other else ""


def import_ranges(ledger: Ledger, lines: Iterable[ImportLine], *, by: str) -> int:
    """Record every range, or none; give how many. Raises ImportConflictError with every conflict."""
    with ledger.transaction(lock=store.lock_spaces) as tx:
        spaces = {space.name: space for space in store.spaces(tx.connection)}
        environments = {s.id: s.environment for s in systems.systems(tx.connection)}
        wanted: list[WantedRange] = []
        conflicts: list[str] = []
        for line in lines:
            try:
                wanted.append(_understood(line, spaces, environments, latest=tx.at + _AHEAD))
            except InvalidInputError as error:
                conflicts.append(f"line {line.number}: {error.field}: {error.message}")
        conflicts += _overlaps_within(wanted)
        conflicts += _overlaps_with_live(tx.connection, wanted)
        if conflicts:
            raise ImportConflictError(conflicts)
        rows = []
        for item in wanted:
            range_id = f"i{secrets.token_hex(10)}"
            scheme = item.space.scheme
            entry = tx.append(
                RangeImported(
                    range=range_id,
                    space=item.space.name,
                    system=item.system,
                    first=scheme.format(item.first),
                    last=scheme.format(item.last),
                    drawn_at=rfc3339(item.drawn_at),
                    by=by,
                )
            )
            rows.append(
                {
                    "id": range_id,
                    "kind": RangeKind.IMPORTED.value,
                    "space": item.space.name,
                    "scheme_length": scheme.length,
                    "generation": 0,
                    "first": item.first,
                    "last": item.last,
                    "usable": scheme.count(item.first, item.last),
                    "system_id": item.system,
                    "drawn_at": item.drawn_at,
                    "ledger_seq": entry.seq,
                }
            )
        store.add_ranges(tx.exchange, rows)
    return len(wanted)


def _understood(
    line: ImportLine, spaces: Mapping[str, Space], known: Mapping[str, object], *, latest: datetime
) -> WantedRange:
    values = line.values
    if not values:
        raise InvalidInputError("too many columns", field="line")
    space = spaces.get(values["space"])
    if space is None:
        raise InvalidInputError(f"there is no space {values['space']!r}", field="space")
    if values["system"] not in known:
        raise InvalidInputError(f"there is no system {values['system']!r}", field="system")
    if known[values["system"]] != space.environment:
        raise InvalidInputError(f"the system is not one of {space.environment}", field="system")
    bounds = []
    for name in ("first", "last"):
        try:
            bounds.append(space.scheme.parse(values[name]))
        except InvalidInputError as error:
            raise InvalidInputError(error.message, field=name) from error
    first, last = bounds
    if first > last:
        raise InvalidInputError("it is above last", field="first")
    if not space.first <= first or not last <= space.last:
        raise InvalidInputError(f"the range lies outside the space {space.name}", field="first")
    return WantedRange(line.number, space, values["system"], first, last, _instant(values["drawn_at"], latest))


def _instant(text: str, latest: datetime) -> datetime:
    """Read a day or a time, of UTC where it names no zone; one that is to come can't be when numbers were drawn."""
    wrong = InvalidInputError(
        f"{text[:40]!r} is not a date or time (2026-11-23 or 2026-11-23T10:00:00Z)", field="drawn_at"
    )
    if not _WRITTEN.match(text):
        raise wrong
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None
    if at.year < _EARLIEST:
        raise InvalidInputError(f"the year {at.year} can't be right", field="drawn_at")
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    if at > latest:
        raise InvalidInputError(f"{text} lies in the future", field="drawn_at")
    return at


def _overlaps_within(wanted: list[WantedRange]) -> Iterator[str]:
    reaches: dict[int, WantedRange] = {}
    for item in sorted(wanted, key=lambda w: (w.first, w.last)):
        length = item.space.scheme.length
        earlier = reaches.get(length)
        if earlier is not None and earlier.last >= item.first:
            yield f"line {item.line}: overlaps line {earlier.line} of the same file"
        if earlier is None or item.last > earlier.last:
            reaches[length] = item


def _overlaps_with_live(connection: sa.Connection, wanted: list[WantedRange]) -> Iterator[str]:
    for item in wanted:
        scheme = item.space.scheme
        for live in store.overlapping(connection, length=scheme.length, first=item.first, last=item.last):
            span = f"{scheme.format(live.first)} to {scheme.format(live.last)}"
            whose = f" of {live.system}" if live.system else ""
            yield f"line {item.line}: overlaps {live.kind.value} {span}{whose} ({live.id})"
