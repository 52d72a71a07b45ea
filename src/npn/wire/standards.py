"""The REST documents about standards, and who can send and receive them. They name organisations, never persons."""

from datetime import date
from typing import Literal

import msgspec

CapabilityStateName = Literal["yes", "no", "testing", "unknown", "contradictory"]
DirectionName = Literal["send", "receive", "webservice"]
EvidenceKindName = Literal["certificate", "attested", "observed", "listed_approval"]
DisagreementName = Literal["in_use_not_approved", "approved_not_in_use"]


class CapabilityEvidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What says so, who, and when. `recorded_by_operator`: the operator recorded it for whoever said it."""

    kind: EvidenceKindName
    by: str
    at: date
    note: str = ""
    recorded_by_operator: bool = False


class CapabilityRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a system, or one installation of it, can take of one version in one direction.

    `since_derived`: the state was first seen that day, and may be older. `states`: what the list says, where it
    contradicts itself. `disagreement`: where an installation and the listed approval of its product differ.
    """

    system: str
    vendor: str
    system_type: str
    installation: str | None
    version: str
    direction: DirectionName
    state: CapabilityStateName
    features: dict[str, str]
    since: date | None
    evidence: CapabilityEvidence | None
    standard: str
    product: str | None = None
    release: str | None = None
    owner: str | None = None
    region: str | None = None
    since_derived: bool = False
    states: list[CapabilityStateName] = []
    disagreement: DisagreementName | None = None


class CapabilityList(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/capabilities`: by system. `list_as_of`: the day of MedCom's list, where one was imported."""

    standard: str
    at: date
    list_as_of: date | None
    items: list[CapabilityRow]


class StandardVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a standard. `senders` and `receivers` count the systems that can."""

    version: str
    valid_from: date | None
    phase_out_from: date | None
    valid_to: date | None
    replaces: str | None
    features: dict[str, str]
    required_of: list[str]
    senders: int
    receivers: int


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """A standard and its versions. `family`: its code without the letter of its XML."""

    code: str
    name: str
    family: str
    format: Literal["edifact", "xml", "other"]
    versions: list[StandardVersion]


class StandardList(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /v1/standards`, by code."""

    list_as_of: date | None
    items: list[Standard]
