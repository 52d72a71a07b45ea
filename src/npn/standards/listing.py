"""MedCom's list of approvals, read: each row kept word for word, with what it means beside it."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from npn.errors import InvalidInputError, details
from npn.standards.model import CapabilityState, Direction
from npn.systems.matching import plain
from npn.systems.register import COLUMNS, read_rows

_ID = re.compile(r"(?P<code>.+?)\s*\(\s*(?P<version>[^()]+?)\s*\)")
_DIRECTIONS = {"sende": Direction.SEND, "modtage": Direction.RECEIVE, "webservice": Direction.WEBSERVICE}
_STATES = {
    "godkendt": CapabilityState.YES,
    "ikkegodkendt": CapabilityState.NO,
    "tester": CapabilityState.TESTING,
    "testmangler": CapabilityState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row: its columns word for word, and the version, the direction and the state that they stand for."""

    columns: tuple[str, ...]
    standard: str
    version: str
    direction: Direction
    state: CapabilityState

    @property
    def system(self) -> str:
        """Return the system's name as the list has it."""
        return self.columns[0]

    @property
    def vendor(self) -> str:
        """Return the vendor's name as the list has it."""
        return self.columns[1]

    @property
    def named(self) -> dict[str, str]:
        """Return the columns by their names."""
        return dict(zip(COLUMNS, self.columns, strict=True))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A system of which the list says several things of one version in one direction."""

    system: str
    standard: str
    version: str
    direction: Direction
    states: tuple[CapabilityState, ...]


@dataclass(frozen=True, slots=True)
class ListFigures:
    """What a list adds up to. `duplicates`: keys (system, type, version, direction) that more rows than one have."""

    rows: int
    systems: int
    vendors: int
    duplicates: int
    duplicates_without_type: int
    contradictory: list[Contradiction]
    unread: list[str]


def read_list(text: str) -> list[ListedRow]:
    """Read the CSV. Raises InvalidInputError naming the line."""
    return [_row(values, line=place) for place, values in enumerate(read_rows(text), 2)]


def _row(values: Mapping[str, str], *, line: int) -> ListedRow:
    match = _ID.fullmatch(values["standard_id_version"])
    direction = _DIRECTIONS.get(plain(values["channel"]))
    if match is None or direction is None:
        raise InvalidInputError(
            details.LIST_LINE.of(line=line, version=values["standard_id_version"], channel=values["channel"]),
            field="file",
            hint="a version is written RPT02 (R0231M), a channel Sende, Modtage or Webservice",
        )
    state = _STATES.get(plain(values["status"]), CapabilityState.UNKNOWN)
    columns = tuple(values[name] for name in COLUMNS)
    return ListedRow(columns, match["code"], match["version"], direction, state)


def figures(rows: Collection[ListedRow]) -> ListFigures:
    """Add a list up."""
    typed = Counter((row.system, row.columns[2], row.standard, row.version, row.direction) for row in rows)
    return ListFigures(
        rows=len(rows),
        systems=len({row.system for row in rows}),
        vendors=len({row.vendor for row in rows}),
        duplicates=sum(count > 1 for count in typed.values()),
        duplicates_without_type=sum(
            count > 1 for count in Counter((r.system, r.standard, r.version, r.direction) for r in rows).values()
        ),
        contradictory=_contradictions(rows),
        unread=sorted({row.columns[6] for row in rows if plain(row.columns[6]) not in _STATES}),
    )


def _contradictions(rows: Iterable[ListedRow]) -> list[Contradiction]:
    states: dict[tuple[str, str, str, Direction], set[CapabilityState]] = {}
    for row in rows:
        states.setdefault((row.system, row.standard, row.version, row.direction), set()).add(row.state)
    return [Contradiction(*key, tuple(sorted(of_key))) for key, of_key in sorted(states.items()) if len(of_key) > 1]


def state_of(states: Collection[CapabilityState]) -> CapabilityState:
    """Return what several rows say together."""
    distinct = set(states)
    return next(iter(distinct)) if len(distinct) == 1 else CapabilityState.CONTRADICTORY
