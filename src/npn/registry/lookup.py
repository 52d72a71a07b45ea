"""Looking a number up: its whole history, and what may have been meant."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from npn.bilingual import BilingualText, FilledText
from npn.db import Database
from npn.instants import danish_day
from npn.numbers.suggest import suggestions
from npn.registry import regrants_store, store
from npn.registry.model import LiveRange, RangeKind, Release, Series, Space
from npn.wire.answers import NEVER_ISSUED, useful
from npn.wire.requests import parse_sample_number

_QUARANTINE = BilingualText("in quarantine until {until}", "i karantæne til {until}")
_FREE = BilingualText("to be granted again: {id}", "kan tildeles igen: {id}")


@dataclass(frozen=True, slots=True)
class NumberEvent:
    """One thing that happened to a number."""

    at: datetime
    event: str
    series: str | None
    system: str | None
    said: FilledText | None = None

    @property
    def detail(self) -> str | None:
        """Return what programs are told besides, in English."""
        return None if self.said is None else self.said.plain


@dataclass(frozen=True, slots=True)
class SuggestedNumber:
    """A usable number one mistake away, and what is known of it; `system`: whose it is, or was last."""

    number: str
    mistake: str
    state: str
    system: str | None = None


@dataclass(frozen=True, slots=True)
class NumberStatus:
    """What is known of a number. `state` as in the contract; `space` None where it lies in none."""

    number: str
    state: str
    usable: bool
    space: str | None
    series: str | None = None
    system: str | None = None
    drawn_at: datetime | None = None
    history: list[NumberEvent] = field(default_factory=list)
    suggestions: list[SuggestedNumber] = field(default_factory=list)


class NumberLookup(NamedTuple):
    """What was found of a number, and the series it lies in."""

    found: NumberStatus
    series: Series | None


def look_up(database: Database, text: str) -> NumberStatus:
    """Return a number's history; spaces and hyphens in it are ignored, as people type them.

    Raises InvalidInputError `not_a_number` where it is not of the length of any space.
    """
    with database.read() as connection:
        return look_up_in(connection, text)


def look_up_in(connection: sa.Connection, text: str) -> NumberStatus:
    """Return a number's history as a connection sees it. Raises as `look_up`."""
    spaces = store.spaces(connection)
    text = parse_sample_number(text, {space.scheme.length for space in spaces})
    number = int(text)
    space = _space_of(spaces, len(text), number)
    usable = space is not None and space.scheme.is_usable(number)
    history = _described(connection, text, usable=usable, space=space)
    if usable:
        return history
    return _with_suggestions(connection, history, [s for s in spaces if s.scheme.length == len(text)])


def mistyped(database: Database, text: str) -> list[SuggestedNumber]:
    """Return the numbers that may have been meant by digits of which one is missing or one too many.

    Nothing where no space's numbers have one digit more or less.
    """
    with database.read() as connection:
        spaces = [space for space in store.spaces(connection) if abs(space.scheme.length - len(text)) == 1]
        return _with_suggestions(
            connection, NumberStatus(text, NEVER_ISSUED, usable=False, space=None), spaces
        ).suggestions


def lengths(database: Database) -> list[int]:
    """Return how many digits the numbers of the spaces have."""
    with database.read() as connection:
        return sorted({space.scheme.length for space in store.spaces(connection)})


def _space_of(spaces: list[Space], length: int, number: int) -> Space | None:
    return next((s for s in spaces if s.scheme.length == length and s.first <= number <= s.last), None)


def _described(connection: sa.Connection, text: str, *, usable: bool, space: Space | None) -> NumberStatus:
    """Describe a number's whole history; what it is now is what it was made last."""
    name, number = None if space is None else space.name, int(text)
    ranges = regrants_store.history(connection, length=len(text), number=number)
    if not ranges:
        return NumberStatus(text, NEVER_ISSUED, usable, name)
    history: list[NumberEvent] = []
    for live in ranges:
        history.append(NumberEvent(live.at, live.kind.value, _series_id(live), live.system))
        history += _returned(connection, live, number)
    latest = ranges[-1]
    return NumberStatus(
        number=text,
        state=latest.kind.value if _release_of(connection, latest, number) is None else "released",
        usable=usable,
        space=name,
        series=_series_id(latest),
        system=latest.system,
        drawn_at=None if latest.kind is RangeKind.WITHHELD else latest.at,
        history=history,
    )


def _returned(connection: sa.Connection, held: LiveRange, number: int) -> list[NumberEvent]:
    """Return that it was released, and given free to be granted again."""
    release = _release_of(connection, held, number)
    if release is None:
        return []
    free = next((r for r in regrants_store.of_series(connection, held.id) if r.first <= number <= r.last), None)
    until = _QUARANTINE.of(until=danish_day(release.quarantine_until))
    events = [NumberEvent(release.at, "released", held.id, held.system, until)]
    if free is not None:
        events.append(NumberEvent(free.at, "given_free", held.id, None, _FREE.of(id=free.id)))
    return events


def _series_id(held: LiveRange) -> str | None:
    return None if held.kind is RangeKind.WITHHELD else held.id


def _release_of(connection: sa.Connection, held: LiveRange, number: int) -> Release | None:
    if held.kind is not RangeKind.GRANTED:
        return None
    return next((r for r in store.releases(connection, held.id) if r.first <= number <= r.last), None)


def _with_suggestions(connection: sa.Connection, found: NumberStatus, spaces: list[Space]) -> NumberStatus:
    """Add the numbers that exist and may have been meant, the likelier mistake first; where none exists, the others.

    Those of another environment are left out where the number itself lies in a space.
    """
    own = next((space.environment for space in spaces if space.name == found.space), None)
    described: list[SuggestedNumber] = []
    for space in (candidate for candidate in spaces if own in (None, candidate.environment)):
        for guess in suggestions(found.number, space.scheme):
            if not space.first <= guess.number <= space.last:
                continue
            holder = regrants_store.holding(connection, length=space.scheme.length, number=guess.number)
            state = NEVER_ISSUED if holder is None else _state(connection, holder, guess.number)
            system = None if holder is None else holder.system
            described.append(SuggestedNumber(space.scheme.format(guess.number), guess.mistake, state, system))
    return replace(found, suggestions=useful([(candidate, candidate.state) for candidate in described]))


def _state(connection: sa.Connection, held: LiveRange, number: int) -> str:
    return held.kind.value if _release_of(connection, held, number) is None else "released"
