"""Standards and versions, products and installations, and what each of them can take.

A row of MedCom's list is a listed approval of a product: its evidence is the list and the list's date. It is neither
a certificate nor an installation, and it connects no system.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from npn.errors import InvalidInputError, details

StandardFormat = Literal["edifact", "xml", "other"]
FaultSeverity = Literal["critical", "serious", "minor"]  # how much a known fault of a product release matters


class Direction(StrEnum):
    """Which way a message goes, as seen from the system."""

    SEND = "send"
    RECEIVE = "receive"
    WEBSERVICE = "webservice"


class CapabilityState(StrEnum):
    """What is known of a capability."""

    YES = "yes"
    NO = "no"
    TESTING = "testing"
    UNKNOWN = "unknown"
    CONTRADICTORY = "contradictory"


class EvidenceKind(StrEnum):
    """What says so, the strongest first: a matrix shows the first that there is."""

    CERTIFICATE = "certificate"
    ATTESTED = "attested"
    OBSERVED = "observed"
    LISTED = "listed_approval"


@dataclass(frozen=True, slots=True)
class VersionReference:
    """A version of a standard as it is asked for: `RPT02/R0231M`, or `RPT02` for every version of it."""

    standard: str
    version: str | None = None

    @classmethod
    def parse(cls, text: str, field: str) -> "VersionReference":
        """Read `CODE[/V]`. Raises InvalidInputError."""
        standard, slash, version = text.strip().partition("/")
        if not standard or (slash and not version):
            raise InvalidInputError(details.VERSION_REFERENCE, field=field, hint="such as RPT02 or RPT02/R0231M")
        return cls(standard, version or None)

    def covers(self, standard: str, version: str) -> bool:
        """Whether a version is the one meant, or one of those."""
        return self.standard == standard and self.version in (None, version)

    def __str__(self) -> str:
        return self.standard if self.version is None else f"{self.standard}/{self.version}"


@dataclass(frozen=True, slots=True)
class StandardVersion:
    """A version of a standard. `required_of`: the types of system that must have it.

    `features`: what the version holds, and within which bounds: `max_results`, `create`, `forward`, `hotel`.
    """

    standard: str
    version: str
    valid_from: date | None = None
    phase_out_from: date | None = None
    valid_to: date | None = None
    replaces: str | None = None
    features: Mapping[str, str] = field(default_factory=dict)
    required_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard of messages or documents. `name`: what the list calls it."""

    code: str
    name: str
    family: str
    format: StandardFormat
    versions: tuple[StandardVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A system as its vendor sells it. `listed`: MedCom's list has it; `gone_on`: since when it no longer has."""

    id: str
    name: str
    vendor: str
    types: frozenset[str]
    listed: bool
    gone_on: date | None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of the list as it is kept: its columns word for word, what they mean, and since when.

    `valid_from`: the first list that had the row so. `since`: when the state was first seen, whatever the row was
    called. Without a product it is unclear whose it is.
    """

    id: int
    product: str | None
    place: int
    columns: tuple[str, ...]
    standard: str
    version: str
    direction: Direction
    state: CapabilityState
    since: date
    valid_from: date

    @property
    def system(self) -> str:
        """Return the system's name as the list has it."""
        return self.columns[0]

    @property
    def vendor(self) -> str:
        """Return the vendor's name as the list has it."""
        return self.columns[1]

    @property
    def system_type(self) -> str:
        """Return the type of system as the list has it."""
        return self.columns[2]


@dataclass(frozen=True, slots=True)
class ProductRelease:
    """A version of a product. `equivalents`: versions for which the same holds."""

    product: str
    version: str
    released_on: date
    equivalents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductFault:
    """A known fault of a product release, and the version that mends it."""

    product: str
    version: str
    severity: FaultSeverity
    mended_in: str
    description: str


@dataclass(frozen=True, slots=True)
class Installation:
    """A product in operation at an owner. `system`: the connected system that it is, where it is one."""

    id: str
    product: str
    product_name: str
    vendor: str
    types: frozenset[str]
    release: str | None
    owner: str | None
    region: str | None
    sor_unit: str
    system: str | None
    begins: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Capability:
    """What an installation can take, who says so, and since when.

    `by`: an organisation or a role, never a person; where the operator recorded it in a shell, `by_operator`.
    """

    installation: str
    standard: str
    version: str
    direction: Direction
    state: CapabilityState
    features: dict[str, str]
    kind: EvidenceKind
    note: str
    by: str
    by_operator: bool
    recorded_on: date
    since: date
    until: date | None


_CODED = re.compile(r"(?P<xml>X?)[A-Z]{3}[0-9]{2}[FP]?")  # MedCom's messages; documents and services have names


def format_of(code: str) -> StandardFormat:
    """Return the format of a standard, as its code shows it."""
    match = _CODED.fullmatch(code)
    if match is None:
        return "other"
    return "xml" if match["xml"] else "edifact"


def family_of(code: str) -> str:
    """Return what a standard and its twin in the other syntax have in common: RPT02 of RPT02, REQ01 of XREQ01."""
    return code.removeprefix("X") if format_of(code) == "xml" else code
