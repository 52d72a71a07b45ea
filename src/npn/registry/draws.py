"""Many draws in one transaction: repeats answered, policies asked, ranges computed, rows inserted.

`docs/issuance.md` states the steps in order; this module is steps 3 to 6.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from npn.db.exchange import Exchange, QueryReply
from npn.errors import NpnError, UnauthenticatedError
from npn.ledger.service import Transaction
from npn.pools import store as pools
from npn.pools.service import judged
from npn.registry import regrants_store, store
from npn.registry.events import Part, SeriesGranted
from npn.registry.model import Draw, RangeKind, Regrant, Series, Space, StoredAnswer
from npn.registry.policy import DrawFacts, Policies, Policy
from npn.registry.reissued import Memory
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem
from npn.wire.requests import space_exhausted, unknown_space, used_for_another

_ID_BYTES = 10
_GRANTED = RangeKind.GRANTED.value

Request = tuple[str, str, str]


class GrantedSeries(msgspec.Struct, frozen=True):
    """The answer to a draw; `repeated` where the series was granted before.

    `stored` is what the draw's `keep` asked for: written now, or when the series was granted.
    """

    series: Series
    repeated: bool
    stored: StoredAnswer | None = None


Answer = GrantedSeries | NpnError


@dataclass(slots=True)
class Shelf:
    """A space during one batch: its moving cursor, and the occupied ranges ahead of it."""

    space: Space
    cursor: int
    occupied: list[tuple[int, int]]
    seen_to: int
    counted: tuple[int, int] = (-1, 0)

    @classmethod
    def of(cls, tx: Transaction, space: Space, ahead: Sequence[tuple[int, int]] | None) -> "Shelf":
        """Take what was found ahead of the cursor, or look."""
        shelf = cls(space, space.cursor, [], space.cursor)
        if ahead is None:
            shelf.look(tx)
        else:
            shelf._see(*store.seen(ahead, at=space.cursor))
        return shelf

    def look(self, tx: Transaction) -> None:
        """Fetch the next occupied ranges."""
        self._see(*store.occupied(tx.connection, length=self.space.scheme.length, at=self.cursor))

    def usable(self, first: int, last: int) -> int:
        """Count the usable numbers; where the draw before ended, half of the counting is done already."""
        below = self.space.scheme.residues.below
        at, before = self.counted
        if at != first:
            before = below(first)
        self.counted = last + 1, below(last + 1)
        return self.counted[1] - before

    def _see(self, found: list[tuple[int, int]], all_seen: bool) -> None:  # noqa: FBT001  # as the store gives it
        self.occupied = found
        self.seen_to = self.space.last + 1 if all_seen or not found else found[-1][1]


@dataclass(frozen=True, slots=True)
class Cut:
    """A range found for a draw, and what was jumped on the way to it, or which regrant it is part of."""

    first: int
    last: int
    skipped: list[tuple[int, int]] = field(default_factory=list)
    regrant: Regrant | None = None


def cut(tx: Transaction, shelf: Shelf, draw: Draw) -> Cut | NpnError:
    """Find the draw's range from the cursor on, jumping what is occupied; refuse at the end of the space."""
    start = shelf.cursor
    skipped: list[tuple[int, int]] = []
    while True:
        last = _end(shelf.space, start, draw)
        if last is None or last > shelf.space.last:
            return space_exhausted(shelf.space.name)
        if last > shelf.seen_to:
            shelf.cursor, cursor_before = start, shelf.cursor
            shelf.look(tx)
            shelf.cursor = cursor_before
        hit = next(((f, t) for f, t in shelf.occupied if f <= last and t >= start), None)
        if hit is None:
            return Cut(start, last, skipped)
        skipped.append((start, hit[1]))
        start = hit[1] + 1


def cut_again(free: Sequence[Regrant], space: Space, draw: Draw) -> Cut | None:
    """Find the draw's range whole among the numbers given free to be granted again; the oldest of them first."""
    for regrant in free:
        if regrant.space == space.name and draw.system not in regrant.holders:
            last = _end(space, regrant.cursor, draw)
            if last is not None and last <= regrant.last:
                return Cut(regrant.cursor, last, regrant=regrant)
    return None


def space_of(system: ConnectedSystem, spaces: Iterable[Space]) -> Space | None:
    """Return the space of a system's draws that name none: its own, else the default of its environment."""
    mine = [space for space in spaces if space.environment is system.environment]
    if system.space is not None:
        return next((space for space in mine if space.name == system.space), None)
    return next((space for space in mine if space.is_default), None)


def _end(space: Space, start: int, draw: Draw) -> int | None:
    if draw.count is not None:
        return start + draw.count - 1
    return space.scheme.nth(start, draw.asked)


def _no_key() -> UnauthenticatedError:
    return UnauthenticatedError("the key is no longer in force", hint="ask the operator for a new one")


