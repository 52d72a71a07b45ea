"""Every rule, event by event: what was granted, to whom, from where, and what became of it.

Flat arrays and one table of ids keep a ledger of a million series in some 300 MB.
"""

import hashlib
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any  # each handler takes its own event; the table pairs them by type

from npn.instants import instant_or_none
from npn.ledger import approval_events, events, rule_events, space_events
from npn.ledger.model import GENESIS
from npn.ledger.proof.accounts import AccountActs
from npn.ledger.proof.agreed import Agreed
from npn.ledger.proof.agreements import Agreements
from npn.ledger.proof.clocks import Clocks
from npn.ledger.proof.edition import Breach, Edition
from npn.ledger.proof.parties import Parties, System
from npn.ledger.proof.people import People
from npn.ledger.proof.regrants import Free, Regrants, Released
from npn.ledger.proof.spaces import Space, Spaces
from npn.ledger.proof.support import Support
from npn.ledger.proof.transport import Transport
from npn.ledger.proof.withheld import LostTime, WithheldRange, WithheldRanges, lost_time
from npn.ledger.proof.wrong import WrongError


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


_DRAWN_BY_HAND = frozenset({"series_granted", "series_released"})
_RECOVERIES = frozenset({"recovered", "witness_rebuilt"})  # agreed on outside the ledger, which is closed until then


