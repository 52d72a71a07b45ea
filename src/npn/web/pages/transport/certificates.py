"""The client certificates in use, and how long they are still good for."""

from dataclasses import dataclass, replace
from datetime import datetime

from npn.http.answers import Answer
from npn.systems.reading import grouped
from npn.systems.service import Systems
from npn.transport.expiry import Expiries, Expiry
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, CodeCell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.transport.watchers import WATCHERS
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate with the days it is still good for, and how the page marks it."""

    expiry: Expiry
    days: int
    name: str = ""

    @property
    def mark(self) -> str:
        """Return `good`, `warn` or `bad`."""
        if self.expiry.renewed or self.days >= 90:
            return "good"
        return "warn" if self.days >= 30 else "bad"


def certificates(expiries: Expiries, now: datetime, system: str | None = None) -> list[CertificateRow]:
    """Return the certificates in use, of one system or of all."""
    return [CertificateRow(expiry, expiry.days(now)) for expiry in expiries.all(system)]


def _system(row: CertificateRow) -> Cell:
    return LinkCell(row.name, f"/systems/{row.expiry.system}/transport")


def _bound(row: CertificateRow) -> Cell:
    how = _("subject and issuer") if row.expiry.by_subject else _("fingerprint")
    return [how, TagCell(_("has a successor"), "good")] if row.expiry.renewed else how


def _is_within(row: CertificateRow, days: str) -> bool:
    return row.days < 0 if days == "expired" else 0 <= row.days < int(days)


_COLUMNS = (
    Column[CertificateRow]("system", _("System"), lambda row: row.name, cell=_system),
    Column[CertificateRow]("id", _("Id"), lambda row: row.expiry.system, only="file"),
    Column[CertificateRow]("subject", _("Subject"), lambda row: row.expiry.subject),
    Column[CertificateRow]("expires", _("Expires"), lambda row: row.expiry.not_after, kind=Kind.DAY),
    Column[CertificateRow](
        "days",
        _("Days left"),
        lambda row: row.days,
        kind=Kind.NUMBER,
        cell=lambda row: TagCell(str(row.days), row.mark),
    ),
    Column[CertificateRow](
        "bound",
        _("Linked by"),
        lambda row: _("subject and issuer") if row.expiry.by_subject else _("fingerprint"),
        cell=_bound,
    ),
    Column[CertificateRow](
        "fingerprint",
        _("Fingerprint"),
        lambda row: row.expiry.fingerprint,
        cell=lambda row: CodeCell(f"{grouped(row.expiry.fingerprint[:16])} …"),
        under="subject",
    ),
)
CERTIFICATES = ListDefinition[CertificateRow](
    name="certificates",
    path="/transport/certificates",
    caption=_("Certificates"),
    columns=_COLUMNS,
    empty=_("No certificate is linked to a system, or none of those linked by subject has been seen yet."),
    none_left=_("No certificate fits the search."),
    order="expires",
    filters=(
        Filter(
            Field(
                "expires",
                _("Expires"),
                kind="select",
                required=False,
                choices=(
                    Choice("expired", _("already expired")),
                    Choice("30", _("within 30 days")),
                    Choice("90", _("within 90 days")),
                ),
            ),
            _is_within,
        ),
    ),
)


async def _rows(visit: Visit) -> list[CertificateRow]:
    return await visit.read(_named, visit.services.expiries, visit.services.systems, visit.services.ledger.clock())


def _named(expiries: Expiries, systems: Systems, now: datetime) -> list[CertificateRow]:
    names = {system.id: system.name for system in systems.list(closed=True)}
    rows = certificates(expiries, now)
    return [replace(row, name=names.get(row.expiry.system, row.expiry.system)) for row in rows]


@get("/transport/certificates", only(*WATCHERS))
async def list_certificates(visit: Visit) -> Answer:
    """List the client certificates, the first to expire first, and the revocation lists."""
    lists, now = visit.services.clients.authorities.lists, visit.services.ledger.clock()
    table = await listed(visit, CERTIFICATES, await _rows(visit))
    return await visit.page("transport/transport_certificates.html", certificates=table, revoked=lists, now=now)


offer_file(CERTIFICATES.path, only(*WATCHERS), rows=_rows, definition=lambda _visit: CERTIFICATES)
