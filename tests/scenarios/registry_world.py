"""A registry with everything around it that a run of the machine may break: database, witness, backups, programs."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec
from test_rolling_upgrade import next_version

from moved_clock import Clock
from npn.config import Settings
from npn.db.backup import back_up
from npn.db.engine import Database
from npn.db.sealing import new_key_file
from npn.ledger.export import export
from npn.people.model import AccountRole
from npn.systems.model import ApiKey, ConnectedSystem, Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from postgres import Cluster

HERE = Path(__file__).parent
Connected = tuple[ConnectedSystem, ApiKey]


@dataclass
class OtherProgram:
    """The next version's program in its own process."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, package: Path) -> "OtherProgram":
        environment = {**os.environ, "PYTHONPATH": str(package)}
        command = [sys.executable, str(HERE / "other_program.py")]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment))

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the other program has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@dataclass
class World:
    """One run's database and witness, copied from a template, and the people and systems in it."""

    settings: Settings
    folder: Path
    systems: tuple[Connected, ...]
    operators: tuple[str, str]
    clock: Clock
    other: OtherProgram
    services: list[Service] = field(default_factory=list)

    @property
    def witness(self) -> Path:
        return Path(self.settings.witness)

    @property
    def where(self) -> dict[str, str]:
        """What the other program needs to find it all."""
        chosen = self.settings
        return {
            "database": chosen.database,
            "witness": chosen.witness,
            "secrets_key_file": chosen.secrets_key_file,
        }

    def open(self, *, witness: Path | None = None) -> Service:
        """Put a server's parts together, on this witness or another."""
        chosen = msgspec.structs.replace(self.settings, witness=str(witness or self.witness))
        made = build(chosen)
        self.services.append(made)
        return made

    def close(self, service: Service) -> None:
        self.services.remove(service)
        service.close()

    def close_all(self) -> None:
        self.other.ask("close")
        for service in list(self.services):
            self.close(service)

    def back_up(self) -> Any:
        raise NotImplementedError

    def restore(self, backup: Any) -> None:
        raise NotImplementedError

    def export(self) -> list[bytes]:
        """The ledger as an auditor gets it."""
        lines: list[bytes] = []
        export(self.open().database, lines.append)
        return lines

    def end(self) -> None:
        """Leave nothing behind."""
        self.close_all()


class SqliteWorld(World):
    """A file."""

    @property
    def path(self) -> Path:
        return Path(self.settings.database.removeprefix("sqlite:///"))

    def back_up(self) -> Path:
        made = self.folder / f"{uuid.uuid4().hex}.backup"
        database = Database(self.settings.database)
        try:
            back_up(database, made)
        finally:
            database.close()
        return made

    def restore(self, backup: Path) -> None:
        for companion in ("-wal", "-shm"):
            Path(f"{self.path}{companion}").unlink(missing_ok=True)
        shutil.copy(backup, self.path)

    def end(self) -> None:
        super().end()
        shutil.rmtree(self.folder)


@dataclass
class PostgresWorld(World):
    """A database of a cluster. A backup is a copy, which nobody may be connected for."""

    cluster: Cluster | None = None

    @property
    def name(self) -> str:
        return self.settings.database.rpartition("/")[2]

    def back_up(self) -> str:
        return self._copied(self.name, f"b{uuid.uuid4().hex[:20]}")

    def restore(self, backup: str) -> None:
        assert self.cluster is not None
        self.cluster.run(f"DROP DATABASE {self.name} WITH (FORCE)")
        self._copied(backup, self.name)

    def _copied(self, source: str, name: str) -> str:
        assert self.cluster is not None
        self.cluster.run(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
        return name

    def end(self) -> None:
        super().end()
        assert self.cluster is not None
        self.cluster.run(f"DROP DATABASE {self.name} WITH (FORCE)")
        shutil.rmtree(self.folder)


class Worlds(Protocol):
    """Where worlds come from."""

    def new(self) -> World: ...

    def close(self) -> None: ...


@dataclass
class Template:
    """An initialised database with two operators and three systems; worlds are copies of it."""

    settings: Settings
    systems: tuple[Connected, ...]
    operators: tuple[str, str]


def template(settings: Settings) -> Template:
    initialise(settings)
    service = build(settings)
    try:
        people = [
            service.accounts.add(
                by="admin:root", email=f"{name}@operator.example", name=name, role=AccountRole.OPERATOR
            )
            for name in ("anna", "bo")
        ]
        systems = tuple(
            service.systems.add(by="admin:root", name=name, vendor="V", owner="O", environment=Environment.PRODUCTION)
            for name in ("labka", "mads", "wwlab")
        )
        anna, bo = (f"account:{account.id}" for account, _ in people)
        return Template(settings, systems, (anna, bo))
    finally:
        service.close()


class SqliteWorlds:
    """Copies of a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._other = OtherProgram.start(next_version(folder / "next"))
        place = folder / "template"
        place.mkdir()
        self._template = template(
            Settings(database=f"sqlite:///{place / 'npn.db'}", witness=str(place / "npn.witness"))
        )

    def new(self) -> World:
        folder = self._folder / uuid.uuid4().hex
        shutil.copytree(self._folder / "template", folder)
        settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
        made = self._template
        return SqliteWorld(settings, folder, made.systems, made.operators, Clock(), self._other)

    def close(self) -> None:
        self._other.close()


class PostgresWorlds:
    """Copies of a database."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self._folder, self._cluster = folder, cluster
        self._other = OtherProgram.start(next_version(folder / "next"))
        place = folder / "template"
        place.mkdir()
        self._key = place / "npn.secrets"
        new_key_file(self._key)
        self._template = template(
            Settings(
                database=cluster.new_database(), witness=str(place / "npn.witness"), secrets_key_file=str(self._key)
            )
        )

    def new(self) -> World:
        folder = self._folder / uuid.uuid4().hex
        shutil.copytree(self._folder / "template", folder)
        source = self._template.settings.database
        name = f"w{uuid.uuid4().hex[:20]}"
        self._cluster.run(f"CREATE DATABASE {name} TEMPLATE {source.rpartition('/')[2]} STRATEGY file_copy")
        settings = Settings(
            database=f"{source.rpartition('/')[0]}/{name}",
            witness=str(folder / "npn.witness"),
            secrets_key_file=str(self._key),
        )
        made = self._template
        return PostgresWorld(
            settings, folder, made.systems, made.operators, Clock(), self._other, cluster=self._cluster
        )

    def close(self) -> None:
        self._other.close()
