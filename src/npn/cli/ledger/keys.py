"""`npn admin key` and `npn admin operator`: the key that signs, and the operator's own."""

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, remark
from npn.config import Settings

KEY = {"rotate": ("npn.cli.ledger.keys:rotate", "Make a new signing key; receipts of the old ones stay good.")}
OPERATOR = {"rotate-key": ("npn.cli.ledger.keys:rotate_operator_key", "Make the operator a further key, shown once.")}


@click.group(cls=LazyGroup, commands_table=KEY)
def key() -> None:
    """The key that signs receipts and the ledger's checkpoints."""


@click.group(cls=LazyGroup, commands_table=OPERATOR)
def operator() -> None:
    """The operator's own key."""


@click.command()
@as_json
@works_on_database
def rotate(settings: Settings, *, json_: bool) -> None:
    """Make a new signing key.

    The private half of the key before it is forgotten; its public half is kept, so old receipts stay good.
    Whoever pins keys must fetch /.well-known/jwks.json again.
    """
    from npn.ledger.keys import make_key

    with opened(settings) as service, service.ledger.transaction() as tx:
        kid = make_key(tx, by=who())
    if json_:
        json_line({"kid": kid})
    else:
        remark("Signing from now on with the key")
        click.echo(kid)


@click.command("rotate-key")
@click.option("--revoke-old", is_flag=True, help="End every older key at once.")
@as_json
@works_on_database
def rotate_operator_key(settings: Settings, *, revoke_old: bool, json_: bool) -> None:
    """Make the operator a further key and print it once, alone on a line."""
    from npn.cli.systems.system import new_key
    from npn.systems.model import OPERATOR as HOLDER

    with opened(settings) as service:
        operator_key = service.systems.rotate_key(HOLDER, by=who(), revoke_old=revoke_old)
    new_key(HOLDER, str(operator_key), revoke_old=revoke_old, json_=json_)
