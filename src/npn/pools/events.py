"""Events about agents' pools."""

from npn.ledger.event import Event, Id, RangeId, Text


class PoolContested(Event, frozen=True):
    """An agent's pool was copied or restored; these series of it may have been handed out from twice."""

    tag = "pool_contested"
    free = ("pool", "series")

    pool: Text
    system: Id
    series: list[RangeId]


class PoolRejoined(Event, frozen=True):
    """A contested pool showed that the service had been set back, and that it was no copy."""

    tag = "pool_rejoined"
    free = ("pool",)

    pool: Text
    system: Id
