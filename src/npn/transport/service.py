"""The use cases of the sunset: announce, brown-outs, exemptions; what holds now; who calls how.

What was announced is remembered for a moment in each process: every call over plain HTTP asks for it.
"""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from npn.db import Database
from npn.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, check_all, codes, details
from npn.instants import danish_day, iso_day, rfc3339_seconds
from npn.ledger.service import Ledger, Transaction
from npn.registry.policy import Policy
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice, declare_notice
from npn.transport import emails, store
from npn.transport.calls import Tally
from npn.transport.events import (
    BrownOutAnnounced,
    BrownOutCancelled,
    SunsetAnnounced,
    SunsetWithdrawn,
    TransportExceptionEnded,
    TransportExceptionGranted,
)
from npn.transport.model import (
    BROWN_OUT_NOTICE,
    LONGEST_BROWN_OUT,
    LONGEST_EXCEPTION,
    USUAL_NOTICE,
    BrownOut,
    DayCalls,
    PlainCalls,
    Plan,
    Sunset,
    TransportExemption,
    Usage,
    checked_reason,
)
from npn.transport.policy import SecureTransport

REMEMBERED = 2.0  # seconds that what was announced is used without asking again
_log = structlog.get_logger("npn.transport")
_ENDS = declare_notice(
    "plain_http_ends",
    program="plain HTTP ends on {ends}; {calls} of your calls in the last 30 days came over plain HTTP "
    "(loopback counts as such): use https://",
    en="plain HTTP ends on {ends}; {calls} of the system's calls in the last 30 days came over plain HTTP: use https://",
    da="ukrypteret HTTP ophører {ends}; {calls} af systemets kald i de seneste 30 dage kom over ukrypteret HTTP: "
    "brug https://",
)
_BROWN_OUT = declare_notice(
    "brown_out",
    program="plain HTTP is refused {starts} to {ends}",
    en="plain HTTP is refused from {starts} to {ends}, as announced",
    da="ukrypteret HTTP afvises fra {starts} til {ends}, som det er varslet",
)
_SHORT = "say so on purpose (--short-notice): the reason stays in the ledger"


