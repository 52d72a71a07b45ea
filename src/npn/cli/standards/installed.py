"""`npn admin product`, `release`, `fault`, `installation` and `capability`: what is in operation, and what it takes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, table
from npn.cli.standards.lists import read_features
from npn.cli.systems.system import NEW_ORGANISATION
from npn.cli.typed import DAY
from npn.config import Settings

if TYPE_CHECKING:
    from npn.standards.model import FaultSeverity, Installation
    from npn.standards.products import InstallationWish

_HERE = "npn.cli.standards.installed"
_PRODUCTS = {
    "add": (f"{_HERE}:add_product", "Add a product that MedCom's list does not have."),
    "set": (f"{_HERE}:set_product", "Change the name or vendor of a product."),
    "list": (f"{_HERE}:list_products", "List the products, with their releases and known faults."),
}
_RELEASES = {"add": (f"{_HERE}:add_release", "Add a release of a product.")}
_FAULTS = {"add": (f"{_HERE}:add_fault", "Note a known fault of a product release.")}
_INSTALLATIONS = {
    "add": (f"{_HERE}:add_installation", "Add an installation of a product."),
    "set": (f"{_HERE}:set_installation", "Change an installation."),
    "list": (f"{_HERE}:list_installations", "List the installations."),
}
_CAPABILITIES = {"set": (f"{_HERE}:set_capability", "Record what an installation can send or receive.")}
_STATES = click.Choice(["yes", "no", "testing", "unknown"])
_DIRECTIONS = click.Choice(["send", "receive", "webservice"])


@click.group(cls=LazyGroup, commands_table=_PRODUCTS)
def product() -> None:
    """Products, as vendors sell them."""


@click.group(cls=LazyGroup, commands_table=_RELEASES)
def release() -> None:
    """Releases of products."""


@click.group(cls=LazyGroup, commands_table=_FAULTS)
def fault() -> None:
    """Known faults of product releases."""


@click.group(cls=LazyGroup, commands_table=_INSTALLATIONS)
def installation() -> None:
    """Products in operation at an owner."""


@click.group(cls=LazyGroup, commands_table=_CAPABILITIES)
def capability() -> None:
    """What installations can send and receive."""


@click.command("add")
@click.argument("name")
@click.option("--vendor", required=True)
@click.option("--type", "types", multiple=True, help="Type of system; may be given several times.")
@as_json
@works_on_database
def add_product(settings: Settings, /, *, name: str, vendor: str, types: tuple[str, ...], json_: bool) -> None:
    """Add a product that MedCom's list does not have; prints its id."""
    with opened(settings) as service:
        added = service.products.add(name, by=who(), vendor=vendor, types=frozenset(types))
    _say({"id": added.id, "name": added.name, "vendor": added.vendor}, json_=json_)


@click.command("set")
@click.argument("product")
@click.option("--name", default="", help="New name.")
@click.option("--vendor", default="", help="New vendor.")
@as_json
@works_on_database
def set_product(settings: Settings, /, *, product: str, json_: bool, **given: str) -> None:
    """Change the name or vendor of a product; the names of the list go on leading to it."""
    with opened(settings) as service:
        renamed = service.products.rename(product, by=who(), **given)
    _say({"id": renamed.id, "name": renamed.name, "vendor": renamed.vendor}, json_=json_)


@click.command("list")
@as_json
@works_on_database
def list_products(settings: Settings, *, json_: bool) -> None:
    """List the products, with their releases and known faults."""
    with opened(settings) as service:
        releases, faults = service.products.releases(), service.products.faults()
        rows = [
            {
                "id": one.id,
                "name": one.name,
                "vendor": one.vendor,
                "types": sorted(one.types),
                "listed": one.listed,
                "gone_on": one.gone_on,
                "releases": [
                    {"version": detail.version, "date": detail.released_on, "equivalent": list(detail.equivalents)}
                    for detail in releases
                    if detail.product == one.id
                ],
                "faults": [
                    {"version": detail.version, "severity": detail.severity, "mended_in": detail.mended_in or None}
                    for detail in faults
                    if detail.product == one.id
                ],
            }
            for one in service.products.products()
        ]
    _print(rows, ("id", "name", "vendor", "listed"), json_=json_, empty="No product is known yet.")


@click.command("add")
@click.argument("product")
@click.argument("version")
@click.option("--date", "released_on", type=DAY, required=True, help="Day of the release, YYYY-MM-DD.")
@click.option("--equivalent", multiple=True, metavar="V", help="Version for which the same holds.")
@as_json
@works_on_database
def add_release(
    settings: Settings,
    /,
    *,
    product: str,
    version: str,
    released_on: date,
    equivalent: tuple[str, ...],
    json_: bool,
) -> None:
    """Add a release of PRODUCT, or change the one of that version."""
    with opened(settings) as service:
        release = service.products.add_release(
            product, version, by=who(), released_on=released_on, equivalents=equivalent
        )
    _say(
        {"id": f"{release.product}/{release.version}", "product": release.product, "version": release.version},
        json_=json_,
    )


@click.command("add")
@click.argument("release", metavar="PRODUCT/VERSION")
@click.option("--severity", type=click.Choice(["critical", "serious", "minor"]), required=True)
@click.option("--mended-in", default="", metavar="V", help="Version that mends it, where there is one.")
@click.option("--description", default="", help="What happens.")
@as_json
@works_on_database
def add_fault(
    settings: Settings, /, *, release: str, severity: "FaultSeverity", mended_in: str, description: str, json_: bool
) -> None:
    """Note a known fault of a product release."""
    from npn.standards.model import ProductFault

    of, _, version = release.partition("/")
    noted = ProductFault(of, version, severity, mended_in, description)
    with opened(settings) as service:
        service.products.add_fault(noted, by=who())
    _say({"id": release, "product": of, "version": version, "severity": severity}, json_=json_)


