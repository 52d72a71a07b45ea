"""Who was connected, and whether they could draw, as the ledger tells it event by event."""

from dataclasses import dataclass, field

from npn.pools.events import PoolContested, PoolRejoined
from npn.proof.wrong import WrongError
from npn.systems.events import (
    CertificateBound,
    CertificateEnded,
    KeyAdded,
    OrganisationAdded,
    OrganisationRegionSet,
    SecurityLevelsSet,
    SystemAdded,
    SystemBackOnList,
    SystemContactSet,
    SystemLeftList,
    SystemLimitsSet,
    SystemNamed,
    SystemOwnerSet,
    SystemResumed,
    SystemSuspended,
)

OPERATOR = "operator"
_MOST_KEYS = 2


@dataclass(slots=True)
class System:
    """A connected system at one point of the ledger. `number` counts them from 0, to be kept in flat arrays."""

    id: str
    number: int
    environment: str
    active: bool = True
    listed: dict[str, bool] = field(default_factory=dict)


class Parties:
    """Organisations, systems and their keys."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._kinds: dict[str, str] = {}
        self._names: set[tuple[str, str]] = set()
        self._keys: dict[str, int] = {}
        self._certificates: dict[str, str] = {}
        self.systems: dict[str, System] = {}
        self.ids: list[str] = []

    def kind_of(self, organisation: str) -> str | None:
        """Return what an organisation is, None where none of that id was added."""
        return self._kinds.get(organisation)

    def organisation_added(self, event: OrganisationAdded) -> None:
        """Hold its id, and its name within its kind, to be new."""
        if event.organisation in self._kinds or (event.kind, event.name) in self._names:
            raise WrongError(f"the organisation {event.organisation} is there already")
        self._kinds[event.organisation] = event.kind
        self._names.add((event.kind, event.name))

    def organisation_known(self, organisation: str, kind: str) -> None:
        """Hold an organisation to be known, and of the kind."""
        if self._kinds.get(organisation) != kind:
            raise WrongError(f"there is no {kind} {organisation!r}")

    def organisation_region_set(self, event: OrganisationRegionSet) -> None:
        """An owner belongs to a region."""
        self.organisation_known(event.organisation, "owner")
        self.organisation_known(event.region, "region")

    def system_added(self, event: SystemAdded) -> None:
        """Hold its id to be new and its organisations to be known."""
        if event.system in self.systems or event.system == OPERATOR:
            raise WrongError(f"the system {event.system} is there already")
        for kind, name in (("vendor", event.vendor), ("owner", event.owner)):
            if (kind, name) not in self._names:
                raise WrongError(f"the {kind} {name!r} was never added")
        self.systems[event.system] = System(event.system, len(self.ids), event.environment)
        self.ids.append(event.system)

    def system_suspended(self, event: SystemSuspended | SystemResumed) -> None:
        """Suspend what is active."""
        self._set_active(event, active=False)

    def system_resumed(self, event: SystemSuspended | SystemResumed) -> None:
        """Resume what is suspended."""
        self._set_active(event, active=True)

    def system_limits_set(self, event: SystemLimitsSet) -> None:
        """Hold the bounds to their order."""
        self.known(event.system)
        if not 1 <= int(event.smallest_draw) <= int(event.largest_draw):
            raise WrongError("the largest draw is below the smallest, or the smallest below 1")
        if (event.quota is None) != (event.quota_days is None):
            raise WrongError("a quota without its days, or days without their quota")

    def system_owner_set(self, event: SystemOwnerSet) -> None:
        """Hold the system and the organisation to be known."""
        self.known(event.system)
        if ("owner", event.owner) not in self._names:
            raise WrongError(f"the owner {event.owner!r} was never added")

    def system_contact_set(self, event: SystemContactSet) -> None:
        """Hold the system to be known."""
        self.known(event.system)

    def system_named(self, event: SystemNamed) -> None:
        """Hold the system to be known; from here on the source lists it."""
        self.known(event.system).listed.setdefault(event.source, True)

    def pool_told_of(self, event: PoolContested | PoolRejoined) -> None:
        """Hold the system to be known; what its pools hand out is not the ledger's to prove."""
        self.known(event.system)

    def system_left_list(self, event: SystemLeftList | SystemBackOnList) -> None:
        """Only what is on a list can leave it."""
        self._set_listed(event, listed=False)

    def system_back_on_list(self, event: SystemLeftList | SystemBackOnList) -> None:
        """Only what has left a list can come back."""
        self._set_listed(event, listed=True)

    def key_added(self, event: KeyAdded) -> None:
        """Hold the keys in force to two, and those that ended to those there were."""
        if event.holder != OPERATOR:
            self.known(event.holder)
        left = self._keys.get(event.holder, 0) - event.ended
        if left < 0:
            raise WrongError(f"{event.ended} keys of {event.holder} ended, more than it had")
        if left + 1 > _MOST_KEYS:
            raise WrongError(f"{event.holder} has more than {_MOST_KEYS} keys at once")
        self._keys[event.holder] = left + 1

    def certificate_bound(self, event: CertificateBound | CertificateEnded) -> None:
        """A certificate stands for one system at a time."""
        self.known(event.system)
        if event.certificate in self._certificates:
            raise WrongError(f"the certificate {event.certificate} was bound already")
        self._certificates[event.certificate] = event.system

    def certificate_ended(self, event: CertificateBound | CertificateEnded) -> None:
        """Only what is bound can end, and only where it is bound."""
        if self._certificates.pop(event.certificate, None) != event.system:
            raise WrongError(f"the certificate {event.certificate} was not bound to {event.system}")

    def security_levels_set(self, event: SecurityLevelsSet) -> None:
        """Hold the system to be known, and the levels to be some, each once."""
        self.known(event.system)
        if not event.levels or event.levels != sorted(set(event.levels)):
            raise WrongError("security levels that are none, or not each once in order")

    def known(self, system_id: str) -> System:
        """Return a system that was added before."""
        system = self.systems.get(system_id)
        if system is None:
            raise WrongError(f"the system {system_id} was never added")
        return system

    def _set_active(self, event: SystemSuspended | SystemResumed, *, active: bool) -> None:
        system = self.known(event.system)
        if system.active is active:
            raise WrongError(f"the system {event.system} is {'active' if active else 'suspended'} already")
        system.active = active

    def _set_listed(self, event: SystemLeftList | SystemBackOnList, *, listed: bool) -> None:
        system = self.known(event.system)
        if system.listed.get(event.source) is not (not listed):
            raise WrongError(f"the system {event.system} {'is not off' if listed else 'is not on'} the source's list")
        system.listed[event.source] = listed
