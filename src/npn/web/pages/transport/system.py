"""One system's transport: how it calls, until when it may do so, and how long its certificates are good for."""

from npn.http.answers import Answer
from npn.systems.model import ConnectedSystem, Subject
from npn.transport.model import DayCalls, Plan, Usage
from npn.web.pages.systems.systems import LOOKERS
from npn.web.pages.transport.certificates import CertificateRow, certificates
from npn.web.pages.transport.overview import mix, weekly
from npn.web.routes import get
from npn.web.rules import theirs
from npn.web.visit import Visit
from npn.wiring.service import Service

_DAYS = 30


class _SystemTransport:
    """What the page shows of a system, read in one go."""

    def __init__(self, service: Service, system_id: str) -> None:
        self.system: ConnectedSystem = service.systems.get(system_id)
        self.plan: Plan = service.transport.plan()
        self.used: Usage = service.transport.usage(days=_DAYS, system=system_id).get(system_id) or Usage(system_id)
        today = service.ledger.clock().date()
        self.weeks: list[DayCalls] = weekly(service.transport.calls(days=91, system=system_id), today)
        self.certificates: list[CertificateRow] = [
            row for row in certificates(service, system_id) if not row.expiry.by_subject
        ]
        self.subjects: list[Subject] = service.clients.subjects(system_id)


@get("/systems/{system}/transport", theirs(*LOOKERS))
async def show_transport(visit: Visit) -> Answer:
    """Show how a system calls, and its certificates."""
    picture = await visit.read(_SystemTransport, visit.service, visit.arguments["system"])
    return await visit.page(
        "transport/system_transport.html",
        picture=picture,
        system=picture.system,
        ends=picture.plan.ends_for(picture.system.id),
        exemption=picture.plan.exemptions.get(picture.system.id),
        chart=mix(visit.texts, picture.weeks),
        days=_DAYS,
    )
