"""A new service, copied from one that this process initialised: to migrate takes a test ten times as long."""

import atexit
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from msgspec.structs import replace

from npn.config import Settings
from npn.wiring.setup import SetupResult, initialise

_USUAL = Settings()
_models: dict[str, tuple[Settings, SetupResult]] = {}  # by the server that the database is in, or SQLite


def initialised(settings: Settings) -> SetupResult:
    """Do what `initialise` does for these settings, whose database is not there, or is empty; the operator's key too.

    Where the settings say more than where database and witness are, it is `initialise` itself.
    """
    if replace(settings, database=_USUAL.database, witness=_USUAL.witness) != _USUAL:
        return initialise(settings)
    parts = urlsplit(settings.database)
    server = "" if parts.scheme == "sqlite" else f"{parts.scheme}://{parts.netloc}"
    if server not in _models:
        model = _model(server)
        _models[server] = model, initialise(model)
    model, result = _models[server]
    if server:
        _copy_database(model.database, settings.database)
    for source, target in zip(_files(model), _files(settings), strict=True):
        assert not target.exists(), f"{target} is there already"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o600)
    return result


def _model(server: str) -> Settings:
    """Return where the service that copies are made from is kept until this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="npn-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not server:
        return Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "witness" / "npn.witness"))
    name = folder.name.replace("-", "_")
    _run(server, f'CREATE DATABASE "{name}"')
    return Settings(database=f"{server}/{name}", witness=str(folder / "witness" / "npn.witness"))


def _files(settings: Settings) -> list[Path]:
    """List the files that a service has: an SQLite database first, its witness, the key of its secrets."""
    witness = Path(settings.witness)
    if not settings.database.startswith("sqlite"):
        return [witness, witness.with_suffix(".secrets")]
    database = Path(settings.database.removeprefix("sqlite:///"))
    witness = witness if settings.witness else database.with_suffix(".witness")
    return [database, witness, database.with_suffix(".secrets")]


def _copy_database(model: str, target: str) -> None:
    """Put a copy in the place of an empty database, or of none; nobody may be connected to it."""
    server, _, name = target.rpartition("/")
    _run(server, f'DROP DATABASE IF EXISTS "{name}"')
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{model.rpartition("/")[2]}"')


def _run(server: str, statement: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)
