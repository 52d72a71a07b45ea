"""The list of callers: how each system has called lately."""

from dataclasses import dataclass

from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.transport.model import TransportExemption, Usage
from npn.transport.service import Transport
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, LinkCell, ListDefinition, TagCell
from npn.web.lists.pages import offer_file
from npn.web.pages.systems.systems import ENVIRONMENTS
from npn.web.pages.systems.systems_list import ENVIRONMENT_NAMES, environment_tag
from npn.web.pages.transport.watchers import WATCHERS
from npn.web.rules import only
from npn.web.texts import ADDRESSES, Msgid, _
from npn.web.visit import Visit

DAYS = 30
_PLAIN, _TLS, _SILENT = _("plain HTTP"), _("TLS only"), _("no calls")
_COLOURS = {_PLAIN: "bad", _TLS: "good", _SILENT: ""}
_HOW = (
    Choice("plain", _PLAIN),
    Choice("tls", _TLS),
    Choice("silent", _SILENT),
    Choice("exempt", _("has an exception")),
)


@dataclass(frozen=True, slots=True)
class SystemCalls:
    """A system and how it has called lately."""

    system: ConnectedSystem
    used: Usage
    exemption: TransportExemption | None

    @property
    def how(self) -> Msgid:
        """Return how it calls, in words."""
        if self.used.plain:
            return _PLAIN
        return _TLS if self.used.secure else _SILENT

    def calls(self, how: str) -> bool:
        """Whether it calls that way, as the filter names it."""
        if how == "exempt":
            return self.exemption is not None
        return self.how == next(choice.label for choice in _HOW if choice.value == how)


def _name(row: SystemCalls) -> Cell:
    return LinkCell(row.system.name, f"/systems/{row.system.id}/transport")


def _from(row: SystemCalls) -> str | None:
    address = row.used.plain_from
    return None if address is None else ADDRESSES.get(address, address)


def _transport(row: SystemCalls) -> Cell:
    tags = [TagCell(row.how, _COLOURS[row.how])]
    return tags if row.exemption is None else [*tags, TagCell(_("exception"), "warn")]


_COLUMNS = (
    Column[SystemCalls]("name", _("System"), lambda row: row.system.name, cell=_name),
    Column[SystemCalls]("id", _("Id"), lambda row: row.system.id, only="file"),
    Column[SystemCalls](
        "environment",
        _("Environment"),
        lambda row: ENVIRONMENT_NAMES[row.system.environment],
        cell=lambda row: environment_tag(row.system),
    ),
    Column[SystemCalls]("transport", _("Transport"), lambda row: row.how, cell=_transport),
    Column[SystemCalls](
        "until",
        _("Exception until"),
        lambda row: None if row.exemption is None else row.exemption.until,
        kind=Kind.DAY,
        only="file",
    ),
    Column[SystemCalls]("plain", _("Over plain HTTP"), lambda row: row.used.plain, kind=Kind.NUMBER),
    Column[SystemCalls]("rest", _("Plain, REST"), lambda row: row.used.rest_plain, kind=Kind.NUMBER, only="file"),
    Column[SystemCalls]("soap", _("Plain, SOAP"), lambda row: row.used.soap_plain, kind=Kind.NUMBER, only="file"),
    Column[SystemCalls]("tls", _("TLS"), lambda row: row.used.secure, kind=Kind.NUMBER),
    Column[SystemCalls](
        "certified", _("Of these with a certificate"), lambda row: row.used.certified, kind=Kind.NUMBER
    ),
    Column[SystemCalls]("refused", _("Refused"), lambda row: row.used.refused, kind=Kind.NUMBER),
    Column[SystemCalls]("last", _("Last over plain HTTP"), lambda row: row.used.plain_at, kind=Kind.TIME),
    Column[SystemCalls]("from", _("From"), _from, under="last"),
)
CALLERS = ListDefinition[SystemCalls](
    name="transport",
    path="/transport",
    caption=_("Who calls how"),
    columns=_COLUMNS,
    empty=_("There are no systems yet."),
    none_left=_("No system fits the search."),
    order="-plain",
    filters=(
        Filter(
            Field("how", _("Transport"), kind="select", required=False, choices=_HOW),
            lambda row, value: row.calls(value),
        ),
        Filter(
            Field("environment", _("Environment"), kind="select", required=False, choices=ENVIRONMENTS),
            lambda row, value: row.system.environment == value,
        ),
    ),
    also=lambda row: f"{row.system.id} {row.system.vendor} {row.system.owner}",
)


def callers(transport: Transport, systems: Systems) -> list[SystemCalls]:
    """Return every system with how it has called lately, by name."""
    plan, usage = transport.plan(), transport.usage(days=DAYS)
    rows = [
        SystemCalls(system, usage.get(system.id) or Usage(system.id), plan.exemptions.get(system.id))
        for system in systems.list()
    ]
    return sorted(rows, key=lambda row: row.system.name)


async def _rows(visit: Visit) -> list[SystemCalls]:
    return await visit.read(callers, visit.services.transport, visit.services.systems)


offer_file(CALLERS.path, only(*WATCHERS), rows=_rows, definition=lambda _visit: CALLERS)
