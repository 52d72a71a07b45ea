"""Secrets at rest: what must be readable again is kept encrypted, under a key that is not in the database.

AES-256-GCM with a random nonce; table, column and the row's id are associated data, so that a value moved elsewhere
does not open. A sealed value is `npn1.` + the key's fingerprint + `.` + base64url of nonce and ciphertext. A key file
holds one key a line: the first seals, every one opens. It is read again when it changes, so servers need no restart.
"""

import base64
import binascii
import hashlib
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from npn.errors import ConfigurationError, InvalidInputError, codes
from npn.ownership import write_private
from npn.text import decode_text

KEY_BYTES = 32
MAX_KEYS = 8
_NONCE_BYTES = 12
_MARK = "npn1."
_FINGERPRINT_DIGITS = 12
PREFIX_LENGTH = len(_MARK) + _FINGERPRINT_DIGITS + 1
SEALED_LIKE = f"{_MARK}%"
_OPTION = "npn_sealer"
_log = structlog.get_logger("npn.db")


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """Where a value is kept. `id_column` names the row; `may_be_clear`: values of older programs are accepted."""

    table: str
    column: str
    id_column: str
    may_be_clear: bool = False

    def associated(self, row: str) -> bytes:
        """Return what ties a sealed value to its row."""
        return f"{self.table}\x1f{self.column}\x1f{row}".encode()


PRIVATE_JWK = SealedPlace("signing_key", "private_jwk", "kid")
TOTP_SECRET = SealedPlace("account", "totp_secret", "id")
MAIL_TEXT = SealedPlace("outgoing_mail", "text", "id", may_be_clear=True)  # e-mails hold one-time links
PLACES = (PRIVATE_JWK, TOTP_SECRET, MAIL_TEXT)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. It is never printed; its fingerprint may be."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Return what names the key in logs, in the ledger and in sealed values."""
        return hashlib.sha256(b"npn secrets key\x00" + self.secret).hexdigest()[:_FINGERPRINT_DIGITS]


class UnreadableError(ConfigurationError):
    """A sealed value does not open: its key is not here, or it was changed or moved."""


class Sealer:
    """The keys of one database's secrets; empty until a file is loaded."""

    def __init__(self) -> None:
        """Start without keys."""
        self.path: Path | None = None
        self.missing: Callable[[], ConfigurationError] = _not_set_up
        self._keys: tuple[Key, ...] = ()
        self._stamp: tuple[int, int, int] | None = None
        self._lock = threading.Lock()

    def load(self, path: Path) -> None:
        """Read a key file. Raises ConfigurationError that names it."""
        self.path = path
        self._keys = read_keys(path)
        self._stamp = _stamp(path)

    @property
    def current(self) -> Key:
        """Return the key that seals. Raises ConfigurationError where there is none."""
        self._refresh()
        if not self._keys:
            raise self.missing()
        return self._keys[0]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Return the fingerprints of all keys, the current one first."""
        return tuple(key.fingerprint for key in self._keys)

    def seal(self, value: str, place: SealedPlace, row: str) -> str:
        """Return a value sealed for its place."""
        key, nonce = self.current, secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(key.secret).encrypt(nonce, value.encode("utf-8"), place.associated(row))
        text = base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode("ascii")
        return f"{_MARK}{key.fingerprint}.{text}"

    def open(self, value: str, place: SealedPlace, row: str) -> str:
        """Return what was sealed for that place. Raises UnreadableError."""
        if not is_sealed(value):
            if place.may_be_clear:
                return value
            raise UnreadableError(
                f"{place.table}.{place.column} holds a value that is not encrypted",
                code=codes.SECRETS_IN_CLEAR,
                hint="run `npn admin init`: it encrypts what an older program wrote",
            )
        self._refresh()
        fingerprint, _, text = value.removeprefix(_MARK).partition(".")
        key = next((key for key in self._keys if key.fingerprint == fingerprint), None)
        if key is None:
            raise self.wrong(fingerprint)
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            plain = AESGCM(key.secret).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.associated(row))
        except (InvalidTag, ValueError) as error:
            raise UnreadableError(
                f"the secret of {place.table} {row[:40]} was changed or moved: it does not open",
                code=codes.SECRETS_DAMAGED,
                hint="restore the row from a backup, or make a new secret: see the operator's guide, Secrets",
            ) from error
        return plain.decode("utf-8")

    def wrong(self, fingerprint: str) -> UnreadableError:
        """Return the error for a value under a key that is not here."""
        if self.path is None:
            return UnreadableError(str(self.missing()), code=codes.SECRETS_KEY_MISSING, hint=self.missing().hint)
        fingerprints = ", ".join(self.fingerprints) or "no key"
        return UnreadableError(
            f"the secrets of this database are encrypted with the key {fingerprint[:_FINGERPRINT_DIGITS]}, and "
            f"{self.path} holds {fingerprints}",
            code=codes.SECRETS_KEY_WRONG,
            field="secrets_key_file",
            hint="put the right key file in its place; if the key is lost for good: "
            "npn admin secrets rotate --key-is-lost",
        )

    def _refresh(self) -> None:
        """Read the file again where it has changed; what was read before goes on where it can't be."""
        if self.path is None or _stamp(self.path) in (self._stamp, None):
            return
        with self._lock:
            try:
                self.load(self.path)
            except ConfigurationError as error:
                _log.error("secrets_key_not_read", file=str(self.path), error=error.message)  # no fault of ours
            else:
                _log.info("secrets_key_read", file=str(self.path), keys=self.fingerprints)


