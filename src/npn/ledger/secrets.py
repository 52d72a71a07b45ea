"""The key of the secrets at rest: where it is, whether it opens what is kept, and how everything gets under another."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from npn.config import Settings, holds_secret
from npn.db import Database
from npn.db.sealing import (
    PLACES,
    PREFIX_LENGTH,
    PRIVATE_JWK,
    SEALED_LIKE,
    TOTP_SECRET,
    SealedPlace,
    UnreadableError,
    is_sealed,
    new_key_file,
    sealer_of,
)
from npn.errors import ConfigurationError
from npn.ledger import sealed_store
from npn.ledger.events import SecretsKeyMade, SecretsRotated
from npn.ledger.keys import make_key
from npn.ledger.service import Ledger, Transaction
from npn.ledger.witness import FileWitness, Witness
from npn.ownership import LooseFile, Readers, looseness, tighten, with_sqlite_files

CREDENTIAL = "npn-secrets"
SUFFIX = ".secrets"
FIRST_SEALED_SCHEMA = "0019"
_log = structlog.get_logger("npn.secrets")


@dataclass(slots=True)
class KeyRotation:
    """What a rotation did: how many values are under the key now, and what could not be read any more."""

    key: str
    sealed: int = 0
    lost_accounts: list[str] = field(default_factory=list)
    lost_emails: int = 0
    signing_key: str = ""  # the new one, where the old one's private half was lost


def key_file(
    settings: Settings, database: Database, witness: Witness, *, environment: Mapping[str, str] = os.environ
) -> Path | None:
    """Return where the key is: as set, the systemd credential, beside the SQLite database or the witness's file."""
    if settings.secrets_key_file:
        return Path(settings.secrets_key_file)
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    if folder and (Path(folder) / CREDENTIAL).is_file():
        return Path(folder) / CREDENTIAL
    if database.path is not None:
        return database.path.with_suffix(SUFFIX)
    return witness.path.with_suffix(SUFFIX) if isinstance(witness, FileWitness) else None


def open_key(settings: Settings, database: Database, witness: Witness, *, check: bool = False) -> None:
    """Load the key, and `check` that it opens what is kept. Raises ConfigurationError that names file or setting."""
    path = key_file(settings, database, witness)
    if path is None:
        raise database.sealer.missing()
    database.sealer.load(path)
    if check:
        check_key(database)


def provide_key(settings: Settings, database: Database, witness: Witness, *, before: str | None) -> list[str]:
    """Load the key, or make one where nothing is encrypted yet and no file was named; return what to say of it.

    `before`: the schema that the database has.
    """
    path = key_file(settings, database, witness)
    named = settings.secrets_key_file or (path is not None and path.name == CREDENTIAL)
    if path is None or path.exists() or named or (before is not None and before >= FIRST_SEALED_SCHEMA):
        open_key(settings, database, witness)
        return _warnings_of_key(database) if before is not None and before >= FIRST_SEALED_SCHEMA else []
    path.parent.mkdir(parents=True, exist_ok=True)
    new_key_file(path)
    database.sealer.load(path)
    return [f"made {path}, the key of the secrets in the database: keep a copy apart from the database's backups"]


def _warnings_of_key(database: Database) -> list[str]:
    """Return that the key is wrong, and go on: it is given up by a command that needs the newest schema."""
    try:
        check_key(database, clear=True)
    except ConfigurationError as error:
        return [f"Warning: {error.message}. The service does not start until that is settled: {error.hint}"]
    return []


def check_key(database: Database, *, clear: bool = False) -> None:
    """Raise ConfigurationError unless the key opens what the database keeps. `clear`: values in clear are expected."""
    sealer = database.sealer
    with database.read() as connection:
        for place in (PRIVATE_JWK, TOTP_SECRET):
            for row, value in sealed_store.values(connection, place):
                if is_sealed(value) or not clear:
                    sealer.open(value, place, row)
        prefixes = {f"{SEALED_LIKE[:-1]}{key}." for key in sealer.fingerprints}
        for mark in sealed_store.marks(connection):
            if mark not in prefixes:
                raise sealer.wrong(mark.removeprefix(SEALED_LIKE[:-1]))


def seal_clear(ledger: Ledger, *, fresh: bool) -> None:
    """Encrypt what an older program kept in clear, and let nothing of it stay in the database's free pages.

    `fresh`: the database was made just now. The ledger tells under which key. Cut short, it is done by the next one.
    """
    database = ledger.database
    with database.read() as connection:
        clear = any(not is_sealed(value) for place in PLACES for _, value in sealed_store.values(connection, place))
    if clear or fresh:
        with ledger.transaction() as tx:
            _reseal(tx, KeyRotation(database.sealer.current.fingerprint), clear=True)
            tx.append(SecretsRotated(key=database.sealer.current.fingerprint, by="init"))
    if clear:
        database.compact(*(place.table for place in PLACES))


