"""Backups as operators take them: `npn admin backup` for SQLite, pg_dump for PostgreSQL; and ways to put them back."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from command import npn
from npn.config import Settings
from postgres import Cluster


@dataclass(frozen=True)
class Sqlite:
    """One file, and its companions -wal and -shm."""

    settings: Settings
    folder: Path

    @property
    def path(self) -> Path:
        return Path(self.settings.database.removeprefix("sqlite:///"))

    def take(self, name: str) -> Path:
        """Back up while the service may be running."""
        made = self.folder / f"{name}.backup"
        done = npn("admin", "backup", made, on=self.settings)
        assert done.status == 0, done
        return made

    def restore(self, backup: Path) -> None:
        """Put the backup in place of a database that nobody has open, as the guide says."""
        for companion in ("-wal", "-shm"):
            Path(f"{self.path}{companion}").unlink(missing_ok=True)
        shutil.copy(backup, self.path)

    def replace(self, backup: Path) -> None:
        """Put the backup in place of an open file, by renaming."""
        beside = self.path.with_suffix(".restoring")
        shutil.copy(backup, beside)
        os.replace(beside, self.path)  # noqa: PTH105  # the very call that such scripts make

    def overwrite(self, backup: Path) -> None:
        """Copy the backup over an open file, as `cp` does."""
        with backup.open("rb") as source, self.path.open("r+b") as target:
            target.truncate(0)
            shutil.copyfileobj(source, target)


@dataclass(frozen=True)
class Postgres:
    """One database of a cluster."""

    settings: Settings
    folder: Path
    cluster: Cluster

    @property
    def name(self) -> str:
        return self.settings.database.rpartition("/")[2]

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.cluster.bin / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, text=True)

    def take(self, name: str) -> Path:
        """Dump while the service may be running."""
        made = self.folder / f"{name}.dump"
        self._run("pg_dump", "--format=custom", f"--file={made}", self.settings.database)
        return made

    def restore(self, backup: Path) -> None:
        """Drop the database, whoever is connected, and make it anew from the dump."""
        self.cluster.run(f"DROP DATABASE {self.name} WITH (FORCE)")
        self.cluster.run(f"CREATE DATABASE {self.name}")
        self._run("pg_restore", f"--dbname={self.settings.database}", str(backup))

    replace = restore


Backups = Sqlite | Postgres
