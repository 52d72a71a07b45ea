"""`npn admin secrets`: the key under which secrets in the database are encrypted. It is never shown."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark, secret
from npn.config import Settings

if TYPE_CHECKING:
    from npn.people.accounts import Link

SECRETS = {
    "new-key": ("npn.cli.ledger.secrets:new_key", "Make a key file, readable by its owner alone."),
    "rotate": ("npn.cli.ledger.secrets:rotate", "Encrypt everything again under the first key of the file."),
    "show": ("npn.cli.ledger.secrets:show", "Which keys the file holds, and how much is under each."),
}


@click.group(cls=LazyGroup, commands_table=SECRETS)
def secrets() -> None:
    """The key of the secrets at rest: the private signing key, second factors, e-mails that wait."""


@click.command("new-key")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--keys-of", type=click.Path(path_type=Path), help="Take over the keys of that file, behind the new one.")
@click.option("--last", is_flag=True, help="Put the new key behind them: it is read, and not used yet.")
@as_json
@works_on_database
def new_key(settings: Settings, *, file: Path | None, keys_of: Path | None, last: bool, json_: bool) -> None:
    """Make a key file: 32 random bytes, base64. FILE is never overwritten; without it, where the service looks.

    Where there is a database, its ledger notes the key's fingerprint.
    """
    from npn.db.sealing import new_key_file, read_keys
    from npn.errors import ConfigurationError, NpnError
    from npn.ledger.secrets import counts, note_new_key

    path = file or _usual_place(settings)
    if path is None:
        raise ConfigurationError("name the file that is to hold the key", hint="npn admin secrets new-key FILE")
    if file is None:
        path.parent.mkdir(parents=True, exist_ok=True)
    key_entry = new_key_file(path, others=read_keys(keys_of) if keys_of is not None else (), last=last)
    noted, others = True, list[str]()
    try:
        with opened(settings, key_is_lost=True) as service:
            others = sorted(counts(service.database).keys() - set(service.database.sealer.fingerprints))
            note_new_key(service.ledger, key_entry.fingerprint, by=who())
    except NpnError as error:
        noted = False
        remark(f"Not noted in a ledger: {error.message}")
    if json_:
        json_line({"file": str(path), "key": key_entry.fingerprint, "noted": noted})
        return
    if others:
        remark(
            f"Warning: the secrets of the database are encrypted with the key {', '.join(others)}, which the service "
            "does not find. Put its file back; only if it is lost for good: npn admin secrets rotate --key-is-lost"
        )
    remark(f"Made the key {key_entry.fingerprint}. Keep a copy of the file apart from the database's backups:")
    click.echo(str(path))


@click.command()
@click.option("--key-is-lost", is_flag=True, help="Give up what can't be read: new signing key, factors by new links.")
@as_json
@works_on_database
def rotate(settings: Settings, *, key_is_lost: bool, json_: bool) -> None:
    """Encrypt everything again under the first key of the file; the others can leave it afterwards.

    Servers may be running: they read the file again when it changes. With --key-is-lost the private signing key that
    can't be read is replaced by a new one, and whoever's second factor can't be read gets a one-time link, by mail
    where that is set up; what can still be read stays.
    """
    from npn.ledger.secrets import rotate as do_rotate

    with opened(settings, key_is_lost=True) as service:
        rotation = do_rotate(service.ledger, by=who(), key_is_lost=key_is_lost)
        links = [
            _link(service.accounts.get(account).email, service.accounts.new_link(account, by=who()))
            for account in rotation.lost_accounts
        ]
    if json_:
        document = {"key": rotation.key, "sealed": rotation.sealed, "signing_key": rotation.signing_key or None}
        json_line({**document, "accounts": links, "letters_lost": rotation.lost_emails})
        return
    remark(f"{rotation.sealed} secrets are encrypted under the key {rotation.key}.")
    if rotation.signing_key:
        remark(f"The signing key was lost; signing from now on with {rotation.signing_key}.")
    if rotation.lost_emails:
        remark(f"{rotation.lost_emails} e-mails can't be read any more; those that waited are not sent.")
    for link in links:
        how = "A one-time link was mailed." if link["mailed"] else "The one-time link:"
        remark(f"The second factor of {link['email']} was lost. {how}")
        if not link["mailed"]:
            secret(str(link["path"]))


@click.command()
@as_json
@works_on_database
def show(settings: Settings, *, json_: bool) -> None:
    """Show the file, the fingerprints of its keys (the first one encrypts), and how many secrets are under each."""
    from npn.ledger.secrets import counts

    with opened(settings, key_is_lost=True) as service:
        sealer, under = service.database.sealer, counts(service.database)
    rows = {key: under.get(key, 0) for key in (*sealer.fingerprints, *under)}
    if json_:
        keys = [{"key": key, "here": key in sealer.fingerprints, "secrets": count} for key, count in rows.items()]
        json_line({"file": str(sealer.path), "keys": keys})
        return
    click.echo(f"file  {sealer.path}")
    for key, count in rows.items():
        click.echo(f"{key}  {count} secrets{'' if key in sealer.fingerprints else '  (the key is not here)'}")


def _link(email: str, link: "Link") -> dict[str, object]:
    return {"email": email, "mailed": link.mailed, "path": None if link.mailed else link.path}


def _usual_place(settings: Settings) -> Path | None:
    """Return where the service would look for the key, as the settings are."""
    from npn.db import Database
    from npn.ledger.secrets import key_file
    from npn.ledger.witness import open_witness

    database = Database(settings.database)
    try:
        return key_file(settings, database, open_witness(settings.witness, database_path=database.path))
    finally:
        database.close()
