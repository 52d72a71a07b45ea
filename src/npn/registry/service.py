"""The registry's use cases: spaces, draws, series, releases, look-ups."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy.exc as sa_exc

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, UnavailableError
from npn.ledger import Ledger
from npn.ledger.canonical import Json
from npn.ledger.service import Repair
from npn.numbers.scheme import NumberScheme
from npn.registry import store
from npn.registry.draws import Answer, Batch
from npn.registry.model import Draw, Release, Series, Space
from npn.registry.policy import AFTER_RANGE, BEFORE_RANGE, Policy
from npn.systems.model import Caller, Environment

QUARANTINE_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Page:
    """Some series, newest first; `before` asks for the next page, None where there is none."""

    items: list[Series]
    before: int | None


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that is done to number spaces and series."""

    database: Database
    ledger: Ledger
    before_range: Sequence[Policy] = field(default=BEFORE_RANGE)
    after_range: Sequence[Policy] = field(default=AFTER_RANGE)
    quarantine_days: int = QUARANTINE_DAYS

    def spaces(self) -> list[Space]:
        """Give every space, by name."""
        with self.database.read() as connection:
            return store.spaces(connection)

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
                if any(known.name == name for known in store.spaces(tx.connection)):
                    raise ConflictError(f"there is a space {name!r} already", code="space_exists", field="name")
                store.add_space(tx.connection, space, tx.at)
                data: dict[str, Json] = {
                    "space": name,
                    "environment": environment.value,
                    "scheme": scheme.name,
                    "length": scheme.length,
                    "weights": list(scheme.weights),
                    "modulus": scheme.modulus,
                    "remainder": scheme.remainder,
                    "first": scheme.format(first),
                    "last": scheme.format(last),
                    "by": by,
                }
                tx.append("space_added", data)
        except sa_exc.IntegrityError as error:
            raise ConflictError(
                f"{scheme.format(first)} to {scheme.format(last)} overlaps another space of the same length",
                code="space_overlaps",
                field="first",
                hint="npn admin space list",
            ) from error
        return space

    def draw(self, draws: Sequence[Draw]) -> list[Answer]:
        """Answer many draws in one transaction: committed and witnessed when this returns."""
        locked: list[Space] = []
        with self.ledger.transaction(lock=lambda c: locked.extend(store.lock_spaces(c))) as tx:
            batch = Batch(tx, locked, before=self.before_range, after=self.after_range)
            return batch.answer(draws)

    def series(self, series_id: str, *, by: Caller) -> Series:
        """Give a series to its owner or an operator. Raises NotFoundError, or RefusedError `not_owner`."""
        with self.database.read() as connection:
            found = store.series(connection, series_id)
        if found is None:
            raise NotFoundError("there is no such series", field="series")
        if not by.is_operator and found.system != by.system:
            raise not_owner()
        if not self.ledger.is_witnessed(found.seq):
            raise UnavailableError("the series is being witnessed", code="not_witnessed", retry_after=1)
        return found

    def page(self, *, by: Caller, before: int | None, limit: int) -> Page:
        """Give the caller's series, newest first; all of them to an operator."""
        with self.database.read() as connection:
            system = None if by.is_operator else by.system
            found = store.series_page(connection, system=system, before=before, limit=limit + 1)
        shown = [s for s in found[:limit] if self.ledger.is_witnessed(s.seq)]
        return Page(shown, found[limit - 1].seq if len(found) > limit else None)

    def drawn(self, system: str, *, days: int) -> int:
        """Count the numbers a system drew in the last so many days, released ones included."""
        since = self.ledger.clock() - timedelta(days=days)
        with self.database.read() as connection:
            return sum(size for _, size in store.drawn_since(connection, system=system, since=since))

    def release(self, series_id: str, *, by: Caller, from_text: str | None) -> Series:
        """Give back a whole series, or its tail from a number on; what is released already stays so.

        Raises NotFoundError, RefusedError `not_owner`, InvalidInputError naming `from`.
        """
        with self.ledger.transaction() as tx:
            found = store.series(tx.connection, series_id)
            if found is None:
                raise NotFoundError("there is no such series", field="series")
            if by.is_operator or found.system != by.system:
                raise not_owner()
            start = found.first if from_text is None else _start_of_tail(found, from_text)
            if start > found.held_to:
                return found
            until = tx.at + timedelta(days=self.quarantine_days)
            data: dict[str, Json] = {
                "series": series_id,
                "first": found.text(start),
                "last": found.text(found.held_to),
                "system": found.system,
                "quarantine_until": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            entry = tx.append("series_released", data)
            store.add_release(tx.connection, series_id, Release(start, found.held_to, tx.at, until, entry.seq))
            again = store.series(tx.connection, series_id)
            return again if again is not None else found


def not_owner() -> RefusedError:
    """Make the refusal for somebody else's series."""
    return RefusedError("the series belongs to another system", code="not_owner", field="series")


def _start_of_tail(series: Series, text: str) -> int:
    if len(text) != series.length or not (text.isascii() and text.isdigit()):
        raise InvalidInputError(f"from is a number of {series.length} digits", code="not_a_number", field="from")
    start = int(text)
    if not series.first <= start <= series.last:
        raise InvalidInputError(
            f"from lies outside the series {series.text(series.first)} to {series.text(series.last)}",
            code="outside_series",
            field="from",
        )
    return start


def _checked_space(space: Space) -> Space:
    scheme = space.scheme
    if not space.name or len(space.name) > 64 or not all(c.islower() or c.isdigit() or c in "-_" for c in space.name):
        raise InvalidInputError("a space's name has 1 to 64 small letters, digits, - or _", field="name")
    if not scheme.lowest <= space.first <= scheme.highest:
        raise InvalidInputError(f"first has {scheme.length} digits", field="first")
    if not space.first <= space.last <= scheme.highest:
        raise InvalidInputError(f"last has {scheme.length} digits and is not below first", field="last")
    return space
