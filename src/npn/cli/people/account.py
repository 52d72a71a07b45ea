"""`npn admin account`: who may sign in to the pages."""

import os
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, secret, table
from npn.cli.systems.system import NEW_ORGANISATION
from npn.config import Settings

if TYPE_CHECKING:
    from npn.people.accounts import Link
    from npn.people.model import Account

COMMANDS = {
    "add": ("npn.cli.people.account:add", "An account, and the one-time link its holder begins with."),
    "list": ("npn.cli.people.account:list_", "Every account."),
    "link": ("npn.cli.people.account:link", "Another one-time link, for a forgotten password or telephone."),
    "change": ("npn.cli.people.account:change", "Another e-mail address or role for an account."),
    "vouch": ("npn.cli.people.account:vouch", "Vouch that an account belongs to a separate person."),
    "suspend": ("npn.cli.people.account:suspend", "Let an account sign in no longer."),
    "resume": ("npn.cli.people.account:resume", "Let a suspended account sign in again."),
}
ROLES = ("operator", "region", "owner", "vendor", "group", "auditor")


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def account() -> None:
    """Accounts of the pages: who may sign in, and as what."""


def _address(command: click.decorators.FC) -> click.decorators.FC:
    return click.option(
        "--url",
        metavar="URL",
        help="Address of the service, for the link.  [default: public_url of the settings, else NPN_URL, else the "
        "address that the settings listen on]",
    )(command)


def _reached_at(settings: Settings, url: str | None) -> str:
    """Return the address that a link leads to."""
    from npn.wiring.mail import public_address

    return (url or settings.public_url or os.environ.get("NPN_URL") or public_address(settings)).rstrip("/")


@click.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the person may do.")
@click.option("--name", help="The person's name; the address where nothing is said.")
@click.option("--organisation", metavar="NAME", help="Name or id of the region, owner or vendor it acts for.")
@NEW_ORGANISATION
@_address
@as_json
@works_on_database
def add(  # click gives each option as an argument
    settings: Settings,
    *,
    email: str,
    role: str,
    name: str | None,
    organisation: str | None,
    new_organisation: bool,
    url: str | None,
    json_: bool,
) -> None:
    """Add an account; prints, alone on a line, the one-time link by which its holder chooses a password.

    The link works once, for a week. Where the settings name a mail server it is mailed to the address instead, and
    not shown. A region that is not known yet is made. A new operator is mailed to all operators.
    """
    from npn.people.model import OF_ORGANISATIONS, AccountRole
    from npn.systems.model import OrganisationKind

    with opened(settings) as service:
        wanted, organisation_id = AccountRole(role), None
        if organisation is not None and wanted in OF_ORGANISATIONS:
            organisation_id = service.systems.organisation(
                OrganisationKind(role), organisation, new_organisation=new_organisation
            )
        account, first = service.accounts.add(
            by=who(), email=email, name=name or email, role=wanted, organisation=organisation_id
        )
    _show(account, first, url=_reached_at(settings, url), json_=json_)


@click.command("list")
@as_json
@works_on_database
def list_(settings: Settings, *, json_: bool) -> None:
    """List every account."""
    with opened(settings) as service:
        accounts = service.accounts.list()
    if json_:
        for account in accounts:
            json_line(_document(account))
        return
    if accounts:
        table(
            [_document(account) for account in accounts],
            ("email", "name", "role", "organisation", "state", "signed_in_at"),
        )
    else:
        remark("There is no account yet; npn admin account add EMAIL --role operator makes one.")


@click.command()
@click.argument("email")
@_address
@as_json
@works_on_database
def link(settings: Settings, *, email: str, url: str | None, json_: bool) -> None:
    """Make another one-time link; the password, the second factor and every session end at once.

    Where the settings name a mail server the link is mailed to the address and not shown.
    """
    with opened(settings) as service:
        account = service.accounts.with_email(email)
        link = service.accounts.new_link(account.id, by=who())
    _show(account, link, url=_reached_at(settings, url), json_=json_)


