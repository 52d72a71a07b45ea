"""`npn admin backup`: a copy of an SQLite database, taken while it is in use, and the note that a backup was taken."""

from datetime import datetime
from pathlib import Path

import click

from npn.cli.database import opened, who, works_on_database
from npn.cli.printing import as_json, json_line, record
from npn.config import Settings

_COPY = "\0copy"  # no argument of a command line can be this


class _FileOrCommand(click.Group):
    """`npn admin backup FILE` copies; `npn admin backup seen` is a command. A file of that name is `./seen`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take everything for the copy's that does not begin with a command or ask for help."""
        if args and args[0] not in (*self.commands, "--help", "-h"):
            args = [_COPY, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the copy where it was chosen."""
        if args[0] == _COPY:
            return "copy", copy, args[1:]
        return super().resolve_command(ctx, args)


@click.group(cls=_FileOrCommand, subcommand_metavar="FILE | seen [OPTIONS]")
def backup() -> None:
    """Copy an SQLite database into a new FILE (a service may be running), or note that a backup was taken.

    `npn admin backup FILE` copies the database, whole and consistent. The witness is not part of it: after a restore it
    tells what the backup does not know. For PostgreSQL use pg_dump or pg_basebackup.

    `npn admin backup seen` notes a backup, however it was taken, so that the pages can tell its age: the last line of a
    nightly job.
    """


@click.command(name="copy")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@works_on_database
def copy(settings: Settings, *, file: Path, json_: bool) -> None:
    """Copy the database, whole and consistent, into a new FILE; a service may be running."""
    from npn.db import Database
    from npn.db.backup import back_up

    size = back_up(Database(settings.database), file)
    if json_:
        json_line({"file": str(file), "bytes": size})
    else:
        click.echo(f"{file}: {size} bytes")


@backup.command()
@click.option("--at", "taken", metavar="TIME", help="When it was taken, as 2026-11-30T02:00:00Z.  [default: now]")
@as_json
@works_on_database
def seen(settings: Settings, *, taken: str | None, json_: bool) -> None:
    """Note that a backup was taken, now or at TIME; it is recorded in the ledger.

    The service makes no backups itself and knows only of those that are noted here: without a note the age of the last
    backup is unknown, and is shown as unknown.
    """
    from npn.ledger.backups import note_backup

    with opened(settings) as service:
        note = note_backup(service.ledger, by=who(), taken=_moment(taken))
    row = {"taken_at": note.taken_at, "noted_at": note.noted_at, "noted_by": note.noted_by}
    if json_:
        json_line(row)
    else:
        record(row)


def _moment(text: str | None) -> datetime | None:
    """Read a time with its zone. Raises BadParameter."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise click.BadParameter(
            "not a time with its zone: give it as 2026-11-30T02:00:00Z or with +01:00", param_hint="'--at'"
        )
    return at
