"""Who is calling: `Authorization: Bearer npn_<system>_<secret>`, or a TLS client certificate bound to a system.

The key's digest is looked up, so what is compared is never the secret, and whatever text is sent costs the same. For
draws the answer may be a second old: the batch asks for the key again in its own transaction. Everything else asks
the database each time. So it is with plain HTTP once that is refused: a draw is checked against the plan in its batch,
after repeats were answered; every other call here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from litestar.types import HTTPScope

from npn.errors import RefusedError, UnauthenticatedError, codes
from npn.http.exchange import exchange_of
from npn.http.requests import header
from npn.http.threads import Threads
from npn.limits import Buckets
from npn.systems.clients import Clients, PresentedCertificate, presented_in
from npn.systems.model import Caller
from npn.systems.permissions import Act
from npn.systems.service import Systems
from npn.tokens import digest_of
from npn.transport.service import Transport
from npn.wire.requests import bearer_key, unknown_key

_REMEMBERED = 1.0  # seconds that an identity may be used for draws without asking
_TRUSTED = 600.0  # seconds that a key once seen is let through however many failures came from its address
_RECORD_EVERY = timedelta(minutes=1)
_MOST = 10_000
_FAILURES_AT_ONCE = 1000
_FAILURES_A_SECOND = 20


@dataclass(slots=True)
class CallerEntry:
    """A key that was in force when the database was last asked."""

    caller: Caller
    asked_at: float
    recorded_at: datetime | None


@dataclass(slots=True)
class Authenticator:
    """Authenticates callers. Used on the event loop's thread only."""

    systems: Systems
    clients: Clients
    transport: Transport
    threads: Threads
    requests_per_minute: int
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, CallerEntry] = field(default_factory=dict)
    _failures: Buckets = field(default_factory=lambda: Buckets(capacity=_FAILURES_AT_ONCE, rate=_FAILURES_A_SECOND))
    _requests: Buckets | None = None
    _shown: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set the rate where one is wanted."""
        if self.requests_per_minute > 0:
            self._requests = Buckets(capacity=self.requests_per_minute, rate=self.requests_per_minute / 60)

    async def caller(self, scope: HTTPScope, *, may_be_remembered: bool = False) -> Caller:
        """Return who calls. Raises UnauthenticatedError, RefusedError `rate_limited`."""
        certificate = presented_in(scope.get("extensions"))
        if certificate is not None and header(scope, b"authorization") is None:
            caller = await self._bound(certificate, address_of(scope))
        else:
            caller = await self.holder(_key_of(scope), address=address_of(scope), may_be_remembered=may_be_remembered)
        exchange_of(scope).caller = caller.called
        if caller.system is not None and scope["scheme"] != "https":
            await self.refuse_plain(caller.system, drawing=may_be_remembered)
        return caller

    async def refuse_plain(self, system: str, *, drawing: bool) -> None:
        """Hold a call over plain HTTP against what was announced. Raises RefusedError `insecure_transport`.

        A draw passes: it is checked against it in its transaction, after repeats were answered.
        """
        if self.transport.remembered() is None:
            await self.threads.read(self.transport.plan)
        refusal = None if drawing else self.transport.latest.refusal(system, self.transport.ledger.clock())
        if refusal is not None:
            raise refusal

    async def _bound(self, shown: PresentedCertificate, address: str) -> Caller:
        """Return the system that a client certificate stands for; a draw asks again in its own transaction."""
        _refuse_unless(self._failures.wait(address))
        try:
            caller = await self.threads.read(self.clients.who, shown)
        except UnauthenticatedError:
            self._failures.take(address)
            raise
        self.admit(caller, shown)
        return caller

    def note(self, shown: PresentedCertificate, caller: Caller) -> None:
        """Have it written down which certificate a subject shows now; once a process for each."""
        if caller.key == shown.subject_digest and self._shown.get(caller.key) != shown.fingerprint:
            self._shown[caller.key] = shown.fingerprint
            self.threads.later(self.clients.note, shown)

    async def holder(self, key: str, *, address: str, may_be_remembered: bool) -> Caller:
        """Return who holds a key, however it was sent; failures are counted for `address`. Raises as `caller` does."""
        digest = digest_of(key)
        entry = self._known.get(digest)
        if entry is None or not may_be_remembered or self.clock() - entry.asked_at > _REMEMBERED:
            entry = await self._ask(digest, entry, address)
        self.admit(entry.caller)
        return entry.caller

    def admit(self, caller: Caller, shown: PresentedCertificate | None = None) -> None:
        """Count a caller's request; `shown`: by which TLS certificate it was known.

        Raises RefusedError `rate_limited` where there were too many.
        """
        if self._requests is not None:
            _refuse_unless(self._requests.take(caller.name))
        if shown is not None:
            self.note(shown, caller)

    async def system(self, scope: HTTPScope, act: Act, *, may_be_remembered: bool = False) -> Caller:
        """Return the connected system that calls. Raises RefusedError `not_a_system` and `system_suspended` besides.

        A draw is held to the system's state in its own transaction, after repeats were answered.
        """
        caller = await self.caller(scope, may_be_remembered=may_be_remembered)
        if caller.system is None:
            raise RefusedError("an operator can't do this", code=codes.NOT_A_SYSTEM)
        if act is not Act.DRAW:
            await self.threads.read(self.systems.require_permitted, caller.system, act)
        return caller

    async def _ask(self, digest: str, before: CallerEntry | None, address: str) -> CallerEntry:
        trusted = before is not None and self.clock() - before.asked_at < _TRUSTED
        if not trusted:
            _refuse_unless(self._failures.wait(address))
        answer = await self.threads.read(self.systems.caller, digest)
        if answer is None:
            self._known.pop(digest, None)
            self._failures.take(address)
            raise unknown_key()
        caller, last_used = answer
        recorded = max(filter(None, (last_used, before.recorded_at if before else None)), default=None)
        entry = CallerEntry(caller, self.clock(), self._record(digest, recorded))
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[digest] = entry
        return entry

    def _record(self, digest: str, recorded: datetime | None) -> datetime:
        """Have the use written down by the writer, at most once a minute; nobody waits for it."""
        now = datetime.now(UTC)
        if recorded is not None and now - recorded < _RECORD_EVERY:
            return recorded
        self.threads.later(self.systems.record_use, digest, now)
        return now


def _key_of(scope: HTTPScope) -> str:
    return bearer_key(scope["headers"])


def address_of(scope: HTTPScope) -> str:
    """Return the address that a request came from; empty where nobody knows it."""
    client = scope.get("client")
    return client[0] if client else ""


def _refuse_unless(seconds: int) -> None:
    if seconds:
        raise RefusedError("too many requests", code=codes.RATE_LIMITED, retry_after=seconds)