class Questions:
    """What a batch wants to know, asked while its transaction opens: one way there and back for all of it."""

    spaces: QueryReply
    known: QueryReply
    systems: QueryReply
    keys: QueryReply
    ahead: QueryReply | None
    free: QueryReply

    def __init__(self, draws: Sequence[Draw]) -> None:
        """Of these draws."""
        self._draws = draws

    def lock(self, exchange: Exchange) -> None:
        """Take the spaces."""
        self.spaces = store.lock_spaces(exchange)

    def ask(self, exchange: Exchange) -> None:
        """Ask, with spaces and ledger held."""
        self.ahead = store.ask_ahead(exchange)
        self.free = regrants_store.ask_unused(exchange)
        self.known = store.ask_requests(exchange, {draw.request_id for draw in self._draws})
        self.systems = systems.ask_systems(exchange, {draw.system for draw in self._draws})
        self.keys = systems.ask_keys(exchange, {draw.key for draw in self._draws})


class Batch:
    """The draws of one transaction, answered one after another."""

    def __init__(self, tx: Transaction, asked: Questions, policies: Policies, *, memory: Memory) -> None:
        """`asked` is answered; `policies` are asked for new draws only.

        Raises UnavailableError `witness_behind` where `memory` knows better what is left of the regrants.
        """
        self._tx = tx
        self._spaces = {space.name: space for space in store.locked(asked.spaces)}
        self._ahead = store.ahead(asked.ahead)
        self._known = store.requests(asked.known)
        self._systems = systems.named(asked.systems)
        self._keys = systems.in_force(asked.keys)
        self._free = {regrant.id: regrant for regrant in memory.checked(regrants_store.unused(asked.free))}
        self.used: dict[str, Regrant] = {}
        self._sources = policies
        self._policies: Policies | None = None
        self._shelves: dict[str, Shelf] = {}
        self._drawn: dict[str, list[tuple[datetime, int]]] = {}
        self._rows: list[Mapping[str, object]] = []
        self._written: list[StoredAnswer] = []
        self._ids: Iterator[str] = iter(())
        self._pooled: dict[str, str] = {}
        self._own: dict[str, Space | None] = {}  # by system, the space of its draws that name none

    def answer(self, draws: Sequence[Draw]) -> list[Answer]:
        """Answer every draw in order, and write what was granted."""
        earlier = self._known
        # Chance for the whole batch at once: each call to the system lets go of the interpreter's lock.
        chance = secrets.token_bytes(_ID_BYTES * len(draws)).hex()
        self._ids = (chance[at : at + 2 * _ID_BYTES] for at in range(0, len(chance), 2 * _ID_BYTES))
        stored_answers = self._kept(draws)
        answers: list[Answer] = []
        for draw in draws:
            request, digest = (draw.system, draw.channel, draw.request_id), draw.digest
            in_force = bool(draw.by) or draw.key in self._keys
            answer: Answer | None = _no_key() if not in_force else self._copied(draw)
            answer = answer or _repeat(earlier.get(request), digest, draw, kept=stored_answers.get(request))
            if answer is None:
                answer = self._grant(draw, digest, self._systems.get(draw.system))
                if isinstance(answer, GrantedSeries):
                    earlier[request] = (digest, answer.series)
                    if answer.stored is not None:
                        stored_answers[request] = answer.stored
            answers.append(answer)
        self._write()
        return answers

    def _write(self) -> None:
        exchange = self._tx.exchange
        store.add_ranges(exchange, self._rows)
        if self._written or self._pooled:
            store.add_answers(self._tx.connection, self._written)
            pools.add_series(self._tx.connection, self._pooled)
        moved = {n: s.cursor for n, s in self._shelves.items() if s.cursor != s.space.cursor}
        store.set_cursors(exchange, moved)
        regrants_store.move(exchange, {regrant.id: regrant.cursor for regrant in self.used.values()})

    def _copied(self, draw: Draw) -> NpnError | None:
        """Ask the chain of tokens before all else: a copy must not even be given the repeat of a draw."""
        if draw.contact is None:
            return None
        return judged(self._tx, draw.contact, system=draw.system, series=store.suspect_series)

    def _grant(self, draw: Draw, digest: str, system: ConnectedSystem | None) -> Answer:
        if system is None:
            return _no_key()
        space = self._space_for(draw, system)
        if space is None:
            return unknown_space(draw.space)
        facts = DrawFacts(draw, system, space, self._tx.at)
        if self._policies is None:
            self._policies = self._sources.of(self._tx, self._systems)
        refusal = _first_refusal(self._policies.before, facts)
        if refusal is not None:
            return refusal
        grantable = cut_again(list(self._free.values()), space, draw) or cut(self._tx, self._shelf(space), draw)
        if isinstance(grantable, NpnError):
            return grantable
        size = grantable.last - grantable.first + 1
        facts = DrawFacts(draw, system, space, self._tx.at, self._drawn_by(system), size)
        refusal = _first_refusal(self._policies.after, facts)
        if refusal is not None:
            return refusal
        self._drawn_by(system).append((self._tx.at, size))
        self._keep_space(system, space)
        series = self._record(draw, digest, space, found=grantable)
        self._take(space, grantable)
        return self._granted(draw, series)

    def _shelf(self, space: Space) -> Shelf:
        shelf = self._shelves.get(space.name)
        if shelf is None:
            ahead = self._ahead.get(space.name, []) if self._ahead is not None else None
            shelf = self._shelves[space.name] = Shelf.of(self._tx, space, ahead)
        return shelf

    def _take(self, space: Space, found: Cut) -> None:
        """Move the cursor past what was granted: the space's, or the regrant's."""
        if found.regrant is None:
            self._shelf(space).cursor = found.last + 1
        else:
            moved = replace(found.regrant, cursor=found.last + 1)
            self.used[moved.id] = self._free[moved.id] = moved

    def _granted(self, draw: Draw, series: Series) -> GrantedSeries:
        if draw.keep is None:
            return GrantedSeries(series, repeated=False)
        stored = draw.keep.answer(series, system=draw.system, at=self._tx.at)
        self._written.append(stored)
        return GrantedSeries(series, repeated=False, stored=stored)

    def _kept(self, draws: Sequence[Draw]) -> dict[Request, StoredAnswer]:
        wanted: dict[str, set[str]] = {}
        for draw in draws:
            if draw.keep is not None:
                wanted.setdefault(draw.channel, set()).add(draw.request_id)
        answers: dict[Request, StoredAnswer] = {}
        for channel, request_ids in wanted.items():
            answers |= store.stored_answers(self._tx.connection, channel=channel, request_ids=request_ids)
        return answers

    def _space_for(self, draw: Draw, system: ConnectedSystem) -> Space | None:
        if draw.space is not None:
            return self._spaces.get(draw.space)
        if system.id not in self._own:
            self._own[system.id] = space_of(system, self._spaces.values())
        return self._own[system.id]

    def _keep_space(self, system: ConnectedSystem, space: Space) -> None:
        """Let a system keep the space of its first draw."""
        if system.space is None:
            self._systems[system.id] = replace(system, space=space.name)
            self._own[system.id] = space
            systems.update_system(self._tx.connection, system.id, {"space": space.name})

    def _drawn_by(self, system: ConnectedSystem) -> list[tuple[datetime, int]]:
        if system.quota_days is None:
            return []
        if system.id not in self._drawn:
            since = self._tx.at - timedelta(days=system.quota_days)
            sizes = store.drawn_since(self._tx.connection, system=system.id, since=since)
            self._drawn[system.id] = sizes
        return self._drawn[system.id]

    def _usable(self, draw: Draw, space: Space, found: Cut) -> int:
        if draw.usable is not None:
            return draw.usable
        if found.regrant is not None:
            return space.scheme.count(found.first, found.last)
        return self._shelf(space).usable(found.first, found.last)

    def _record(self, draw: Draw, digest: str, space: Space, *, found: Cut) -> Series:
        scheme, usable = space.scheme, self._usable(draw, space, found)
        series_id = f"s{next(self._ids)}"
        granted = SeriesGranted(
            series=series_id,
            space=space.name,
            first=scheme.format(found.first),
            last=scheme.format(found.last),
            usable=str(usable),
            system=draw.system,
            request_id=draw.request_id,
            channel=draw.channel,
            purpose=draw.purpose,
            skipped=[Part(first=scheme.format(a), last=scheme.format(b)) for a, b in found.skipped],
            regrant=None if found.regrant is None else found.regrant.id,
            by=draw.by,
        )
        entry = self._tx.append(granted)
        if draw.contact is not None:
            self._pooled[series_id] = draw.contact.pool
        series = Series(
            id=series_id,
            space=space.name,
            length=scheme.length,
            first=found.first,
            last=found.last,
            usable=usable,
            system=draw.system,
            purpose=draw.purpose,
            request_id=draw.request_id,
            drawn_at=self._tx.at,
            seq=entry.seq,
        )
        generation = 0 if found.regrant is None else found.regrant.generation
        self._rows.append(_row(series, channel=draw.channel, digest=digest, generation=generation))
        return series


def _row(series: Series, *, channel: str, digest: str, generation: int) -> dict[str, object]:
    return {
        "id": series.id,
        "kind": _GRANTED,
        "space": series.space,
        "scheme_length": series.length,
        "generation": generation,
        "first": series.first,
        "last": series.last,
        "usable": series.usable,
        "system_id": series.system,
        "channel": channel,
        "request_id": series.request_id,
        "request_digest": digest,
        "purpose": series.purpose,
        "drawn_at": series.drawn_at,
        "ledger_seq": series.seq,
    }


def _repeat(known: tuple[str, Series] | None, wanted: str, draw: Draw, *, kept: StoredAnswer | None) -> Answer | None:
    if kept is not None and draw.keep is not None and kept.digest != draw.keep.digest:
        return used_for_another()
    if known is None:
        return None
    digest, series = known
    if digest != wanted:
        return used_for_another()
    return GrantedSeries(series, repeated=True, stored=kept)


def _first_refusal(policies: Sequence[Policy], facts: DrawFacts) -> NpnError | None:
    for policy in policies:
        refusal = policy.verify(facts)
        if refusal is not None:
            return refusal
    return None
