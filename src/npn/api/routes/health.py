"""For those who watch: is the process alive, can it draw, what are its figures."""

from litestar import HttpMethod, route

from npn.api.services import services_of
from npn.db import Database
from npn.db.standing import standing
from npn.health.service import require_draws, require_sound
from npn.http.answers import Answer, json_answer
from npn.http.context import context_of
from npn.http.inside import admit
from npn.http.metrics import CONTENT_TYPE
from npn.http.requests import Asked
from npn.ledger.clock import Clocks, current_clocks
from npn.ledger.places import is_on_same_device
from npn.ledger.service import Ledger

_WATCHED = [HttpMethod.GET, HttpMethod.HEAD]


@route("/healthz", http_method=_WATCHED)
async def alive() -> Answer:
    """Answer that the process is alive."""
    return json_answer({"status": "alive"})


@route("/readyz", http_method=_WATCHED)
async def ready(request: Asked) -> Answer:
    """Answer whether a draw would be granted now; else a problem. Those who ask in one second share one answer."""
    context, services = context_of(request), services_of(request)
    database, ledger = services.database, services.ledger

    async def check() -> None:
        await context.threads.read_now(require_sound, database, ledger)
        await context.threads.write_now(require_draws, database, services.registry)

    await context.readiness.of(check)
    return json_answer({"status": "ready", **await context.threads.read_now(_state, database, ledger)})


def _state(database: Database, ledger: Ledger) -> dict[str, object]:
    """Return what an operator should know of a service that is ready."""
    health = standing(database)
    return {
        "clock": _clock(current_clocks(ledger)),
        "database_login_owns_tables": health.owns,
        "database_pooled": health.pooled,
        "witness_same_device": is_on_same_device(database, ledger.witness),
    }


def _clock(clocks: Clocks) -> dict[str, object]:
    """Return whether releases and regrants are refused because of a clock; draws never are."""
    return {
        "status": "sound" if clocks.agree else "clock_wrong",
        "difference_seconds": round(clocks.difference.total_seconds(), 3),
    }


@route("/metrics", http_method=_WATCHED)
async def figures(request: Asked) -> Answer:
    """Return the figures as Prometheus text, to whom the settings let have them."""
    context, services = context_of(request), services_of(request)
    admit(services.settings, request.scope)
    own = services.settings.tls_cert
    await context.threads.read_now(context.metrics.certificates, services.expiries, services.clients.authorities, own)
    text = await context.threads.read_now(context.metrics.text, services.registry, services.ledger, services.pictures)
    return Answer(text, 200, CONTENT_TYPE)
