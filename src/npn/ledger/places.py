"""Where the witness may be kept: never where what sets the database back sets it back too."""

from enum import StrEnum

from npn.db import Database
from npn.db.cluster import fingerprint_of
from npn.errors import ConfigurationError, UnavailableError, codes
from npn.ledger.witness import WRONG, FileWitness, PostgresWitness, Witness
from npn.ledger.witness.postgres_store import POOLED


def require_apart(database: Database, witness: Witness) -> None:
    """Raise ConfigurationError where the witness is kept in the PostgreSQL that the database itself is in.

    Where the witness's PostgreSQL can't be asked now, it is asked before anything is read there.
    """
    if database.dialect != "postgresql" or not isinstance(witness, PostgresWitness):
        return
    with database.read() as connection:
        own = fingerprint_of(connection)
    try:
        witness.keep_apart(own)
    except UnavailableError as error:
        if witness.is_pooled:
            raise ConfigurationError(
                f"the witness can't be kept there: {POOLED}",
                code=codes.WITNESS_POOLED,
                hint="name the host and port of the witness's PostgreSQL itself with --witness",
            ) from error
        if error.code == WRONG:
            raise ConfigurationError(
                "the witness is kept in the database's own PostgreSQL: a restore would set both back, and numbers "
                "would be granted twice",
                code=codes.WITNESS_SAME_CLUSTER,
                hint="name another place with --witness (a file, another server, etcd); where the "
                "service ran like this, npn recover --rebuild-witness makes one there",
            ) from error


class WitnessPlace(StrEnum):
    """Where the witness is, seen from the database."""

    APART = "apart"
    SAME_DISK = "same_disk"
    UNKNOWN = "unknown"


def place_of(database: Database, witness: Witness) -> WitnessPlace:
    """Return whether one loss may take both. A file beside a database on another server can't be judged from here."""
    if not isinstance(witness, FileWitness):
        return WitnessPlace.APART  # another server, which is asked whether it is the database's own at every start
    if database.path is None:
        return WitnessPlace.UNKNOWN
    try:
        same = database.path.stat().st_dev == _device(witness)
    except OSError:
        return WitnessPlace.UNKNOWN
    return WitnessPlace.SAME_DISK if same else WitnessPlace.APART


def is_on_same_device(database: Database, witness: Witness) -> bool:
    """Return whether an SQLite file and its witness are on one device, which may be lost or set back as a whole."""
    return place_of(database, witness) is WitnessPlace.SAME_DISK


def _device(witness: FileWitness) -> int:
    return (witness.path if witness.path.exists() else witness.path.parent).stat().st_dev
