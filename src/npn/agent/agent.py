"""The agent whole: a pool, its service, and the thread that keeps the stock up. The daemon and vendors use it.

with Agent.open(settings) as agent:
    agent.start()
    number = agent.pool.take()
"""

import contextlib
import hashlib
import importlib
import logging
import os
import subprocess
import threading
import time
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from npn.agent.alarms import remembered, seconds_since
from npn.agent.condition import Condition, describe
from npn.agent.errors import PoolWriteError
from npn.agent.paper.journal import journal_of
from npn.agent.paper.store import unused_on_paper
from npn.agent.settings import AgentSettings
from npn.agent.stock.pool import Pool
from npn.agent.upstream.refill import Refill, RoundOutcome, explain
from npn.errors import ConfigurationError, NpnError, RefusedError
from npn.outgoing import ConnectionOptions
from npn.replenishment.policy import check_seconds
from npn.retries import doubling_wait
from npn.stamps import Stamps

if TYPE_CHECKING:
    import httpx

    from npn.agent.upstream.client import ServiceClient

log = logging.getLogger("npn.agent")
FIRST_WAIT, LONGEST_WAIT = 1.0, 900.0  # seconds between rounds that fail
FIRST_CONTACT = 2.0  # how long hand-out through the daemon waits for it after a start
TICK = 30.0  # how often the stock is looked at without calling anybody
HOOK_SECONDS = 30.0


