"""The shape of the events about the rules themselves: docs/ledger.md in types, as `events.py`."""

from typing import Annotated

from msgspec import Meta

from npn.ledger.events import Claimed, Event, Id, Instant, Name400, Text

FIRST_QUARANTINE_DAYS = 3650  # as `npn admin init` writes it; two people change it


class RulesAdopted(Event, frozen=True):
    """From this entry on the ledger keeps the rules of this edition, which an older program could break."""

    rules: Annotated[int, Meta(ge=2)]
    by: Text
    claimed: Claimed = ""


class QuarantinePolicySet(Event, frozen=True):
    """How many days released numbers wait before two people may give them free. `approval`: who agreed to a change."""

    days: Annotated[int, Meta(ge=365, le=36500)]
    by: Text
    approval: Id | None = None
    claimed: Claimed = ""


class ClockAccepted(Event, frozen=True):
    """An operator says that the clocks are right although the ledger holds a later time, `newest`."""

    free = ("newest", "reason")

    newest: Instant
    reason: Name400
    by: Text
    claimed: Claimed = ""


Fingerprint = Annotated[str, Meta(pattern=r"\A[0-9a-f]{12}\Z")]


class SecretsKeyMade(Event, frozen=True):
    """A key for the secrets at rest was made; `key` is its fingerprint, which tells nothing of it."""

    free = ("key",)

    key: Fingerprint
    by: Text
    claimed: Claimed = ""


class SecretsRotated(Event, frozen=True):
    """The secrets at rest are encrypted under that key from here on."""

    free = ("key",)

    key: Fingerprint
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "rules_adopted": RulesAdopted,
    "quarantine_policy_set": QuarantinePolicySet,
    "clock_accepted": ClockAccepted,
    "secrets_key_made": SecretsKeyMade,
    "secrets_rotated": SecretsRotated,
}
