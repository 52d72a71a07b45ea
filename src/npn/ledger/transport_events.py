"""The shape of the events about transport: bindings by subject, the end of plain HTTP; `events.py` continued."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.events import Claimed, Day, Digest, Event, Id, Instant, Name400, Text

ShortId = Annotated[str, Meta(pattern=r"\At[0-9a-f]{10}\Z")]


class SubjectBound(Event, frozen=True):
    """Certificates of a subject of an issuer stand for a system; `binding` is the SHA-256 of the pair."""

    system: Id
    binding: Digest
    subject: Name400
    issuer: Text
    by: Text
    claimed: Claimed = ""


class SubjectEnded(Event, frozen=True):
    """They no longer do."""

    system: Id
    binding: Digest
    by: Text
    claimed: Claimed = ""


class CertificateExpiring(Event, frozen=True):
    """A system was warned of a certificate's end, so many days ahead."""

    free = ("system", "certificate", "days")

    system: Id
    certificate: Digest
    days: Literal[7, 30, 90]


class SunsetAnnounced(Event, frozen=True):
    """Plain HTTP is to end for everybody at `cut_off`; what was announced before no longer holds."""

    free = ("cut_off", "reason", "short_notice")

    cut_off: Instant
    reason: Name400
    short_notice: bool
    by: Text
    claimed: Claimed = ""


class SunsetWithdrawn(Event, frozen=True):
    """Plain HTTP does not end as announced."""

    free = ("reason",)

    reason: Name400
    by: Text
    claimed: Claimed = ""


class BrownOutAnnounced(Event, frozen=True):
    """Plain HTTP is to be refused in a window."""

    free = ("starts_at", "ends_at", "reason", "short_notice")

    brown_out: ShortId
    starts_at: Instant
    ends_at: Instant
    reason: Name400
    short_notice: bool
    by: Text
    claimed: Claimed = ""


class BrownOutCancelled(Event, frozen=True):
    """It is not."""

    free = ("reason",)

    brown_out: ShortId
    reason: Name400
    by: Text
    claimed: Claimed = ""


class TransportExceptionGranted(Event, frozen=True):
    """A system may go on over plain HTTP until then, in place of what it might before."""

    free = ("until", "reason")

    system: Id
    until: Instant
    reason: Name400
    by: Text
    claimed: Claimed = ""


class TransportExceptionEnded(Event, frozen=True):
    """It may no longer."""

    free = ("reason",)

    system: Id
    reason: Name400
    by: Text
    claimed: Claimed = ""


class ReleaseRhythmStated(Event, frozen=True):
    """A vendor has stated how it releases."""

    free = ("release", "every_months", "freeze_months", "work_weeks")

    vendor: Id
    release: Day
    every_months: Annotated[int, Meta(ge=1, le=60)]
    freeze_months: Annotated[int, Meta(ge=0, le=24)]
    work_weeks: Annotated[int, Meta(ge=0, le=260)]
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "subject_bound": SubjectBound,
    "subject_ended": SubjectEnded,
    "certificate_expiring": CertificateExpiring,
    "sunset_announced": SunsetAnnounced,
    "sunset_withdrawn": SunsetWithdrawn,
    "brown_out_announced": BrownOutAnnounced,
    "brown_out_cancelled": BrownOutCancelled,
    "transport_exception_granted": TransportExceptionGranted,
    "transport_exception_ended": TransportExceptionEnded,
    "release_rhythm_stated": ReleaseRhythmStated,
}
