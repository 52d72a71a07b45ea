"""Events about organisations, connected systems, their keys and their certificates."""

from typing import Annotated

from msgspec import Meta

from npn.ledger.event import Claimed, Count, Digest, Event, Figure, Id, Name, Name400, Text
from npn.systems.model import ContactKind, Environment, OrganisationKind


class OrganisationAdded(Event, frozen=True):
    """An organisation became known."""

    tag = "organisation_added"
    free = ("organisation", "name")

    organisation: Id
    kind: OrganisationKind
    name: Name


class OrganisationRenamed(Event, frozen=True):
    """An organisation has another name; it is no other organisation, and the name before leads to it."""

    tag = "organisation_renamed"
    free = ("organisation", "name")

    organisation: Id
    name: Name
    by: Text
    claimed: Claimed = ""


class OrganisationMerged(Event, frozen=True):
    """Two were one: all that was the first's is the second's, its `systems`, names, owners and units."""

    tag = "organisation_merged"
    free = ("organisation", "into")

    organisation: Id
    into: Id
    systems: Count
    by: Text
    claimed: Claimed = ""


class OrganisationClosed(Event, frozen=True):
    """An organisation without an open system gets none any more."""

    tag = "organisation_closed"
    free = ("organisation",)

    organisation: Id
    by: Text
    claimed: Claimed = ""


class OrganisationReopened(Event, frozen=True):
    """A closed organisation may get systems again."""

    tag = "organisation_reopened"

    organisation: Id
    by: Text
    claimed: Claimed = ""


class OrganisationRegionSet(Event, frozen=True):
    """An organisation belongs to a region, whose people see and act for its systems."""

    tag = "organisation_region_set"

    organisation: Id
    region: Id
    by: Text
    claimed: Claimed = ""


class SystemAdded(Event, frozen=True):
    """A system was connected; it is active from here on."""

    tag = "system_added"
    free = ("name", "environment")

    system: Id
    name: Name
    vendor: Name
    owner: Name
    environment: Environment
    by: Text
    claimed: Claimed = ""


class SystemSuspended(Event, frozen=True):
    """A system was suspended."""

    tag = "system_suspended"
    free = ("reason",)

    system: Id
    by: Text
    reason: Text
    claimed: Claimed = ""


class SystemResumed(Event, frozen=True):
    """A suspended system was resumed."""

    tag = "system_resumed"
    free = ("reason",)

    system: Id
    by: Text
    reason: Text
    claimed: Claimed = ""


class SystemClosed(Event, frozen=True):
    """A system draws nothing any more, for good; its keys ended, and its numbers stay its own."""

    tag = "system_closed"
    free = ("system", "reason")

    system: Id
    by: Text
    reason: Text
    claimed: Claimed = ""


class SystemRenamed(Event, frozen=True):
    """A system has another name; its id stays."""

    tag = "system_renamed"
    free = ("system", "name")

    system: Id
    name: Name
    by: Text
    claimed: Claimed = ""


class SystemLimitsSet(Event, frozen=True):
    """What one draw, and all draws in a period of days, may be."""

    tag = "system_limits_set"
    free = ("smallest_draw", "largest_draw", "quota", "quota_days")

    system: Id
    by: Text
    smallest_draw: Figure
    largest_draw: Figure
    quota: Figure | None
    quota_days: Count | None
    claimed: Claimed = ""


class SystemOwnerSet(Event, frozen=True):
    """Another organisation runs the system."""

    tag = "system_owner_set"
    free = ("system", "owner")

    system: Id
    owner: Name
    by: Text
    claimed: Claimed = ""


class SystemVendorSet(Event, frozen=True):
    """Another organisation makes the system."""

    tag = "system_vendor_set"
    free = ("system", "vendor")

    system: Id
    vendor: Name
    by: Text
    claimed: Claimed = ""


class SystemContactSet(Event, frozen=True):
    """A contact changed; who it is stays outside the ledger."""

    tag = "system_contact_set"
    free = ("system", "kind")

    system: Id
    kind: ContactKind
    by: Text
    claimed: Claimed = ""


class SystemNamed(Event, frozen=True):
    """A source outside has a (new) name for a system."""

    tag = "system_named"
    free = ("system", "source", "alias")

    system: Id
    source: Id
    alias: Name
    by: Text
    claimed: Claimed = ""


class SystemLeftList(Event, frozen=True):
    """A system left a source's list; it is not suspended by that."""

    tag = "system_left_list"
    free = ("source",)

    system: Id
    source: Id
    by: Text
    claimed: Claimed = ""


class SystemBackOnList(Event, frozen=True):
    """A system is back on a source's list; it is not resumed by that."""

    tag = "system_back_on_list"
    free = ("source",)

    system: Id
    source: Id
    by: Text
    claimed: Claimed = ""


class KeyAdded(Event, frozen=True):
    """A system or the operator got a further key; `ended` older ones ended."""

    tag = "key_added"
    free = ("holder", "ended")

    holder: Id
    by: Text
    ended: Count
    claimed: Claimed = ""


class CertificateBound(Event, frozen=True):
    """A certificate, known by the SHA-256 of its DER form, stands for a system from here on."""

    tag = "certificate_bound"

    system: Id
    certificate: Digest
    by: Text
    claimed: Claimed = ""


class CertificateEnded(Event, frozen=True):
    """The certificate does not stand for the system any longer."""

    tag = "certificate_ended"

    system: Id
    certificate: Digest
    by: Text
    claimed: Claimed = ""


class SecurityLevelsSet(Event, frozen=True):
    """Which DGWS security levels a system may use."""

    tag = "security_levels_set"
    free = ("system", "levels")

    system: Id
    levels: list[Annotated[int, Meta(ge=1, le=4)]]
    by: Text
    claimed: Claimed = ""


class SubjectBound(Event, frozen=True):
    """Certificates of a subject of an issuer stand for a system; `binding` is the SHA-256 of the pair."""

    tag = "subject_bound"

    system: Id
    binding: Digest
    subject: Name400
    issuer: Text
    by: Text
    claimed: Claimed = ""


class SubjectEnded(Event, frozen=True):
    """They no longer do."""

    tag = "subject_ended"

    system: Id
    binding: Digest
    by: Text
    claimed: Claimed = ""
