"""What the legacy web service works with: the services that it uses, and no others."""

from dataclasses import dataclass

from npn.config import Settings
from npn.ledger.service import Ledger
from npn.registry.service import Registry
from npn.systems.certificates import Certificates
from npn.systems.clients import Clients
from npn.systems.service import Systems


@dataclass(frozen=True, slots=True)
class SoapServices:
    """The services of the legacy web service."""

    settings: Settings
    ledger: Ledger
    systems: Systems
    certificates: Certificates
    clients: Clients
    registry: Registry
