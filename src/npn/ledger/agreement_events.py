"""The shapes of the events that agreements leave in the ledger: docs/ledger.md in types, continued from `events.py`.

Texts and persons stay outside; what was agreed is held by the digests.
"""

from typing import Annotated, Literal

from msgspec import Meta

from npn.ledger.events import Claimed, Count, Day, Digest, Event, Id, Text

VersionName = Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,3}\.[0-9]{1,4}\Z")]
Requirement = Annotated[str, Meta(pattern=r"\A[a-z_]{1,40}\Z")]
SectionNumber = Annotated[str, Meta(pattern=r"\A([0-9]{1,2}|[A-Z])(\.[0-9]{1,2}){0,3}\Z")]
AcceptanceId = Annotated[str, Meta(pattern=r"\Aa[0-9a-f]{20}\Z")]
PlaceId = Annotated[str, Meta(pattern=r"\Ao[0-9a-f]{20}\Z")]


class VersionPublished(Event, frozen=True):
    """A version of an agreement was published: the SHA-256 of its Danish and its English text."""

    free = ("digest_en", "effective_from", "notice_days", "proposal")

    agreement: Id
    version: VersionName
    digest_da: Digest
    digest_en: Digest
    effective_from: Day
    notice_days: Count
    proposal: Id | None
    by: Text
    claimed: Claimed = ""


class AgreementAccepted(Event, frozen=True):
    """A version was accepted for a system. `statement`: SHA-256 of who, as what, when, on what evidence."""

    free = ("acceptance", "statement")

    acceptance: AcceptanceId
    agreement: Id
    version: VersionName
    digest_da: Digest
    system: Id
    statement: Digest
    by: Text
    claimed: Claimed = ""


class AcceptanceEnded(Event, frozen=True):
    """An acceptance was in force until here."""

    free = ("reason",)

    acceptance: AcceptanceId
    system: Id
    reason: Text
    by: Text
    claimed: Claimed = ""


class AgreementDatesSet(Event, frozen=True):
    """From when what happens to systems that have not accepted a version, or a later one."""

    free = ("inform_from", "warn_from", "refuse_from")

    agreement: Id
    version: VersionName
    inform_from: Day | None
    warn_from: Day | None
    refuse_from: Day | None
    by: Text
    claimed: Claimed = ""


class RespiteGranted(Event, frozen=True):
    """A system is not refused before `until`."""

    free = ("until", "reason")

    agreement: Id
    system: Id
    until: Day
    reason: Text
    by: Text
    claimed: Claimed = ""


class RequirementShown(Event, frozen=True):
    """It was shown that a system meets a requirement, or does not; `statement`: SHA-256 of how."""

    free = ("requirement", "met", "statement")

    system: Id
    requirement: Requirement
    met: bool
    statement: Digest
    by: Text
    claimed: Claimed = ""


class RequirementExempted(Event, frozen=True):
    """A system need not meet a requirement before `until`."""

    free = ("requirement", "until", "reason")

    system: Id
    requirement: Requirement
    until: Day
    reason: Text
    by: Text
    claimed: Claimed = ""


class OtherNumbersNoted(Event, frozen=True):
    """A place where a system does not use NPN was noted."""

    free = ("kind",)

    place: PlaceId
    system: Id
    kind: Literal["local_numbers", "internal_numbers", "unreadable_labels", "preprinted_rolls", "other"]
    by: Text
    claimed: Claimed = ""


class OtherNumbersEnded(Event, frozen=True):
    """NPN is used there from here on."""

    place: PlaceId
    system: Id
    by: Text
    claimed: Claimed = ""


class ChangeProposed(Event, frozen=True):
    """A change of an agreement, or a further draft of it (`revision` from 1), was put forward."""

    free = ("version", "digest_da", "digest_en")

    proposal: Id
    agreement: Id
    version: VersionName
    revision: Annotated[int, Meta(ge=1)]
    forum: Literal["user_group", "steering_group"]
    digest_da: Digest
    digest_en: Digest
    by: Text
    claimed: Claimed = ""


class ProposalCommented(Event, frozen=True):
    """Somebody commented on a section; `statement`: SHA-256 of the comment."""

    free = ("section", "statement")

    proposal: Id
    section: SectionNumber
    statement: Digest
    by: Text
    claimed: Claimed = ""


class NeedSaid(Event, frozen=True):
    """What a system needs before it meets a proposal was said; `statement`: SHA-256 of it."""

    free = ("statement",)

    proposal: Id
    system: Id
    statement: Digest
    by: Text
    claimed: Claimed = ""


class ProposalDecided(Event, frozen=True):
    """The group decided; an adopted proposal's version is published in the same change."""

    free = ("decided_on", "minutes")

    proposal: Id
    outcome: Literal["adopted", "rejected", "withdrawn"]
    decided_on: Day
    minutes: Text
    effective_from: Day | None
    by: Text
    claimed: Claimed = ""


TYPES: dict[str, type[Event]] = {
    "agreement_published": VersionPublished,
    "agreement_accepted": AgreementAccepted,
    "agreement_acceptance_ended": AcceptanceEnded,
    "agreement_dates_set": AgreementDatesSet,
    "agreement_respite_granted": RespiteGranted,
    "requirement_shown": RequirementShown,
    "requirement_exempted": RequirementExempted,
    "other_numbers_noted": OtherNumbersNoted,
    "other_numbers_ended": OtherNumbersEnded,
    "agreement_change_proposed": ChangeProposed,
    "agreement_change_commented": ProposalCommented,
    "agreement_change_need_said": NeedSaid,
    "agreement_change_decided": ProposalDecided,
}
