"""What a system's state permits: one table, asked by every wire, by the pages and by the draws' own transaction.

A suspended system reads, and repeats draws that were granted: nothing is taken from it. What would change anything for
it is refused until the operator resumes it, whoever asks on its behalf. A closed system has no keys, and nothing is
changed for it any more: people read what it had, write to support about it, and release its numbers.
"""

from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa

from npn.errors import RefusedError
from npn.systems import store
from npn.systems.model import ConnectedSystem, SystemState
from npn.wire.requests import closed, suspended


class Act(StrEnum):
    """What is done for a system, or to it."""

    READ = "read"  # look-ups, lists, receipts, `GET /v1/me`, an agent's contact that comes with them
    REPEAT = "repeat"  # of a draw that was granted
    DRAW = "draw"
    RELEASE = "release"
    REPORT = "report"  # of its stock
    BIND = "bind"  # a certificate, or a subject of an issuer
    CHANGE = "change"  # what its vendor, owner or region changes: keys, contacts, what it declares
    ASK = "ask"  # its people write to support
    ADMINISTER = "administer"  # what the operator does to it


PERMITTED: Mapping[SystemState, frozenset[Act]] = {
    SystemState.ACTIVE: frozenset(Act),
    SystemState.SUSPENDED: frozenset({Act.READ, Act.REPEAT, Act.ASK, Act.ADMINISTER}),
    SystemState.CLOSED: frozenset({Act.READ, Act.RELEASE, Act.ASK}),
}


def refusal(system: ConnectedSystem, act: Act) -> RefusedError | None:
    """Return the refusal `system_suspended` or `system_closed`, or None where the system's state permits the act."""
    if act in PERMITTED[system.state]:
        return None
    return closed(system.id) if system.state is SystemState.CLOSED else suspended(system.id)


def require_permitted(connection: sa.Connection, system_id: str, act: Act) -> ConnectedSystem:
    """Return the system. Raises RefusedError `system_suspended` or `system_closed`, NotFoundError."""
    system = store.get(connection, system_id)
    refused = refusal(system, act)
    if refused is not None:
        raise refused
    return system
