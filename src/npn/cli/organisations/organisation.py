"""`npn admin organisation`: vendors, owners and regions: list, rename, merge, close."""

from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark, table
from npn.config import Settings

if TYPE_CHECKING:
    from npn.organisations.model import MergePlan, OrganisationDetails
    from npn.systems.model import Organisation, OrganisationKind

COMMANDS = {
    "list": ("npn.cli.organisations.organisation:list_", "List vendors, owners and regions."),
    "show": ("npn.cli.organisations.organisation:show", "Show one with all that is its own."),
    "rename": ("npn.cli.organisations.organisation:rename", "Rename one; its id stays."),
    "merge": ("npn.cli.organisations.organisation:merge", "Move all that is one's to another of its kind."),
    "close": ("npn.cli.organisations.organisation:close", "Close one that has no open system."),
    "reopen": ("npn.cli.organisations.organisation:reopen", "Open a closed one again."),
}
_KIND = click.option("--kind", type=click.Choice(["owner", "region", "vendor"]), help="Of which kind it is.")


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def organisation() -> None:
    """Organisations: vendors, owners and regions. Name one by its id, or by a name that it has or had."""


@click.command("list")
@_KIND
@as_json
@works_on_database
def list_(settings: Settings, *, kind: str | None, json_: bool) -> None:
    """List the organisations, by kind and name; with --json one line an organisation."""
    with opened(settings) as service:
        rows = [_row(one) for one in service.organisations.list() if kind in (None, one.kind.value)]
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, ("id", "name", "kind", "region", "state"))
    else:
        remark("No organisation is known yet; npn admin system add names the first ones.")


@click.command()
@click.argument("name", metavar="ORGANISATION")
@_KIND
@as_json
@works_on_database
def show(settings: Settings, *, name: str, kind: str | None, json_: bool) -> None:
    """Show an organisation with its former names, systems, accounts, units and owners."""
    with opened(settings) as service:
        details = service.organisations.details(service.organisations.find(name, _kind(kind)).id)
    document = {**_row(details.organisation), "former_names": details.former_names, **_contents(details)}
    if json_:
        json_line(document)
    else:
        record({name: ", ".join(value) if isinstance(value, list) else value for name, value in document.items()})


@click.command()
@click.argument("name", metavar="ORGANISATION")
@click.argument("new_name", metavar="NEW-NAME")
@_KIND
@as_json
@works_on_database
def rename(settings: Settings, *, name: str, new_name: str, kind: str | None, json_: bool) -> None:
    """Rename an organisation. Its id stays, and its names before lead to it for good."""
    with opened(settings) as service:
        organisation = service.organisations.find(name, _kind(kind))
        renamed = service.organisations.rename(organisation.id, new_name, by=who())
    _tell(renamed, f"{renamed.id} is called {renamed.name}", json_=json_)


@click.command()
@click.argument("name", metavar="ORGANISATION")
@click.argument("into", metavar="INTO")
@_KIND
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@as_json
@works_on_database
def merge(  # click gives one option as an argument
    settings: Settings, /, *, name: str, into: str, kind: str | None, json_: bool, **flags: bool
) -> None:
    """Move all that is ORGANISATION's to INTO, for good: systems, accounts, units, owners and names.

    For two that are one, such as CGI and cgi. The id and the names of ORGANISATION lead to INTO from then on.
    """
    with opened(settings) as service:
        of, other = (service.organisations.find(one, _kind(kind)) for one in (name, into))
        plan = service.organisations.plan_merge(of.id, other.id)
        if not json_:
            _show(plan)
        if not flags["dry_run"]:
            if not flags["yes"]:
                click.confirm("A merge can't be undone. Go on?", abort=True, err=True)
            service.organisations.merge(of.id, other.id, by=who())
    if json_:
        json_line({"dry_run": flags["dry_run"], **_document(plan)})


@click.command()
@click.argument("name", metavar="ORGANISATION")
@_KIND
@as_json
@works_on_database
def close(settings: Settings, *, name: str, kind: str | None, json_: bool) -> None:
    """Close an organisation that has no open system: it can't be chosen any more."""
    with opened(settings) as service:
        organisation = service.organisations.close(service.organisations.find(name, _kind(kind)).id, by=who())
    _tell(organisation, f"{organisation.id} is closed", json_=json_)


@click.command()
@click.argument("name", metavar="ORGANISATION")
@_KIND
@as_json
@works_on_database
def reopen(settings: Settings, *, name: str, kind: str | None, json_: bool) -> None:
    """Open a closed organisation again."""
    with opened(settings) as service:
        organisation = service.organisations.reopen(service.organisations.find(name, _kind(kind)).id, by=who())
    _tell(organisation, f"{organisation.id} is open", json_=json_)


def _kind(kind: str | None) -> "OrganisationKind | None":
    from npn.systems.model import OrganisationKind

    return None if kind is None else OrganisationKind(kind)


def _tell(known: "Organisation", text: str, *, json_: bool) -> None:
    if json_:
        json_line(_row(known))
    else:
        click.echo(text)


def _row(known: "Organisation") -> dict[str, object]:
    state = "open" if known.closed_at is None else "closed"
    return {"id": known.id, "name": known.name, "kind": known.kind.value, "region": known.region, "state": state}


def _contents(details: "OrganisationDetails") -> dict[str, object]:
    return {
        "systems": [system.id for system in details.systems],
        "accounts": [account.email for account in details.accounts],
        "units": [unit.id for unit in details.units],
        "owners": [owner.id for owner in details.owners],
    }


def _document(plan: "MergePlan") -> dict[str, object]:
    return {
        "organisation": plan.of.organisation.id,
        "into": plan.into.organisation.id,
        **_contents(plan.of),
        "renamed_units": plan.renamed_units,
        "region": plan.region,
        "drops_region": plan.drops_region,
        "drops_rhythm": plan.drops_rhythm,
    }


def _show(plan: "MergePlan") -> None:
    of, into = plan.of.organisation, plan.into.organisation
    click.echo(f"{of.name} ({of.id}) becomes part of {into.name} ({into.id})")
    for kind, names in _contents(plan.of).items():
        if isinstance(names, list) and names:
            click.echo(f"{kind}: {', '.join(map(str, names))}")
    for unit, name in plan.renamed_units.items():
        click.echo(f"the unit {unit} is called {name}, since both have one of the same name")
    if plan.drops_region:
        click.echo(f"the region {of.region} no longer sees its systems; {into.name} belongs to {into.region}")
    if plan.drops_rhythm:
        click.echo(f"what {into.name} has stated of its releases stays; what {of.name} stated goes")
