"""Draws in tests, at the level of the registry."""

import itertools

from npn.registry.draws import GrantedSeries
from npn.registry.model import Draw, Series
from npn.systems.model import ApiKey, Caller, ConnectedSystem, Environment, Role
from npn.wiring.service import Service

_request = itertools.count(1)


def add(service: Service, name: str = "Labka II", environment: str = "production") -> tuple[ConnectedSystem, ApiKey]:
    return service.systems.add(
        by="test", name=name, vendor="CSC", owner="Region Nord", environment=Environment(environment)
    )


def draw(
    service: Service,
    of: tuple[ConnectedSystem, ApiKey],
    count: int | None = None,
    *,
    usable: int | None = None,
    request_id: str = "",
    purpose: str | None = None,
) -> Series:
    """Draw, and insist on being granted."""
    system, key = of
    wish = Draw(system.id, key.digest, request_id or f"r{next(_request)}", count, usable, None, purpose)
    (answer,) = service.registry.draw([wish])
    if not isinstance(answer, GrantedSeries):
        raise answer
    return answer.series


def caller(of: tuple[ConnectedSystem, ApiKey]) -> Caller:
    return Caller(Role.SYSTEM, of[0].id, of[0].id, of[1].digest)
