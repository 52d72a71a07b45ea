"""Setting a pool right by hand: a restored or copied file, a stop after `agent_cloned`, a refill that is stuck.

Never brings a number back: what is in doubt is withheld, and the pool gets a new identity.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from npn.agent.stock.inspection import doubt, mark_of
from npn.agent.stock.lock import Ownership
from npn.agent.stock.logbook import Logbook
from npn.agent.stock.mark import Mark, MarkFile
from npn.agent.stock.store import PoolStore


class ResetPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a reset is going to do. `withhold`: usable numbers that will never be handed out."""

    withhold: int
    reasons: list[str]
    pending_request: str | None
    new_identity: bool

    @property
    def sentences(self) -> list[str]:
        """For the person who is asked."""
        lines = [f"found: {reason}" for reason in self.reasons]
        if self.new_identity:
            lines += [
                f"{self.withhold} usable numbers in this pool are withheld for good: a copy may have used them",
                "the pool gets a new identity; the next round draws new stock",
            ]
        if self.pending_request:
            lines.append(f"the draw under way ({self.pending_request}) is given up; the next one gets a new id")
        return [*lines, "alarms that were shown are taken down"]


@contextmanager
def _opened(path: Path, mark: Path | None) -> Iterator[tuple[PoolStore, MarkFile]]:
    real = Path(os.path.realpath(path))
    ownership = Ownership.acquire(real)
    try:
        store = PoolStore.open(real)
        mark_file = mark_of(real, mark)
        try:
            yield store, mark_file
        finally:
            mark_file.close()
            store.close()
    finally:
        ownership.release()


def plan(path: Path, *, mark: Path | None = None, withhold: bool = False) -> ResetPlan:
    """Look only. Raises PoolInUseError while an agent runs, PoolRefusedError where the file is damaged."""
    with _opened(path, mark) as (store, mark_file):
        return _plan(store, mark_file.read(), withhold=withhold)


def _plan(store: PoolStore, mark: Mark | None, *, withhold: bool) -> ResetPlan:
    identity, reasons = store.identity(), []
    doubted = doubt(store, mark)
    if doubted == "mark_missing":
        reasons.append("the mark outside the pool file is missing")
    elif doubted and mark and mark.pool_id not in store.known_ids():
        reasons.append("the mark is another pool's")
    elif doubted and mark:
        reasons.append(f"the file (change {identity.generation}) is older than its mark ({mark.generation})")
    if identity.stopped:
        reasons.append(identity.stopped)
    pending = Logbook(store).pending_request()
    return ResetPlan(
        withhold=sum(s.free for s in store.series() if s.state != "withheld"),
        reasons=reasons,
        pending_request=pending.request_id if pending else None,
        new_identity=bool(reasons) or withhold,
    )


def carry_out(path: Path, *, mark: Path | None = None, withhold: bool = False) -> ResetPlan:
    """Do what `plan` says, on the file as it now is."""
    with _opened(path, mark) as (store, mark_file):
        mark_before = mark_file.read()
        decided = _plan(store, mark_before, withhold=withhold)
        store.take_ownership()
        log = Logbook(store)
        with store.transaction() as change:
            for name in ("alarm", "last_error", "last_error_code", "policy"):
                log.remember(change, name, None)
            change.execute("DELETE FROM flag")
            if decided.new_identity:
                store.withhold_all(change, "reset")
                log.abandon_all(change)
                store.new_identity(change)
                newest = mark_before.generation if mark_before else 0
                change.execute("UPDATE pool SET generation = max(generation, ?)", (newest,))
            elif decided.pending_request:
                log.settle_request(change, decided.pending_request, "refused")
        identity = store.identity()
        mark_file.advance(Mark(identity.pool_id, identity.generation))
        return decided
