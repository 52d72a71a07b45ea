"""One round with the service: repeat what is in doubt, reconcile, release, draw, report, keep receipts.

A round never holds the pool's lock over a call, so nobody who takes a number waits for the network. What is
under way is written in the pool file before it is sent; a round that breaks off anywhere is simply begun again.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

from npn.agent.consumption import Estimate, history, learn
from npn.agent.dealings import Contact, Dealings
from npn.agent.errors import ClonedError, ServiceOldError, ServiceRefusalError
from npn.agent.looking import use_of
from npn.agent.model import DrawIntent
from npn.agent.policy import StockPolicy
from npn.agent.pool import Pool
from npn.agent.receipts import SigningKeys, check
from npn.agent.reconcile import compare
from npn.errors import ConflictError, InvalidInputError, NpnError, RefusedError
from npn.wire import Me, Space, StockReport

if TYPE_CHECKING:
    from npn.agent.client import ServiceClient

_T = TypeVar("_T")
DRAWS_A_ROUND = 50
BAD_SERIES = "the service gave a series that can't be used; nothing more is drawn before somebody has looked at it"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a round did: usable numbers drawn, series ids, and what an older service lacks."""

    drawn: int
    series: list[str]
    lacking: list[str]


class Refill:
    """Rounds over one pool and one service. Thread-safe: one round, and one contact, at a time."""

    def __init__(
        self,
        pool: Pool,
        client: "ServiceClient | Callable[[], ServiceClient]",
        policy: StockPolicy,
        *,
        space: str | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Take `client`, or how to make it when it is needed.

        `space`: where to draw when the system may draw from several; `today`: the laboratory's calendar.
        """
        self.pool = pool
        self.dealings = Dealings(pool)
        self._given = client
        self._policy = policy
        self._space = space
        self._today = today
        self._turn = threading.Lock()

    @cached_property
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

    def round(self, *, to_target: bool = False) -> Outcome:
        """Do everything once. `to_target`: draw up to the target now, also above the reorder point.

        Raises what stopped it, in the service's own words, after noting it in the pool.
        """
        with self._turn:
            try:
                try:
                    outcome = self._steps(to_target=to_target)
                except ClonedError:
                    if self.pool.identity().stopped:
                        raise
                    outcome = self._steps(to_target=to_target)  # under the new identity, with new stock
            except NpnError as error:
                self._note_failure(error)
                raise
            self.dealings.remember(
                last_success=datetime.now(UTC).isoformat(timespec="seconds"),
                last_error=None,
                last_error_code=None,
                lacking="; ".join(outcome.lacking) or None,
            )
            return outcome

    def _note_failure(self, error: NpnError) -> None:
        """Kept for those who ask why; where the pool itself can't be written there is nowhere to keep it."""
        try:
            self.dealings.remember(last_error=error.message, last_error_code=error.code)
        except NpnError:
            return

    def _steps(self, *, to_target: bool) -> Outcome:
        lacking: list[str] = []
        me = self._client.me()
        self.dealings.remember(me=msgspec.json.encode(me).decode())
        series: list[str] = []
        drawn = 0
        with self.pool.reading() as log:
            pending = log.pending_request()
        if pending:
            drawn += self._draw(pending, me, series)
        self._reconcile(me)
        self._release()
        for usable in self._amounts(me, to_target=to_target):
            intent = self.dealings.intent(usable, self._space)
            drawn += self._draw(intent, me, series)
            self._reconcile(me)
        for step in (self._report, self._keep_receipts):
            try:
                step()
            except ServiceOldError as error:
                lacking.append(error.message)
        return Outcome(drawn=drawn, series=series, lacking=lacking)

    # draws ----------------------------------------------------------------------------------------------
    def _amounts(self, me: Me, *, to_target: bool) -> Iterator[int]:
        """The draws of one round, each decided after the one before has arrived."""
        if any(flag.kind == "bad_series" for flag in self.pool.status().flags):
            if to_target:
                raise RefusedError(BAD_SERIES, code="bad_series", hint="tell the operator; then `npn agent reset`")
            return
        for number in range(DRAWS_A_ROUND):
            amount = self._next_amount(me, to_target=to_target, begun=number > 0)
            if amount <= 0:
                return
            yield amount

    def _next_amount(self, me: Me, *, to_target: bool, begun: bool) -> int:
        """What to draw next in this round; 0 for nothing. Once begun, a round goes on up to the target."""
        free = self.pool.free()
        estimate, today = self.outlook()
        expected = self._policy.expected(estimate)
        if begun or to_target:
            if expected.per_day <= 0:
                amount = self._policy.min_draw if not begun and free < self._policy.min_draw else 0
            else:
                missing = expected.need(self._policy.target_days, today=today) - free
                amount = self._policy.order(free, estimate, today=today) if missing >= 1 else 0
        else:
            amount = self._policy.amount(free, estimate, today=today)
        return _within_quota(amount, me, self._space) if amount else 0

    def _draw(self, intent: DrawIntent, me: Me, drawn: list[str]) -> int:
        """Send a logged request, and adopt its series. A definite no is noted and raised."""
        self.dealings.attempt(intent)
        try:
            contact, document = self._contact(lambda header: self._client.draw(intent, header))
        except ServiceRefusalError:
            self.dealings.refused(intent)
            raise
        space = _space(me, document.space)
        if space is None:
            me = self._client.me()
            space = _space(me, document.space)
        try:
            series = self.dealings.adopt(document, space, contact)
        except (InvalidInputError, ConflictError) as error:
            self.dealings.bad_series(intent, error.message, contact)
            raise
        drawn.append(series.id)
        return series.free

    # other contacts -------------------------------------------------------------------------------------
    def _contact(self, call: Callable[[str], _T]) -> tuple[Contact, _T]:
        """Make one contact. On `agent_cloned` the pool withholds what a copy may hold before anything else.

        Unless the service holds a token of this pool's own past: then it was set back, and the contact is
        repeated from there.
        """
        contact = self.dealings.contact()
        try:
            return contact, call(contact.header)
        except ClonedError as error:
            words, rejoining = error.message, self.dealings.rejoining(contact, error.held)
        try:
            if rejoining is not None:
                return contact, call(rejoining.header)
        except ClonedError as error:
            words = error.message
        self.dealings.cloned(words)
        raise ClonedError(words)

    def _reconcile(self, me: Me) -> None:
        """Compare lists; adopt by repeating our own request ids; the next comparison opens what that brought."""
        for _ in range(3):
            contact, listed = self._contact(self._client.series)
            with self.pool.reading() as log:
                found = compare(
                    listed,
                    self.pool.series(),
                    request=log.request,
                    releases=log.releases(),
                    pool_id=contact.pool_id,
                )
            waiting = self.dealings.reconciled(contact, found.flags, found.cuts)
            for intent in found.to_repeat:
                self._draw(intent, me, [])
            if not found.to_repeat and not waiting:
                return

    def _release(self) -> None:
        """Give back what has left the pool for that."""
        with self.pool.reading() as log:
            pending = log.releases(pending=True)
        for intent in pending:
            give = partial(self._client.release, intent.series, intent.from_)
            try:
                contact, _ = self._contact(give)
            except ServiceRefusalError as error:
                self.dealings.release_refused(intent, error.message)
                continue
            self.dealings.released(intent, contact)

    def release(self, series: str, from_: str | None = None) -> None:
        """Take a tail out of the pool and give it back to the service; a later round finishes what fails now."""
        with self._turn:
            self.dealings.release(series, from_)
            self._release()

    def _report(self) -> None:
        free, estimate = self.pool.free(), self._policy.expected(self.estimate())
        used = round(estimate.per_day, 3)
        report = StockReport(free=free, used_per_day=used, as_of=datetime.now(UTC).replace(microsecond=0))
        contact, _ = self._contact(lambda header: self._client.report(report, header))
        self.dealings.accepted(contact)

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
                self.dealings.bad_receipt(series.id, error.message)
            else:
                self.dealings.keep_receipt(series.id, receipt, verdict)


def _space(me: Me, name: str) -> Space | None:
    return next((space for space in me.spaces if space.name == name), None)


def _within_quota(amount: int, me: Me, name: str | None) -> int:
    """The amount as the service's bounds on one draw allow it; they count numbers, we count usable ones."""
    if me.quota is None or not me.spaces:
        return amount
    space = (_space(me, name) if name else None) or me.spaces[0]
    largest = max(1, me.quota.largest_draw // space.modulus - 3)
    smallest = me.quota.smallest_draw // space.modulus + 1
    return min(max(amount, smallest), largest)
