"""The sunset of plain HTTP as values: what was announced, and what that says to one call at one instant."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from npn.errors import InvalidInputError, RefusedError, codes, details
from npn.instants import day_or_none, iso_day, iso_time, start_of_day
from npn.transport.planner import Rhythm
from npn.wording import checked_line

USUAL_NOTICE = timedelta(days=183)  # six months, between announcing the cut-off and the cut-off
BROWN_OUT_NOTICE = timedelta(days=7)
LONGEST_BROWN_OUT = timedelta(days=2)
LONGEST_EXCEPTION = timedelta(days=3 * 366)
LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Sunset:
    """Plain HTTP ends for everybody at `cut_off`."""

    id: str
    cut_off: datetime
    announced_at: datetime
    announced_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class BrownOut:
    """A window, announced ahead, in which plain HTTP is refused, so that anyone still using it finds out in time."""

    id: str
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime
    announced_by: str
    reason: str

    def covers(self, at: datetime) -> bool:
        """Whether it is on."""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class TransportExemption:
    """A system that may go on over plain HTTP for a while, and why."""

    id: str
    system: str
    until: datetime
    granted_at: datetime
    granted_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What was announced and holds: brown-outs not over, exemptions not run out, by system."""

    sunset: Sunset | None = None
    brown_outs: tuple[BrownOut, ...] = ()
    exemptions: Mapping[str, TransportExemption] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was announced, so that nothing is refused."""
        return self.sunset is None

    def ends_for(self, system: str) -> datetime | None:
        """Return when plain HTTP ends for a system, None where no end was announced."""
        if self.sunset is None:
            return None
        exemption = self.exemptions.get(system)
        return self.sunset.cut_off if exemption is None else max(self.sunset.cut_off, exemption.until)

    def is_exempt(self, system: str, at: datetime) -> bool:
        """Whether the system has an exemption that has not run out."""
        exemption = self.exemptions.get(system)
        return exemption is not None and at < exemption.until

    def refusal(self, system: str, at: datetime) -> RefusedError | None:
        """Return the refusal of a call over plain HTTP, or None where it may pass."""
        if self.sunset is None or self.is_exempt(system, at):
            return None
        if at >= self.sunset.cut_off:
            return RefusedError(
                f"plain HTTP has ended for system {system}, on {iso_day(self.sunset.cut_off)}",
                code=codes.INSECURE_TRANSPORT,
                hint="call over https://; ask the operator for an exception if you can't yet",
            )
        now = next((brown_out for brown_out in self.brown_outs if brown_out.covers(at)), None)
        if now is None:
            return None
        return RefusedError(
            f"plain HTTP is refused until {iso_time(now.ends_at)}, as announced; "
            f"it ends for good on {iso_day(self.sunset.cut_off)}",
            code=codes.INSECURE_TRANSPORT,
            hint="call over https://, or again when the brown-out is over",
            retry_after=max(1, math.ceil((now.ends_at - at).total_seconds())),
        )


def checked_reason(text: str) -> str:
    """Return a reason of 1 to 400 visible characters. Raises InvalidInputError."""
    return checked_line(text, "reason", most=LONGEST_REASON)


def read_instant(text: str, field_name: str) -> datetime:
    """Read a day (its beginning in Denmark) or a time with its zone. Raises InvalidInputError naming the member."""
    day = day_or_none(text)
    if day is not None:
        return start_of_day(day)
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInputError(
        details.INSTANT_FORM,
        code=codes.INVALID_FIELD,
        field=field_name,
    )


@dataclass(frozen=True, slots=True)
class RhythmStatement:
    """What a vendor has stated of its releases, when and through whom."""

    vendor: str
    rhythm: Rhythm
    note: str
    stated_at: datetime
    stated_by: str


@dataclass(frozen=True, slots=True)
class DayCalls:
    """The calls of one system, or of all, on one day."""

    day: date
    plain: int
    secure: int
    certified: int
    refused: int


@dataclass(frozen=True, slots=True)
class PlainCalls:
    """How often a system has called over plain HTTP since some day, and when it did last."""

    plain: int
    plain_at: datetime | None


@dataclass(frozen=True, slots=True)
class Usage:
    """How a system has called since some day. `plain_at`, `plain_from`: its last call over plain HTTP."""

    system: str
    rest_plain: int = 0
    soap_plain: int = 0
    secure: int = 0
    certified: int = 0
    refused: int = 0
    plain_at: datetime | None = None
    plain_from: str | None = None

    @property
    def plain(self) -> int:
        """Count the calls over plain HTTP."""
        return self.rest_plain + self.soap_plain
