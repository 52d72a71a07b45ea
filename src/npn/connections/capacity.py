"""How many connections there may be at once, and which ones end when another comes.

Every connection takes a descriptor, and so do the database, the witness and every file. So connections have a cap
below the process's limit: what is kept in reserve is never theirs. At the cap a new caller replaces the
connection that has waited longest for its caller: first one that asks nothing, then one whose request has not come
whole, then one whose answer is not read, then an idle one whose caller has shown a key before. A request that is being
answered never makes way.
"""

import resource
import socket
import time
from enum import IntEnum
from typing import Protocol as Interface

import structlog

RESERVED_DESCRIPTORS = 256
FEWEST_CONNECTIONS = 16
GRACE_SECONDS = 1.0  # that a caller has for its next step before the order of stages counts
WARN_INTERVAL_SECONDS = 60.0
_log = structlog.get_logger("npn.connections")


class ConnectionStage(IntEnum):
    """What a connection waits for; the lower ones make way first. BUSY waits for the service and never does."""

    IDLE = 0
    HEAD = 1
    BODY = 2
    UNREAD = 3
    KNOWN = 4  # idle, and its last request came from a known caller
    BUSY = 5


class EvictableConnection(Interface):
    """What a slot needs of the protocol on its connection."""

    def evict(self) -> None:
        """End the connection at once."""


class ConnectionSlot:
    """The place of one connection, from accept to its end."""

    __slots__ = ("connection", "holder", "since", "stage")

    def __init__(self, connection: socket.socket) -> None:
        """Start as idle; `holder` is the protocol, once it has a transport."""
        self.connection = connection
        self.holder: EvictableConnection | None = None
        self.stage = ConnectionStage.IDLE
        self.since = time.monotonic()

    def evict(self) -> None:
        """End the connection, be it in its handshake or open."""
        if self.holder is not None:
            self.holder.evict()
            return
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # its caller has ended it
            return


class Capacity:
    """All slots, by what their connections wait for; within a stage the longest waiting stands first."""

    def __init__(self, limit: int) -> None:
        """`limit`: the largest number of connections at once."""
        self.limit = limit
        self.evicted = 0
        self.refused = 0
        self._stages: tuple[dict[ConnectionSlot, None], ...] = tuple({} for _ in ConnectionStage)
        self._warned_at = -WARN_INTERVAL_SECONDS

    def __len__(self) -> int:
        """Return how many connections there are."""
        return sum(map(len, self._stages))

    def count(self, stage: ConnectionStage) -> int:
        """Return how many connections are at a stage."""
        return len(self._stages[stage])

    def admit(self, connection: socket.socket) -> ConnectionSlot | None:
        """Return a slot for a new connection; None where every other one is being answered."""
        if len(self) >= self.limit and not self.make_room():
            self.refused += 1
            self._warn("every connection is being answered: new ones are refused")
            return None
        slot = ConnectionSlot(connection)
        self._stages[ConnectionStage.IDLE][slot] = None
        return slot

    def make_room(self) -> bool:
        """End the connection that makes way first, and return whether there was one."""
        longest = [next(iter(slots)) for slots in self._stages[: ConnectionStage.BUSY] if slots]
        if not longest:
            return False
        until = time.monotonic() - GRACE_SECONDS
        slot = next((slot for slot in longest if slot.since <= until), None)
        if slot is None:
            slot = min(longest, key=lambda slot: (slot.stage is ConnectionStage.KNOWN, slot.since))
        self.release(slot)
        slot.evict()
        self.evicted += 1
        self._warn("connections that wait for their callers are closed for new ones")
        return True

    def move(self, slot: ConnectionSlot, stage: ConnectionStage) -> None:
        """Note what a connection waits for from now on; what it waits for already, it has waited for all along."""
        if stage is not slot.stage and slot in self._stages[slot.stage]:  # else it was released
            del self._stages[slot.stage][slot]
            slot.stage = stage
            slot.since = time.monotonic()
            self._stages[stage][slot] = None

    def release(self, slot: ConnectionSlot) -> None:
        """Release a slot; a second time does nothing."""
        self._stages[slot.stage].pop(slot, None)

    def _warn(self, what: str) -> None:
        if time.monotonic() - self._warned_at >= WARN_INTERVAL_SECONDS:
            self._warned_at = time.monotonic()
            stages = {
                stage.name.lower(): len(slots) for stage, slots in zip(ConnectionStage, self._stages, strict=True)
            }
            _log.warning(
                "connections_full", detail=what, limit=self.limit, evicted=self.evicted, refused=self.refused, **stages
            )


def raise_descriptor_limit() -> int:
    """Raise the process's soft limit of descriptors to the hard one where that is allowed; return what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError) as error:
        _log.warning("descriptor_limit_not_raised", soft=soft, hard=hard, error=str(error))
        return soft
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def connection_limit(wanted: int, descriptors: int) -> int:
    """Return how many connections there may be: `wanted`, or fewer where the descriptors do not reach."""
    reserved = RESERVED_DESCRIPTORS if descriptors >= 2 * RESERVED_DESCRIPTORS else descriptors // 2
    limit = max(min(wanted, descriptors - reserved), FEWEST_CONNECTIONS)
    if limit < wanted:
        _log.warning(
            "fewer_connections_than_set",
            max_connections=wanted,
            limit=limit,
            descriptors=descriptors,
            hint="raise LimitNOFILE (systemd) or the container's nofile limit",
        )
    return limit
