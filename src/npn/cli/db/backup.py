"""`npn admin backup`: a copy of an SQLite database, taken while it is in use."""

from pathlib import Path

import click

from npn.cli.database import works_on_database
from npn.cli.printing import as_json, json_line
from npn.config import Settings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
@works_on_database
def backup(settings: Settings, *, file: Path, json_: bool) -> None:
    """Copy the database, whole and consistent, into a new FILE; a service may be running.

    The witness is not part of it: after a restore it tells what the backup does not know. For PostgreSQL use
    pg_dump or pg_basebackup.
    """
    from npn.db import Database
    from npn.db.backup import back_up

    size = back_up(Database(settings.database), file)
    if json_:
        json_line({"file": str(file), "bytes": size})
    else:
        click.echo(f"{file}: {size} bytes")
