"""The client certificates in use, and how long they are still good for."""

from dataclasses import dataclass
from datetime import datetime

from npn.http.answers import Answer
from npn.transport.expiry import Expiries, Expiry
from npn.web.pages.transport.overview import WATCHERS
from npn.web.routes import get
from npn.web.rules import only
from npn.web.visit import Visit


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate with the days it is still good for, and how the page marks it."""

    expiry: Expiry
    days: int

    @property
    def mark(self) -> str:
        """Return `good`, `warn` or `bad`."""
        if self.expiry.renewed or self.days >= 90:
            return "good"
        return "warn" if self.days >= 30 else "bad"


def certificates(expiries: Expiries, now: datetime, system: str | None = None) -> list[CertificateRow]:
    """Return the certificates in use, of one system or of all."""
    return [CertificateRow(expiry, expiry.days(now)) for expiry in expiries.all(system)]


@get("/transport/certificates", only(*WATCHERS))
async def list_certificates(visit: Visit) -> Answer:
    """List the client certificates, the first to expire first, and the revocation lists."""
    lists, now = visit.services.clients.authorities.lists, visit.services.ledger.clock()
    rows = await visit.read(certificates, visit.services.expiries, now)
    return await visit.page("transport/transport_certificates.html", certificates=rows, lists=lists, now=now)