_OF_INSTALLATION = (
    click.option("--release", help="Version that is installed, as npn admin release add has it."),
    click.option("--owner", help="Organisation that runs it."),
    click.option("--region", help="Region that it serves."),
    click.option("--sor-unit", help="SOR code of the unit that it serves."),
    click.option("--system", help="Connected system that it is."),
    click.option("--from", "begins", type=DAY, help="First day in operation, YYYY-MM-DD."),
    click.option("--until", "ends", type=DAY, help="Day from which it is no longer in operation."),
)


def _of_installation(command: "click.decorators.FC") -> "click.decorators.FC":
    for option in reversed(_OF_INSTALLATION):
        command = option(command)
    return command


@click.command("add")
@click.argument("product")
@_of_installation
@NEW_ORGANISATION
@as_json
@works_on_database
def add_installation(
    settings: Settings, /, *, product: str, new_organisation: bool, json_: bool, **given: "str | date | None"
) -> None:
    """Add an installation of PRODUCT; prints its id."""
    with opened(settings) as service:
        wish = _wish(given, new_organisation=new_organisation)
        installation_made = service.products.set_installation(product, by=who(), wish=wish)
    _say(_document(installation_made), json_=json_)


@click.command("set")
@click.argument("installation")
@_of_installation
@NEW_ORGANISATION
@as_json
@works_on_database
def set_installation(
    settings: Settings, /, *, installation: str, new_organisation: bool, json_: bool, **given: "str | date | None"
) -> None:
    """Change an installation; what is left out stays as it was."""
    with opened(settings) as service:
        wish = _wish(given, new_organisation=new_organisation)
        installation_made = service.products.set_installation("", by=who(), wish=wish, installation_id=installation)
    _say(_document(installation_made), json_=json_)


def _wish(given: "dict[str, str | date | None]", *, new_organisation: bool) -> "InstallationWish":
    from npn.standards.products import InstallationWish

    def text(name: str) -> str | None:
        return None if given[name] is None else str(given[name])

    def day(name: str) -> date | None:
        value = given[name]
        return value if isinstance(value, date) else None

    return InstallationWish(
        release=text("release"),
        owner=text("owner"),
        region=text("region"),
        sor_unit=text("sor_unit"),
        system=text("system"),
        begins=day("begins"),
        ends=day("ends"),
        new_organisation=new_organisation,
    )


@click.command("list")
@as_json
@works_on_database
def list_installations(settings: Settings, *, json_: bool) -> None:
    """List the installations."""
    with opened(settings) as service:
        rows = [_document(one) for one in service.products.installations()]
    columns = ("id", "system", "vendor", "release", "owner", "region", "from", "until")
    _print(rows, columns, json_=json_, empty="No installation is known yet; npn admin installation add adds one.")


def _document(one: "Installation") -> dict[str, object]:
    return {
        "id": one.id,
        "product": one.product,
        "system": one.product_name,
        "vendor": one.vendor,
        "release": one.release,
        "owner": one.owner,
        "region": one.region,
        "sor_unit": one.sor_unit or None,
        "connected_system": one.system,
        "from": one.begins,
        "until": one.ends,
    }


@click.command("set")
@click.argument("installation")
@click.argument("version", metavar="VERSION")
@click.argument("direction", type=_DIRECTIONS)
@click.argument("state", type=_STATES)
@click.option("--feature", "features", multiple=True, metavar="N=V", help="Such as max_results=20, or unlimited.")
@click.option("--evidence", required=True, metavar="T", help="`observed`, or in words how it was shown.")
@click.option("--by", "said_by", required=True, metavar="WHOM", help="Organisation or role that says so; no person.")
@click.option("--from", "since", type=DAY, help="Day from which it holds, YYYY-MM-DD.  [default: today]")
@as_json
@works_on_database
def set_capability(
    settings: Settings,
    /,
    *,
    installation: str,
    version: str,
    direction: str,
    state: str,
    features: tuple[str, ...],
    since: date | None,
    json_: bool,
    **said: str,
) -> None:
    """Record what an installation can take of VERSION (`XRPT05/XR0532M`, or `XR0532M` where one standard has it)."""
    from npn.standards.model import CapabilityState, Direction
    from npn.standards.products import CapabilityWish

    with opened(settings) as service:
        statement = service.products.set_capability(
            installation,
            CapabilityWish(
                version=service.standards.version(version),
                direction=Direction(direction),
                state=CapabilityState(state),
                evidence=said["evidence"],
                said_by=said["said_by"],
                features=read_features(features),
                since=since,
            ),
            by=who(),
        )
    _say(
        {
            "id": statement.installation,
            "standard": statement.standard,
            "version": statement.version,
            "direction": statement.direction,
            "state": statement.state,
            "since": statement.since,
        },
        json_=json_,
    )


def _say(document: dict[str, object], *, json_: bool) -> None:
    if json_:
        json_line(document)
    else:
        click.echo(document["id"])


def _print(rows: Sequence[Mapping[str, object]], columns: tuple[str, ...], *, json_: bool, empty: str) -> None:
    if json_:
        for row in rows:
            json_line(row)
    elif rows:
        table(rows, columns)
    else:
        remark(empty)
