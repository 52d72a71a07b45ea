"""From which space a system draws: its own, or the default of its environment; and which spaces are closed.

A system keeps the space of its first draw: an agent and a laboratory system expect numbers of one length. The default
is for systems that have drawn nothing yet. Two people move a production system to another space.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from npn.db import Database
from npn.errors import ConflictError, NotFoundError, RefusedError, codes
from npn.instants import danish_day
from npn.ledger.canonical import Json
from npn.ledger.service import Ledger
from npn.registry import policy_store, store
from npn.registry.events import SpaceClosed, SpaceDefaultSet, SpaceOpened, SystemSpaceSet
from npn.registry.model import Space
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem, Environment
from npn.systems.notices import Notice, declare_notice

KIND = "space"
_SPACE_SET = declare_notice(
    "space_set",
    program="Since {since} draws that name no space are from the space {space}: numbers of {length} digits, "
    "scheme {scheme}.",
    en="since {since} draws that name no space are from the space {space}: numbers of {length} digits, scheme {scheme}",
    da="siden {since} kommer træk, der ikke nævner et nummerrum, fra nummerrummet {space}: numre på {length} cifre "
    "efter metoden {scheme}",
)
_TOLD_FOR = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class SpaceChoice:
    """What is done to spaces and to the space of a system; a running server follows with its next draw."""

    database: Database
    ledger: Ledger

    def set_default(self, name: str, *, by: str) -> Space:
        """Let draws of the space's environment go there that name no space, of systems that have drawn nothing.

        Raises NotFoundError `unknown_space`, ConflictError `space_closed`.
        """
        with self.ledger.transaction(lock=store.lock_spaces) as tx:
            space = _space(tx.connection, name)
            if not space.is_open:
                raise ConflictError(
                    f"the space {name} is closed", code=codes.SPACE_CLOSED, field="space", hint="open it first"
                )
            if not space.is_default:
                policy_store.set_default(tx.connection, space)
                tx.append(SpaceDefaultSet(space=name, environment=space.environment, by=by))
            return _space(tx.connection, name)

    def set_open(self, name: str, *, is_open: bool, by: str) -> Space:
        """Open or close a space: a closed one grants no new series. Raises NotFoundError `unknown_space`."""
        with self.ledger.transaction(lock=store.lock_spaces) as tx:
            if _space(tx.connection, name).is_open is not is_open:
                policy_store.set_open(tx.connection, name, is_open=is_open)
                tx.append(SpaceOpened(space=name, by=by) if is_open else SpaceClosed(space=name, by=by))
            return _space(tx.connection, name)

    def checked(self, wish: Mapping[str, Json]) -> dict[str, Json]:
        """Accept a wish {"system", "space"}. Raises as `move` does, ConflictError `policy_unchanged`."""
        with self.database.read() as connection:
            system, space = _checked(connection, str(wish.get("system", "")), str(wish.get("space", "")))
        if system.space == space.name:
            raise ConflictError(
                f"{system.id} draws from {space.name} already", code=codes.POLICY_UNCHANGED, field="space"
            )
        return {"system": system.id, "space": space.name}

    def move(self, system_id: str, name: str, *, by: str, agreed: str = "") -> ConnectedSystem:
        """Let a system draw from another space of its environment. `agreed`: the approval of two people.

        Raises NotFoundError, RefusedError `wrong_space`, and `two_people_needed` for a production system without an
        approval.
        """
        with self.ledger.transaction(lock=store.lock_spaces) as tx:
            system, space = _checked(tx.connection, system_id, name)
            if not agreed and system.environment is Environment.PRODUCTION:
                raise RefusedError(
                    "two people move a production system to another space",
                    code=codes.TWO_PEOPLE_NEEDED,
                    hint="propose it: npn admin system set-space SYSTEM NAME --as EMAIL --reason …",
                )
            if system.space != space.name:
                systems.update_system(tx.connection, system.id, {"space": space.name, "space_set_at": tx.at})
                tx.append(SystemSpaceSet(system=system.id, space=space.name, by=by, approval=agreed or None))
            return systems.get(tx.connection, system_id)

    def notices(self, system: ConnectedSystem) -> list[Notice]:
        """Return a notice, for half a year, that the system was moved."""
        since = system.space_set_at
        if system.space is None or since is None or self.ledger.clock() - since >= _TOLD_FOR:
            return []
        with self.database.read() as connection:
            space = _space(connection, system.space)
        length, scheme = space.scheme.length, space.scheme.name
        return [_SPACE_SET.of(since=danish_day(since), space=space.name, length=length, scheme=scheme)]


def _space(connection: sa.Connection, name: str) -> Space:
    chosen_space = next((space for space in store.spaces(connection) if space.name == name), None)
    if chosen_space is None:
        raise NotFoundError(
            f"there is no space {name!r}", code=codes.UNKNOWN_SPACE, field="space", hint="npn admin space list"
        )
    return chosen_space


def _checked(connection: sa.Connection, system_id: str, name: str) -> tuple[ConnectedSystem, Space]:
    system = systems.get(connection, system_id)
    space = _space(connection, name)
    if space.environment is not system.environment:
        raise RefusedError(
            f"{system.id} is a system of {system.environment.value}, {name} a space of {space.environment.value}",
            code=codes.WRONG_SPACE,
            field="space",
        )
    return system, space
