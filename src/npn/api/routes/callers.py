"""The caller itself: who it is to the service, and what it says of its stock."""

from litestar import get, put

from npn import wire
from npn.api import documents
from npn.api.pools import in_contact
from npn.api.services import ApiServices, services_of
from npn.http.answers import JSON, Answer, json_answer
from npn.http.context import context_of
from npn.http.requests import Asked, accepted, body_of, decoded, parameters
from npn.systems.model import Caller
from npn.systems.permissions import Act
from npn.wire.requests import stock_time


@get("/v1/me")
async def show_me(request: Asked) -> Answer:
    """Show the caller."""
    context = context_of(request)
    accepted(request, (JSON,))
    caller = await context.authenticator.caller(request.scope)
    parameters(request, ())
    return json_answer(await context.threads.read(_me, services_of(request), caller))


def _me(services: ApiServices, caller: Caller) -> wire.Me:
    spaces = services.registry.spaces()
    if caller.system is None:
        return documents.operator(caller, spaces)
    system = services.systems.get(caller.system)
    used = None if system.quota_days is None else services.registry.drawn(system.id, days=system.quota_days)
    report = services.stock.latest(system.id)
    return documents.me(system, spaces=spaces, used=used, report=report, notices=services.notices(system))


@get("/v1/pools")
async def list_pools(request: Asked) -> Answer:
    """List the caller's agents' pools; an operator's list has everybody's."""
    context = context_of(request)
    accepted(request, (JSON,))
    caller = await context.authenticator.caller(request.scope)
    parameters(request, ())
    pools = await context.threads.read(services_of(request).pools.list, system=caller.system)
    return json_answer(wire.PoolList(items=[documents.pool(one_pool) for one_pool in pools]))


@put("/v1/stock")
async def put_stock(request: Asked) -> Answer:
    """Store the stock that a system reports."""
    context = context_of(request)
    accepted(request, (JSON,))
    caller = await context.authenticator.system(request.scope, Act.REPORT)
    report = decoded(await body_of(request), wire.StockReport)
    as_of = stock_time(report.as_of)
    await in_contact(request, caller)
    stored = await context.threads.write(
        services_of(request).stock.report,
        by=caller.system or "",
        free=report.free,
        used_per_day=report.used_per_day,
        as_of=as_of,
    )
    return json_answer(documents.stock(stored))
