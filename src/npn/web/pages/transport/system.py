"""One system's transport: how it calls, until when it may do so, and how long its certificates are good for."""

from datetime import datetime

from npn.http.answers import Answer
from npn.instants import danish_day
from npn.systems.clients import Clients
from npn.systems.model import ConnectedSystem, Subject
from npn.systems.service import Systems
from npn.transport.expiry import Expiries
from npn.transport.model import DayCalls, Plan, Usage
from npn.transport.service import Transport
from npn.web.pages.systems.systems import LOOKERS
from npn.web.pages.transport.certificates import CertificateRow, certificates
from npn.web.pages.transport.overview import mix, weekly
from npn.web.routes import get
from npn.web.rules import theirs
from npn.web.visit import Visit

_DAYS = 30


class _SystemTransport:
    """What the page shows of a system, read in one go."""

    def __init__(
        self,
        transport: Transport,
        expiries: Expiries,
        systems: Systems,
        *,
        clients: Clients,
        system_id: str,
        now: datetime,
    ) -> None:
        self.system: ConnectedSystem = systems.get(system_id)
        self.plan: Plan = transport.plan()
        self.used: Usage = transport.usage(days=_DAYS, system=system_id).get(system_id) or Usage(system_id)
        self.weeks: list[DayCalls] = weekly(transport.calls(days=91, system=system_id), danish_day(now))
        self.certificates: list[CertificateRow] = [
            row for row in certificates(expiries, now, system_id) if not row.expiry.by_subject
        ]
        self.subjects: list[Subject] = clients.subjects(system_id)


@get("/systems/{system}/transport", theirs(*LOOKERS))
async def show_transport(visit: Visit) -> Answer:
    """Show how a system calls, and its certificates."""
    services = visit.services
    picture = await visit.read(
        _SystemTransport,
        services.transport,
        services.expiries,
        services.systems,
        clients=services.clients,
        system_id=visit.arguments["system"],
        now=services.ledger.clock(),
    )
    return await visit.page(
        "transport/system_transport.html",
        picture=picture,
        system=picture.system,
        ends=picture.plan.ends_for(picture.system.id),
        exemption=picture.plan.exemptions.get(picture.system.id),
        chart=mix(visit.texts, picture.weeks),
        days=_DAYS,
    )
