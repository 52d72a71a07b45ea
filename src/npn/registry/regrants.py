"""Released numbers granted again: proposed by one operator, approved by another, after the quarantine.

What they approve is a range of one series. It is then drawn like any other numbers, once, by others than those who
had it before; docs/adr/0050-regrants.md says how, and why never what was there before a recovery.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, NotFoundError, RefusedError, codes
from npn.instants import iso_day
from npn.ledger import store as ledger_store
from npn.ledger.canonical import Json
from npn.ledger.clock import Clocks, clocks_of, current_clocks
from npn.ledger.service import Ledger
from npn.numbers.digits import format_digits, parse_digits
from npn.registry import regrants_store, store
from npn.registry.events import Recovered, RegrantApproved, SeriesGranted, WitnessRebuilt
from npn.registry.model import Regrant, ReleasedNumbers, Series
from npn.registry.quarantine import over_at

KIND = "regrant"


@dataclass(frozen=True, slots=True)
class ReturnedNumbers:
    """Numbers that were released and not given free since; `quarantine_until` is when they may be."""

    series: str
    system: str
    space: str
    first: str
    last: str
    quarantine_until: datetime


@dataclass(frozen=True, slots=True)
class Regrants:
    """Everything that is done to have released numbers granted again."""

    database: Database
    ledger: Ledger

    def given(self) -> list[Regrant]:
        """Return what was given free, in the order of time."""
        with self.database.read() as connection:
            return regrants_store.every(connection)

    def returned(self) -> list[ReturnedNumbers]:
        """Return what was released and not given free since, the newest release first."""
        with self.database.read() as connection:
            by_series: dict[str, list[Regrant]] = {}
            for regrant in regrants_store.every(connection):
                by_series.setdefault(regrant.series, []).append(regrant)
            return [
                _returned(row, first, last)
                for row in regrants_store.released(connection)
                for first, last in _left(row.first, row.last, by_series.get(row.series, []))
            ]

    def checked(self, wish: Mapping[str, Json]) -> dict[str, Json]:
        """Accept a wish {"series", "first", "last"} that could be approved now.

        Raises NotFoundError, InvalidInputError, RefusedError `not_released`, `in_quarantine`, `before_recovery`,
        ConflictError `regranted_already`, UnavailableError `clock_wrong`.
        """
        with self.database.read() as connection:
            series, first, last = _allowed(connection, wish, current_clocks(self.ledger))
        return {"series": series.id, "first": series.text(first), "last": series.text(last)}

    def give_free(self, wish: Mapping[str, Json], *, approval: str, by: str) -> Regrant:
        """Do what two people agreed on. However often it is asked for, an approval gives free once.

        Raises as `checked` does.
        """
        with self.ledger.transaction(lock=store.lock_spaces) as tx:
            before = regrants_store.of_approval(tx.connection, approval)
            if before is not None:
                return before
            series, first, last = _allowed(tx.connection, wish, clocks_of(tx))
            regrant_id = f"r{secrets.token_hex(10)}"
            entry = tx.append(
                RegrantApproved(
                    regrant=regrant_id,
                    series=series.id,
                    space=series.space,
                    first=series.text(first),
                    last=series.text(last),
                    approval=approval,
                    by=by,
                )
            )
            new_regrant = Regrant(
                id=regrant_id,
                series=series.id,
                space=series.space,
                length=series.length,
                generation=regrants_store.generation_of(tx.connection, series.id) + 1,
                first=first,
                last=last,
                cursor=first,
                holders=_holders(tx.connection, series, first),
                approval=approval,
                at=tx.at,
                seq=entry.seq,
            )
            regrants_store.add(tx.connection, new_regrant)
        return new_regrant


def _returned(row: ReleasedNumbers, first: int, last: int) -> ReturnedNumbers:
    from_text, to_text = (format_digits(number, row.length) for number in (first, last))
    until = over_at(row.quarantine_until, released_at=row.released_at, drawn_at=row.drawn_at)
    return ReturnedNumbers(row.series, row.system, row.space, from_text, to_text, until)


def _left(first: int, last: int, given: Iterable[Regrant]) -> Iterator[tuple[int, int]]:
    """Return the parts of `first` to `last` that no regrant has."""
    for given_part in sorted(given, key=lambda regrant: regrant.first):
        if first < given_part.first <= last:
            yield first, given_part.first - 1
        if given_part.first <= last:
            first = max(first, given_part.last + 1)
    if first <= last:
        yield first, last


def _allowed(connection: sa.Connection, wish: Mapping[str, Json], clocks: Clocks) -> tuple[Series, int, int]:
    clocks.require_agreement()
    series = store.series(connection, str(wish.get("series", "")))
    if series is None:
        raise NotFoundError("there is no such series", field="series")
    first, last = (parse_digits(str(wish.get(name, "")), series.length, field=name) for name in ("first", "last"))
    if series.released_from is None or not series.released_from <= first <= last <= series.last:
        raise RefusedError(
            "the series still holds these numbers: only what was released is granted again",
            code=codes.NOT_RELEASED,
            field="first",
        )
    covered = [r for r in store.releases(connection, series.id) if r.first <= last and r.last >= first]
    until = max(over_at(r.quarantine_until, released_at=r.at, drawn_at=series.drawn_at) for r in covered)
    if until > clocks.earlier:
        raise RefusedError(
            f"the numbers are in quarantine until {iso_day(until)}", code=codes.IN_QUARANTINE, field="series"
        )
    if any(
        regrant.first <= last and regrant.last >= first for regrant in regrants_store.of_series(connection, series.id)
    ):
        raise ConflictError("some of these numbers were given free before", code=codes.REGRANTED_ALREADY, field="first")
    if not ledger_store.stands(connection, series.seq, SeriesGranted, until=(Recovered, WitnessRebuilt)):
        raise RefusedError(
            "the series is older than a recovery: whether its numbers were granted again in the time that was lost, "
            "nobody can say",
            code=codes.BEFORE_RECOVERY,
            field="series",
        )
    return series, first, last


def _holders(connection: sa.Connection, series: Series, number: int) -> tuple[str, ...]:
    """Name the systems that ever held these numbers: an agent of theirs would refuse them, and rightly."""
    before = regrants_store.history(connection, length=series.length, number=number)
    return tuple(sorted({live.system for live in before if live.system is not None}))
