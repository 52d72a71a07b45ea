"""Whatever command of an older program is still under way when the database is upgraded changes nothing in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from command import npn
from npn.config import Settings
from npn.db import Database
from scenarios.test_upgrade import older_program  # noqa: F401  # the fixture

SCRIPT = Path(__file__).parent / "every_command.py"
IMPORT = "space,system,first,last,drawn_at\nproduction,labka-ii,5000000000,5000000099,2020-01-01\n"


COUNTED = {"failures", "locked_until"}  # of an account's wrong passwords, which no program of today reads


def everything(settings: Settings) -> dict[str, list[str]]:
    """Return every row of every table."""
    database = Database(settings.database, as_owner=True)
    tables = sa.MetaData()
    try:
        with database.read() as connection:
            tables.reflect(connection)
            return {table.name: rows(connection, table) for table in tables.sorted_tables}
    finally:
        database.close()


def rows(connection: sa.Connection, table: sa.Table) -> list[str]:
    names = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in COUNTED)
    return sorted(repr(tuple(row)) for row in connection.execute(sa.text(f'SELECT {names} FROM "{table.name}"')))


@pytest.mark.slow
def test_no_command_of_an_older_program_changes_an_upgraded_database(
    settings: Settings,
    tmp_path: Path,
    older_program: tuple[str, ...],  # noqa: F811  # the fixture
) -> None:
    for command in (
        ("admin", "init"),
        ("admin", "system", "add", "Labka II", "--vendor", "V", "--owner", "O", "--environment", "production"),
        ("admin", "account", "add", "anna@example.dk", "--name", "Anna", "--role", "operator"),
    ):
        done = npn(*command, on=settings, prefix=older_program)
        assert done.status == 0, done
    witness = Path(settings.witness)
    before = witness.read_bytes()
    assert npn("admin", "init", "--servers-are-stopped", on=settings).status == 0
    known, kept = everything(settings), witness.read_bytes()
    folder = tmp_path / "commands"
    folder.mkdir()
    (folder / "file.csv").write_text(IMPORT)
    for read in (before, kept):  # as one that had read its witness before, and as one that reads it now
        witness.write_bytes(read)
        environment = {**os.environ, "NPN_DATABASE": settings.database, "NPN_WITNESS": settings.witness}
        asked = [*older_program, sys.executable, str(SCRIPT), str(folder)]
        ran = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True, timeout=900)
        commands = [json.loads(line) for line in ran.stdout.splitlines()]
        assert len(commands) > 70
        assert everything(settings) == known, commands
    assert witness.read_bytes() == kept, commands
