"""Organisations as the ledger tells of them: their names, which were one, which are closed, whose the systems are."""

from dataclasses import dataclass, field

from npn.proof.wrong import WrongError
from npn.systems.events import (
    OrganisationAdded,
    OrganisationClosed,
    OrganisationMerged,
    OrganisationRegionSet,
    OrganisationRenamed,
    OrganisationReopened,
)


@dataclass(slots=True)
class System:
    """A connected system at one point of the ledger. `number` counts them from 0, to be kept in flat arrays.

    `vendor` and `owner`: the organisations' ids.
    """

    id: str
    number: int
    environment: str
    vendor: str
    owner: str
    active: bool = True
    is_open: bool = True
    listed: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class OrganisationRecord:
    """An organisation at one point of the ledger; `region` is the id of an owner's."""

    kind: str
    name: str
    region: str | None = None
    is_open: bool = True
    merged_into: str | None = None


class Organisations:
    """Organisations, and the systems that are theirs."""

    def __init__(self) -> None:
        """Start with none."""
        self.systems: dict[str, System] = {}
        self._known: dict[str, OrganisationRecord] = {}
        self._names: dict[tuple[str, str], str] = {}  # of now and of before, each to the organisation it leads to

    def required(self, organisation: str, kind: str | None = None) -> OrganisationRecord:
        """Return an organisation that was added, is of the kind and was not merged into another."""
        record = self._known.get(organisation)
        if record is None or record.merged_into is not None or kind not in (None, record.kind):
            raise WrongError(f"there is no {kind or 'organisation'} {organisation!r}")
        return record

    def named(self, kind: str, name: str) -> str:
        """Return the id of the open organisation that has the name now."""
        organisation = self._names.get((kind, name))
        if organisation is None or self._known[organisation].name != name:
            raise WrongError(f"the {kind} {name!r} was never added, or has another name")
        if not self._known[organisation].is_open:
            raise WrongError(f"the {kind} {name!r} was closed")
        return organisation

    def now(self, organisation: str) -> str:
        """Return the id that an organisation is known by now: its own, or that of the one it was merged into."""
        record = self._known.get(organisation)
        while record is not None and record.merged_into is not None:
            organisation, record = record.merged_into, self._known.get(record.merged_into)
        return organisation

    def added(self, event: OrganisationAdded) -> None:
        """Hold its id, and its name within its kind, to be new."""
        if event.organisation in self._known or (event.kind, event.name) in self._names:
            raise WrongError(f"the organisation {event.organisation} is there already")
        self._known[event.organisation] = OrganisationRecord(event.kind, event.name)
        self._names[event.kind, event.name] = event.organisation

    def renamed(self, event: OrganisationRenamed) -> None:
        """Hold the name to be another, and to be new or one that it had."""
        record = self.required(event.organisation)
        holder = self._names.setdefault((record.kind, event.name), event.organisation)
        if holder != event.organisation or record.name == event.name:
            raise WrongError(f"the name {event.name!r} is, or was, that of {holder}")
        record.name = event.name

    def merged(self, event: OrganisationMerged) -> None:
        """Move all that is one's to another of its kind, and count the systems."""
        record, into = self.required(event.organisation), self.required(event.into)
        if event.organisation == event.into or record.kind != into.kind or not into.is_open:
            raise WrongError(f"{event.organisation} can't be merged into {event.into}")
        mine = [s for s in self.systems.values() if event.organisation in (s.vendor, s.owner)]
        if len(mine) != event.systems:
            raise WrongError(f"{event.organisation} had {len(mine)} systems, and {event.systems} went to {event.into}")
        for system in mine:
            system.vendor = event.into if system.vendor == event.organisation else system.vendor
            system.owner = event.into if system.owner == event.organisation else system.owner
        for key, organisation in self._names.items():
            if organisation == event.organisation:
                self._names[key] = event.into
        for other in self._known.values():
            if other.region == event.organisation:
                other.region = event.into
        into.region = into.region or record.region
        record.merged_into = event.into

    def closed(self, event: OrganisationClosed) -> None:
        """Close what is open and has no open system."""
        record = self.required(event.organisation)
        if not record.is_open:
            raise WrongError(f"the organisation {event.organisation} was closed before")
        for system in self.systems.values():
            theirs = (system.vendor, system.owner, self._known[system.owner].region)
            if system.is_open and event.organisation in theirs:
                raise WrongError(f"the organisation {event.organisation} was closed, and {system.id} was its own")
        record.is_open = False

    def reopened(self, event: OrganisationReopened) -> None:
        """Open what is closed."""
        record = self.required(event.organisation)
        if record.is_open:
            raise WrongError(f"the organisation {event.organisation} was not closed")
        record.is_open = True

    def region_set(self, event: OrganisationRegionSet) -> None:
        """An owner belongs to an open region."""
        region = self.required(event.region, "region")
        if not region.is_open:
            raise WrongError(f"the region {event.region} was closed")
        self.required(event.organisation, "owner").region = event.region
