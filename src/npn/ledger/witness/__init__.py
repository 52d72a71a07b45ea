"""The witness: what was granted, known outside the database.

A restored backup, or a failover to a standby that lags, is the one way in which a correct database gives a
number twice. The witness holds the database's id, each space's cursor, the ledger's length and the hash of
its head; it moves forward only, by compare-and-set, durably, before any caller is answered.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from npn.errors import ConfigurationError
from npn.ledger.witness.file import FileWitness
from npn.ledger.witness.model import (
    MISSING,
    WRONG,
    Fork,
    Witness,
    WitnessState,
    bounds,
    missing,
    new_identity,
    told,
    wrong,
)
from npn.ledger.witness.postgres_store import PostgresWitness

__all__ = [
    "MISSING",
    "WRONG",
    "FileWitness",
    "Fork",
    "PostgresWitness",
    "Witness",
    "WitnessState",
    "bounds",
    "missing",
    "new_identity",
    "open_witness",
    "told",
    "wrong",
]

_PLACES = "a file, postgresql://another-server/name, or etcd://host:2379,host:2379,host:2379/npn"


def open_witness(where: str, *, database_path: Path | None) -> Witness:
    """Find the witness named by `--witness`; beside an SQLite database by default.

    Raises ConfigurationError where none is named and the database is PostgreSQL.
    """
    if not where:
        if database_path is None:
            raise ConfigurationError(
                "a PostgreSQL database needs a witness outside it",
                hint="--witness FILE (one host), postgresql://another-server/name or etcd://host:2379,…/npn",
            )
        return FileWitness(database_path.with_suffix(".witness"))
    if "://" not in where:
        return FileWitness(Path(where))
    builder = _BACKENDS.get(where.partition("://")[0])
    if builder is None:
        raise ConfigurationError(f"not a witness: {where.partition('://')[0]}://…", hint=_PLACES)
    return builder(where)


def _etcd(where: str) -> Witness:
    from npn.ledger.witness.etcd import EtcdWitness, parse_address  # noqa: PLC0415  # its HTTP client takes long to load

    return EtcdWitness(parse_address(where))


_BACKENDS: Mapping[str, Callable[[str], Witness]] = {
    "postgresql": PostgresWitness.at,
    "postgres": PostgresWitness.at,
    "postgresql+psycopg": PostgresWitness.at,
    "file": lambda where: FileWitness(Path(where.removeprefix("file://"))),
    "etcd": _etcd,
    "etcds": _etcd,
}
