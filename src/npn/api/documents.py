"""From the registry's values to the documents of the wire."""

from collections.abc import Sequence

from npn import wire
from npn.pools.service import ContestedPool
from npn.registry.draws import space_of
from npn.registry.lookup import NumberStatus
from npn.registry.model import Series, Space
from npn.stock.model import Report
from npn.systems.model import Caller, ConnectedSystem, SystemState
from npn.systems.notices import Notice


def series(found: Series) -> wire.Series:
    """Write a series; its receipt's address is a path of this service."""
    return wire.Series(
        id=found.id,
        space=found.space,
        first=found.text(found.first),
        last=found.text(found.last),
        size=found.size,
        usable=found.usable,
        state=found.state,  # type: ignore[arg-type]  # the model's states are the wire's; a test compares them
        released_from=None if found.released_from is None else found.text(found.released_from),
        drawn_at=found.drawn_at,
        system=found.system,
        purpose=found.purpose,
        request_id=found.request_id,
        receipt=f"/v1/receipts/{found.id}",
    )


def number(found: NumberStatus) -> wire.NumberInformation:
    """Write what is known of a number."""
    return wire.NumberInformation(
        number=found.number,
        state=found.state,  # type: ignore[arg-type]  # the model's states are the wire's; a test compares them
        usable=found.usable,
        space=found.space,
        series=found.series,
        system=found.system,
        drawn_at=found.drawn_at,
        history=[
            wire.HistoryEntry(at=e.at, event=e.event, series=e.series, system=e.system, detail=e.detail)
            for e in found.history
        ],
        suggestions=[
            wire.Suggestion(number=s.number, mistake=s.mistake, state=s.state)  # type: ignore[arg-type]  # as above
            for s in found.suggestions
        ],
    )


def space(found: Space) -> wire.Space:
    """Write a space with all that is needed to check a number locally."""
    scheme = found.scheme
    return wire.Space(
        name=found.name,
        environment=found.environment.value,
        length=scheme.length,
        weights=list(scheme.weights),
        modulus=scheme.modulus,
        remainder=scheme.remainder,
        first=scheme.format(found.first),
        last=scheme.format(found.last),
        open=found.is_open,
    )


def public_space(found: Space) -> wire.PublicSpace:
    """Write a space as anybody may know it."""
    scheme = found.scheme
    return wire.PublicSpace(
        name=found.name,
        environment=found.environment.value,
        default=found.is_default,
        open=found.is_open,
        scheme=wire.SpaceScheme(
            name=scheme.name,
            length=scheme.length,
            weights=list(scheme.weights),
            modulus=scheme.modulus,
            remainder=scheme.remainder,
        ),
        first=scheme.format(found.first),
        last=scheme.format(found.last),
    )


def stock(report: Report) -> wire.StockReport:
    """Write what was stored of a stock report."""
    return wire.StockReport(free=report.free, used_per_day=report.used_per_day, as_of=report.as_of)


def operator(caller: Caller, spaces: Sequence[Space]) -> wire.Me:
    """Write an operator: sees every space, draws from none."""
    return wire.Me(
        system=caller.name,
        name="Operator",
        role="operator",
        environment=None,
        state="active",
        spaces=[space(one_space) for one_space in spaces],
        quota=None,
        stock=None,
        cover_days=None,
        notices=[],
        deadlines=[],
    )


def me(
    system: ConnectedSystem,
    *,
    spaces: Sequence[Space],
    used: int | None,
    report: Report | None,
    notices: Sequence[Notice] = (),
) -> wire.Me:
    """Write a connected system as the service sees it; `used` counts the numbers drawn within the quota's days.

    The space of its draws comes first among its spaces.
    """
    own = space_of(system, spaces)
    mine = sorted((one for one in spaces if one.environment is system.environment), key=lambda one: one is not own)
    return wire.Me(
        system=system.id,
        name=system.name,
        role="system",
        environment=system.environment.value,
        state="active" if system.state is SystemState.ACTIVE else "suspended",  # a closed one has no key to ask with
        spaces=[space(one) for one in mine],
        quota=wire.Quota(
            smallest_draw=system.smallest_draw,
            largest_draw=system.largest_draw,
            numbers=system.quota,
            days=system.quota_days,
            used=used,
        ),
        stock=None if report is None else stock(report),
        cover_days=None if report is None else report.cover_days,
        notices=[notice.text for notice in notices],
        deadlines=[f"{notice.by}: {notice.text}" for notice in notices if notice.by is not None],
        space=None if own is None else own.name,
    )


def pool(found: ContestedPool) -> wire.Pool:
    """Write an agent's pool."""
    return wire.Pool(
        id=found.pool.id,
        system=found.pool.system,
        state=found.pool.state.value,
        first_at=found.pool.first_at,
        contact_at=found.pool.contact_at,
        contested_at=found.pool.contested_at,
        suspects=[
            wire.SuspectSeries(series=s.series, space=s.space, first=s.first, last=s.last) for s in found.suspects
        ],
    )
