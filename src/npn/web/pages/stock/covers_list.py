"""The list of stocks: how long each of the visitor's systems lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from npn.http.answers import Answer
from npn.people.model import ALL, AccountRole, Person
from npn.reading import Reading
from npn.stock.cover import RULE_DAYS, Colour, Cover, CoverSource
from npn.systems.model import ConnectedSystem, Environment
from npn.web.charts_ahead import CoverBar, covers
from npn.web.forms import Choice, Field
from npn.web.lists.model import Cell, Column, Filter, Kind, LinkCell, ListDefinition
from npn.web.lists.pages import listed, offer_file
from npn.web.pages.systems.systems import ENVIRONMENTS
from npn.web.pages.systems.systems_list import (
    ENVIRONMENT_NAMES,
    RULE_NAMES,
    RULE_ORDER,
    environment_tag,
    rule_tag,
)
from npn.web.routes import get
from npn.web.rules import only
from npn.web.texts import Texts, _
from npn.web.visit import Visit

SEES_SYSTEMS = tuple(ALL - {AccountRole.GROUP})
COLOURS = (Colour.RED, Colour.AMBER, Colour.GREEN, Colour.UNKNOWN)
_BRIEFLY = {
    CoverSource.REPORTED: _("reported"),
    CoverSource.ESTIMATED: _("estimated"),
    CoverSource.UNKNOWN: _("no figures"),
}


@dataclass(frozen=True, slots=True)
class CoverRow:
    """A system and its cover, and whom one calls when it runs out: who is on call, else the technical contact."""

    system: ConnectedSystem
    cover: Cover
    to_call: str = ""
    telephone: str = ""


def _name(row: CoverRow) -> Cell:
    return LinkCell(row.system.name, f"/systems/{row.system.id}/stock")


def _environment(row: CoverRow) -> Cell:
    return environment_tag(row.system)


_COLUMNS = (
    Column[CoverRow]("name", _("System"), lambda row: row.system.name, cell=_name),
    Column[CoverRow]("id", _("Id"), lambda row: row.system.id, only="file"),
    Column[CoverRow](
        "environment",
        _("Environment"),
        lambda row: ENVIRONMENT_NAMES[row.system.environment],
        cell=_environment,
    ),
    Column[CoverRow](
        "rule",
        _("Six months' rule"),
        lambda row: RULE_NAMES[row.cover.colour],
        cell=lambda row: rule_tag(row.cover.colour),
        order=lambda row: RULE_ORDER[row.cover.colour],
    ),
    Column[CoverRow](
        "source",
        _("Source"),
        lambda row: _BRIEFLY[row.cover.source],
        under="rule",
    ),
    Column[CoverRow]("to_call", _("Whom to call"), lambda row: row.to_call),
    Column[CoverRow]("telephone", _("Telephone"), lambda row: row.telephone, under="to_call"),
    Column[CoverRow]("days", _("Cover in days"), lambda row: row.cover.days, kind=Kind.NUMBER),
    Column[CoverRow]("free", _("Free usable numbers"), lambda row: row.cover.free, kind=Kind.NUMBER),
    Column[CoverRow]("used", _("Daily use"), lambda row: row.cover.used_per_day, kind=Kind.NUMBER),
    Column[CoverRow]("draw", _("Recommended draw"), lambda row: row.cover.draw or None, kind=Kind.NUMBER),
    Column[CoverRow]("vendor", _("Vendor"), lambda row: row.system.vendor, only="file"),
    Column[CoverRow]("owner", _("Owner"), lambda row: row.system.owner, only="file"),
    Column[CoverRow]("as_of", _("As of"), lambda row: row.cover.as_of, kind=Kind.TIME, only="file"),
)
STOCK = ListDefinition[CoverRow](
    name="stock",
    path="/stock",
    caption=_("Stock"),
    columns=_COLUMNS,
    empty=_("There are no systems yet."),
    none_left=_("There are no systems in this group."),
    order="days",
    filters=(
        Filter(
            Field("environment", _("Environment"), kind="select", required=False, choices=ENVIRONMENTS),
            lambda row, value: row.system.environment == value,
        ),
        Filter(
            Field(
                "rule",
                _("Six months' rule"),
                kind="select",
                required=False,
                choices=[Choice(colour.value, RULE_NAMES[colour]) for colour in COLOURS],
            ),
            lambda row, value: row.cover.colour == value,
        ),
        Filter(
            Field(
                "source",
                _("Source"),
                kind="select",
                required=False,
                choices=[Choice(source.value, label) for source, label in _BRIEFLY.items()],
            ),
            lambda row, value: row.cover.source == value,
        ),
    ),
    also=lambda row: f"{row.system.id} {row.system.vendor} {row.system.owner}",
)


async def _rows(visit: Visit) -> list[CoverRow]:
    return await visit.look(_covers, visit.person)


def _covers(reading: Reading, person: Person) -> list[CoverRow]:
    covers, contacts = reading.pictures.latest().covers, reading.systems.contacts()
    return [
        CoverRow(system, covers[system.id], *_to_call(contacts.get(system.id, [])))
        for system in reading.systems.list()
        if person.may_see(system.id) and system.id in covers
    ]


def _to_call(contacts: Sequence[Mapping[str, object]]) -> tuple[str, str]:
    by_kind = {contact["kind"]: contact for contact in contacts if contact["telephone"]}
    person = by_kind.get("on_call") or by_kind.get("technical")
    return ("", "") if person is None else (str(person["name"]), str(person["telephone"]))


@get("/stock", only(*SEES_SYSTEMS))
async def list_covers(visit: Visit) -> Answer:
    """List the visitor's systems, the shortest cover first."""
    rows = await _rows(visit)
    counts = [(colour, sum(row.cover.colour is colour for row in rows)) for colour in COLOURS]
    return await visit.page(
        "stock/stock.html",
        stock=await listed(visit, STOCK, rows),
        counts=[(colour.value, rule_tag(colour), count) for colour, count in counts],
        wanted=visit.query.get("rule", ""),
        chart=_chart(visit.texts, rows),
        unknown=[row for row in rows if row.cover.source is CoverSource.UNKNOWN],
    )


def _chart(texts: Texts, rows: Sequence[CoverRow]) -> Markup | None:
    """Draw the cover of each production system that is known; None where there are fewer than two."""
    bars = [
        CoverBar(row.system.name, row.cover.days, row.cover.source is CoverSource.ESTIMATED)
        for row in rows
        if row.cover.days is not None and row.system.environment is Environment.PRODUCTION
    ]
    if len(bars) < 2:
        return None
    below = sum(bar.days < RULE_DAYS for bar in bars)
    summary = texts.gettext(_("%(below)s of %(total)s systems in production are below six months."))
    values = {"below": texts.number(below), "total": texts.number(len(bars))}
    return covers(
        texts, bars, rule=RULE_DAYS, title=texts.gettext(_("Cover in days, system by system")), summary=summary % values
    )


offer_file(STOCK.path, only(*SEES_SYSTEMS), rows=_rows, definition=lambda _visit: STOCK)
