"""What tasks are made from: the rooms that know, and what was there to see at one moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.chores import Rounds
from npn.db import Database
from npn.ledger.service import Ledger
from npn.onboarding.service import Onboarding
from npn.ownership import LooseFile
from npn.people.accounts import Accounts
from npn.people.approvals import Approvals
from npn.stock.picture import Picture, Pictures
from npn.systems.certificates import Certificates
from npn.systems.model import ConnectedSystem, Environment, SystemState
from npn.systems.service import Systems
from npn.transport.model import PlainCalls
from npn.transport.service import Transport


@dataclass(frozen=True, slots=True)
class TaskSources:
    """The rooms whose facts become tasks. `loose_files`: the service's files that others may read."""

    database: Database
    ledger: Ledger
    systems: Systems
    accounts: Accounts
    approvals: Approvals
    pictures: Pictures
    certificates: Certificates
    transport: Transport
    agreements: Agreements
    requirements: Status
    proposals: Proposals
    onboarding: Onboarding
    rounds: Rounds
    loose_files: Callable[[], Sequence[LooseFile]]


class TaskFacts:
    """What there is to see at one moment; each part is looked up once, when the first task needs it."""

    def __init__(self, sources: TaskSources) -> None:
        """Nothing is looked up yet."""
        self.sources = sources
        self.at: datetime = sources.ledger.clock()

    @cached_property
    def systems(self) -> Mapping[str, ConnectedSystem]:
        """Return every system, by id."""
        return {system.id: system for system in self.sources.systems.list()}

    @cached_property
    def picture(self) -> Picture:
        """Return the picture of the moment."""
        return self.sources.pictures.latest()

    @cached_property
    def usage(self) -> Mapping[str, PlainCalls]:
        """Return the calls over plain HTTP of each system that called in the last 30 days."""
        return self.sources.transport.plain_calls()

    @cached_property
    def in_use(self) -> Mapping[str, ConnectedSystem]:
        """Return the systems that tasks are made for: in production, active, and used at some time."""
        return {
            system.id: system
            for system in self.systems.values()
            if system.environment is Environment.PRODUCTION
            and system.state is SystemState.ACTIVE
            and (system.id in self.picture.ever or system.id in self.usage)
        }

    def named(self, system: str) -> str:
        """Return what people call a system."""
        connected = self.systems.get(system)
        return system if connected is None else connected.name
