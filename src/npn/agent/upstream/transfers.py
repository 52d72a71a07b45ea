"""The pool's side of its dealings with the service: tokens, request ids, adoption, releases, clones.

Nothing here calls the service; `refill.py` does. Each method is one step of docs/agent-pool.md, one transaction.
"""

import sqlite3
import uuid

import msgspec

from npn.agent.model import DrawIntent, Flag, PooledSeries, ReleaseIntent
from npn.agent.stock.pool import Pool
from npn.agent.stock.store import new_secret
from npn.agent.upstream.receipts import Verdict
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, codes
from npn.numbers.scheme import NumberScheme
from npn.tokens import digest_of
from npn.wire import Series, Space

REMEMBERED_TOKENS = (
    60_000  # three weeks of a contact every minute, years of hourly ones: as far as a service is set back
)


class TokenPair(msgspec.Struct, frozen=True):
    """A pair of tokens under a pool id, stored durably before it is used.

    `fresh`: this process made the pair, so that no copy of the file made before can have it.
    """

    pool_id: str
    previous: str
    new: str
    fresh: bool = False

    @property
    def header(self) -> str:
        """The value of Npn-Pool."""
        return f"{self.pool_id}; {self.previous}; {self.new}"


class Transfers:
    """Over one open pool. One contact at a time: the caller sees to that."""

    def __init__(self, pool: Pool) -> None:
        """Share the pool's lock, transactions and log."""
        self._pool = pool
        self._log = pool.logbook
        self._made = ""  # the newest token that was made here and not found in the file

    # contacts -------------------------------------------------------------------------------------------
    def contact(self) -> TokenPair:
        """The pair for the next contact: the one in doubt, or a fresh one, stored before it is returned."""
        identity = self._pool.identity()
        if identity.stopped:
            raise RefusedError(
                identity.stopped, code=codes.AGENT_STOPPED, hint="`npn agent reset` takes a new identity"
            )
        pending = identity.pending
        if pending is None:
            pending = new_secret()
            with self._pool.change() as change:
                change.execute("UPDATE pool SET pending = ?", (pending,))
            self._made = pending
        return TokenPair(identity.pool_id, identity.token, pending, fresh=pending == self._made)

    def _accepted(self, change: sqlite3.Connection, contact: TokenPair) -> None:
        """The service took the new token: it is the previous one from now on, and kept in the chain's history."""
        change.execute(
            "INSERT OR IGNORE INTO token (pool_id, digest, token) SELECT pool_id, ?, token FROM pool"
            " WHERE pool_id = ? AND pending = ?",
            (digest_of(contact.previous), contact.pool_id, contact.new),
        )
        change.execute(
            "DELETE FROM token WHERE position <= (SELECT max(position) FROM token) - ?", (REMEMBERED_TOKENS,)
        )
        change.execute(
            "UPDATE pool SET token = pending, pending = NULL WHERE pool_id = ? AND pending = ?",
            (contact.pool_id, contact.new),
        )

    def rejoining(self, contact: TokenPair, held: str) -> TokenPair | None:
        """The contact to repeat where the service holds a token out of this pool's own past; else None.

        Then the service was set back, and this pool is no copy: a copy's token is unknown here.
        """
        if not held or digest_of(contact.previous) == held:
            return None
        with self._pool.change() as change:
            row = change.execute(
                "SELECT token FROM token WHERE pool_id = ? AND digest = ?", (contact.pool_id, held)
            ).fetchone()
        return None if row is None else TokenPair(contact.pool_id, row[0], contact.new, fresh=contact.fresh)

    def accepted(self, contact: TokenPair) -> None:
        """The same, where the answer brought nothing to store."""
        with self._pool.change() as change:
            self._accepted(change, contact)

    def cloned(self, words: str) -> None:
        """The service knows another copy: withhold all that a copy can hold, then take a new identity, or stop."""
        with self._pool.change_emptied() as change:
            self._pool.store.withhold_all(change, "cloned")
            self._log.abandon_all(change)
            self._log.remember(change, "alarm", f"the service found a copy of this pool: {words}")
            if self._pool.on_clone == "stop":
                stopped = f"stopped, since the service found a copy of this pool: {words}"
                change.execute("UPDATE pool SET stopped = ?, pending = NULL", (stopped,))
            else:
                self._pool.store.new_identity(change)

    # draws ----------------------------------------------------------------------------------------------
    def intent(self, usable: int, space: str | None) -> DrawIntent:
        """The draw under way, or a new one written down before anything is sent."""
        with self._pool.reading() as log:
            pending = log.pending_request()
        if pending is None:
            pending = DrawIntent(
                request_id=f"agent-{uuid.uuid4()}",
                pool_id=self._pool.identity().pool_id,
                usable=usable,
                space=space,
                state="pending",
                attempts=0,
                series=None,
            )
            with self._pool.change() as change:
                self._log.log_request(change, pending)
        return pending

    def attempt(self, intent: DrawIntent) -> None:
        """It is about to be sent once more."""
        with self._pool.change() as change:
            self._log.count_attempt(change, intent.request_id)

    def refused(self, intent: DrawIntent) -> None:
        """A definite no: the key was not bound, the next draw gets a new one."""
        with self._pool.change() as change:
            self._log.settle_request(change, intent.request_id, "refused")

    def adopt(self, document: Series, space: Space | None, contact: TokenPair | None = None) -> PooledSeries:
        """Take a series into the pool, not to be handed out before the next contact. Raises InvalidInputError.

        Only one whose request id stands in this pool's own log, under its present identity.
        """
        with self._pool.reading() as log:
            intent = log.request(document.request_id)
        if intent is None or intent.state == "abandoned" or intent.pool_id != self._pool.identity().pool_id:
            raise ConflictError(f"series {document.id} was not asked for by this pool", code=codes.NOT_FROM_THIS_POOL)
        pooled = next((s for s in self._pool.series() if s.id == document.id), None)
        series = pooled or checked_series(document, space, self._pool.series())
        with self._pool.change() as change:
            if contact is not None:
                self._accepted(change, contact)
            if pooled is None:
                self._pool.store.add_series(change, series)
            self._log.settle_request(change, intent.request_id, "granted", series=series.id)
        return series

    def bad_series(self, intent: DrawIntent, detail: str, contact: TokenPair) -> None:
        """The service gave what can't be used: flagged, kept out, not asked for again; no more is drawn by itself."""
        with self._pool.change() as change:
            self._accepted(change, contact)
            self._log.settle_request(change, intent.request_id, "abandoned")
            self._log.add_flag(change, Flag(kind="bad_series", series=intent.request_id, detail=detail))

    # reconciliation -------------------------------------------------------------------------------------
    def reconciled(self, contact: TokenPair, flags: list[Flag], cuts: dict[str, int]) -> bool:
        """A list was compared under an accepted contact: open what had arrived before, cut what was released.

        `cuts`: series id → the highest number still ours. Returns whether numbers still wait for a fresh contact:
        under a pair that was found in the file nothing is opened, since a copy of the file may have used it too.
        """
        changing = self._pool.change_emptied if cuts else self._pool.change
        with changing() as change:
            self._accepted(change, contact)
            self._log.set_flags(change, flags)
            for series in self._pool.series():
                if series.id in cuts and cuts[series.id] < series.stop:
                    self._pool.store.cut_tail(change, series, max(cuts[series.id], series.next - 1))
            waiting = [s for s in self._pool.series() if s.state == "arrived"]
            if contact.fresh:
                self._pool.store.set_state(change, before="arrived", after="open")
        if waiting and contact.fresh:
            self._pool.announce()
        return bool(waiting) and not contact.fresh

    def keep_receipt(self, series: str, receipt: str, verdict: Verdict) -> None:
        """Keep the signed receipt of a series, and whether its signature could be verified."""
        with self._pool.change() as change:
            self._log.keep_receipt(change, series, receipt)
            self._log.remember(change, f"receipt {series}", verdict)

    def bad_receipt(self, series: str, detail: str) -> None:
        """It is not kept, and asked for again at the next round."""
        with self._pool.change() as change:
            self._log.add_flag(change, Flag(kind="bad_receipt", series=series, detail=detail))

    def remember(self, **facts: str | None) -> None:
        """Remember texts by name, or forget them."""
        with self._pool.change() as change:
            for name, value in facts.items():
                self._log.remember(change, name, value)

    # releases -------------------------------------------------------------------------------------------
    def release(self, series_id: str, from_: str | None = None) -> ReleaseIntent:
        """Take a tail out of the pool durably, to be given back to the service after that.

        Without `from_`: everything of the series that was not handed out.
        """
        with self._pool.change_emptied() as change:
            series = next((s for s in self._pool.series() if s.id == series_id), None)
            if series is None:
                raise NotFoundError(f"this pool has no series {series_id}", field="series")
            if any(r.series == series_id for r in self._log.releases(pending=True)):
                raise ConflictError(f"a release of series {series_id} is under way already")
            if series.state != "open":
                raise ConflictError(f"series {series_id} is {series.state}; only one in stock can be released")
            start = series.next if from_ is None else series.scheme.parse(from_)
            if start < series.next or start > series.stop:
                raise InvalidInputError(_outside(series), field="from")
            origin = None if start == series.first else series.scheme.format(start)
            self._pool.store.cut_tail(change, series, start - 1)
            self._log.log_release(change, series_id, origin)
        return ReleaseIntent(series=series_id, from_=origin, state="pending", detail="")

    def release_all(self, held: str) -> list[str]:
        """Take everything that was not handed out out of the pool, in one step; return the series.

        `held`: why nothing is drawn from now on. A release under way of a series' tail becomes one of all its rest.
        """
        receipts = []
        with self._pool.change_emptied() as change:
            self._log.remember(change, "draws_held", held)
            pending = {intent.series for intent in self._log.releases(pending=True)}
            for series in self._pool.series():
                if series.state != "open" or not series.free:
                    continue
                origin = None if series.next == series.first else series.scheme.format(series.next)
                self._pool.store.cut_tail(change, series, series.next - 1)
                if series.id in pending:
                    self._log.widen_release(change, series.id, origin)
                else:
                    self._log.log_release(change, series.id, origin)
                receipts.append(series.id)
        return receipts

    def released(self, intent: ReleaseIntent, contact: TokenPair) -> None:
        """The service has the numbers back."""
        with self._pool.change() as change:
            self._accepted(change, contact)
            self._log.settle_release(change, intent.series, "done")

    def release_refused(self, intent: ReleaseIntent, words: str) -> None:
        """The service does not want them; they stay out of the pool."""
        with self._pool.change() as change:
            self._log.settle_release(change, intent.series, "refused", detail=words)


