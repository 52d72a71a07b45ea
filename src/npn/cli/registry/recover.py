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
        diagnosis = diagnose(service.ledger)
        if not json_:
            _show(diagnosis)
        wanted = bool(diagnosis.reason) or rebuild_witness
        if wanted:
            _refuse(diagnosis, rebuild=rebuild_witness)
        do = wanted and (yes or (not json_ and _agreed(diagnosis)))
        if do:
            _do(service, rebuild=rebuild_witness)
    if json_:
        json_line({**_document(diagnosis), "recovered": do})
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


def _refuse(diagnosis: "Diagnosis", *, rebuild: bool) -> None:
    """Refuse before asking what would be refused after it."""
    from npn.errors import UnavailableError
    from npn.ledger.witness import MISSING
    from npn.registry.recovery import require_fit, require_lost

    if rebuild and diagnosis.witness is not None:
        require_lost(diagnosis)
    elif not rebuild and diagnosis.witness is not None:
        require_fit(diagnosis.unfit)
    elif not rebuild or diagnosis.code != MISSING:
        hint = "restore the witness; only if it is lost for good: npn recover --rebuild-witness"
        raise UnavailableError(
            diagnosis.reason,
            code=diagnosis.code,
            hint=hint if diagnosis.code == MISSING else "the witness may be sound: run it again once it can be asked",
        )


def _agreed(diagnosis: "Diagnosis") -> bool:
    question = (
        "Go ahead?"
        if diagnosis.witness is not None and not diagnosis.unfit
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


def _show(diagnosis: "Diagnosis") -> None:
    witness = diagnosis.witness
    rows: list[dict[str, object]] = [
        {"": "database", "ledger entries": diagnosis.database.length, "head": diagnosis.database.hash[:16]},
        {
            "": "witness",
            "ledger entries": None if witness is None else witness.length,
            "head": None if witness is None else witness.hash[:16],
        },
    ]
    table(rows, ("", "ledger entries", "head"))
    click.echo("")
    if not diagnosis.reason:
        click.echo("The database holds everything the witness knows: nothing to do.")
        return
    click.echo(f"Draws are stopped: {diagnosis.reason}.")
    for gap in diagnosis.gaps:
        click.echo(
            f"In {gap.space} the {gap.size} numbers {gap.first} to {gap.last} were granted, or may have been, and "
            "the database has forgotten to whom. They will be withheld: nobody is ever granted them again. A system "
            "that holds a receipt can have its series back (npn admin reregister)."
        )
    for gap in diagnosis.ahead:
        click.echo(
            f"In {gap.space} the {gap.size} numbers {gap.first} to {gap.last} ahead of the cursor were in use "
            "(imported), and the database has forgotten it. They will be withheld too."
        )
    if witness is not None and not diagnosis.gaps and not diagnosis.unfit:
        click.echo("No draw was forgotten; the witness will be set to the database's ledger.")
    if witness is not None and witness.length > diagnosis.database.length:
        forgotten = witness.length - diagnosis.database.length
        click.echo(
            f"The database has forgotten {forgotten} ledger entries. Besides draws and imports these may be releases, "
            "suspensions and ended keys, of which the witness knows nothing: do them again."
        )
    if witness is not None and witness.ahead is None:
        click.echo(
            "This witness was written by an older version, which kept no imports in it: import again, before draws "
            "go on, what was imported since the backup (npn admin import)."
        )
    if witness is None or diagnosis.unfit:
        click.echo(
            "Rebuilding takes the database's word for everything. If it is older than the witness was, numbers "
            "granted since would be granted again."
        )


def _document(diagnosis: "Diagnosis") -> dict[str, object]:
    import msgspec

    return {
        "sound": not diagnosis.reason,
        "reason": diagnosis.reason or None,
        "code": diagnosis.code or None,
        "database": msgspec.to_builtins(diagnosis.database),
        "witness": None if diagnosis.witness is None else msgspec.to_builtins(diagnosis.witness),
        "gaps": [msgspec.to_builtins(gap) for gap in diagnosis.gaps],
        "ahead": [msgspec.to_builtins(gap) for gap in diagnosis.ahead],
    }
