"""Events about agreements. Texts and persons stay outside; the digests hold what was agreed."""

from typing import Annotated, Literal

from msgspec import Meta

from npn.agreements.model import Numbering
from npn.ledger.event import Claimed, Count, Day, Digest, Event, Id, Text

VersionName = Annotated[str, Meta(pattern=r"\A[1-9][0-9]{0,3}\.[0-9]{1,4}\Z")]
Requirement = Annotated[str, Meta(pattern=r"\A[a-z_]{1,40}\Z")]
SectionNumber = Annotated[str, Meta(pattern=r"\A([0-9]{1,2}|[A-Z])(\.[0-9]{1,2}){0,3}\Z")]
AcceptanceId = Annotated[str, Meta(pattern=r"\Aa[0-9a-f]{20}\Z")]
Outcome = Literal["adopted", "rejected", "withdrawn"]
ForumTag = Literal["user_group", "steering_group"]
PlaceId = Annotated[str, Meta(pattern=r"\Ao[0-9a-f]{20}\Z")]


class AgreementPublished(Event, frozen=True):
    """A version of an agreement was published: the SHA-256 of its Danish and its English text."""

    tag = "agreement_published"
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

    tag = "agreement_accepted"
    free = ("acceptance", "statement")

    acceptance: AcceptanceId
    agreement: Id
    version: VersionName
    digest_da: Digest
    system: Id
    statement: Digest
    by: Text
    claimed: Claimed = ""


class AgreementAcceptanceEnded(Event, frozen=True):
    """An acceptance was in force until here."""

    tag = "agreement_acceptance_ended"
    free = ("reason",)

    acceptance: AcceptanceId
    system: Id
    reason: Text
    by: Text
    claimed: Claimed = ""


class AgreementDatesSet(Event, frozen=True):
    """From when what happens to systems that have not accepted a version, or a later one."""

    tag = "agreement_dates_set"
    free = ("inform_from", "warn_from", "refuse_from")

    agreement: Id
    version: VersionName
    inform_from: Day | None
    warn_from: Day | None
    refuse_from: Day | None
    by: Text
    claimed: Claimed = ""


class AgreementRespiteGranted(Event, frozen=True):
    """A system is not refused before `until`."""

    tag = "agreement_respite_granted"
    free = ("until", "reason")

    agreement: Id
    system: Id
    until: Day
    reason: Text
    by: Text
    claimed: Claimed = ""


class RequirementShown(Event, frozen=True):
    """It was shown that a system meets a requirement, or does not; `statement`: SHA-256 of how."""

    tag = "requirement_shown"
    free = ("requirement", "met", "statement")

    system: Id
    requirement: Requirement
    met: bool
    statement: Digest
    by: Text
    claimed: Claimed = ""


class RequirementExempted(Event, frozen=True):
    """A system need not meet a requirement before `until`."""

    tag = "requirement_exempted"
    free = ("requirement", "until", "reason")

    system: Id
    requirement: Requirement
    until: Day
    reason: Text
    by: Text
    claimed: Claimed = ""


class OtherNumbersNoted(Event, frozen=True):
    """A place where a system does not use NPN was noted."""

    tag = "other_numbers_noted"
    free = ("kind",)

    place: PlaceId
    system: Id
    kind: Numbering
    by: Text
    claimed: Claimed = ""


class OtherNumbersEnded(Event, frozen=True):
    """NPN is used there from here on."""

    tag = "other_numbers_ended"

    place: PlaceId
    system: Id
    by: Text
    claimed: Claimed = ""


class AgreementChangeProposed(Event, frozen=True):
    """A change of an agreement, or a further draft of it (`revision` from 1), was put forward."""

    tag = "agreement_change_proposed"
    free = ("version", "digest_da", "digest_en")

    proposal: Id
    agreement: Id
    version: VersionName
    revision: Annotated[int, Meta(ge=1)]
    forum: ForumTag
    digest_da: Digest
    digest_en: Digest
    by: Text
    claimed: Claimed = ""


class AgreementChangeCommented(Event, frozen=True):
    """Somebody commented on a section; `statement`: SHA-256 of the comment."""

    tag = "agreement_change_commented"
    free = ("section", "statement")

    proposal: Id
    section: SectionNumber
    statement: Digest
    by: Text
    claimed: Claimed = ""


class AgreementChangeNeedSaid(Event, frozen=True):
    """What a system needs before it meets a proposal was said; `statement`: SHA-256 of it."""

    tag = "agreement_change_need_said"
    free = ("statement",)

    proposal: Id
    system: Id
    statement: Digest
    by: Text
    claimed: Claimed = ""


class AgreementChangeDecided(Event, frozen=True):
    """The group decided; an adopted proposal's version is published in the same change."""

    tag = "agreement_change_decided"
    free = ("decided_on", "minutes")

    proposal: Id
    outcome: Outcome
    decided_on: Day
    minutes: Text
    effective_from: Day | None
    by: Text
    claimed: Claimed = ""
