"""Every rule, event by event: what was granted, to whom, from where, and what became of it.

Flat arrays and one table of ids keep a ledger of a million series in some 300 MB.
"""

import hashlib
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any  # each handler takes its own event; the table pairs them by type

from npn.agreements.events import (
    AgreementAcceptanceEnded,
    AgreementAccepted,
    AgreementChangeCommented,
    AgreementChangeDecided,
    AgreementChangeNeedSaid,
    AgreementChangeProposed,
    AgreementDatesSet,
    AgreementPublished,
    AgreementRespiteGranted,
    OtherNumbersEnded,
    OtherNumbersNoted,
    RequirementExempted,
    RequirementShown,
)
from npn.instants import instant_or_none
from npn.ledger.event import Event
from npn.ledger.events import BackupSeen, ClockAccepted, SecretsKeyMade, SecretsRotated
from npn.ledger.model import GENESIS
from npn.numbers.digits import format_digits
from npn.onboarding.events import (
    KeyOffered,
    ProductionAccessGiven,
    RequestConfirmed,
    RequestRefused,
    StepWaived,
    TestAccessGiven,
)
from npn.people.events import (
    AccountAdded,
    AccountChanged,
    AccountCredentialSet,
    AccountEmailChanged,
    AccountVouched,
    ApprovalDecided,
    ApprovalProposed,
)
from npn.pools.events import PoolContested, PoolRejoined
from npn.proof.accounts import AccountActs
from npn.proof.agreed import ApprovalProof
from npn.proof.agreements import AgreementProof
from npn.proof.clocks import ClockProof
from npn.proof.edition import Breach, Edition
from npn.proof.organisations import System
from npn.proof.parties import Parties
from npn.proof.people import People
from npn.proof.regrants import OpenRegrant, RegrantProof, ReleasedTail
from npn.proof.spaces import SpaceRecord, Spaces
from npn.proof.standards import StandardsProof
from npn.proof.support import Support
from npn.proof.transport import TransportProof
from npn.proof.withheld import WithheldRange, WithheldRanges
from npn.proof.wrong import WrongError
from npn.regions.events import SystemCareSet, UnitSet
from npn.registry.events import (
    Part,
    QuarantinePolicySet,
    RangeImported,
    Recovered,
    RegrantApproved,
    RulesAdopted,
    SeriesGranted,
    SeriesReleased,
    SeriesReRegistered,
    SpaceAdded,
    SpaceClosed,
    SpaceDefaultSet,
    SpaceOpened,
    SystemSpaceSet,
    Withheld,
    WitnessRebuilt,
)
from npn.registry.lost_time import LostTime, lost_time
from npn.support.events import (
    CaseChanged,
    CaseOpened,
    ContactsAsked,
    ContactsConfirmed,
    StandardAnswerRetired,
    StandardAnswerSet,
)
from npn.systems.events import (
    CertificateBound,
    CertificateEnded,
    KeyAdded,
    OrganisationAdded,
    OrganisationClosed,
    OrganisationMerged,
    OrganisationRegionSet,
    OrganisationRenamed,
    OrganisationReopened,
    SecurityLevelsSet,
    SubjectBound,
    SubjectEnded,
    SystemAdded,
    SystemBackOnList,
    SystemClosed,
    SystemContactSet,
    SystemLeftList,
    SystemLimitsSet,
    SystemNamed,
    SystemOwnerSet,
    SystemRenamed,
    SystemResumed,
    SystemSuspended,
    SystemVendorSet,
)
from npn.transport.events import (
    BrownOutAnnounced,
    BrownOutCancelled,
    CertificateExpiring,
    ReleaseRhythmStated,
    SunsetAnnounced,
    SunsetWithdrawn,
    TransportExceptionEnded,
    TransportExceptionGranted,
)


@dataclass(slots=True)
class Totals:
    """What the events add up to. `again`: of what was granted, the numbers that were granted before.

    `withheld` counts what is withheld at the end.
    """

    series: int = 0
    granted: int = 0
    again: int = 0
    usable: int = 0
    released: int = 0
    imported: int = 0
    withheld: int = 0
    recoveries: int = 0


