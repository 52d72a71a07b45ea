"""The service's list of series against the pool's: what may be adopted, what must be cut, what is only flagged.

Pure comparison; `refill.py` calls the service and `transfers.py` stores the outcome.
"""

from collections.abc import Callable, Sequence

import msgspec

from npn.agent.model import DrawIntent, Flag, PooledSeries, ReleaseIntent
from npn.wire import Series


class Comparison(msgspec.Struct, frozen=True):
    """What one comparison found.

    to_repeat  requests of this pool whose answer was lost: repeating each brings its series
    cuts       series id → highest number still ours, where the service holds a tail as released
    flags      differences; none of these numbers is handed out because of them
    """

    to_repeat: list[DrawIntent]
    cuts: dict[str, int]
    flags: list[Flag]


def compare(
    listed: Sequence[Series],
    held: Sequence[PooledSeries],
    *,
    request: Callable[[str], DrawIntent | None],
    releases: Sequence[ReleaseIntent],
    pool_id: str,
) -> Comparison:
    """Compare the service's list (all series of this system) with what this pool holds."""
    by_id = {series.id: series for series in held}
    ours = {release.series for release in releases}
    result = Comparison([], {}, [])
    for document in listed:
        series = by_id.pop(document.id, None)
        if series is not None:
            _compare_one(document, series, result, released_here=series.id in ours)
            continue
        intent = request(document.request_id)
        if intent and intent.pool_id == pool_id and intent.state in ("pending", "refused"):
            result.to_repeat.append(intent)
        elif intent is not None:
            detail = "asked for by this pool and given up, since a copy of it may hold the series too"
            result.flags.append(Flag(kind="unknown_series", series=document.id, detail=detail))
        else:
            detail = f"{document.first} to {document.last}, drawn by this system outside this pool"
            result.flags.append(Flag(kind="unknown_series", series=document.id, detail=detail))
    for series in by_id.values():
        detail = "the service does not list it: was the service restored from a backup?"
        result.flags.append(Flag(kind="missing_at_service", series=series.id, detail=detail))
    return result


def _compare_one(document: Series, series: PooledSeries, found: Comparison, *, released_here: bool) -> None:
    bounds = (series.scheme.format(series.first), series.scheme.format(series.last))
    if bounds != (document.first, document.last):
        detail = f"the pool has {bounds[0]} to {bounds[1]}, the service {document.first} to {document.last}"
        found.flags.append(Flag(kind="differs", series=series.id, detail=detail))
        found.cuts[series.id] = series.first - 1
        return
    if document.state == "granted":
        return
    from_ = document.released_from or document.first
    stop = series.scheme.parse(from_) - 1
    if stop < series.stop:
        found.cuts[series.id] = stop
    if stop < series.stop or (stop + 1 < series.next and not released_here):
        detail = f"the service holds it as released from {from_} on, and this pool did not release that"
        found.flags.append(Flag(kind="differs", series=series.id, detail=detail))
