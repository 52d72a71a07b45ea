"""Every rule, event by event: what was granted, to whom, from where, and what became of it.

Flat arrays and one table of ids keep a ledger of a million series in some 300 MB.
"""

import hashlib
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any  # each handler takes its own event; the table pairs them by type

from npn.ledger import approval_events, events
from npn.ledger.proof.agreed import Agreed
from npn.ledger.proof.agreements import Agreements
from npn.ledger.proof.parties import Parties, System
from npn.ledger.proof.people import People
from npn.ledger.proof.regrants import Free, Regrants
from npn.ledger.proof.spaces import Space, Spaces
from npn.ledger.proof.support import Support
from npn.ledger.proof.transport import Transport
from npn.ledger.proof.wrong import WrongError


@dataclass(slots=True)
class Totals:
    """What the events add up to. `withheld` counts what is withheld at the end."""

    series: int = 0
    granted: int = 0
    usable: int = 0
    released: int = 0
    imported: int = 0
    withheld: int = 0
    recoveries: int = 0


class Rules:
    """The state of everything after the events so far; `apply` takes the next or raises WrongError."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.parties = Parties()
        self.people = People(self.parties)
        self.agreed = Agreed()
        self.regrants = Regrants()
        self.support = Support(self.parties)
        self.spaces = Spaces()
        self.transport = Transport(self.parties)
        self.agreements = Agreements(self.parties)
        self.totals = Totals()
        self._series: dict[str, int] = {}  # its id to its place in the arrays
        self._firsts, self._held_to = array("q"), array("q")
        self._owners, self._in_space = array("l"), array("l")
        self._requests: set[bytes] = set()
        self._range_ids: set[str] = set()
        self._withheld: dict[str, tuple[Space, int, int]] = {}
        self._again: set[str] = set()  # the withheld ranges whose numbers were granted before
        self._recovered = 0  # series known when the last recovery was made
        self._re_registered: set[int] = set()
        self._seq, self._at = 0, datetime.min.replace(tzinfo=UTC)
        self._handlers = self._table()

    def _table(self) -> Mapping[str, Callable[[Any], None]]:
        parties, people = self.parties, self.people
        return {
            "account_added": people.account_added,
            "account_changed": people.account_changed,
            "account_credential_set": people.credential_set,
            "account_email_changed": people.email_changed,
            "account_vouched": people.vouched,
            "rules_adopted": _nothing_more,
            "quarantine_policy_set": _nothing_more,
            "clock_accepted": _nothing_more,
            "secrets_key_made": _nothing_more,
            "secrets_rotated": _nothing_more,
            "approval_proposed": self.agreed.approval_proposed,
            "approval_decided": self.agreed.approval_decided,
            "organisation_region_set": parties.organisation_region_set,
            "organisation_added": parties.organisation_added,
            "system_added": parties.system_added,
            "system_suspended": parties.system_suspended,
            "system_resumed": parties.system_resumed,
            "system_limits_set": parties.system_limits_set,
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
            "space_added": self.spaces.space_added,
            "series_granted": self.series_granted,
            "series_released": self.series_released,
            "regrant_approved": self.regrant_approved,
            "range_imported": self.range_imported,
            "recovered": self.recovered,
            "witness_rebuilt": self.witness_rebuilt,
            "series_re_registered": self.series_re_registered,
            **self._of_desk(),
            **self._of_agreements(),
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
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(event)

    def series_granted(self, event: events.SeriesGranted) -> None:
        """Hold a draw to the cursor, the space, the system's state and environment, and a new request id."""
        space, owner = self._may_draw(event.system, event.space)
        if not owner.active:
            raise WrongError(f"the system {owner.id} was suspended and yet was granted a series")
        first, last = space.range_of(event.first, event.last)
        if event.regrant is not None:
            self.regrants.grant(event.regrant, space, event.system, (first, last))
            self._add_series(event, space, owner, (first, last), again=True)
            return
        start = self._jumped(space, event.skipped)
        if first != start:
            raise WrongError(
                f"the series starts at {event.first}, but the cursor of {space.name} stood at "
                f"{str(start).zfill(space.scheme.length)}"
            )
        self._add_series(event, space, owner, (first, last))
        space.cursor = last + 1

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
        self._held_to[place] = first - 1
        self.regrants.released(event.series, first, last, _instant(event.quarantine_until))
        self.totals.released += last - first + 1

    def regrant_approved(self, event: approval_events.RegrantApproved) -> None:
        """Two people agreed; released, out of quarantine, once; and nothing that is older than a recovery."""
        self.agreed.used_for(event)
        place = self._series.get(event.series)
        if place is None:
            raise WrongError(f"the series {event.series} was never granted")
        space = self.spaces.by_number[self._in_space[place]]
        if space.name != event.space:
            raise WrongError(f"the series {event.series} is of the space {space.name}")
        if place < self._recovered or place in self._re_registered:
            raise WrongError(f"the series {event.series} is older than a recovery, and its numbers are granted again")
        first, last = space.range_of(event.first, event.last)
        holder = self.parties.ids[self._owners[place]]
        self.regrants.give(event.regrant, event.series, Free(space, holder, first, last), at=self._at)

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
        before_them = {part.range: self.spaces.known(part.space).cursor for part in event.withheld}
        for part in event.withheld:
            self._withhold(self.spaces.known(part.space), part.range, part.first, part.last)
        moved: set[str] = set()
        for move in event.cursors:
            space = self.spaces.known(move.space)
            before, after = int(move.before), int(move.after)
            if move.space in moved or before != space.cursor or not before < after <= space.last + 1:
                raise WrongError(f"the recovery moves the cursor of {move.space} wrongly")
            if not space.live.cover(before, after - 1):
                raise WrongError(f"the recovery skips numbers of {move.space} without withholding them")
            moved.add(move.space)
            space.cursor = after
        behind = [part for part in event.withheld if int(part.first) < before_them[part.range]]
        if any(part.range not in self._again for part in behind):
            raise WrongError("the recovery withholds numbers behind the cursor")
        self._recovered = len(self._firsts)
        self.regrants.close()
        self.totals.recoveries += 1

    def witness_rebuilt(self, _event: events.WitnessRebuilt) -> None:
        """Nothing is granted again from what was given free before."""
        self.regrants.close()

    def series_re_registered(self, event: events.SeriesReRegistered) -> None:
        """A series comes back only into the range withheld for it, and the rest of that stays withheld."""
        space, owner = self._may_draw(event.system, event.space)
        held = self._withheld.pop(event.withheld, None)
        if held is None or held[0] is not space:
            raise WrongError(f"{event.withheld} is not withheld in space {space.name}")
        first, last = space.range_of(event.first, event.last)
        if first < held[1] or last > held[2]:
            raise WrongError(f"the series {event.series} leaves the withheld range {event.withheld}")
        again = event.withheld in self._again
        if not again:
            space.live.remove(held[1])
        self.totals.withheld -= held[2] - held[1] + 1
        rest = [(a, b) for a, b in ((held[1], first - 1), (last + 1, held[2])) if a <= b]
        if [(int(part.first), int(part.last)) for part in event.left] != rest:
            raise WrongError(f"what is left of the withheld range {event.withheld} does not fit the series")
        for part in event.left:
            self._withhold(space, part.range, part.first, part.last, again=again)
        self._re_registered.add(len(self._firsts))
        self._add_series(event, space, owner, (first, last), again=again)

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
        again: bool = False,
    ) -> None:
        first, last = numbers
        usable = space.check_usable(first, last, event.usable)
        request = f"{event.system} {event.channel} {event.request_id}".encode()
        digest = hashlib.blake2b(request, digest_size=16).digest()
        if digest in self._requests:
            raise WrongError(f"the request id {event.request_id} of {event.system} was granted before")
        if event.series in self._series or event.series[0] != "s":
            raise WrongError(f"the series id {event.series} is not new, or not one of a series")
        if not again:
            space.take(first, last, self._seq)
        self._requests.add(digest)
        self._series[event.series] = len(self._firsts)
        self._firsts.append(first)
        self._held_to.append(last)
        self._owners.append(owner.number)
        self._in_space.append(space.number)
        self.totals.series += 1
        self.totals.granted += last - first + 1
        self.totals.usable += usable

    def _withhold(self, space: Space, range_id: str, first_text: str, last_text: str, *, again: bool = False) -> None:
        first, last = space.range_of(first_text, last_text)
        self._new_range_id(range_id, "w")
        if again or self.regrants.withhold(space, (first, last)):
            self._again.add(range_id)
        else:
            space.take(first, last, self._seq)
        self._withheld[range_id] = (space, first, last)
        self.totals.withheld += last - first + 1

    def _new_range_id(self, range_id: str, letter: str) -> None:
        if range_id in self._range_ids or range_id[0] != letter:
            raise WrongError(f"the range id {range_id} is not new, or not one of its kind")
        self._range_ids.add(range_id)


def _nothing_more(_event: events.Event) -> None:
    """Ask no more of an event than its shape."""


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongError(f"{text} is no time") from error
