"""What the application itself works with, below its fronts: the parts that every request may need, and its chores."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from npn.agreements.notices import Warnings
from npn.chores import Rounds
from npn.config import Settings
from npn.ledger.service import Ledger
from npn.message_jobs.pool import MessageJobs
from npn.reading import Readings
from npn.registry.allocator import Allocator
from npn.registry.service import Registry
from npn.support.refusals import Refusals
from npn.systems.clients import Clients
from npn.systems.service import Systems
from npn.transport.expiry import Expiries
from npn.transport.service import Transport


@dataclass(frozen=True, slots=True)
class HttpServices:
    """The services that this room uses. `writer`: the process's one writing thread; `close` lets go of them all."""

    settings: Settings
    ledger: Ledger
    systems: Systems
    clients: Clients
    registry: Registry
    transport: Transport
    expiries: Expiries
    refusals: Refusals
    warnings: Warnings
    allocator: Allocator
    writer: ThreadPoolExecutor
    rounds: Rounds
    readings: Readings
    message_jobs: MessageJobs
    close: Callable[[], None]
