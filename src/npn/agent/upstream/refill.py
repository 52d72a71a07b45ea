"""One round with the service: repeat what is in doubt, reconcile, release, draw, report, keep receipts.

A round never holds the pool's lock over a call, so nobody who takes a number waits for the network. What is
under way is written in the pool file before it is sent; a round that breaks off anywhere is simply begun again.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from npn.agent.errors import ClonedError, ServiceOldError, ServiceRefusalError
from npn.agent.model import DrawIntent, PooledSeries
from npn.agent.stock.inspection import use_of
from npn.agent.stock.pool import Pool
from npn.agent.upstream.receipts import SigningKeys, check
from npn.agent.upstream.reconcile import compare
from npn.agent.upstream.transfers import TokenPair, Transfers, scheme_of_space
from npn.errors import ConflictError, InvalidInputError, NpnError, RefusedError, codes
from npn.replenishment.consumption import Estimate, history, learn
from npn.replenishment.policy import StockPolicy
from npn.wire import Me, Series, Space, StockReport

if TYPE_CHECKING:
    from npn.agent.upstream.client import ServiceClient

_T = TypeVar("_T")
DRAWS_A_ROUND = 50
_NEVER_TAKEN = (codes.NOT_OWNER, codes.NOT_FOUND, codes.OUTSIDE_SERIES, codes.NOT_A_NUMBER, codes.NOTHING_HELD)
BAD_SERIES = "the service gave a series that can't be used; nothing more is drawn before somebody has looked at it"


class RoundOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a round did: usable numbers drawn, series ids, what an older service lacks, and what the service says.

    `kept_back`: why nothing was drawn although the stock called for it; empty where nothing stood in the way.
    """

    drawn: int
    series: list[str]
    lacking: list[str]
    suspended: bool = False
    notices: list[str] = []
    kept_back: str = ""


