"""Events about the end of plain HTTP, vendors' releases and certificates that expire."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.event import Claimed, Day, Digest, Event, Id, Instant, Name400, Text

WarningDays = Literal[7, 30, 90]  # before a certificate expires
ShortId = Annotated[str, Meta(pattern=r"\At[0-9a-f]{10}\Z")]


class CertificateExpiring(Event, frozen=True):
    """A system was warned of a certificate's end, `days` ahead."""

    tag = "certificate_expiring"
    free = ("system", "certificate", "days")

    system: Id
    certificate: Digest
    days: WarningDays


class SunsetAnnounced(Event, frozen=True):
    """Plain HTTP is to end for everybody at `cut_off`; what was announced before no longer holds."""

    tag = "sunset_announced"
    free = ("cut_off", "reason", "short_notice")

    cut_off: Instant
    reason: Name400
    short_notice: bool
    by: Text
    claimed: Claimed = ""


class SunsetWithdrawn(Event, frozen=True):
    """Plain HTTP does not end as announced."""

    tag = "sunset_withdrawn"
    free = ("reason",)

    reason: Name400
    by: Text
    claimed: Claimed = ""


class BrownOutAnnounced(Event, frozen=True):
    """Plain HTTP is to be refused in a window."""

    tag = "brown_out_announced"
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

    tag = "brown_out_cancelled"
    free = ("reason",)

    brown_out: ShortId
    reason: Name400
    by: Text
    claimed: Claimed = ""


class TransportExceptionGranted(Event, frozen=True):
    """A system may go on over plain HTTP until then, in place of what it might before."""

    tag = "transport_exception_granted"
    free = ("until", "reason")

    system: Id
    until: Instant
    reason: Name400
    by: Text
    claimed: Claimed = ""


class TransportExceptionEnded(Event, frozen=True):
    """It may no longer."""

    tag = "transport_exception_ended"
    free = ("reason",)

    system: Id
    reason: Name400
    by: Text
    claimed: Claimed = ""


class ReleaseRhythmStated(Event, frozen=True):
    """A vendor has stated how it releases."""

    tag = "release_rhythm_stated"
    free = ("release", "every_months", "freeze_months", "work_weeks")

    vendor: Id
    release: Day
    every_months: Annotated[int, Meta(ge=1, le=60)]
    freeze_months: Annotated[int, Meta(ge=0, le=24)]
    work_weeks: Annotated[int, Meta(ge=0, le=260)]
    by: Text
    claimed: Claimed = ""
