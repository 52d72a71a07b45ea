"""What vendors state of their releases, and what a proposed date means for each of them."""

from dataclasses import dataclass
from datetime import date

from npn.db import Database
from npn.errors import NotFoundError
from npn.instants import danish_day, iso_day
from npn.ledger.service import Ledger
from npn.systems import organisation_store
from npn.systems import store as systems
from npn.systems.model import ConnectedSystem, OrganisationKind
from npn.transport import store
from npn.transport.events import ReleaseRhythmStated
from npn.transport.model import RhythmStatement
from npn.transport.planner import Prospect, Rhythm, checked, prospect
from npn.wording import checked_line

_LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class Notices:
    """The notice planner on what is stored."""

    database: Database
    ledger: Ledger

    def state(self, vendor: str, rhythm: Rhythm, *, by: str, note: str = "") -> RhythmStatement:
        """Keep what a vendor states, in place of what it stated before. Raises NotFoundError, InvalidInputError."""
        note = checked_line(note, "note", least=0, most=_LONGEST_NOTE)
        with self.ledger.transaction() as tx:
            organisation = organisation_store.with_name(tx.connection, OrganisationKind.VENDOR, vendor)
            if organisation is None:
                raise NotFoundError(f"there is no vendor {vendor!r}", field="vendor", hint="npn admin system list")
            statement = RhythmStatement(organisation.name, checked(rhythm), note, tx.at, by)
            store.put_rhythm(tx.connection, organisation.id, statement)
            tx.append(
                ReleaseRhythmStated(
                    vendor=organisation.id,
                    release=iso_day(rhythm.first_release),
                    every_months=rhythm.every_months,
                    freeze_months=rhythm.freeze_months,
                    work_weeks=rhythm.work_weeks,
                    by=by,
                )
            )
            return statement

    def stated(self) -> list[RhythmStatement]:
        """Return what vendors have stated, by name."""
        with self.database.read() as connection:
            return store.rhythms(connection)

    def vendors(self) -> dict[str, list[ConnectedSystem]]:
        """Return every vendor that has a system connected, with its systems."""
        with self.database.read() as connection:
            by_vendor: dict[str, list[ConnectedSystem]] = {}
            for system in systems.systems(connection):
                by_vendor.setdefault(system.vendor, []).append(system)
        return dict(sorted(by_vendor.items()))

    def prospect(self, proposed: date, *, notice: date | None = None) -> Prospect:
        """Return what a proposed date means, told on `notice` (today where nothing is said)."""
        today = danish_day(self.ledger.clock())
        rhythms = {statement.vendor: statement.rhythm for statement in self.stated()}
        return prospect(rhythms, vendors=list(self.vendors()), notice=notice or today, proposed=proposed)