class Rules:
    """The state of everything after the events so far; `apply` takes the next or raises WrongError."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.parties = Parties()
        self.edition = Edition()
        self.clocks = Clocks(self.edition)
        self.people = People(self.parties, self.edition)
        self.agreed = Agreed(self.people, self.edition)
        self.accounts = AccountActs(self.people, self.agreed, self.edition)
        self.regrants = Regrants(self.edition)
        self.support = Support(self.parties)
        self.spaces = Spaces()
        self.transport = Transport(self.parties)
        self.agreements = Agreements(self.parties)
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

    def _table(self) -> Mapping[str, Callable[[Any], None]]:
        parties = self.parties
        return {
            "rules_adopted": self.edition.rules_adopted,
            "quarantine_policy_set": self.agreed.quarantine_policy_set,
            "clock_accepted": self.clock_accepted,
            "secrets_key_made": _nothing_more,
            "secrets_rotated": _nothing_more,
            "approval_proposed": self.agreed.approval_proposed,
            "organisation_region_set": parties.organisation_region_set,
            "organisation_added": parties.organisation_added,
            "system_added": parties.system_added,
            "system_suspended": parties.system_suspended,
            "system_resumed": parties.system_resumed,
            "system_limits_set": self.system_limits_set,
            "system_owner_set": parties.system_owner_set,
            "system_contact_set": parties.system_contact_set,
            "system_named": parties.system_named,
            "system_left_list": parties.system_left_list,
            "system_back_on_list": parties.system_back_on_list,
            "pool_contested": parties.pool_told_of,
            "pool_rejoined": parties.pool_told_of,
            "key_added": parties.key_added,
            "certificate_bound": parties.certificate_bound,
            "certificate_ended": parties.certificate_ended,
            "security_levels_set": parties.security_levels_set,
            "subject_bound": self.transport.subject_bound,
            "subject_ended": self.transport.subject_ended,
            "certificate_expiring": self.transport.told_of_system,
            "sunset_announced": self.transport.sunset_announced,
            "sunset_withdrawn": self.transport.sunset_withdrawn,
            "brown_out_announced": self.transport.brown_out_announced,
            "brown_out_cancelled": self.transport.brown_out_cancelled,
            "transport_exception_granted": self.transport.exception_granted,
            "transport_exception_ended": self.transport.exception_ended,
            "release_rhythm_stated": self.transport.rhythm_stated,
            **self._of_spaces(),
            "series_granted": self.series_granted,
            "series_released": self.series_released,
            "regrant_approved": self.regrant_approved,
            "range_imported": self.range_imported,
            "recovered": self.recovered,
            "witness_rebuilt": self.witness_rebuilt,
            "series_re_registered": self.series_re_registered,
            **self._of_people(),
            **self._of_desk(),
            **self._of_agreements(),
        }

    def _of_people(self) -> Mapping[str, Callable[[Any], None]]:
        acts = self.accounts
        return {
            "account_added": acts.added,
            "account_changed": self._dated(acts.changed),
            "account_credential_set": acts.credential_set,
            "account_email_changed": self._dated(acts.email_changed),
            "account_vouched": self._dated(self.people.vouched),
            "approval_decided": self._dated(self.agreed.approval_decided),
        }

    def _dated(self, handler: Callable[..., None]) -> Callable[[Any], None]:
        return lambda event: handler(event, at=self._at)

    def _of_spaces(self) -> Mapping[str, Callable[[Any], None]]:
        spaces = self.spaces
        return {
            "space_added": spaces.space_added,
            "space_default_set": spaces.default_set,
            "space_closed": spaces.closed,
            "space_opened": spaces.opened,
            "system_space_set": self.system_space_set,
        }

    def _of_desk(self) -> Mapping[str, Callable[[Any], None]]:
        support = self.support
        return {
            "unit_set": support.unit_set,
            "system_care_set": support.system_care_set,
            "contacts_asked": support.about_system,
            "contacts_confirmed": support.about_system,
            "case_opened": support.case_opened,
            "case_changed": support.case_changed,
            "request_confirmed": support.request_confirmed,
            "test_access_given": support.test_access_given,
            "production_access_given": support.production_access_given,
            "step_waived": support.about_request,
            "request_refused": support.about_request,
            "key_offered": support.about_system,
        }

    def _of_agreements(self) -> Mapping[str, Callable[[Any], None]]:
        agreements = self.agreements
        return {
            "agreement_published": agreements.published,
            "agreement_accepted": agreements.accepted,
            "agreement_acceptance_ended": agreements.acceptance_ended,
            "agreement_dates_set": agreements.dates_set,
            "agreement_respite_granted": agreements.respite_granted,
            "requirement_shown": agreements.requirement_shown,
            "requirement_exempted": agreements.requirement_exempted,
            "other_numbers_noted": agreements.other_numbers_noted,
            "other_numbers_ended": agreements.other_numbers_ended,
            "agreement_change_proposed": agreements.proposed,
            "agreement_change_commented": agreements.commented,
            "agreement_change_need_said": agreements.need_said,
            "agreement_change_decided": agreements.decided,
        }

    def apply(self, seq: int, kind: str, event: events.Event, *, at: datetime) -> None:
        """Take the event of the entry at `seq`; types that touch nobody's numbers are checked elsewhere."""
        self._seq, self._at = seq, at
        self._check_by(kind, event)
        self.clocks.entry(kind, seq, at)
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(event)

    def _check_by(self, kind: str, event: events.Event) -> None:
        """Check that accounts are named in the one way that they are, and two only where two people agreed."""
        by = getattr(event, "by", "")
        names = self.people.names(by)
        if kind in _DRAWN_BY_HAND:
            if by and len(names) != 1:
                raise WrongError(f"the series was drawn or released by {by!r}, which is not one account")
        elif len(names) > 1 and kind not in _RECOVERIES:
            self.agreed.two_people(by)

    def clock_accepted(self, event: rule_events.ClockAccepted) -> None:
        """Let an operator or the shell say that a time ahead is known."""
        for name in self.people.names(event.by):
            self.people.operator(name)
        self.clocks.accepted(event, seq=self._seq, at=self._at)

    def system_limits_set(self, event: events.SystemLimitsSet) -> None:
        """Check the bounds, and that two people agreed on them where two are named."""
        self.parties.system_limits_set(event)
        self.agreed.limits_set(event)

    def series_granted(self, event: events.SeriesGranted) -> None:
        """Hold a draw to the cursor, the space, the system's state and environment, and a new request id."""
        space, owner = self._may_draw(event.system, event.space)
        if not owner.active:
            raise WrongError(f"the system {owner.id} was suspended and yet was granted a series")
        if not space.is_open:
            raise WrongError(f"the space {space.name} was closed and yet a series was granted from it")
        first, last = space.range_of(event.first, event.last)
        if event.regrant is not None:
            former = self.regrants.grant(event.regrant, space, event.system, (first, last))
            if event.skipped:
                raise WrongError("a series of a regrant skips nothing")
            self._add_series(event, space, owner, (first, last), former=former)
            return
        start = self._jumped(space, event.skipped)
        if first != start:
            raise WrongError(
                f"the series starts at {event.first}, but the cursor of {space.name} stood at "
                f"{str(start).zfill(space.scheme.length)}"
            )
        self._add_series(event, space, owner, (first, last))
        space.cursor = last + 1

    def system_space_set(self, event: space_events.SystemSpaceSet) -> None:
        """Check that a system is moved within its environment; one of production is, where two people agreed."""
        _, system = self._may_draw(event.system, event.space)
        self.agreed.system_space_set(event, needed=system.environment == "production")

    def series_released(self, event: events.SeriesReleased) -> None:
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
                f"{str(self._held_to[place]).zfill(space.scheme.length)}"
            )
        if not self.parties.systems[owner].active:
            self.edition.breach(Breach.SUSPENDED_RELEASE, f"the system {owner} was suspended and yet released")
        self._held_to[place] = first - 1
        until = instant_or_none(event.quarantine_until)
        assert until is not None  # noqa: S101  # its form was checked with the event's
        self.regrants.released(event.series, Released(first, last, self._at, until))
        self.totals.released += last - first + 1

    def regrant_approved(self, event: approval_events.RegrantApproved) -> None:
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
        self.regrants.give(event.regrant, event.series, Free(space, holders, first, last), at=self._at)

    def range_imported(self, event: events.RangeImported) -> None:
        """An import is as much in the way as a series."""
        space, _ = self._may_draw(event.system, event.space)
        first, last = space.range_of(event.first, event.last)
        self._new_range_id(event.range, "i")
        space.take(first, last, self._seq)
        self.totals.imported += last - first + 1

    def recovered(self, event: events.Recovered) -> None:
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

    def _check_followed(self, event: events.Recovered) -> None:
        """Check what is said of the ledgers that the witness followed before: nothing where it would add nothing."""
        length = event.database.length
        shared = length if event.shared is None else event.shared
        if (event.shared is not None and shared >= length) or (event.longest is not None and event.longest <= shared):
            raise WrongError("the recovery names ledgers that would not have been lost")

    def _knew_more(self, event: events.Recovered) -> bool:
        """Whether the witness knew of entries that this ledger lacks: more of them, or others."""
        known = event.witness
        if known.length > event.database.length:
            return True
        return event.shared is not None and known.length > event.shared and self.hash_at(known.length) != known.hash

    def _check_idle(self, event: events.Recovered) -> None:
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

    def _move_cursors(self, event: events.Recovered) -> Mapping[str, int]:
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

    def witness_rebuilt(self, event: events.WitnessRebuilt) -> None:
        """Grant nothing again that is older, whether it was given free or not: it may have been granted since."""
        self.agreed.recovery_by(event.by, self._at)
        self._recovered = len(self._firsts)
        self.regrants.close()

    def series_re_registered(self, event: events.SeriesReRegistered) -> None:
        """Take a series back only into the range withheld for it; the rest of that stays withheld."""
        space, owner = self._may_draw(event.system, event.space)
        first, last = space.range_of(event.first, event.last)
        part = self._withheld.take_back(event, space, (first, last))
        if part.holders is None:
            space.live.remove(part.first)
        self.totals.withheld -= part.last - part.first + 1
        for left in event.left:
            rest = WithheldRange(space, *space.range_of(left.first, left.last), part.lost, part.holders)
            self._withhold_part(left.range, rest)
        self._re_registered.add(len(self._firsts))
        self._add_series(event, space, owner, (first, last), former=part.holders)

    def _may_draw(self, system_id: str, space_name: str) -> tuple[Space, System]:
        space, owner = self.spaces.known(space_name), self.parties.known(system_id)
        if space.environment != owner.environment:
            raise WrongError(
                f"{owner.id} is a system of {owner.environment}, but {space.name} is a space of {space.environment}"
            )
        return space, owner

    def _jumped(self, space: Space, skipped: list[events.Part]) -> int:
        """Follow the cursor over what it jumped: each jump ends where a live range ends."""
        start = space.cursor
        for jump in skipped:
            first, last = space.range_of(jump.first, jump.last)
            held = space.live.holding(last)
            if first != start or held is None or held.last != last:
                raise WrongError(f"the cursor jumped {jump.first} to {jump.last}, which is not up to a range in use")
            start = last + 1
        return start

    def _add_series(
        self,
        event: events.SeriesGranted | events.SeriesReRegistered,
        space: Space,
        owner: System,
        numbers: tuple[int, int],
        *,
        former: frozenset[str] | None = None,
    ) -> None:
        """Add a series; `former` holders had its numbers before, None where they are granted for the first time."""
        first, last = numbers
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

    def _withhold(self, part: events.Withheld, lost: LostTime) -> bool:
        """Withhold a range; return whether it is what was left of a regrant."""
        space = self.spaces.known(part.space)
        first, last = space.range_of(part.first, part.last)
        holders = self.regrants.withhold(space, (first, last))
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


def _nothing_more(_event: events.Event) -> None:
    """Ask no more of an event than its form."""
