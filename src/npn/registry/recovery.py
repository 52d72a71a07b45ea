"""After a restore: skip ahead to what the witness knows, and take back series by their receipts.

A restored database has forgotten grants that were made, and imports of numbers in use elsewhere. Their numbers are
*withheld*: never granted again, and known to look-ups as such. A receipt that a system still holds re-registers its
series inside a withheld range.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from npn.errors import Code, ConfigurationError, ConflictError, InvalidInputError, RefusedError, UnavailableError, codes
from npn.ledger import store as ledger_store
from npn.ledger.canonical import Json
from npn.ledger.keys import public_keys, verified
from npn.ledger.model import GENESIS
from npn.ledger.service import Ledger, Repair, Transaction
from npn.ledger.witness import MISSING, WitnessState, bounds
from npn.registry import lost_entries, regrants_store, splits_store, store
from npn.registry.events import (
    ChainPosition,
    CursorMoved,
    LeftRange,
    Recovered,
    SeriesReRegistered,
    Withheld,
    WitnessRebuilt,
)
from npn.registry.model import Draw, LiveRange, RangeKind, Regrant, Series, Space
from npn.systems import store as systems


class WithheldPart(NamedTuple):
    """Numbers that a recovery takes out of use, and the id of the range that says so."""

    id: str
    space: Space
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RecoveryGap:
    """Numbers of a space that the witness knows as granted and the database does not."""

    space: str
    first: str
    last: str
    size: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What stands against draws. `reason` empty: nothing; `witness` None: it can't be read.

    `gaps` were granted and forgotten; `ahead` lies ahead of the cursors, known to the witness as in use. `unfit`: why
    this witness may not be recovered with; empty where it may.
    """

    reason: str
    code: Code | None
    database: WitnessState
    witness: WitnessState | None
    gaps: list[RecoveryGap]
    ahead: list[RecoveryGap]
    unfit: str = ""


def diagnose(ledger: Ledger) -> Diagnosis:
    """Compare the database with its witness; nothing is changed."""
    state = ledger.state()
    try:
        witnessed = ledger.witness.read()
    except UnavailableError as error:
        return Diagnosis(error.message, error.code, state, None, [], [])
    try:
        ledger.check()
    except UnavailableError as error:
        with ledger.database.read() as connection:
            spaces = store.spaces(connection)
            confirmed = ledger_store.confirmed(connection)
            parts = _forgotten(connection, spaces, _ahead(spaces, witnessed))
        ahead = [_gap(*part) for part in parts]
        unfit = _unfit(witnessed, database=state.database, confirmed=confirmed)
        return Diagnosis(error.message, error.code, state, witnessed, _gaps(spaces, witnessed), ahead, unfit)
    return Diagnosis("", None, state, witnessed, [], [])


def _unfit(known: WitnessState, *, database: str, confirmed: int) -> str:
    """Return why a witness must not be recovered with: another one knows of grants that it never heard of."""
    if known.database != database:
        return "the witness belongs to another database: recovering would withhold the wrong numbers"
    if known.successor:
        return "this witness was moved, and what was granted since is known only to the one that took its place"
    if known.length < confirmed:
        return (
            f"this witness knows {known.length} ledger entries and the database's own had confirmed {confirmed}: "
            "it is an old copy, and what was granted since is unknown to it, or it follows another, recovered database"
        )
    return ""


def require_fit(reason: str) -> None:
    """Raise ConfigurationError where there is a reason not to recover with this witness."""
    if reason:
        raise ConfigurationError(
            reason,
            hint="name the right witness with --witness; if it is lost for good: npn recover --rebuild-witness",
        )


