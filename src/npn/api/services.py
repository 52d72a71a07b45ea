"""What REST works with: the services that its handlers use, and no others."""

from collections.abc import Callable
from dataclasses import dataclass

from npn.config import Settings
from npn.db import Database
from npn.http.requests import Asked
from npn.ledger.service import Ledger
from npn.message_jobs.pool import MessageJobs
from npn.pools.service import Pools
from npn.registry.service import Registry
from npn.standards.service import Standards
from npn.stock.picture import Pictures
from npn.stock.service import Stock
from npn.systems.clients import Clients
from npn.systems.model import ConnectedSystem
from npn.systems.notices import Notice
from npn.systems.service import Systems
from npn.transport.expiry import Expiries


@dataclass(frozen=True, slots=True)
class ApiServices:
    """The services of REST. `notices` is what every room has to say to a system."""

    settings: Settings
    database: Database
    ledger: Ledger
    systems: Systems
    clients: Clients
    registry: Registry
    stock: Stock
    pictures: Pictures
    pools: Pools
    expiries: Expiries
    message_jobs: MessageJobs
    standards: Standards
    notices: Callable[[ConnectedSystem], list[Notice]]


def services_of(request: Asked) -> ApiServices:
    """Return what REST was started with."""
    services: ApiServices = request.app.state.api
    return services
