"""What agreements deal in: versions, acceptances, dates of a policy, and what a system's standing is at a date.

Dates are Danish days: a policy of the first of a month begins at its midnight.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import total_ordering

from npn.errors import InvalidInputError, codes, details
from npn.wording import checked_text

CONNECTION = "connection"  # the agreement a connected system accepts

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}\Z", re.ASCII)
_VERSION = re.compile(r"([1-9][0-9]{0,3})\.([0-9]{1,4})\Z", re.ASCII)


class Language(StrEnum):
    """Danish is authoritative, English a translation."""

    DANISH = "da"
    ENGLISH = "en"


class Stage(StrEnum):
    """What happens to a system without an accepted agreement. Drawn numbers stay its own at every stage."""

    NONE = "none"
    INFORM = "inform"
    WARN = "warn"
    REFUSE = "refuse"


@total_ordering
@dataclass(frozen=True, slots=True)
class VersionNumber:
    """`1.0`, `1.1`, `2.0`: compared by their parts."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> "VersionNumber":
        """Read one. Raises InvalidInputError."""
        match = _VERSION.match(text)
        if match is None:
            raise InvalidInputError("a version is written as 1.0", code=codes.INVALID_VERSION, field="version")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Write it."""
        return f"{self.major}.{self.minor}"

    def __lt__(self, other: "VersionNumber") -> bool:
        """Order by the parts."""
        return (self.major, self.minor) < (other.major, other.minor)


@dataclass(frozen=True, slots=True)
class Version:
    """A published version; nothing of it ever changes. `digests` are the SHA-256 of the texts, in UTF-8.

    `notice_days`: what a change of this version needs. `signed`: the service's JWS over all of it.
    """

    agreement: str
    number: VersionNumber
    texts: Mapping[Language, str]
    digests: Mapping[Language, str]
    notice_days: int
    effective_from: date
    published_at: datetime
    published_by: str
    proposal: str | None
    signed: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an acceptance on behalf rests on: in words, and the SHA-256 of the document where there is one."""

    text: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who accepts for a system's owner, and in which capacity."""

    name: str
    capacity: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An owner accepted a version for one system: who, as what, when; `signed` is the service's JWS over it."""

    id: str
    agreement: str
    number: VersionNumber
    system: str
    accepted_by: str
    capacity: str
    evidence: Evidence | None
    accepted_at: datetime
    recorded_by: str
    signed: str
    ended_at: datetime | None = None
    ended_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """From when what happens to production systems that have not accepted a version, or a later one."""

    agreement: str
    number: VersionNumber
    inform_from: date | None = None
    warn_from: date | None = None
    refuse_from: date | None = None

    def stage(self, on: date) -> Stage:
        """Return the furthest stage that has begun."""
        for day, stage in (
            (self.refuse_from, Stage.REFUSE),
            (self.warn_from, Stage.WARN),
            (self.inform_from, Stage.INFORM),
        ):
            if day is not None and day <= on:
                return stage
        return Stage.NONE


@dataclass(frozen=True, slots=True)
class Respite:
    """One system's exception: it is not refused before `until`, for a reason."""

    agreement: str
    system: str
    until: date
    reason: str
    granted_by: str


@dataclass(frozen=True, slots=True)
class AgreementStanding:
    """Where a system stands with an agreement on a day.

    `wanted` is the version its stage is about, `accepted` the newest it accepted, `refuse_from` the day that new
    series are refused, where one is set.
    """

    agreement: str
    system: str
    accepted: VersionNumber | None
    wanted: VersionNumber | None
    stage: Stage
    refuse_from: date | None = None
    respite_until: date | None = None


class Numbering(StrEnum):
    """What a system uses instead of sample numbers."""

    LOCAL = "local_numbers"
    INTERNAL = "internal_numbers"
    UNREADABLE = "unreadable_labels"
    PREPRINTED = "preprinted_rolls"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OtherNumbers:
    """One place where a system does not use NPN. `sends_onward`: None where nobody has said."""

    id: str
    system: str
    kind: Numbering
    place: str
    reason: str
    sends_onward: bool | None
    review_on: date | None
    noted_at: datetime
    noted_by: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequirementEvidence:
    """How it was shown that a requirement is met, or not, where the platform can't see it."""

    system: str
    requirement: str
    met: bool
    how: str
    shown_on: date
    expires_on: date | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class RequirementExemption:
    """One system need not meet one requirement before `until`, for a reason; how it is met is shown anyway."""

    system: str
    requirement: str
    until: date
    reason: str
    granted_by: str


def checked_slug(text: str) -> str:
    """Accept an agreement's name in addresses. Raises InvalidInputError."""
    if not _SLUG.match(text):
        raise InvalidInputError(details.AGREEMENT_NAME, field="agreement")
    return text


def standing(
    on: date,
    *,
    agreement: str,
    system: str,
    accepted: VersionNumber | None,
    dates: list[Dates],
    respite: Respite | None,
) -> AgreementStanding:
    """Judge a production system: the furthest stage over every version it should have accepted and has not.

    Versions without dates ask nothing; a later version accepted stands for the earlier ones.
    """
    order = list(Stage)
    lacking = [version for version in dates if accepted is None or accepted < version.number]
    best: AgreementStanding = AgreementStanding(agreement, system, accepted, None, Stage.NONE)
    for newer in sorted(lacking, key=lambda d: d.number):
        stage, refuse_from = newer.stage(on), newer.refuse_from
        if respite is not None and refuse_from is not None:
            refuse_from = max(refuse_from, respite.until)
            stage = Stage.WARN if stage is Stage.REFUSE and refuse_from > on else stage
        if stage is not Stage.NONE and order.index(stage) >= order.index(best.stage):
            until = None if respite is None or respite.until <= on else respite.until
            best = AgreementStanding(agreement, system, accepted, newer.number, stage, refuse_from, until)
    return best


def checked_words(text: str, field: str, *, most: int = 400) -> str:
    """Return 1 to `most` characters of prose: lines are kept, their blanks are single. Raises InvalidInputError."""
    lines = checked_text(text, field, most=10 * most).split("\n")
    return checked_text("\n".join(" ".join(line.split()) for line in lines), field, most=most)
