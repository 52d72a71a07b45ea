"""What requirements want to know of transport, read from its room."""

from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa

from npn.agreements.sight import Calls
from npn.transport import store
from npn.transport.planner import Rhythm


class Counted:
    """The calls that were counted, and the rhythms that vendors stated."""

    def calls(self, connection: sa.Connection, systems: Collection[str], *, since: date) -> Mapping[str, Calls]:
        """Return the calls of each system since then; a system that never called is left out."""
        only = next(iter(systems)) if len(systems) == 1 else None
        used = store.usage(connection, since=since, system=only)
        return {
            each.system: Calls(each.plain, each.plain_at, each.secure)
            for each in used.values()
            if each.system in systems
        }

    def rhythms(self, connection: sa.Connection) -> Mapping[str, Rhythm]:
        """Return, by vendor, what it stated of its release rhythm."""
        return {each.vendor: each.rhythm for each in store.rhythms(connection)}