def rotate(ledger: Ledger, *, by: str, key_is_lost: bool = False) -> KeyRotation:
    """Encrypt everything again under the current key, which the ledger names.

    `key_is_lost`: what can't be read is given up: a new signing key is made, e-mails that wait are marked as failed;
    the accounts whose second factor is lost are returned. Raises ConfigurationError where something can't be read.
    """
    result = KeyRotation(ledger.database.sealer.current.fingerprint)
    with ledger.transaction() as tx:
        lost = _reseal(tx, result)
        if lost and not key_is_lost:
            raise lost[0][2]
        for place, row, _ in lost:
            _give_up(tx, result, place, row=row, by=by)
        tx.append(SecretsRotated(key=result.key, by=by))
    return result


def note_new_key(ledger: Ledger, fingerprint: str, *, by: str) -> None:
    """Write into the ledger that a key was made."""
    with ledger.transaction() as tx:
        tx.append(SecretsKeyMade(key=fingerprint, by=by))


def counts(database: Database) -> dict[str, int]:
    """Count the sealed values by the key they are under."""
    by_place: dict[str, int] = {}
    with database.read() as connection:
        for place in PLACES:
            for _, value in sealed_store.values(connection, place):
                key = value[len(SEALED_LIKE) - 1 : PREFIX_LENGTH - 1] if is_sealed(value) else "clear"
                by_place[key] = by_place.get(key, 0) + 1
    return by_place


def look_at_files(
    settings: Settings, database: Database, witness: Witness, *, config: Path | None = None
) -> list[LooseFile]:
    """Take the service's files from whom they are not for; return those that others could read, and log them.

    `config`: the settings file, which is named and left alone where it holds a secret.
    """
    loose = [*database.loose]
    for path, readers in _files(settings, database, witness):
        loose += [file for file in (tighten(path, readers),) if file is not None]
    if config is not None and holds_secret(config):
        loose += [file for file in (looseness(config, Readers.OUR_GROUP),) if file is not None]
    for file in loose:
        say = _log.info if file.tightened else _log.warning
        event = "file_tightened" if file.tightened else "file_readable_by_others"
        say(event, file=str(file.path), mode=f"{file.mode:04o}", hint=f"chmod 600 {file.path}")
    return loose


def loose_files(settings: Settings, database: Database, witness: Witness) -> list[LooseFile]:
    """Return which of the service's files others may read now."""
    own = [] if database.path is None else [(path, Readers.NOBODY) for path in with_sqlite_files(database.path)]
    looked_at = (looseness(path, readers) for path, readers in [*own, *_files(settings, database, witness)])
    return [file for file in looked_at if file is not None]


def _files(settings: Settings, database: Database, witness: Witness) -> Iterator[tuple[Path, Readers]]:
    """Return the files beside the database, and those with secrets that somebody else may have made for the service."""
    if isinstance(witness, FileWitness):
        yield witness.path, Readers.NOBODY
        yield Path(f"{witness.path}.lock"), Readers.NOBODY
    for path in (settings.tls_key, settings.smtp_password_file, database.sealer.path):
        if path:
            yield Path(path), Readers.OUR_GROUP
    if settings.metrics_token_file:
        yield Path(settings.metrics_token_file), Readers.ANY_GROUP  # whoever collects the figures reads it, too


def _reseal(
    tx: Transaction, done: KeyRotation, *, clear: bool = False
) -> list[tuple[SealedPlace, str, UnreadableError]]:
    """Seal every value under the current key; return what could not be read. `clear`: values in clear are expected."""
    connection, lost = tx.connection, list[tuple[SealedPlace, str, UnreadableError]]()
    sealer = sealer_of(connection)
    for place in PLACES:
        for row, value in sealed_store.values(connection, place):
            sealed = is_sealed(value)
            if clear and sealed:
                continue
            try:
                plain = sealer.open(value, place, row) if sealed or not clear else value
            except UnreadableError as error:
                lost.append((place, row, error))
                continue
            sealed_store.put(connection, place, row, value=sealer.seal(plain, place, row))
            done.sealed += 1
    return lost


def _give_up(tx: Transaction, done: KeyRotation, place: SealedPlace, *, row: str, by: str) -> None:
    if place is PRIVATE_JWK:
        done.signing_key = make_key(tx, by=by)
    elif place is TOTP_SECRET:
        sealed_store.put(tx.connection, place, row, value=None)
        done.lost_accounts.append(row)
    else:
        empty = sealer_of(tx.connection).seal("", place, row)
        sealed_store.put(tx.connection, place, row, value=empty)
        why = "its text was encrypted with a key that was lost"
        sealed_store.fail_mail(tx.connection, row, at=tx.at, why=why)
        done.lost_emails += 1


__all__ = ["CREDENTIAL", "KeyRotation", "check_key", "key_file", "open_key", "provide_key", "rotate", "seal_clear"]
