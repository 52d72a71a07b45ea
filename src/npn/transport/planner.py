"""The notice planner: when everybody can be ready, by the release rhythm and code freeze that vendors have stated.

Pure: dates in, dates out. A change that a vendor hears of on one day is worked on for some weeks; it goes into the
first release whose code freeze is not over by then.
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from npn.errors import InvalidInputError, codes, details

_LAST_YEAR = 2200
_BOUNDS = (
    ("every_months", details.MONTHS_APART, 1, 60),
    ("freeze_months", details.MONTHS_FROZEN, 0, 24),
    ("work_weeks", details.WEEKS_OF_WORK, 0, 260),
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a vendor releases: a release date known, one every `every_months`, frozen `freeze_months` before.

    `work_weeks`: what the change itself takes, before the freeze.
    """

    first_release: date
    every_months: int
    freeze_months: int
    work_weeks: int = 0

    def release(self, number: int) -> date:
        """Return the release `number` positions after the known one (before it where negative)."""
        return months_later(self.first_release, number * self.every_months)

    def freeze(self, release: date) -> date:
        """Return the last day on which something may go into a release."""
        return months_later(release, -self.freeze_months)


@dataclass(frozen=True, slots=True)
class ReadyDate:
    """When a vendor, told on the day of notice, has released the change. `freeze`: by when it must be finished."""

    release: date
    freeze: date

    def in_time(self, proposed: date) -> bool:
        """Whether that is by the proposed date."""
        return self.release <= proposed


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a proposed date means. `ready` by vendor, None for one that has stated nothing; `earliest` for all known."""

    notice: date
    proposed: date
    ready: Mapping[str, ReadyDate | None]
    earliest: date | None

    @property
    def late(self) -> list[str]:
        """Return the vendors that can't make it, the latest first."""
        dates = [(ready.release, name) for name, ready in self.ready.items() if ready and ready.release > self.proposed]
        return [name for _, name in sorted(dates, key=lambda each: (-each[0].toordinal(), each[1]))]

    @property
    def unknown(self) -> list[str]:
        """Return the vendors that have stated nothing."""
        return sorted(name for name, ready in self.ready.items() if ready is None)

    @property
    def can_all(self) -> bool:
        """Whether everybody is known to make it."""
        return not self.late and not self.unknown


def checked(rhythm: Rhythm) -> Rhythm:
    """Accept a rhythm in bounds. Raises InvalidInputError naming the member."""
    for name, detail, least, most in _BOUNDS:
        if not least <= getattr(rhythm, name) <= most:
            raise InvalidInputError(detail.of(least=least, most=most), code=codes.INVALID_FIELD, field=name)
    if not 2000 <= rhythm.first_release.year <= _LAST_YEAR:
        raise InvalidInputError(details.RELEASE_YEAR, code=codes.INVALID_FIELD, field="release")
    return rhythm


def ready(rhythm: Rhythm, *, notice: date) -> ReadyDate:
    """Return in which release a change can be that is announced on `notice`."""
    finished = notice + timedelta(weeks=rhythm.work_weeks)
    apart = (finished.year - rhythm.first_release.year) * 12 + finished.month - rhythm.first_release.month
    number = apart // rhythm.every_months - 1  # at or before the first one that can be
    while rhythm.freeze(rhythm.release(number)) < finished:
        number += 1
    release = rhythm.release(number)
    return ReadyDate(release, rhythm.freeze(release))


def prospect(rhythms: Mapping[str, Rhythm], *, vendors: Sequence[str], notice: date, proposed: date) -> Prospect:
    """Return who can make a proposed date, told on `notice`, and the earliest date that all known can."""
    releases_by_vendor = {name: ready(rhythms[name], notice=notice) if name in rhythms else None for name in vendors}
    releases = [one.release for one in releases_by_vendor.values() if one is not None]
    return Prospect(notice, proposed, releases_by_vendor, max(releases, default=None))


def months_later(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))