_BACKUP_LEEWAY = timedelta(minutes=1)
_DRAWN_BY_HAND = (SeriesGranted, SeriesReleased)
_RECOVERIES = (Recovered, WitnessRebuilt)  # agreed on outside the ledger, which is closed until then


class Rules:
    """The state of everything after the events so far; `apply` takes the next or raises WrongError."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.parties = Parties()
        self.edition = Edition()
        self.clocks = ClockProof(self.edition)
        self.people = People(self.parties, self.edition)
        self.agreed = ApprovalProof(self.people, self.edition)
        self.accounts = AccountActs(self.people, self.agreed, self.edition)
        self.regrants = RegrantProof(self.edition)
        self.support = Support(self.parties)
        self.spaces = Spaces()
        self.transport = TransportProof(self.parties)
        self.agreements = AgreementProof(self.parties)
        self.standards = StandardsProof(self.parties)
        self.totals = Totals()
        self.chain = bytearray()  # the hashes of all entries so far
        self._series: dict[str, int] = {}  # its id to its place in the arrays
        self._firsts, self._held_to = array("q"), array("q")
        self._owners, self._in_space = array("l"), array("l")
        self._requests: set[bytes] = set()
        self._range_ids: set[str] = set()
        self._withheld = WithheldRanges()
        self._former: dict[int, frozenset[str]] = {}  # who had the numbers of a series before, by its place
        self._recovered = 0  # series known when the last recovery was made
        self._re_registered: set[int] = set()
        self._seq, self._at = 0, datetime.min.replace(tzinfo=UTC)
        self._handlers = self._table()

    def _table(self) -> Mapping[type[Event], Callable[[Any], None]]:
        parties = self.parties
        return {
            RulesAdopted: self.edition.rules_adopted,
            QuarantinePolicySet: self.agreed.quarantine_policy_set,
            ClockAccepted: self.clock_accepted,
            BackupSeen: self.backup_seen,
            SecretsKeyMade: _nothing_more,
            SecretsRotated: _nothing_more,
            ApprovalProposed: self.agreed.approval_proposed,
            **self._of_organisations(),
            SystemAdded: parties.system_added,
            SystemSuspended: parties.system_suspended,
            SystemResumed: parties.system_resumed,
            SystemLimitsSet: self.system_limits_set,
            SystemOwnerSet: parties.system_owner_set,
            SystemContactSet: parties.system_contact_set,
            SystemNamed: parties.system_named,
            SystemLeftList: parties.system_left_list,
            SystemBackOnList: parties.system_back_on_list,
            PoolContested: parties.pool_told_of,
            PoolRejoined: parties.pool_told_of,
            KeyAdded: parties.key_added,
            CertificateBound: parties.certificate_bound,
            CertificateEnded: parties.certificate_ended,
            SecurityLevelsSet: parties.security_levels_set,
            SubjectBound: self.transport.subject_bound,
            SubjectEnded: self.transport.subject_ended,
            CertificateExpiring: self.transport.told_of_system,
            SunsetAnnounced: self.transport.sunset_announced,
            SunsetWithdrawn: self.transport.sunset_withdrawn,
            BrownOutAnnounced: self.transport.brown_out_announced,
            BrownOutCancelled: self.transport.brown_out_cancelled,
            TransportExceptionGranted: self.transport.exception_granted,
            TransportExceptionEnded: self.transport.exception_ended,
            ReleaseRhythmStated: self.transport.rhythm_stated,
            **self._of_spaces(),
            SeriesGranted: self.series_granted,
            SeriesReleased: self.series_released,
            RegrantApproved: self.regrant_approved,
            RangeImported: self.range_imported,
            Recovered: self.recovered,
            WitnessRebuilt: self.witness_rebuilt,
            SeriesReRegistered: self.series_re_registered,
            **self._of_people(),
            **self._of_desk(),
            **self._of_agreements(),
            **self.standards.handlers,
        }

    def _of_organisations(self) -> Mapping[type[Event], Callable[[Any], None]]:
        organisations = self.parties.organisations
        return {
            OrganisationAdded: organisations.added,
            OrganisationRenamed: organisations.renamed,
            OrganisationMerged: organisations.merged,
            OrganisationClosed: organisations.closed,
            OrganisationReopened: organisations.reopened,
            OrganisationRegionSet: organisations.region_set,
            SystemVendorSet: self.parties.system_vendor_set,
            SystemRenamed: self.parties.system_renamed,
            SystemClosed: self.system_closed,
        }

    def _of_people(self) -> Mapping[type[Event], Callable[[Any], None]]:
        acts = self.accounts
        return {
            AccountAdded: acts.added,
            AccountChanged: self._dated(acts.changed),
            AccountCredentialSet: self._dated(acts.credential_set),
            AccountEmailChanged: self._dated(acts.email_changed),
            AccountVouched: self._dated(self.people.vouched),
            ApprovalDecided: self._dated(self.agreed.approval_decided),
        }

    def _dated(self, handler: Callable[..., None]) -> Callable[[Any], None]:
        return lambda event: handler(event, at=self._at)

    def _of_spaces(self) -> Mapping[type[Event], Callable[[Any], None]]:
        spaces = self.spaces
        return {
            SpaceAdded: spaces.space_added,
            SpaceDefaultSet: spaces.default_set,
            SpaceClosed: spaces.closed,
            SpaceOpened: spaces.opened,
            SystemSpaceSet: self.system_space_set,
        }

    def _of_desk(self) -> Mapping[type[Event], Callable[[Any], None]]:
        support = self.support
        return {
            UnitSet: support.unit_set,
            SystemCareSet: support.system_care_set,
            ContactsAsked: support.about_system,
            ContactsConfirmed: support.about_system,
            CaseOpened: support.case_opened,
            CaseChanged: support.case_changed,
            StandardAnswerSet: support.standard_answer_set,
            StandardAnswerRetired: support.standard_answer_retired,
            RequestConfirmed: support.request_confirmed,
            TestAccessGiven: support.test_access_given,
            ProductionAccessGiven: support.production_access_given,
            StepWaived: support.about_request,
            RequestRefused: support.about_request,
            KeyOffered: support.about_system,
        }

    def _of_agreements(self) -> Mapping[type[Event], Callable[[Any], None]]:
        agreements = self.agreements
        return {
            AgreementPublished: agreements.published,
            AgreementAccepted: agreements.accepted,
            AgreementAcceptanceEnded: agreements.acceptance_ended,
            AgreementDatesSet: agreements.dates_set,
            AgreementRespiteGranted: agreements.respite_granted,
            RequirementShown: agreements.requirement_shown,
            RequirementExempted: agreements.requirement_exempted,
            OtherNumbersNoted: agreements.other_numbers_noted,
            OtherNumbersEnded: agreements.other_numbers_ended,
            AgreementChangeProposed: agreements.proposed,
            AgreementChangeCommented: agreements.commented,
            AgreementChangeNeedSaid: agreements.need_said,
            AgreementChangeDecided: agreements.decided,
        }

    def apply(self, seq: int, event: Event, *, at: datetime) -> None:
        """Take the event of the entry at `seq`; types that touch nobody's numbers are checked elsewhere."""
        self._seq, self._at = seq, at
        self._check_by(event)
        self.clocks.entry(event, seq, at)
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _check_by(self, event: Event) -> None:
        """Check that accounts are named in the one way that they are, and two only where two people agreed."""
        by = getattr(event, "by", "")
        names = self.people.names(by)
        if isinstance(event, _DRAWN_BY_HAND):
            if by and len(names) != 1:
                raise WrongError(f"the series was drawn or released by {by!r}, which is not one account")
        elif len(names) > 1 and not isinstance(event, _RECOVERIES):
            self.agreed.two_people(by)

    def clock_accepted(self, event: ClockAccepted) -> None:
        """Let an operator or the shell say that a time ahead is known."""
        for name in self.people.names(event.by):
            self.people.operator(name)
        self.clocks.accepted(event, seq=self._seq, at=self._at)

    def backup_seen(self, event: BackupSeen) -> None:
        """Let an operator or the shell note a backup, which nobody can have taken after the entry was made."""
        for name in self.people.names(event.by):
            self.people.operator(name)
        backup_time = instant_or_none(event.taken)
        if backup_time is None or backup_time > self._at + _BACKUP_LEEWAY:
            raise WrongError(f"a backup was noted at {event.taken}, before it was taken")

    def system_closed(self, event: SystemClosed) -> None:
        """Close a system for which nothing stands any more."""
        self.parties.system_closed(event)
        self.transport.system_closed(event.system)

    def system_limits_set(self, event: SystemLimitsSet) -> None:
        """Check the bounds, and that two people agreed on them where two are named."""
        self.parties.system_limits_set(event)
        self.agreed.limits_set(event)

    def series_granted(self, event: SeriesGranted) -> None:
        """Hold a draw to the cursor, the space, the system's state and environment, and a new request id."""
        space, owner = self._may_draw(event.system, event.space)
        if not owner.active:
            raise WrongError(f"the system {owner.id} was suspended and yet was granted a series")
        if not space.is_open:
            raise WrongError(f"the space {space.name} was closed and yet a series was granted from it")
        first, last = space.range_of(event.first, event.last)
        if event.regrant is not None:
            former = self.regrants.grant(event.regrant, space=space, system=event.system, first=first, last=last)
            if event.skipped:
                raise WrongError("a series of a regrant skips nothing")
            self._add_series(event, space, owner=owner, first=first, last=last, former=former)
            return
        start = self._jumped(space, event.skipped)
        if first != start:
            raise WrongError(
                f"the series starts at {event.first}, but the cursor of {space.name} stood at "
                f"{format_digits(start, space.scheme.length)}"
            )
        self._add_series(event, space, owner=owner, first=first, last=last)
        space.cursor = last + 1

    def system_space_set(self, event: SystemSpaceSet) -> None:
        """Check that a system is moved within its environment; one of production is, where two people agreed."""
        _, system = self._may_draw(event.system, event.space)
        self.agreed.system_space_set(event, needed=system.environment == "production")

    def series_released(self, event: SeriesReleased) -> None:
        """Only the owner releases, only inside the series, only the tail of what it still holds."""
        place = self._series.get(event.series)
        if place is None:
            raise WrongError(f"the series {event.series} was never granted")
        owner = self.parties.ids[self._owners[place]]
        if owner != event.system:
            raise WrongError(f"{event.system} released {event.series}, which belongs to {owner}")
        space = self.spaces.by_number[self._in_space[place]]
        first, last = space.range_of(event.first, event.last)
        if first < self._firsts[place]:
            raise WrongError(f"the release starts before the series {event.series}")
        if last != self._held_to[place]:
            raise WrongError(
                f"the release ends at {event.last}, but what {owner} still held of the series ends at "
                f"{format_digits(self._held_to[place], space.scheme.length)}"
            )
        if self.parties.systems[owner].is_open and not self.parties.systems[owner].active:
            self.edition.breach(Breach.SUSPENDED_RELEASE, f"the system {owner} was suspended and yet released")
        self._held_to[place] = first - 1
        until = instant_or_none(event.quarantine_until)
        assert until is not None  # noqa: S101  # its form was checked with the event's
        self.regrants.released(event.series, ReleasedTail(first, last, self._at, until))
        self.totals.released += last - first + 1

    def regrant_approved(self, event: RegrantApproved) -> None:
        """Two people agreed; released, out of quarantine, once; and nothing that is older than a recovery."""
        self.agreed.regrant_approved(event)
        place = self._series.get(event.series)
        if place is None:
            raise WrongError(f"the series {event.series} was never granted")
        space = self.spaces.by_number[self._in_space[place]]
        if space.name != event.space:
            raise WrongError(f"the series {event.series} is of the space {space.name}")
        if place < self._recovered or place in self._re_registered:
            raise WrongError(f"the series {event.series} is older than a recovery, and its numbers are granted again")
        first, last = space.range_of(event.first, event.last)
        holders = self._former.get(place, frozenset()) | {self.parties.ids[self._owners[place]]}
        self.regrants.give(event.regrant, event.series, OpenRegrant(space, holders, first, last), at=self._at)

    def range_imported(self, event: RangeImported) -> None:
        """An import is as much in the way as a series."""
        space, _ = self._may_draw(event.system, event.space)
        first, last = space.range_of(event.first, event.last)
        self._new_range_id(event.range, "i")
        space.take(first, last, self._seq)
        self.totals.imported += last - first + 1

    def recovered(self, event: Recovered) -> None:
        """Cursors only move ahead, and everything they pass is live: withheld here, or taken before.

        Ahead of the cursors is withheld what the witness knew as in use; behind them nothing can have been forgotten.
        """
        self.agreed.recovery_by(event.by, self._at)
        self._check_followed(event)
        lost = lost_time(event)
        if not self._knew_more(event):
            self._check_idle(event)
        stood = {part.range: self.spaces.known(part.space).cursor for part in event.withheld}
        again = {part.range for part in event.withheld if self._withhold(part, lost)}
        reached = self._move_cursors(event)
        for part in event.withheld:
            if part.range in again:
                continue
            first, last = int(part.first), int(part.last)
            if first < stood[part.range]:
                raise WrongError("the recovery withholds numbers behind the cursor")
            if first < reached.get(part.space, first) <= last:
                raise WrongError("the recovery withholds a range on both sides of the cursor")
        self._recovered = len(self._firsts)
        self.regrants.close()
        self.totals.recoveries += 1

    def _check_followed(self, event: Recovered) -> None:
        """Check what is said of the ledgers that the witness followed before: nothing where it would add nothing."""
        length = event.database.length
        shared = length if event.shared is None else event.shared
        if (event.shared is not None and shared >= length) or (event.longest is not None and event.longest <= shared):
            raise WrongError("the recovery names ledgers that would not have been lost")

    def _knew_more(self, event: Recovered) -> bool:
        """Whether the witness knew of entries that this ledger lacks: more of them, or others."""
        state = event.witness
        if state.length > event.database.length:
            return True
        return event.shared is not None and state.length > event.shared and self.hash_at(state.length) != state.hash

    def _check_idle(self, event: Recovered) -> None:
        """Check a recovery whose witness was no longer than the ledger: it knew of no number that was forgotten.

        One is made again where a crash came between a recovery and its witness, which still knows the lost entries.
        """
        reason = (
            f"the recovery's witness knew of {event.witness.length} entries, no more than the "
            f"{event.database.length} of the database"
        )
        if event.cursors or event.withheld:
            raise WrongError(reason)
        if self.hash_at(event.witness.length) == event.witness.hash:
            self.edition.breach(Breach.IDLE_RECOVERY, reason)

    def hash_at(self, length: int) -> str:
        """Return the hash of the entry at a length of the ledger."""
        return GENESIS if length == 0 else self.chain[32 * length - 32 : 32 * length].hex()

    def _move_cursors(self, event: Recovered) -> Mapping[str, int]:
        moved: dict[str, int] = {}
        for move in event.cursors:
            space = self.spaces.known(move.space)
            before, after = int(move.before), int(move.after)
            if move.space in moved or before != space.cursor or not before < after <= space.last + 1:
                raise WrongError(f"the recovery moves the cursor of {move.space} wrongly")
            if not space.live.cover(before, after - 1):
                raise WrongError(f"the recovery skips numbers of {move.space} without withholding them")
            moved[move.space] = space.cursor = after
        return moved

    def witness_rebuilt(self, event: WitnessRebuilt) -> None:
        """Grant nothing again that is older, whether it was given free or not: it may have been granted since."""
        self.agreed.recovery_by(event.by, self._at)
        self._recovered = len(self._firsts)
        self.regrants.close()

    def series_re_registered(self, event: SeriesReRegistered) -> None:
        """Take a series back only into the range withheld for it; the rest of that stays withheld."""
        space, owner = self._may_draw(event.system, event.space)
        first, last = space.range_of(event.first, event.last)
        part = self._withheld.take_back(event, space=space, first=first, last=last)
        if part.holders is None:
            space.live.remove(part.first)
        self.totals.withheld -= part.last - part.first + 1
        for left in event.left:
            rest = WithheldRange(space, *space.range_of(left.first, left.last), part.lost, part.holders)
            self._withhold_part(left.range, rest)
        self._re_registered.add(len(self._firsts))
        self._add_series(event, space, owner=owner, first=first, last=last, former=part.holders)

    def _may_draw(self, system_id: str, space_name: str) -> tuple[SpaceRecord, System]:
        space, owner = self.spaces.known(space_name), self.parties.known(system_id)
        if space.environment != owner.environment:
            raise WrongError(
                f"{owner.id} is a system of {owner.environment}, but {space.name} is a space of {space.environment}"
            )
        return space, owner

    def _jumped(self, space: SpaceRecord, skipped: list[Part]) -> int:
        """Follow the cursor over what it jumped: each jump ends where a live range ends."""
        start = space.cursor
        for jump in skipped:
            first, last = space.range_of(jump.first, jump.last)
            holding = space.live.holding(last)
            if first != start or holding is None or holding.last != last:
                raise WrongError(f"the cursor jumped {jump.first} to {jump.last}, which is not up to a range in use")
            start = last + 1
        return start

    def _add_series(
        self,
        event: SeriesGranted | SeriesReRegistered,
        space: SpaceRecord,
        *,
        owner: System,
        first: int,
        last: int,
        former: frozenset[str] | None = None,
    ) -> None:
        """Add a series; `former` holders had its numbers before, None where they are granted for the first time."""
        usable = space.check_usable(first, last, event.usable)
        request = f"{event.system} {event.channel} {event.request_id}".encode()
        digest = hashlib.blake2b(request, digest_size=16).digest()
        if digest in self._requests:
            raise WrongError(f"the request id {event.request_id} of {event.system} was granted before")
        if event.series in self._series or event.series[0] != "s":
            raise WrongError(f"the series id {event.series} is not new, or not one of a series")
        if former is None:
            space.take(first, last, self._seq)
        else:
            self._former[len(self._firsts)] = former
            self.totals.again += last - first + 1
        self._requests.add(digest)
        self._series[event.series] = len(self._firsts)
        self._firsts.append(first)
        self._held_to.append(last)
        self._owners.append(owner.number)
        self._in_space.append(space.number)
        self.totals.series += 1
        self.totals.granted += last - first + 1
        self.totals.usable += usable

    def _withhold(self, part: Withheld, lost: LostTime) -> bool:
        """Withhold a range; return whether it is what was left of a regrant."""
        space = self.spaces.known(part.space)
        first, last = space.range_of(part.first, part.last)
        holders = self.regrants.withhold(space, first=first, last=last)
        self._withhold_part(part.range, WithheldRange(space, first, last, lost, holders))
        return holders is not None

    def _withhold_part(self, range_id: str, part: WithheldRange) -> None:
        self._new_range_id(range_id, "w")
        if part.holders is None:
            part.space.take(part.first, part.last, self._seq)
        self._withheld.add(range_id, part)
        self.totals.withheld += part.last - part.first + 1

    def _new_range_id(self, range_id: str, letter: str) -> None:
        if range_id in self._range_ids or range_id[0] != letter:
            raise WrongError(f"the range id {range_id} is not new, or not one of its kind")
        self._range_ids.add(range_id)


def _nothing_more(_event: Event) -> None:
    """Ask no more of an event than its form."""