def attach(engine: sa.Engine, sealer: Sealer) -> None:
    """Let whoever has a connection of the engine find its sealer."""
    engine.update_execution_options(**{_OPTION: sealer})


def sealer_of(connection: sa.Connection) -> Sealer:
    """Return the sealer of a connection's database."""
    sealer = connection.get_execution_options().get(_OPTION)
    assert isinstance(sealer, Sealer)  # noqa: S101  # every engine of a Database has one
    return sealer


def is_sealed(value: str) -> bool:
    """Whether a text is a sealed value."""
    return value.startswith(_MARK)


def read_keys(path: Path) -> tuple[Key, ...]:
    """Read a key file. Raises ConfigurationError that names it and never shows what it holds."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"can't read the secrets key file {path}: {error.strerror}",
            code=codes.SECRETS_KEY_MISSING,
            field="secrets_key_file",
            hint=_hint_of(error),
        ) from error
    lines = [content] if len(content) == KEY_BYTES else _lines(content)
    keys = [_key(line) for line in lines if line.strip() and not line.startswith(b"#")]
    if not keys or len(keys) > MAX_KEYS or None in keys:
        raise ConfigurationError(
            f"{path} is not a secrets key file: it holds 1 to {MAX_KEYS} keys of {KEY_BYTES} bytes, base64, one a line",
            code=codes.SECRETS_KEY_WRONG,
            field="secrets_key_file",
            hint="npn admin secrets new-key FILE makes one",
        )
    return tuple(key for key in keys if key is not None)


def _lines(content: bytes) -> list[bytes]:
    """Return the lines of a text, as UTF-8; of what is not text, the content as it is, which is no key."""
    try:
        return decode_text(content).encode("utf-8").splitlines()
    except InvalidInputError:
        return [content]


def _hint_of(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "run it as a user who may read the file, or let the service's group read it (0640)"
    if not isinstance(error, FileNotFoundError):
        return "name a file that holds the key"
    return (
        "put it back from where a copy is kept, or name where it is with secrets_key_file; only if it is lost for "
        "good: npn admin secrets new-key, then npn admin secrets rotate --key-is-lost"
    )


def new_key_file(path: Path, *, others: tuple[Key, ...] = (), last: bool = False) -> Key:
    """Write a file with a new key, readable by its owner alone, before (or behind) `others`; return the key.

    Raises ConfigurationError `secrets_key_exists`: a key is never overwritten.
    """
    key = Key(secrets.token_bytes(KEY_BYTES))
    keys = (*others, key) if last else (key, *others)
    text = b"".join(base64.b64encode(data_key.secret) + b"\n" for data_key in keys)
    try:
        write_private(path, text)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} is there already: a key is never overwritten",
            code=codes.SECRETS_KEY_EXISTS,
            hint="name another file",
        ) from error
    except OSError as error:
        raise ConfigurationError(f"can't write {path}: {error.strerror}", code=codes.SECRETS_KEY_MISSING) from error
    return key


def _key(line: bytes) -> Key | None:
    if len(line) == KEY_BYTES and not line.isascii():
        return Key(line)
    text = line.strip()
    try:
        raw = base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return Key(line) if len(line) == KEY_BYTES else None
    if len(raw) == KEY_BYTES:
        return Key(raw)
    return Key(line) if len(line) == KEY_BYTES else None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = os.stat(path)  # noqa: PTH116  # asked for every signature
    except OSError:
        return None
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _not_set_up() -> ConfigurationError:
    return ConfigurationError(
        "there is no key for the secrets of this database",
        code=codes.SECRETS_KEY_MISSING,
        field="secrets_key_file",
        hint="set secrets_key_file, or the systemd credential npn-secrets; npn admin secrets new-key FILE makes one",
    )
