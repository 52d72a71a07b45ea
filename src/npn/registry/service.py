"""The registry's use cases: spaces, draws, series, releases, look-ups."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa

from npn.db import Database
from npn.db.errors import IntegrityError
from npn.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError, codes, details
from npn.instants import rfc3339_seconds
from npn.ledger.clock import clocks_of
from npn.ledger.service import Ledger, Repair, Transaction
from npn.numbers.digits import is_digits
from npn.numbers.scheme import NumberScheme
from npn.registry import regrants_store, series_store, store, use_store
from npn.registry.draws import Answer, Batch, Questions
from npn.registry.events import SeriesReleased, SpaceAdded
from npn.registry.lookup import NumberLookup, look_up_in
from npn.registry.model import AnswerWriter, Draw, Release, Series, SeriesQuery, Space, StoredAnswer, checked_draw
from npn.registry.policy import Policies
from npn.registry.quarantine import quarantine_until
from npn.registry.reissued import Memory
from npn.systems.model import Caller, Environment
from npn.systems.permissions import Act, require_permitted
from npn.wire.requests import no_such_series, not_owner, start_of_tail, used_for_another

LINE_BINS = 240  # parts of a line that a system's series are shown on
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """Some series, newest first; `before` asks for the next page, None where there is none."""

    items: list[Series]
    before: int | None


@dataclass(frozen=True, slots=True)
class SpaceUse:
    """A space and what was granted of it: series, their numbers, their usable numbers."""

    space: Space
    series: int
    granted: int
    usable_granted: int

    @property
    def passed(self) -> int:
        """Count what the cursor has passed: granted, jumped or withheld."""
        return self.space.cursor - self.space.first

    @property
    def share(self) -> float:
        """Return the part of the space that is passed, 0 to 1."""
        return self.passed / (self.space.last - self.space.first + 1)


@dataclass(frozen=True, slots=True)
class SpaceParts:
    """A space's used part, from its first number to its cursor, in equal parts: which of them hold how many numbers."""

    space: Space
    parts: Mapping[int, int]
    bins: int = LINE_BINS


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that is done to number spaces and series."""

    database: Database
    ledger: Ledger
    policies: Policies = field(default_factory=Policies)
    memory: Memory = field(default_factory=Memory)

    def spaces(self) -> list[Space]:
        """Return every space, by name."""
        with self.database.read() as connection:
            return store.spaces(connection)

    def use(self) -> list[SpaceUse]:
        """Return every space, by name, and how much of it is used."""
        with self.database.read() as connection:
            totals = use_store.totals(connection)
            return [SpaceUse(space, *totals.get(space.name, (0, 0, 0))) for space in store.spaces(connection)]

    def add_space(
        self,
        *,
        by: str,
        name: str,
        environment: Environment,
        scheme: NumberScheme,
        first: int,
        last: int,
        recovering: bool = False,
    ) -> Space:
        """Open a space; its scheme and range never change afterwards.

        `recovering`: put a space back that the witness knows and a restored database has forgotten; the
        witness stays as it is, so that nothing is drawn before `recover` has moved the cursor.
        Raises ConflictError `space_exists` or `space_overlaps`, InvalidInputError naming the bound.
        """
        space = _checked_space(Space(name, environment, scheme, first, last, first))
        try:
            repair = Repair.PREPARE if recovering else Repair.NONE
            with self.ledger.transaction(lock=store.lock_spaces, repair=repair) as tx:
                there = store.spaces(tx.connection)
                if any(other.name == name for other in there):
                    raise ConflictError(f"there is a space {name!r} already", code=codes.SPACE_EXISTS, field="name")
                first_of_all = not any(other.environment is environment for other in there)
                store.add_space(tx.connection, replace(space, is_default=first_of_all), tx.at)
                tx.append(
                    SpaceAdded(
                        space=name,
                        environment=environment,
                        scheme=scheme.name,
                        length=scheme.length,
                        weights=list(scheme.weights),
                        modulus=scheme.modulus,
                        remainder=scheme.remainder,
                        first=scheme.format(first),
                        last=scheme.format(last),
                        by=by,
                    )
                )
        except IntegrityError as error:
            raise ConflictError(
                f"{scheme.format(first)} to {scheme.format(last)} overlaps another space of the same length",
                code=codes.SPACE_OVERLAPS,
                field="first",
                hint="npn admin space list",
            ) from error
        return space

    def draw(self, draws: Sequence[Draw]) -> list[Answer]:
        """Answer many draws in one transaction: committed and witnessed when this returns."""
        questions = Questions(draws)
        with self.ledger.transaction(lock=questions.lock, ask=questions.ask) as tx:
            batch = Batch(tx, questions, self.policies, memory=self.memory)
            answers = batch.answer(draws)
        self.memory.keep(batch.used)
        return answers

    def series(self, series_id: str, *, by: Caller) -> Series:
        """Return a series to its owner or an operator. Raises NotFoundError, or RefusedError `not_owner`."""
        with self.database.read() as connection:
            series = store.series(connection, series_id)
        if series is None:
            raise no_such_series()
        if not by.is_operator and series.system != by.system:
            raise not_owner()
        if not self.ledger.is_witnessed(series.seq, held_by=self.database):
            raise UnavailableError("the series is being witnessed", code=codes.NOT_WITNESSED, retry_after=1)
        return series

    def series_of_request(self, *, system: str, channel: str, request_id: str) -> Series | None:
        """Return the series that a system was granted under a request id of a channel; None where there is none yet."""
        with self.database.read() as connection:
            return store.series_of_request(connection, system=system, channel=channel, request_id=request_id)

    def page(self, *, by: Caller, before: int | None, limit: int) -> SeriesPage:
        """Return the caller's series, newest first; all of them to an operator."""
        with self.database.read() as connection:
            system = None if by.is_operator else by.system
            rows = store.series_page(connection, system=system, before=before, limit=limit + 1)
        return SeriesPage(self._witnessed(rows[:limit]), rows[limit - 1].seq if len(rows) > limit else None)

    def count_series(self, query: SeriesQuery) -> int:
        """Count the series that fit a query."""
        with self.database.read() as connection:
            return series_store.count(connection, query)

    def cut_series(self, query: SeriesQuery, *, offset: int, limit: int) -> list[Series]:
        """Return up to `limit` of the series that fit, in the query's order; those not yet witnessed are left out."""
        with self.database.read() as connection:
            return self._witnessed(series_store.cut(connection, query, offset=offset, limit=limit))

    def batches_of_series(self, query: SeriesQuery) -> Iterator[Sequence[Series]]:
        """Yield every series that fits, in the query's order, some hundred at a time."""
        with self.database.read() as connection:
            for batch in series_store.batches(connection, query):
                yield self._witnessed(batch)

    def _witnessed(self, series: Sequence[Series]) -> list[Series]:
        return [one for one in series if self.ledger.is_witnessed(one.seq, held_by=self.database)]

    def line(self, system: str, *, bins: int = LINE_BINS) -> list[SpaceParts]:
        """Return where on each space's used part a system's series lie."""
        with self.database.read() as connection:
            parts, spaces = use_store.lines(connection, system=system, bins=bins), store.spaces(connection)
        return [SpaceParts(space, parts[space.name]) for space in spaces if space.name in parts]

    def releases(self, series_id: str) -> list[Release]:
        """Return what was released of a series, and until when it is held."""
        with self.database.read() as connection:
            return store.releases(connection, series_id)

    def drawn(self, system: str, *, days: int) -> int:
        """Count the numbers a system drew in the last `days` days, released ones included."""
        since = self.ledger.clock() - timedelta(days=days)
        with self.database.read() as connection:
            return sum(size for _, size in store.drawn_since(connection, system=system, since=since))

    def release(self, series_id: str, *, by: Caller, from_text: str | None, person: str = "") -> Series:
        """Release a whole series, or its tail from a number on; what is released already stays so.

        `person`: who does it by hand for the system, as the ledger names them.
        Raises NotFoundError, RefusedError `not_owner` or `system_suspended`, InvalidInputError naming `from`,
        UnavailableError `clock_wrong`.
        """
        with self.ledger.transaction() as tx:
            _require_release(tx, by)
            return self._released(tx, store.series(tx.connection, series_id), by, from_text=from_text, person=person)

    def release_tail(
        self, first: str, last: str, *, by: Caller, keep: AnswerWriter[Series], trial: bool = False
    ) -> StoredAnswer:
        """Release `first` to `last`, a whole series or its tail, and store the answer with it.

        A repeat gives the stored answer. `trial`: everything is undone again, the answer alone is given.
        Raises as `release` does, InvalidInputError naming `first` or `last`, ConflictError.
        """
        with suppress(_UndoneError), self.ledger.transaction() as tx:
            earlier = _repeated(tx.connection, keep, by)
            if earlier is not None:
                return earlier
            _require_release(tx, by)
            series = self._released(tx, _series_with_tail(tx.connection, first, last, by=by), by, from_text=first)
            stored = keep.answer(series, system=by.system or "", at=tx.at)
            store.add_answers(tx.connection, [stored])
            if trial:
                raise _UndoneError
        return stored

    def look_up(
        self, number: str, *, by: Caller, keep: AnswerWriter[NumberLookup], trial: bool = False
    ) -> StoredAnswer:
        """Look a number up and store the answer, made of what was found and the series it lies in.

        A repeat gives the stored answer. Raises as `lookup.look_up` does, and ConflictError.
        """
        with self.database.read() as connection:
            stored = _repeated(connection, keep, by)
            if stored is not None:
                return stored
            result = look_up_in(connection, number)
            series = None if result.series is None else store.series(connection, result.series)
        stored = keep.answer(NumberLookup(result, series), system=by.system or "", at=self.ledger.clock())
        if trial:
            return stored
        try:
            with self.database.write() as connection:
                store.add_answers(connection, [stored])
        except IntegrityError:  # the same request came in twice at once: the other was first
            with self.database.read() as connection:
                return _repeated(connection, keep, by) or stored
        return stored

    def try_draw(self, draw: Draw) -> Answer:
        """Answer a draw as it would be answered, and undo it: nothing is granted."""
        questions = Questions([checked_draw(draw)])
        with suppress(_UndoneError), self.ledger.transaction(lock=questions.lock, ask=questions.ask) as tx:
            answer = Batch(tx, questions, self.policies, memory=self.memory).answer([draw])[0]
            tx.exchange.settle()  # the database has its say too
            raise _UndoneError
        return answer

    def check_draws(self) -> None:
        """Ask the database all that a draw asks it, and undo it. Raises what a draw would meet."""
        self.try_draw(Draw(_NOBODY, "", _NOBODY, 1, None, None, None))

    def _released(
        self, tx: Transaction, found: Series | None, by: Caller, *, from_text: str | None, person: str = ""
    ) -> Series:
        if found is None:
            raise no_such_series()
        if by.is_operator or found.system != by.system:
            raise not_owner()
        start = (
            found.first
            if from_text is None
            else start_of_tail(from_text, first=found.first, last=found.last, length=found.length)
        )
        if start > found.held_to:
            return found
        until = quarantine_until(tx, clocks_of(tx))
        released = SeriesReleased(
            series=found.id,
            first=found.text(start),
            last=found.text(found.held_to),
            system=found.system,
            quarantine_until=rfc3339_seconds(until),
            by=person or "",
        )
        entry = tx.append(released)
        store.add_release(tx.connection, found.id, Release(start, found.held_to, tx.at, until, entry.seq))
        again = store.series(tx.connection, found.id)
        return again if again is not None else found


