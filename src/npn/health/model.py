"""The state of the service as a value: what was looked at, and how it was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """How something was found. `UNKNOWN`: it could not be told, which is never taken for good."""

    GOOD = "good"
    ABSENT = "absent"  # not set up, which may be meant
    UNKNOWN = "unknown"
    WARNING = "warning"
    BAD = "bad"


class HealthSubject(StrEnum):
    """What is looked at, in the order in which it is shown."""

    DRAWS = "draws"
    WITNESS = "witness"
    WITNESS_PLACE = "witness_place"
    STANDBY = "standby"
    BACKUP = "backup"
    MAIL = "mail"
    CERTIFICATE = "certificate"
    REVOCATION = "revocation"
    CLOCK = "clock"
    BACKGROUND = "background"
    FILES = "files"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class HealthPart:
    """One part of the service. `code` says what was found, `values` with which figures; the fronts have the words.

    A `code` of the catalogue of errors stands where an error was met.
    """

    subject: HealthSubject
    level: Level
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceState:
    """How the service was found at `at`: a part for each subject."""

    at: datetime
    parts: tuple[HealthPart, ...]

    def part(self, subject: HealthSubject) -> HealthPart:
        """Return one part."""
        return next(part for part in self.parts if part.subject is subject)

    def of(self, *levels: Level) -> list[HealthPart]:
        """Return the parts that were found so."""
        return [part for part in self.parts if part.level in levels]

    @property
    def can_draw(self) -> bool:
        """Whether a draw would have been granted."""
        return self.part(HealthSubject.DRAWS).level is Level.GOOD

    @property
    def level(self) -> Level:
        """Return the worst that was found; unknown is worse than good, and better than a warning."""
        order = list(Level)
        return max((part.level for part in self.parts), key=order.index)