class Agent:
    """Opened from settings; `start()` begins the rounds, `close()` ends them and gives the chunk's rest back."""

    def __init__(self, settings: AgentSettings, pool: Pool, transport: "httpx.BaseTransport | None") -> None:
        """Use `open`."""
        self.settings = settings
        self.pool = pool
        self.refill = Refill(
            pool,
            self._connect,
            settings.stock,
            space=settings.space or None,
            allow_scheme_change=settings.allow_scheme_change,
        )
        self._transport = transport
        self._client: ServiceClient | None = None
        self._files: Stamps = ()  # as they were when the client was made
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._shown = ""
        self._next_round = 0.0
        self._failures = 0
        self._began = time.monotonic()
        self._good_at: float | None = None  # by the same clock, which nobody sets
        self._met = threading.Event()
        self._draws_kept_back = False  # by the latest round: there is no use in more rounds than those due
        self._faults: dict[str, str] = {}  # what is wrong with each of the agent's own loops, until it goes well again

    @classmethod
    def open(cls, settings: AgentSettings, *, transport: "httpx.BaseTransport | None" = None) -> Self:
        """Open the pool and check the stock policy against what it has learnt.

        A policy that was changed since the last start is refused where it can't work at the learnt use; one that
        use has outgrown is only an alarm, so that a restart at night does not stop a laboratory.
        """
        pool = Pool.open(
            settings.database_path, mark=settings.mark_path, chunk=settings.chunk, on_clone=settings.on_clone
        )
        try:
            agent = cls(settings, pool, transport)
            agent._verify_policy()
        except BaseException:
            pool.close()
            raise
        return agent

    def _connect(self) -> "ServiceClient":
        """Return the client, made for the first round: a start does not wait for what takes the longest to load.

        Where a file of the key or of a certificate was written again, it is made again from what is there now.
        """
        files = self.settings.rotated
        if self._client is not None and files == self._files:
            return self._client
        client: ServiceClient = _client_module().ServiceClient(
            self.settings.url,
            self.settings.read_key(),
            connecting=self.settings.connecting,
            transport=self._transport,
        )
        before, self._client, self._files = self._client, client, files
        if before is not None:
            before.close()
            log.info("the key or a certificate was renewed; it is used from now on")
        return client

    def _verify_policy(self) -> None:
        fingerprint = hashlib.sha256(msgspec.json.encode(self.settings.stock)).hexdigest()
        with self.pool.reading() as logbook:
            digest = logbook.fact("policy")
        if digest == fingerprint:
            return
        self.settings.stock.verify(self.refill.estimate())
        self.refill.transfers.remember(policy=fingerprint)

    def start(self) -> None:
        """Begin the rounds in a thread of their own; the first one at once."""
        self._thread = threading.Thread(target=self._run, name="npn-agent-refill", daemon=True)
        self._thread.start()
        threading.Thread(target=self._reserve_ahead, name="npn-agent-ahead", daemon=True).start()

    def _reserve_ahead(self) -> None:
        """Keep numbers in memory ahead of those who take them; a failure shows when a taker meets it."""
        while not self._stopping.is_set():
            try:
                self.pool.reserve_ahead(wait=1.0)
            except Exception as error:  # noqa: BLE001  # the loop goes on, or takers would wait for the disk from now on
                if not self._stopping.is_set():
                    self._fault("hand-out", error)
                    self._stopping.wait(1.0)
            else:
                self._faults.pop("hand-out", None)

    def _fault(self, loop: str, error: Exception) -> None:
        """Note what went wrong in one of the agent's loops, for the log and the status."""
        message, code = explain(error)
        if isinstance(error, NpnError):
            log.warning("%s [%s]", message, code)
        else:
            log.error("a fault in the agent (%s); it goes on", loop, exc_info=error)
            self._faults[loop] = f"{message} ({loop})"

    def wake(self) -> None:
        """Somebody found the pool empty, or wants a round now; a failing service is still not hammered."""
        self._wake.set()

    def close(self) -> None:
        """End the rounds, then close the pool. A call under way is given up; its request id is on disk."""
        self._stopping.set()
        self._wake.set()
        if self._client is not None:
            self._client.close()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
        self.pool.close()

    def condition(self) -> Condition:
        """How the agent is."""
        with self.pool.reading() as logbook:
            facts = remembered(logbook)
        estimate, today = self.refill.outlook()
        return describe(
            status=self.pool.status(),
            facts=msgspec.structs.replace(
                facts,
                seconds_since_success=self._silent(facts.last_success),
                clock_skew=None if self._client is None else self._client.clock_skew,
                trouble=self.pool.trouble,
                faults=tuple(self._faults.values()),
            ),
            settings=self.settings,
            estimate=estimate,
            today=today,
            pid=os.getpid(),
            on_paper=unused_on_paper(journal_of(self.settings.database_path)),
        )

    def _silent(self, success: str | None) -> float | None:
        """Seconds since the last good round, whatever the wall clock did since this process began."""
        if self._good_at is not None:
            return time.monotonic() - self._good_at
        since = seconds_since(success)
        return None if since is None else max(since, time.monotonic() - self._began)

    def round(self, *, to_target: bool = False) -> RoundOutcome:
        """Do one round with the service; raises what stopped it."""
        try:
            outcome = self.refill.round(to_target=to_target)
        finally:
            self._met.set()
        self._good_at = time.monotonic()
        self._draws_kept_back = bool(outcome.kept_back)
        return outcome

    def release_all(self) -> list[str]:
        """Return everything back that was not handed out; nothing is drawn before a round to the target."""
        self._draws_kept_back = True
        return self.refill.release_all()

    @property
    def waits_for_contact(self) -> bool:
        """Whether the first contact since the start is still awaited, before anything is handed out.

        A machine that was set back as a whole (pool and mark) is told so by that contact. Where there is no
        network the laboratory does not wait longer than FIRST_CONTACT.
        """
        return not self._met.is_set() and time.monotonic() - self._began < FIRST_CONTACT

    def wait_for_contact(self) -> None:
        """Wait for it, or for the end of the time that it has."""
        self._met.wait(max(0.0, FIRST_CONTACT - (time.monotonic() - self._began)))

    # the rounds -----------------------------------------------------------------------------------------
    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= self._next_round or self._called_for():
                    self._one_round()
                self._watch()
            except Exception as error:  # noqa: BLE001  # a thread that died silently would refill no more (F8)
                if self._stopping.is_set():
                    return  # the client was closed under a call
                self._fault("rounds", error)
                self._next_round = max(self._next_round, time.monotonic() + TICK)
            else:
                self._faults.pop("rounds", None)
            self._wake.wait(max(0.05, min(TICK, self._next_round - time.monotonic())))
            self._wake.clear()

    def _called_for(self) -> bool:
        """Whether a round is called for before it is due: the stock is short, or what failed has another key now."""
        if self._failures:
            return self._client is not None and self.settings.rotated != self._files
        return self._short()

    def _short(self) -> bool:
        """Whether the stock calls for a draw before the next check is due."""
        if self._draws_kept_back or (self.settings.stock.check_every == "nightly" and self.pool.free() > 0):
            return False
        estimate, today = self.refill.outlook()
        return self.settings.stock.amount(self.pool.free(), estimate, today=today) > 0

    def _one_round(self) -> None:
        try:
            outcome = self.round()
        except Exception as error:  # what stopped the round is its `last_error`; the next one is due anyway
            if self._stopping.is_set():
                return
            self._failures += 1
            self._next_round = time.monotonic() + backoff(self._failures, error)
            message, code = explain(error)
            hint = error.hint if isinstance(error, NpnError) else ""
            trace = None if isinstance(error, NpnError) else error
            log.warning("%s [%s]%s", message, code, f"; {hint}" if hint else "", exc_info=trace)
            return
        self._failures = 0
        self._next_round = time.monotonic() + check_seconds(self.settings.stock.check_every)
        if outcome.drawn:
            log.info("drew %d usable numbers: %s", outcome.drawn, ", ".join(outcome.series))

    def _watch(self) -> None:
        """Announce a change of state: the log, the command, the webhook."""
        with contextlib.suppress(PoolWriteError):  # the condition tells of it
            self.pool.note_use()
        condition = self.condition()
        summary = " ".join([condition.state, condition.severity, *sorted(alarm.name for alarm in condition.alarms)])
        if summary == self._shown:
            return
        before, self._shown = self._shown, summary
        log.log(logging.INFO if condition.severity == "ok" else logging.WARNING, condition.line)
        if before or condition.severity != "ok":
            _tell(self.settings, condition)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def backoff(failures: int, error: Exception) -> float:
    """Seconds to wait after the n-th failure in a row: doubling, with jitter, at least what the service asked for."""
    least = 30.0 if isinstance(error, ConfigurationError | RefusedError) else 0.0  # a definite no changes slowly
    seconds = getattr(error, "retry_after", None) or 0
    wait = doubling_wait(failures, first=FIRST_WAIT, longest=LONGEST_WAIT, least=least)
    return max(wait, min(float(seconds), LONGEST_WAIT))


def _tell(settings: AgentSettings, condition: Condition) -> None:
    """Run the command and call the webhook; a failure of theirs is logged and changes nothing."""
    document = msgspec.json.encode(condition)
    if settings.on_state:
        environment = {
            **os.environ,
            "NPN_STATE": condition.state,
            "NPN_SEVERITY": condition.severity,
            "NPN_TEXT": condition.line,
        }
        environment.pop("NPN_KEY", None)
        try:
            subprocess.run(  # noqa: S603  # the program that agent.toml names
                settings.on_state, input=document, env=environment, timeout=HOOK_SECONDS, check=True
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            log.warning("on_state: %s", error)
    if settings.webhook:
        connecting = ConnectionOptions(
            proxy=settings.proxy
        )  # our certificate and its authorities are for the service alone
        wrong = _client_module().tell(settings.webhook, document, seconds=HOOK_SECONDS, connecting=connecting)
        if wrong:
            log.warning("webhook: %s", wrong)


def _client_module() -> ModuleType:
    """The HTTP client, loaded when it is needed: it takes as long as all the rest of the agent together."""
    return importlib.import_module("npn.agent.upstream.client")
