"""Events about standards, products and their installations: what is known of them, since when and by whom."""

from typing import Literal

from npn.ledger.event import Claimed, Count, Day, Digest, Event, Id, Name, Text
from npn.standards.model import FaultSeverity

Able = Literal["yes", "no", "testing", "unknown"]


class StandardListImported(Event, frozen=True):
    """MedCom's list was imported as of a day: this many rows of this many systems."""

    tag = "standard_list_imported"
    free = ("list", "as_of", "rows", "systems")

    list: Digest
    as_of: Day
    rows: Count
    systems: Count
    by: Text
    claimed: Claimed = ""


class StandardVersionSet(Event, frozen=True):
    """It was said when a version of a standard is valid."""

    tag = "standard_version_set"
    free = ("standard", "version", "valid_from", "phase_out_from", "valid_to")

    standard: Name
    version: Name
    valid_from: Day | None
    phase_out_from: Day | None
    valid_to: Day | None
    by: Text
    claimed: Claimed = ""


class ProductNamed(Event, frozen=True):
    """A product is known, or known by another name."""

    tag = "product_named"
    free = ("product", "name", "vendor")

    product: Id
    name: Name
    vendor: Name
    by: Text
    claimed: Claimed = ""


class ProductReleased(Event, frozen=True):
    """A product has a release of this version."""

    tag = "product_released"
    free = ("product", "version", "released_on")

    product: Id
    version: Name
    released_on: Day
    by: Text
    claimed: Claimed = ""


class ProductFaultNoted(Event, frozen=True):
    """A release of a product has a fault, mended in another version."""

    tag = "product_fault_noted"
    free = ("product", "version", "severity", "mended_in")

    product: Id
    version: Name
    severity: FaultSeverity
    mended_in: Text
    by: Text
    claimed: Claimed = ""


class InstallationSet(Event, frozen=True):
    """A product is in operation at an owner; an installation stays its product's."""

    tag = "installation_set"
    free = ("installation", "product", "owner", "release")

    installation: Id
    product: Id
    owner: Id | None
    release: Text
    by: Text
    claimed: Claimed = ""


class CapabilitySet(Event, frozen=True):
    """It was said what an installation can take, from a day."""

    tag = "capability_set"
    free = ("installation", "standard", "version", "direction", "able", "since")

    installation: Id
    standard: Name
    version: Name
    direction: Literal["send", "receive", "webservice"]
    able: Able
    since: Day
    by: Text
    claimed: Claimed = ""