@click.command()
@click.argument("email")
@click.option("--email", "address", metavar="EMAIL", help="The new e-mail address.")
@click.option("--role", type=click.Choice(ROLES), help="What the person may do from now on.")
@click.option("--organisation", metavar="NAME", help="Name or id of the region, owner or vendor it acts for.")
@NEW_ORGANISATION
@as_json
@works_on_database
def change(  # click gives each option as an argument
    settings: Settings,
    *,
    email: str,
    address: str | None,
    role: str | None,
    organisation: str | None,
    new_organisation: bool,
    json_: bool,
) -> None:
    """Change an account's e-mail address or role; its holder is written to, and of an operator all operators."""
    from npn.errors import InvalidInputError
    from npn.people.model import OF_ORGANISATIONS, AccountDetails, AccountRole
    from npn.systems.model import OrganisationKind

    if address is None and role is None and organisation is None:
        raise InvalidInputError("nothing to change", hint="name --email, --role or --organisation")
    with opened(settings) as service:
        account = service.accounts.with_email(email)
        wanted = AccountRole(role or account.role.value)
        acts_for = account.organisation if wanted is account.role else None
        if organisation is not None and wanted in OF_ORGANISATIONS:
            acts_for = service.systems.organisation(
                OrganisationKind(wanted.value), organisation, new_organisation=new_organisation
            )
        changed = service.accounts.change(
            account.id,
            AccountDetails(name=account.name, role=wanted, organisation=acts_for, state=account.state),
            by=who(),
            email=address,
        )
    _tell(changed, f"{changed.email} is {changed.role.value}.", json_=json_)


@click.command()
@click.argument("email")
@click.option("--reason", required=True, help="Why; it stays in the ledger, so name no persons.")
@as_json
@works_on_database
def vouch(settings: Settings, *, email: str, reason: str, json_: bool) -> None:
    """Vouch that an account belongs to a separate person, and no second account of whoever made, reset or promoted it.

    Until then neither approves what the other proposed. All operators are written to.
    """
    with opened(settings) as service:
        account = service.accounts.vouch(service.accounts.with_email(email).id, by=who(), reason=reason)
    _tell(account, f"{account.email} is vouched for.", json_=json_)


@click.command()
@click.argument("email")
@as_json
@works_on_database
def suspend(settings: Settings, *, email: str, json_: bool) -> None:
    """Let an account sign in no longer; its sessions end at once."""
    _set_state(settings, email, "suspended", json_=json_)


@click.command()
@click.argument("email")
@as_json
@works_on_database
def resume(settings: Settings, *, email: str, json_: bool) -> None:
    """Let a suspended account sign in again."""
    _set_state(settings, email, "active", json_=json_)


def _set_state(settings: Settings, email: str, state: str, *, json_: bool) -> None:
    from npn.people.model import AccountDetails, AccountState

    with opened(settings) as service:
        account = service.accounts.with_email(email)
        changed = service.accounts.change(
            account.id,
            AccountDetails(
                name=account.name, role=account.role, organisation=account.organisation, state=AccountState(state)
            ),
            by=who(),
        )
    _tell(changed, f"{changed.email} is {changed.state.value}.", json_=json_)


def _tell(account: "Account", sentence: str, *, json_: bool) -> None:
    if json_:
        json_line(_document(account))
    else:
        remark(sentence)


def _show(account: "Account", link: "Link", *, url: str, json_: bool) -> None:
    address = None if link.mailed else url + link.path
    if json_:
        mailing = {"link": address, "mailed": link.mailed, "expires_at": link.expires_at}
        json_line({**_document(account), **mailing})
        return
    if address is None:
        remark(f"{account.email} is {account.role.value}; the link to choose a password is mailed to that address.")
        return
    remark(f"{account.email} is {account.role.value}; the link to choose a password, good once, for a week:")
    secret(address)


def _document(account: "Account") -> dict[str, object]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "role": account.role.value,
        "organisation": account.organisation,
        "state": account.state.value,
        "second_factor": account.has_second_factor,
        "signed_in_at": account.signed_in_at,
    }