class Refill:
    """Rounds over one pool and one service. Thread-safe: one round, and one contact, at a time."""

    def __init__(
        self,
        pool: Pool,
        client: "ServiceClient | Callable[[], ServiceClient]",
        policy: StockPolicy,
        *,
        space: str | None = None,
        allow_scheme_change: bool = False,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Take `client`, or how to make it when it is needed.

        `space`: where to draw when the system may draw from several; `allow_scheme_change`: also numbers of another
        length than those in stock; `today`: the laboratory's calendar.
        """
        self.pool = pool
        self.transfers = Transfers(pool)
        self._given = client
        self._policy = policy
        self._space = space
        self._allow_scheme_change = allow_scheme_change
        self._today = today
        self._turn = threading.Lock()

    @property
    def _client(self) -> "ServiceClient":
        return self._given() if callable(self._given) else self._given

    def estimate(self) -> Estimate:
        """What the laboratory is expected to use, learnt from this pool's own hand-outs."""
        return self.outlook()[0]

    def outlook(self) -> tuple[Estimate, date]:
        """The estimate, and the day to reckon from: today, unless the clock must be wrong."""
        today = self._today()
        with self.pool.reading() as log:
            use = use_of(log, today=today, unnoted=self.pool.unnoted())
        since, today = history(use, today=today)
        return learn(use, since=since, today=today), today

    def round(self, *, to_target: bool = False) -> RoundOutcome:
        """Do everything once. `to_target`: draw up to the target now, also above the reorder point.

        Raises what stopped it, in the service's own words, after noting it in the pool.
        """
        with self._turn:
            try:
                if to_target:
                    self.transfers.remember(draws_held=None)  # somebody wants numbers again
                try:
                    outcome = self._steps(to_target=to_target)
                except ClonedError:
                    if self.pool.identity().stopped:
                        raise
                    outcome = self._steps(to_target=to_target)  # under the new identity, with new stock
            except Exception as error:  # of whatever family: who asks why the stock falls must find it (F8)
                self._note_failure(error)
                raise
            self.transfers.remember(
                last_success=datetime.now(UTC).isoformat(timespec="seconds"),
                last_error=None,
                last_error_code=None,
                lacking="; ".join(outcome.lacking) or None,
                kept_back=None if outcome.suspended else outcome.kept_back or None,
            )
            return outcome

    def _note_failure(self, error: Exception) -> None:
        """Keep it for those who ask why; where the pool itself can't be written there is nowhere to keep it."""
        message, code = explain(error)
        with contextlib.suppress(NpnError):
            self.transfers.remember(last_error=message, last_error_code=code)

    def _steps(self, *, to_target: bool) -> RoundOutcome:
        lacking: list[str] = []
        series: list[str] = []
        me, drawn = self._settle(series)
        kept_back = self._kept_back(me)
        for usable in () if kept_back else self._amounts(me, to_target=to_target):
            intent = self.transfers.intent(usable, self._space)
            drawn += self._draw(intent, me, series)
            self._reconcile(me)
        for step in (() if me.state == "suspended" else (self._report,)) + (self._keep_receipts,):
            try:
                step()
            except ServiceOldError as error:
                lacking.append(error.message)
        return RoundOutcome(
            drawn=drawn,
            series=series,
            lacking=lacking,
            suspended=me.state == "suspended",
            notices=me.notices,
            kept_back=kept_back,
        )

    def _settle(self, series: list[str]) -> tuple[Me, int]:
        """Finish what is in doubt: the draw under way, the lists, releases. Return who we are and what arrived."""
        me = self._client.me()
        self.transfers.remember(me=msgspec.json.encode(me).decode())
        with self.pool.reading() as log:
            pending = log.pending_request()
        drawn = self._draw(pending, me, series) if pending else 0
        self._reconcile(me)
        if me.state != "suspended":  # then they wait: who is suspended gives nothing back either
            self._release()
        return me, drawn

    def _kept_back(self, me: Me) -> str:
        """Return why nothing may be drawn whatever the stock, in the words of the status; empty where it may."""
        if me.state == "suspended":
            return f"the operator has suspended the system {me.system}"
        with self.pool.reading() as log:
            reason = log.fact("draws_held")
        return reason or scheme_change(self.pool.series(), _target(me, self._space), allowed=self._allow_scheme_change)

    # draws ----------------------------------------------------------------------------------------------
    def _amounts(self, me: Me, *, to_target: bool) -> Iterator[int]:
        """Yield the draws of one round, each decided after the one before has arrived."""
        if any(flag.kind == "bad_series" for flag in self.pool.status().flags):
            if to_target:
                raise RefusedError(BAD_SERIES, code=codes.BAD_SERIES, hint="tell the operator; then `npn agent reset`")
            return
        before = {series.id for series in self.pool.series()}
        for number in range(DRAWS_A_ROUND):
            wanted = self._next_amount(to_target=to_target, begun=number > 0)
            if wanted <= 0:
                return
            size = sum(s.last - s.first + 1 for s in self.pool.series() if s.id not in before)
            amount = within_allowance(wanted, me, _target(me, self._space), drawn=size)
            if isinstance(amount, RefusedError):
                if number == 0:
                    raise amount
                return  # what the quota had left was drawn; the next round says why there is no more
            yield amount

    def _next_amount(self, *, to_target: bool, begun: bool) -> int:
        """What the stock calls for next in this round; 0 for nothing. Once begun, a round goes on up to the target."""
        free = self.pool.free()
        estimate, today = self.outlook()
        expected = self._policy.expected(estimate)
        if begun or to_target:
            if expected.per_day <= 0:
                return self._policy.min_draw if not begun and free < self._policy.min_draw else 0
            missing = expected.need(self._policy.target_days, today=today) - free
            return self._policy.order(free, estimate, today=today) if missing >= 1 else 0
        return self._policy.amount(free, estimate, today=today)

    def _draw(self, intent: DrawIntent, me: Me, drawn: list[str]) -> int:
        """Send a logged request, and adopt its series. A definite no is noted and raised."""
        self.transfers.attempt(intent)
        try:
            contact, document = self._contact(lambda header: self._client.draw(intent, header))
        except ServiceRefusalError:
            self.transfers.refused(intent)
            raise
        space = _space(me, document.space)
        if space is None:
            me = self._client.me()
            space = _space(me, document.space)
        try:
            self._refuse_other_length(document, space)
            series = self.transfers.adopt(document, space, contact)
        except (InvalidInputError, ConflictError) as error:
            self.transfers.bad_series(intent, error.message, contact)
            raise
        drawn.append(series.id)
        return series.free

    def _refuse_other_length(self, document: Series, space: Space | None) -> None:
        """Keep a series out whose numbers have another length than those in stock. Raises ConflictError.

        Nothing of that kind is asked for; but a system may be moved between the question and the answer.
        """
        others = [series for series in self.pool.series() if series.id != document.id]
        reason = scheme_change(others, space, allowed=self._allow_scheme_change)
        if reason:
            raise ConflictError(f"series {document.id} is kept out: {reason}", code=codes.SCHEME_CHANGE)

    # other contacts -------------------------------------------------------------------------------------
    def _contact(self, call: Callable[[str], _T]) -> tuple[TokenPair, _T]:
        """Make one contact. On `agent_cloned` the pool withholds what a copy may hold before anything else.

        Unless the service holds a token of this pool's own past: then it was set back, and the contact is
        repeated from there.
        """
        contact = self.transfers.contact()
        try:
            return contact, call(contact.header)
        except ClonedError as error:
            words, rejoining = error.message, self.transfers.rejoining(contact, error.held)
        try:
            if rejoining is not None:
                return contact, call(rejoining.header)
        except ClonedError as error:
            words = error.message
        self.transfers.cloned(words)
        raise ClonedError(words)

    def _reconcile(self, me: Me) -> None:
        """Compare lists; adopt by repeating our own request ids; the next comparison opens what that brought."""
        for _ in range(3):
            contact, listed = self._contact(self._client.series)
            with self.pool.reading() as log:
                comparison = compare(
                    listed,
                    self.pool.series(),
                    request=log.request,
                    releases=log.releases(),
                    pool_id=contact.pool_id,
                )
            waiting = self.transfers.reconciled(contact, comparison.flags, comparison.cuts)
            for intent in comparison.to_repeat:
                self._draw(intent, me, [])
            if not comparison.to_repeat and not waiting:
                return

    def _release(self) -> None:
        """Release what has left the pool for that."""
        with self.pool.reading() as log:
            pending = log.releases(pending=True)
        for intent in pending:
            give = partial(self._client.release, intent.series, intent.from_)
            try:
                contact, _ = self._contact(give)
            except ServiceRefusalError as error:
                if error.code not in _NEVER_TAKEN:
                    raise  # about the caller, and not about these numbers: they are given back later
                self.transfers.release_refused(intent, error.message)
                continue
            self.transfers.released(intent, contact)

    def release(self, series: str, from_: str | None = None) -> None:
        """Take a tail out of the pool and give it back to the service; a later round finishes what fails now."""
        with self._turn:
            self.transfers.release(series, from_)
            self._release()

    def release_all(self) -> list[str]:
        """Release all that was not handed out; return the series. Nothing is drawn before a round to the target.

        What is in doubt is settled first where the service answers; where it does not, a later round gives back
        what has left the pool here.
        """
        with self._turn:
            reason = f"all stock was given back on {self._today()}; nothing is drawn until `npn agent refill`"
            self.transfers.remember(draws_held=reason)
            in_doubt: Exception | None = None
            try:
                self._settle([])
            except Exception as error:  # noqa: BLE001  # raised below, after the numbers have left the pool
                in_doubt = error
            receipts = self.transfers.release_all(reason)
            if in_doubt is not None:
                raise in_doubt
            self._release()
            return receipts

    def _report(self) -> None:
        free, estimate = self.pool.free(), self._policy.expected(self.estimate())
        used = round(estimate.per_day, 3)
        report = StockReport(free=free, used_per_day=used, as_of=datetime.now(UTC).replace(microsecond=0))
        contact, _ = self._contact(lambda header: self._client.report(report, header))
        self.transfers.accepted(contact)

    def _keep_receipts(self) -> None:
        keys: SigningKeys | None = None
        for series in self.pool.series():
            if series.has_receipt or series.state != "open":
                continue
            receipt = self._client.receipt(series.id)
            keys = keys or self._client.keys()
            try:
                verdict = check(receipt, series, keys)
            except InvalidInputError as error:
                self.transfers.bad_receipt(series.id, error.message)
            else:
                self.transfers.keep_receipt(series.id, receipt, verdict)


def _space(me: Me, name: str) -> Space | None:
    return next((space for space in me.spaces if space.name == name), None)


def _target(me: Me, name: str | None) -> Space | None:
    """Return the space that a draw goes to: the one of the settings, or the caller's own."""
    own = name or me.space
    if own:
        return _space(me, own)
    return me.spaces[0] if me.spaces else None  # an older service does not say which


def within_allowance(wanted: int, me: Me, space: Space | None, *, drawn: int) -> int | RefusedError:
    """Return the usable numbers to ask for, so that the service takes the draw; `drawn` numbers since `me` was read."""
    if me.quota is None or space is None:
        return wanted
    return me.quota.allowance.fitted(wanted, scheme_of_space(space), used=(me.quota.used or 0) + drawn)


def scheme_change(held: Sequence[PooledSeries], space: Space | None, *, allowed: bool) -> str:
    """Return why nothing is drawn where the next numbers would have another length than the latest; else ''."""
    if allowed or space is None or not held or held[-1].scheme.length == space.length:
        return ""
    return (
        f"the service would now give numbers of {space.length} digits (space {space.name}); this laboratory has numbers"
        f" of {held[-1].scheme.length}: nothing is drawn before agent.toml says allow_scheme_change = true"
    )


def explain(error: Exception) -> tuple[str, str]:
    """Return an error's message and code, of whatever family it is."""
    if isinstance(error, NpnError):
        return error.message, error.code
    return f"a fault in the agent: {type(error).__name__}: {error}", codes.INTERNAL
