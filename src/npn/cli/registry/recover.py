"""`npn recover`: after a restore, show what the witness knows, ask, and skip ahead."""

import sys
from typing import TYPE_CHECKING

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.errors import ANSWER_IS_NO
from npn.cli.printing import as_json, json_line, remark, table
from npn.config import Settings

if TYPE_CHECKING:
    from npn.registry.recovery import Diagnosis
    from npn.wiring.service import Service


@click.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--rebuild-witness", is_flag=True, help="Recreate a lost witness from the current database.")
@as_json
@works_on_database
def recover(settings: Settings, *, yes: bool, rebuild_witness: bool, json_: bool) -> int:
    """After a restore or a failover: compare the database with its witness and skip ahead to what that knows.

    Numbers that the database has forgotten are withheld: never granted again. The ledger says so. With --json
    nothing is asked: without --yes it only shows, and exits 1 where there is something to do.
    """
    from npn.db.roles import repair_grants
    from npn.registry.recovery import diagnose

    repair_grants(settings.database)
    with opened(settings, key_is_lost=True) as service:
        _warn_of_key(service)
        found = diagnose(service.ledger)
        if not json_:
            _show(found)
        wanted = bool(found.reason) or rebuild_witness
        if wanted:
            _refuse(found, rebuild=rebuild_witness)
        do = wanted and (yes or (not json_ and _agreed(found)))
        if do:
            _do(service, rebuild=rebuild_witness)
    if json_:
        json_line({**_document(found), "recovered": do})
    elif do:
        click.echo("The witness was recreated; draws go on." if rebuild_witness else "Recovered; draws go on.")
    return ANSWER_IS_NO if wanted and not do else 0


def _warn_of_key(service: "Service") -> None:
    """Report that a key is wrong, and go on: what is lost can be given up only once the database is recovered."""
    from npn.errors import ConfigurationError
    from npn.ledger.secrets import check_key

    try:
        check_key(service.database)
    except ConfigurationError as error:
        remark(f"Warning: {error.message}. The service does not start until that is settled: {error.hint}.")


def _refuse(found: "Diagnosis", *, rebuild: bool) -> None:
    """Refuse before asking what would be refused after it."""
    from npn.errors import UnavailableError
    from npn.ledger.witness import MISSING
    from npn.registry.recovery import require_fit, require_lost

    if rebuild and found.witness is not None:
        require_lost(found)
    elif not rebuild and found.witness is not None:
        require_fit(found.unfit)
    elif not rebuild or found.code != MISSING:
        hint = "restore the witness; only if it is lost for good: npn recover --rebuild-witness"
        raise UnavailableError(
            found.reason,
            code=found.code,
            hint=hint if found.code == MISSING else "the witness may be sound: run it again once it can be asked",
        )


def _agreed(found: "Diagnosis") -> bool:
    question = (
        "Go ahead?"
        if found.witness is not None and not found.unfit
        else "Is the database the newest there is, and not an old backup?"
    )
    try:
        if click.confirm(question, default=False, err=True):
            return True
    except click.Abort:
        sys.stderr.write("\n")
    remark("Nothing was changed.")
    return False


def _do(service: "Service", *, rebuild: bool) -> None:
    from npn.registry.recovery import rebuild_witness, recover

    if rebuild:
        rebuild_witness(service.ledger, by=who())
    else:
        recover(service.ledger, by=who())


def _show(found: "Diagnosis") -> None:
    known = found.witness
    rows: list[dict[str, object]] = [
        {"": "database", "ledger entries": found.database.length, "head": found.database.hash[:16]},
        {
            "": "witness",
            "ledger entries": None if known is None else known.length,
            "head": None if known is None else known.hash[:16],
        },
    ]
    table(rows, ("", "ledger entries", "head"))
    click.echo("")
    if not found.reason:
        click.echo("The database holds everything the witness knows: nothing to do.")
        return
    click.echo(f"Draws are stopped: {found.reason}.")
    for gap in found.gaps:
        click.echo(
            f"In {gap.space} the {gap.size} numbers {gap.first} to {gap.last} were granted, or may have been, and "
            "the database has forgotten to whom. They will be withheld: nobody is ever granted them again. A system "
            "that holds a receipt can have its series back (npn admin reregister)."
        )
    for gap in found.ahead:
        click.echo(
            f"In {gap.space} the {gap.size} numbers {gap.first} to {gap.last} ahead of the cursor were in use "
            "(imported), and the database has forgotten it. They will be withheld too."
        )
    if known is not None and not found.gaps and not found.unfit:
        click.echo("No draw was forgotten; the witness will be set to the database's ledger.")
    if known is not None and known.length > found.database.length:
        forgotten = known.length - found.database.length
        click.echo(
            f"The database has forgotten {forgotten} ledger entries. Besides draws and imports these may be releases, "
            "suspensions and ended keys, of which the witness knows nothing: do them again."
        )
    if known is not None and known.ahead is None:
        click.echo(
            "This witness was written by an older version, which kept no imports in it: import again, before draws "
            "go on, what was imported since the backup (npn admin import)."
        )
    if known is None or found.unfit:
        click.echo(
            "Rebuilding takes the database's word for everything. If it is older than the witness was, numbers "
            "granted since would be granted again."
        )


def _document(found: "Diagnosis") -> dict[str, object]:
    import msgspec

    return {
        "sound": not found.reason,
        "reason": found.reason or None,
        "code": found.code or None,
        "database": msgspec.to_builtins(found.database),
        "witness": None if found.witness is None else msgspec.to_builtins(found.witness),
        "gaps": [msgspec.to_builtins(gap) for gap in found.gaps],
        "ahead": [msgspec.to_builtins(gap) for gap in found.ahead],
    }