def recover(ledger: Ledger, *, by: str) -> Diagnosis:
    """Skip each cursor to the witness's, withhold what was skipped, say why in the ledger, set the witness again.

    Database and witness get a new common identity. Where the database lacks nothing that the witness knows, that is
    all, and the ledger has nothing to tell.

    Raises ConfigurationError where the witness is another database's or an old copy; UnavailableError where it can't
    be read, or where a server on another copy of the database moved it meanwhile (`witness_behind`: recover again).
    """
    diagnosis = diagnose(ledger)
    if diagnosis.witness is None:
        ledger.witness.read()
    if not diagnosis.reason:
        return diagnosis
    ledger.database.check_integrity()
    with ledger.transaction(lock=store.lock_spaces, repair=Repair.RECOVER) as tx:
        # What the witness says now, under the locks: a server that was still at work may have moved it.
        witnessed = tx.witnessed
        assert witnessed is not None  # noqa: S101  # only a rebuild has none
        require_fit(_unfit(witnessed, database=tx.database, confirmed=tx.confirmed))
        spaces = store.spaces(tx.connection)
        _refuse_unknown_spaces(spaces, witnessed)
        before, holds = tx.head, _holds(tx, witnessed)
        gaps = _gaps(spaces, witnessed)
        if holds and not gaps:
            return diagnosis  # nothing was forgotten: `ahead` may close gaps between ranges, which are no loss
        parts = _forgotten(tx.connection, spaces, [*gaps, *_ahead(spaces, witnessed)])
        followed = lost_entries.followed(tx, witnessed, held=holds)
        lost: list[WithheldPart] = [WithheldPart(_new_id(), *part) for part in parts]
        free = _still_free(tx, spaces)
        entry = tx.append(
            Recovered(
                by=by,
                reason=diagnosis.reason,
                witness=ChainPosition(length=witnessed.length, hash=witnessed.hash),
                database=ChainPosition(length=before.length, hash=before.hash),
                cursors=[_moved(gap) for gap in gaps],
                withheld=[_withheld(part) for part in (*lost, *(part for part, _ in free))],
                shared=followed.shared_below(before.length),
                longest=followed.longest_beyond,
            )
        )
        tx.forks = [*witnessed.forks, followed.fork(entry, witnessed)]
        _withhold(tx, lost, free, seq=entry.seq)
        store.set_cursors(tx.exchange, {gap.space: int(gap.last) + 1 for gap in gaps})
    return diagnosis


def _moved(gap: RecoveryGap) -> CursorMoved:
    return CursorMoved(space=gap.space, before=str(int(gap.first)), after=str(int(gap.last) + 1))


def _withheld(part: WithheldPart) -> Withheld:
    range_id, space, first, last = part
    return Withheld(range=range_id, space=space.name, first=space.scheme.format(first), last=space.scheme.format(last))


def _withhold(tx: Transaction, lost: list[WithheldPart], free: list[tuple[WithheldPart, Regrant]], *, seq: int) -> None:
    """Take what was lost, and what is left of regrants, out of use."""
    store.add_ranges(tx.exchange, [_withheld_row(part, at=tx.at, seq=seq) for part in lost])
    again = [_withheld_row(part, at=tx.at, seq=seq, generation=regrant.generation) for part, regrant in free]
    store.add_ranges(tx.exchange, again)
    regrants_store.move(tx.exchange, {regrant.id: regrant.last + 1 for _, regrant in free})


def rebuild_witness(ledger: Ledger, *, by: str) -> WitnessState:
    """Make a witness from the database as it is, for when the witness itself was lost; recorded in the ledger.

    Raises RefusedError `witness_readable` where the witness can still speak: what it knows would be thrown away. Only
    an old copy, and one that was moved, may be written over, where the database holds all that they know.
    UnavailableError where nobody can tell now whether there is one.
    """
    diagnosis = diagnose(ledger)
    if diagnosis.witness is not None:
        require_lost(diagnosis)
        ledger.require_held(diagnosis.witness)
    elif diagnosis.code != MISSING:
        ledger.witness.read()
    with ledger.transaction(lock=store.lock_spaces, repair=Repair.REBUILD) as tx:
        tx.append(WitnessRebuilt(by=by, length=tx.head.length, hash=tx.head.hash))
        tx.forks = lost_entries.forks_of(tx)
    return ledger.witness.read()


def require_lost(found: Diagnosis) -> None:
    """Raise RefusedError `witness_readable` where a witness would be rebuilt that is there and counts."""
    assert found.witness is not None  # noqa: S101  # asked only where one was read
    if not found.unfit or found.witness.database != found.database.database:
        raise RefusedError(
            "the witness is there and can be read; rebuilding it would throw away what it knows",
            code=codes.WITNESS_READABLE,
            hint="npn recover without --rebuild-witness; or name the right --witness",
        )


