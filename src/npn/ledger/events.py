"""Events about the ledger itself: its signing keys, its clock and the keys of its secrets."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.event import Claimed, Event, Instant, Name400, Shape, Text

Fingerprint = Annotated[str, Meta(pattern=r"\A[0-9a-f]{12}\Z")]


class Jwk(Shape, frozen=True):
    """The public half of an Ed25519 key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    kid: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class SigningKeyAdded(Event, frozen=True):
    """From here on receipts and checkpoints are signed with this key."""

    tag = "signing_key_added"

    kid: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{43}\Z")]
    jwk: Jwk
    by: Text
    claimed: Claimed = ""


class ClockAccepted(Event, frozen=True):
    """An operator says that the clocks are right although the ledger holds a later time, `newest`."""

    tag = "clock_accepted"
    free = ("newest", "reason")

    newest: Instant
    reason: Name400
    by: Text
    claimed: Claimed = ""


class BackupSeen(Event, frozen=True):
    """Somebody notes that a backup of the database was taken, at `taken`; the ledger can't tell whether it is there."""

    tag = "backup_seen"
    free = ("taken",)

    taken: Instant
    by: Text
    claimed: Claimed = ""


class SecretsKeyMade(Event, frozen=True):
    """A key for the secrets at rest was made; `key` is its fingerprint, which tells nothing of it."""

    tag = "secrets_key_made"
    free = ("key",)

    key: Fingerprint
    by: Text
    claimed: Claimed = ""


class SecretsRotated(Event, frozen=True):
    """The secrets at rest are encrypted under that key from here on."""

    tag = "secrets_rotated"
    free = ("key",)

    key: Fingerprint
    by: Text
    claimed: Claimed = ""