def _outside(series: PooledSeries) -> str:
    if series.next > series.stop:
        return f"nothing of series {series.id} is left in the pool"
    first, last = series.scheme.format(series.next), series.scheme.format(series.stop)
    return f"only {first} to {last} of series {series.id} are still unused in this pool"


def checked_series(document: Series, space: Space | None, held: list[PooledSeries]) -> PooledSeries:
    """The series as the pool keeps it. Raises InvalidInputError where anything about it is not as it must be."""
    if space is None:
        raise InvalidInputError(f"series {document.id} is from an unknown space, {document.space}", field="space")
    scheme = scheme_of_space(space)
    first, last = scheme.parse(document.first), scheme.parse(document.last)
    faults = [
        (first > last, "its first number is after its last"),
        (document.size != last - first + 1, f"it says {document.size} numbers and has {last - first + 1}"),
        (document.usable != scheme.count(first, last), "its count of usable numbers is wrong for its space"),
        (document.space != space.name, f"it is from space {document.space}, not {space.name}"),
        (first < scheme.parse(space.first) or last > scheme.parse(space.last), "it leaves its space's range"),
        (document.state != "granted", f"it is {document.state} already"),
        (_overlaps(first, last, scheme.length, held=held), "it overlaps a series that this pool had before"),
    ]
    wrong = [text for fault, text in faults if fault]
    if wrong:
        raise InvalidInputError(f"series {document.id} can't be used: {'; '.join(wrong)}", field="series")
    return PooledSeries(
        id=document.id,
        request_id=document.request_id,
        space=document.space,
        scheme=scheme,
        first=first,
        last=last,
        next=first,
        stop=last,
        state="arrived",
        drawn_at=document.drawn_at,
        has_receipt=False,
    )


def _overlaps(first: int, last: int, length: int, *, held: list[PooledSeries]) -> bool:
    return any(s.scheme.length == length and s.first <= last and s.last >= first for s in held)


def scheme_of_space(space: Space) -> NumberScheme:
    """The scheme that makes a number of this space usable."""
    return NumberScheme(
        name=space.name,
        length=space.length,
        weights=tuple(space.weights),
        modulus=space.modulus,
        remainder=space.remainder,
    )
