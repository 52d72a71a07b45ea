"""What is an organisation's, and what a merge does."""

from dataclasses import dataclass

from npn.people.model import Account
from npn.regions.model import Unit
from npn.systems.model import ConnectedSystem, Organisation, SystemState
from npn.transport.model import RhythmStatement


@dataclass(frozen=True, slots=True)
class OrganisationDetails:
    """An organisation with all that is its own. `systems`: those it makes or runs, or that its owners run.

    `owners`: those that belong to a region.
    """

    organisation: Organisation
    former_names: list[str]
    systems: list[ConnectedSystem]
    accounts: list[Account]
    units: list[Unit]
    owners: list[Organisation]
    rhythm: RhythmStatement | None

    @property
    def open_systems(self) -> list[ConnectedSystem]:
        """Return the systems that are not closed."""
        return [system for system in self.systems if system.state is not SystemState.CLOSED]


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What a merge does: all that is `of`'s goes to `into`, and its names lead there.

    `renamed_units`: the new names of units, by id, where both regions have one of the same name. `region`: the region
    that `into` belongs to afterwards. `drops_rhythm`: both have stated how they release, and `into`'s statement stays.
    """

    of: OrganisationDetails
    into: OrganisationDetails
    renamed_units: dict[str, str]
    region: str | None
    drops_rhythm: bool

    @property
    def drops_region(self) -> bool:
        """Whether the two belong to different regions, so that `of`'s region no longer sees its systems."""
        return self.of.organisation.region not in (None, self.region)