_NOBODY = "npn-readiness"  # no system has this id


class _UndoneError(Exception):
    """Ends a transaction that was only a trial."""


def _repeated(connection: sa.Connection, keep: AnswerWriter[_T], by: Caller) -> StoredAnswer | None:
    answers = store.stored_answers(connection, channel=keep.channel, request_ids=[keep.request_id])
    stored = answers.get((by.system or "", keep.channel, keep.request_id))
    if stored is not None and stored.digest != keep.digest:
        raise used_for_another()
    return stored


def _require_release(tx: Transaction, by: Caller) -> None:
    if by.system is not None:
        require_permitted(tx.connection, by.system, Act.RELEASE)


def _series_with_tail(connection: sa.Connection, first: str, last: str, *, by: Caller) -> Series:
    """Find the series of which `first` to `last` is the whole or the tail."""
    lengths = {space.scheme.length for space in store.spaces(connection)}
    for field_name, text in (("first", first), ("last", last)):
        if not (is_digits(text) and len(text) in lengths):
            raise InvalidInputError("not a valid sample number", code=codes.NOT_A_NUMBER, field=field_name)
    series = regrants_store.holding_series(connection, length=len(first), number=int(first))
    if series is None:
        raise NotFoundError("the number lies in no series that was drawn", field="first")
    if series.system != by.system:
        raise not_owner()
    if len(last) != series.length or int(last) not in (series.last, series.held_to) or int(first) > int(last):
        raise InvalidInputError(
            "a series is released whole or from a number to its end: last is the last number of the series",
            code=codes.NOT_A_TAIL,
            field="last",
        )
    return series


def _checked_space(space: Space) -> Space:
    scheme = space.scheme
    if not space.name or len(space.name) > 64 or not all(c.islower() or c.isdigit() or c in "-_" for c in space.name):
        raise InvalidInputError(details.SPACE_NAME, field="name")
    if not scheme.lowest <= space.first <= scheme.highest:
        raise InvalidInputError(details.BOUND_DIGITS.of(length=scheme.length), field="first")
    if not space.first <= space.last <= scheme.highest:
        raise InvalidInputError(details.LAST_BELOW_FIRST.of(length=scheme.length), field="last")
    return space