def _holds(tx: Transaction, known: WitnessState) -> bool:
    """Return whether the database holds the entry that the witness knows as the last."""
    hash_then = GENESIS if known.length == 0 else ledger_store.hash_at(tx.connection, known.length)
    return hash_then == known.hash


def _gaps(spaces: Sequence[Space], known: WitnessState) -> list[RecoveryGap]:
    gaps = []
    for space in spaces:
        cursor = int(known.cursors.get(space.name, "0"))
        if cursor > space.cursor:
            first, last = space.cursor, min(cursor - 1, space.last)
            gaps.append(_gap(space, first, last))
    return gaps


def _gap(space: Space, first: int, last: int) -> RecoveryGap:
    return RecoveryGap(space.name, space.scheme.format(first), space.scheme.format(last), last - first + 1)


def _ahead(spaces: Sequence[Space], known: WitnessState) -> list[RecoveryGap]:
    """Return what the witness knows as in use ahead of where the cursors will stand."""
    gaps = []
    for space in spaces:
        cursor = max(space.cursor, int(known.cursors.get(space.name, "0")))
        for first, last in map(bounds, (known.ahead or {}).get(space.name, ())):
            start, end = max(first, cursor), min(last, space.last)
            if start <= end:
                gaps.append(_gap(space, start, end))
    return gaps


def _refuse_unknown_spaces(spaces: Sequence[Space], known: WitnessState) -> None:
    unknown = sorted(set(known.cursors) - {space.name for space in spaces})
    if unknown:
        raise ConfigurationError(
            f"the witness knows spaces that the database lacks: {', '.join(unknown)}",
            hint="add them again with the same scheme and range (npn admin space add --recovering), then recover",
        )


def _still_free(tx: Transaction, spaces: Sequence[Space]) -> list[tuple[WithheldPart, Regrant]]:
    """Return what was given free and is, as far as this database knows, not granted again: it may have been since."""
    by_name = {space.name: space for space in spaces}
    unused = regrants_store.unused(regrants_store.ask_unused(tx.exchange))
    return [
        (WithheldPart(_new_id(), by_name[regrant.space], regrant.cursor, regrant.last), regrant) for regrant in unused
    ]


def _forgotten(
    connection: sa.Connection, spaces: Sequence[Space], wanted: Sequence[RecoveryGap]
) -> list[tuple[Space, int, int]]:
    """Cut what lies live already out of what shall be withheld."""
    parts: list[tuple[Space, int, int]] = []
    by_name = {space.name: space for space in spaces}
    for gap in wanted:
        space = by_name[gap.space]
        start, end = int(gap.first), int(gap.last)
        for live in store.overlapping(connection, length=space.scheme.length, first=start, last=end):
            if live.first > start:
                parts.append((space, start, live.first - 1))
            start = max(start, live.last + 1)
        if start <= end:
            parts.append((space, start, end))
    return parts


def _new_id() -> str:
    return f"w{secrets.token_hex(10)}"


def _withheld_row(part: WithheldPart, *, at: datetime, seq: int, generation: int = 0) -> dict[str, object]:
    return {
        "id": part.id,
        "kind": RangeKind.WITHHELD.value,
        "space": part.space.name,
        "scheme_length": part.space.scheme.length,
        "generation": generation,
        "first": part.first,
        "last": part.last,
        "usable": part.space.scheme.count(part.first, part.last),
        "drawn_at": at,
        "ledger_seq": seq,
    }