@dataclass(slots=True)
class _Known:
    """The plan as it was last read."""

    plan: Plan = field(default_factory=Plan)
    read_at: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Transport:
    """Everything that is done about how systems call."""

    database: Database
    ledger: Ledger
    elapsed: Callable[[], float] = time.monotonic
    _known: _Known = field(default_factory=_Known)

    @property
    def latest(self) -> Plan:
        """Return the plan as it was last read, however long ago."""
        return self._known.plan

    def remembered(self) -> Plan | None:
        """Return the plan where it was read a moment ago, else None: then `plan` asks."""
        read_at = self._known.read_at
        fresh = read_at is not None and self.elapsed() - read_at < REMEMBERED
        return self._known.plan if fresh else None

    def plan(self) -> Plan:
        """Return what was announced and holds."""
        plan = self.remembered()
        if plan is None:
            with self._known.lock, self.database.read() as connection:
                plan = self._learn(store.plan(connection, self.ledger.clock()))
        return plan

    def refusal(self, system: str) -> RefusedError | None:
        """Return the refusal of a system's call over plain HTTP now; None where it may pass."""
        return self.plan().refusal(system, self.ledger.clock())

    def policies(self, tx: Transaction, systems: Collection[str]) -> Sequence[Policy]:
        """Return the policy that holds a batch's draws against the plan; none where nothing was announced."""
        del systems  # the plan holds everybody's exemptions: they are few
        plan = self.remembered()
        if plan is None:
            plan = self._learn(store.plan(tx.connection, tx.at))
        return () if plan.is_empty else (SecureTransport(plan),)

    def check_cut_off(self, cut_off: datetime, *, short_notice: bool) -> None:
        """Hold the end of plain HTTP to be in the future, and to the notice. Raises InvalidInputError."""
        now = self.ledger.clock()
        if cut_off <= now:
            raise InvalidInputError(details.CUT_OFF_PAST, code=codes.INVALID_FIELD, field="cut_off")
        if cut_off - now < USUAL_NOTICE and not short_notice:
            raise InvalidInputError(
                details.CUT_OFF_TOO_SOON.of(days=(cut_off - now).days),
                code=codes.NOTICE_TOO_SHORT,
                field="cut_off",
                hint=_SHORT,
            )

    def announce(self, cut_off: datetime, *, by: str, reason: str, short_notice: bool = False) -> Sunset:
        """Announce, or move, the end of plain HTTP; every system's contacts are written to.

        Raises InvalidInputError where it is not in the future, or in less than six months without `short_notice`.
        """
        check_all(
            partial(self.check_cut_off, cut_off, short_notice=short_notice),
            partial(checked_reason, reason),
        )
        with self.ledger.transaction() as tx:
            before = store.plan(tx.connection, tx.at).sunset
            sunset = Sunset(_new_id(), cut_off, tx.at, by, checked_reason(reason))
            store.withdraw_sunsets(tx.connection, tx.at)
            store.add_sunset(tx.connection, sunset)
            tx.append(
                SunsetAnnounced(
                    cut_off=rfc3339_seconds(cut_off), reason=sunset.reason, short_notice=short_notice, by=by
                )
            )
            emails.to_everybody(tx, emails.sunset(sunset, before))
        self._forget()
        return sunset

    def check_brown_out(self, starts_at: datetime | None, ends_at: datetime | None, *, short_notice: bool) -> None:
        """Hold what is known of a brown-out to the notice and the end of plain HTTP; None: not known.

        Raises InvalidInputError, all that is wrong at once.
        """
        now, sunset = self.ledger.clock(), self.plan().sunset
        checks: list[Callable[[], None]] = []
        if starts_at is not None:
            checks.append(partial(_check_start, starts_at, now=now, short_notice=short_notice))
        if starts_at is not None and ends_at is not None:
            checks.append(partial(_check_end, starts_at, ends_at, sunset))
        check_all(*checks)

    def check_exemption(self, until: datetime) -> None:
        """Hold the end of an exemption to be in the future, and not too far. Raises InvalidInputError."""
        now = self.ledger.clock()
        if until <= now:
            raise InvalidInputError(details.EXEMPTION_PAST, code=codes.INVALID_FIELD, field="until")
        if until > now + LONGEST_EXCEPTION:
            raise InvalidInputError(details.EXEMPTION_TOO_LONG, code=codes.INVALID_FIELD, field="until")

    def withdraw(self, *, by: str, reason: str) -> None:
        """Take the announcement back, brown-outs included. Raises ConflictError where there is none."""
        with self.ledger.transaction() as tx:
            plan = store.plan(tx.connection, tx.at)
            if plan.sunset is None:
                raise _no_sunset()
            store.withdraw_sunsets(tx.connection, tx.at)
            store.cancel_brown_outs(tx.connection, [brown_out.id for brown_out in plan.brown_outs], tx.at)
            for brown_out in plan.brown_outs:
                tx.append(BrownOutCancelled(brown_out=brown_out.id, reason=checked_reason(reason), by=by))
            tx.append(SunsetWithdrawn(reason=checked_reason(reason), by=by))
            emails.to_everybody(tx, emails.withdrawn(plan.sunset, checked_reason(reason)))
        self._forget()

    def announce_brown_out(
        self, starts_at: datetime, ends_at: datetime, *, by: str, reason: str, short_notice: bool = False
    ) -> BrownOut:
        """Announce a window in which plain HTTP is refused; who calls over plain HTTP is written to.

        Raises ConflictError where no sunset was announced, InvalidInputError naming the bound that is wrong.
        """
        with self.ledger.transaction() as tx:
            sunset = store.plan(tx.connection, tx.at).sunset
            if sunset is None:
                raise _no_sunset()
            check_all(
                partial(_check_start, starts_at, now=tx.at, short_notice=short_notice),
                partial(_check_end, starts_at, ends_at, sunset),
                partial(checked_reason, reason),
            )
            brown_out = BrownOut(_new_id(), starts_at, ends_at, tx.at, by, checked_reason(reason))
            store.add_brown_out(tx.connection, brown_out)
            tx.append(
                BrownOutAnnounced(
                    brown_out=brown_out.id,
                    starts_at=rfc3339_seconds(starts_at),
                    ends_at=rfc3339_seconds(ends_at),
                    reason=brown_out.reason,
                    short_notice=short_notice,
                    by=by,
                )
            )
            callers = store.usage(tx.connection, since=self._since(30))
            emails.to(tx, emails.brown_out(brown_out, sunset), [s for s, used in callers.items() if used.plain])
        self._forget()
        return brown_out

    def cancel_brown_out(self, brown_out: str, *, by: str, reason: str) -> None:
        """Call a brown-out off. Raises NotFoundError where none of that id is to come or on."""
        with self.ledger.transaction() as tx:
            coming = store.plan(tx.connection, tx.at).brown_outs
            if all(window.id != brown_out for window in coming):
                ids = ", ".join(window.id for window in coming) or "none"
                raise NotFoundError("there is no such brown-out", field="brown_out", hint=f"to come: {ids}")
            store.cancel_brown_outs(tx.connection, [brown_out], tx.at)
            tx.append(BrownOutCancelled(brown_out=brown_out, reason=checked_reason(reason), by=by))
        self._forget()

    def exempt(self, system: str, until: datetime, *, by: str, reason: str) -> TransportExemption:
        """Let a system go on over plain HTTP until then, in place of what it had. Raises NotFoundError."""
        with self.ledger.transaction() as tx:
            systems.get(tx.connection, system)
            check_all(partial(self.check_exemption, until), partial(checked_reason, reason))
            exemption = TransportExemption(_new_id(), system, until, tx.at, by, checked_reason(reason))
            store.end_exemptions(tx.connection, system, tx.at)
            store.add_exemption(tx.connection, exemption)
            tx.append(
                TransportExceptionGranted(system=system, until=rfc3339_seconds(until), reason=exemption.reason, by=by)
            )
        self._forget()
        return exemption

    def end_exemption(self, system: str, *, by: str, reason: str) -> None:
        """End a system's exemption now. Raises NotFoundError where it has none."""
        with self.ledger.transaction() as tx:
            systems.get(tx.connection, system)
            if store.exemption(tx.connection, system, tx.at) is None:
                raise NotFoundError(f"system {system} has no exception", field="system")
            store.end_exemptions(tx.connection, system, tx.at)
            tx.append(TransportExceptionEnded(system=system, reason=checked_reason(reason), by=by))
        self._forget()

    def brown_outs(self) -> list[tuple[BrownOut, datetime | None]]:
        """Return every brown-out, newest first, and when it was called off, where it was."""
        with self.database.read() as connection:
            return store.brown_outs(connection)

    def exemptions(self) -> list[tuple[TransportExemption, datetime | None]]:
        """Return every exemption, newest first, and when it was ended before its time, where it was."""
        with self.database.read() as connection:
            return store.exemptions(connection)

    def add_calls(self, rows: Sequence[Tally]) -> None:
        """Add counted calls; no ledger row, since nothing was changed. A row that can't be kept is logged."""
        with self.database.write() as connection:
            refused = store.add_calls(connection, rows)
        for row in refused:
            _log.warning("calls_not_counted", system=row.system, day=iso_day(row.day), channel=row.channel)

    def usage(self, *, days: int = 30, system: str | None = None) -> dict[str, Usage]:
        """Return how each system that called in the last `days` days has called."""
        with self.database.read() as connection:
            return store.usage(connection, since=self._since(days), system=system)

    def plain_calls(self, *, days: int = 30) -> dict[str, PlainCalls]:
        """Return the calls over plain HTTP of each system that called at all in the last `days` days."""
        with self.database.read() as connection:
            return store.plain_calls(connection, since=self._since(days))

    def calls(self, *, days: int = 90, system: str | None = None) -> list[DayCalls]:
        """Return the calls of each of the last `days` days that had any."""
        with self.database.read() as connection:
            return store.days(connection, since=self._since(days), system=system)

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return notices of when plain HTTP ends for a system that uses it, and when it will be refused before."""
        plan = self.plan()
        ends = plan.ends_for(system.id)
        if ends is None:
            return []
        usage = self.usage(system=system.id).get(system.id)
        if usage is None or not usage.plain:
            return []
        notices = [_ENDS.of(by=danish_day(ends), ends=danish_day(ends), calls=usage.plain)]
        coming = () if plan.is_exempt(system.id, self.ledger.clock()) else plan.brown_outs
        notices += [
            _BROWN_OUT.of(by=danish_day(window.starts_at), starts=window.starts_at, ends=window.ends_at)
            for window in coming
        ]
        return notices

    def _learn(self, found: Plan) -> Plan:
        self._known.plan, self._known.read_at = found, self.elapsed()
        return found

    def _forget(self) -> None:
        self._known.read_at = None

    def _since(self, days: int) -> date:
        return danish_day(self.ledger.clock()) - timedelta(days=days - 1)


def _new_id() -> str:
    return f"t{secrets.token_hex(5)}"


def _no_sunset() -> ConflictError:
    return ConflictError(
        "no end of plain HTTP was announced",
        code=codes.NO_SUNSET,
        hint="npn admin transport announce DATE comes first",
    )


def _check_start(starts_at: datetime, *, now: datetime, short_notice: bool) -> None:
    if starts_at < now and not short_notice:
        raise InvalidInputError(details.BROWN_OUT_PAST, code=codes.INVALID_FIELD, field="starts_at")
    if starts_at - now < BROWN_OUT_NOTICE and not short_notice:
        raise InvalidInputError(
            details.BROWN_OUT_TOO_SOON.of(days=BROWN_OUT_NOTICE.days),
            code=codes.NOTICE_TOO_SHORT,
            field="starts_at",
            hint=_SHORT,
        )


def _check_end(starts_at: datetime, ends_at: datetime, sunset: Sunset | None) -> None:
    if ends_at <= starts_at:
        raise InvalidInputError(details.BROWN_OUT_BACKWARDS, code=codes.INVALID_FIELD, field="ends_at")
    if ends_at - starts_at > LONGEST_BROWN_OUT:
        raise InvalidInputError(details.BROWN_OUT_TOO_LONG, code=codes.INVALID_FIELD, field="ends_at")
    if sunset is not None and ends_at > sunset.cut_off:
        raise InvalidInputError(
            details.BROWN_OUT_AFTER_CUT_OFF.of(at=sunset.cut_off), code=codes.INVALID_FIELD, field="ends_at"
        )
