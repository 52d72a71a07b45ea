"""What the tests of agreements share: a service whose clock is set by hand, and texts to agree on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from agreements_texts import TEXTS
from npn.agreements.model import Version, VersionNumber
from npn.agreements.proposals.service import Proposals
from npn.agreements.service import Agreements
from npn.agreements.status import Status
from npn.config import Settings
from npn.ledger.clock import accept
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised

V1, V2 = VersionNumber(1, 0), VersionNumber(2, 0)


@dataclass
class Clock:
    """Tells whatever time it was set to; each look is a moment later."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    @property
    def today(self) -> date:
        return self.now.date()

    def days(self, days: int) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))


@pytest.fixture
def service(settings: Settings, clock: Clock) -> Iterator[Service]:
    """A service on a new database of each engine, at the clock's time."""
    initialised(settings)
    made = build(settings, clock=clock)
    accept(made.ledger, by="admin:root", reason="the time of these tests is behind the one of their making")
    yield made
    made.close()


@pytest.fixture
def agreements(service: Service) -> Agreements:
    return service.agreements


@pytest.fixture
def status(service: Service) -> Status:
    return service.requirements


@pytest.fixture
def proposals(service: Service) -> Proposals:
    return service.proposals


@pytest.fixture
def first(agreements: Agreements) -> Version:
    """Version 1.0 of the shipped text, in force."""
    return agreements.publish(V1, TEXTS, by="test", effective_from=agreements.today)