class ReceiptPayload(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says."""

    series: str
    space: str
    first: str
    last: str
    size: int
    usable: int
    system: str
    request_id: str
    drawn_at: str
    ledger_seq: int
    ledger_hash: str
    channel: str = "rest"
    request_digest: str = ""
    purpose: str | None = None


def re_register(ledger: Ledger, receipt: str, *, by: str, keys: list[dict[str, Json]] | None = None) -> Series:
    """Take a series back by its receipt, into the withheld range it lies in.

    `keys`: public keys beside the database's own, for a receipt signed after the backup was taken.
    Raises InvalidInputError for a wrong receipt, ConflictError where its numbers are not withheld.
    """
    with ledger.transaction(lock=store.lock_spaces) as tx:
        keys_in_force = [*public_keys(tx.connection), *(keys or [])]
        try:
            payload = msgspec.convert(verified(receipt, keys_in_force), ReceiptPayload)
        except msgspec.ValidationError as error:
            raise InvalidInputError(f"not a receipt: {error}", code=codes.NOT_A_RECEIPT, field="receipt") from error
        space, first, last = _receipt_range(tx, payload)
        again = store.series(tx.connection, payload.series)
        if again is not None:
            return again
        holder = regrants_store.holding(tx.connection, length=space.scheme.length, number=first)
        if holder is None or holder.kind is not RangeKind.WITHHELD or holder.last < last:
            raise ConflictError(
                f"{payload.first} to {payload.last} is not withheld: {_what_is(holder)}",
                code=codes.NOT_WITHHELD,
                hint="only what a recovery withheld can be taken back by receipt",
            )
        lost_entries.require_lost(tx.connection, holder.id, seq=payload.ledger_seq, digest=payload.ledger_hash)
        known_requests = store.requests(store.ask_requests(tx.exchange, [payload.request_id]))
        if (payload.system, payload.channel, payload.request_id) in known_requests:
            raise ConflictError(
                "its request id was used again since the restore",
                code=codes.IDEMPOTENCY_CONFLICT,
                field="request_id",
            )
        _put_in_place(tx, payload, space, held=holder, by=by)
        series = store.series(tx.connection, payload.series)
    assert series is not None  # noqa: S101  # inserted in the transaction that has just been committed
    return series


def _receipt_range(tx: Transaction, said: ReceiptPayload) -> tuple[Space, int, int]:
    space = next((s for s in store.spaces(tx.connection) if s.name == said.space), None)
    if space is None:
        raise InvalidInputError(f"there is no space {said.space!r}", code=codes.UNKNOWN_SPACE, field="space")
    if systems.system(tx.connection, said.system) is None:
        raise InvalidInputError(
            f"there is no system {said.system!r}", field="system", hint="add it again first, with the same id"
        )
    first, last = space.scheme.parse(said.first), space.scheme.parse(said.last)
    if last - first + 1 != said.size or space.scheme.count(first, last) != said.usable:
        raise InvalidInputError("the receipt's figures do not fit its range", code=codes.NOT_A_RECEIPT, field="receipt")
    return space, first, last


def _what_is(held: LiveRange | None) -> str:
    return "it was never issued" if held is None else f"it is {held.kind.value} ({held.id})"


def _put_in_place(tx: Transaction, said: ReceiptPayload, space: Space, *, held: LiveRange, by: str) -> None:
    """Put the series, and what is left of the withheld range on both sides, in the withheld range's place."""
    first, last = int(said.first), int(said.last)
    rest = [(a, b) for a, b in ((held.first, first - 1), (last + 1, held.last)) if a <= b]
    parts: list[WithheldPart] = [WithheldPart(_new_id(), space, a, b) for a, b in rest]
    entry = tx.append(
        SeriesReRegistered(
            series=said.series,
            space=said.space,
            first=said.first,
            last=said.last,
            usable=str(said.usable),
            system=said.system,
            request_id=said.request_id,
            channel=said.channel,
            purpose=said.purpose,
            drawn_at=said.drawn_at,
            withheld=held.id,
            left=[LeftRange(range=i, first=s.scheme.format(a), last=s.scheme.format(b)) for i, s, a, b in parts],
            receipt_seq=said.ledger_seq,
            receipt_hash=said.ledger_hash,
            by=by,
        )
    )
    draw = Draw(said.system, "", said.request_id, said.size, None, None, said.purpose, said.channel)
    drawn_at = datetime.fromisoformat(said.drawn_at)
    series = {
        **_withheld_row(WithheldPart(said.series, space, first, last), at=drawn_at, seq=entry.seq),
        "kind": RangeKind.GRANTED.value,
        "system_id": said.system,
        "channel": said.channel,
        "request_id": said.request_id,
        "request_digest": said.request_digest or draw.digest,
        "purpose": said.purpose,
    }
    left = [_withheld_row(part, at=tx.at, seq=entry.seq) for part in parts]
    splits_store.split(tx.exchange, held, [series, *left], at=tx.at, seq=entry.seq)
