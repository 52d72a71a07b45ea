"""Who was connected, and whether they could draw, as the ledger tells it event by event."""

from npn.pools.events import PoolContested, PoolRejoined
from npn.proof.organisations import Organisations, System
from npn.proof.wrong import WrongError
from npn.systems.events import (
    CertificateBound,
    CertificateEnded,
    KeyAdded,
    SecurityLevelsSet,
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

OPERATOR = "operator"
_MOST_KEYS = 2


class Parties:
    """Systems and their keys, and the organisations that they are of."""

    def __init__(self) -> None:
        """Start with nobody."""
        self.organisations = Organisations()
        self._keys: dict[str, int] = {}
        self._certificates: dict[str, str] = {}
        self.systems = self.organisations.systems
        self.ids: list[str] = []

    def system_added(self, event: SystemAdded) -> None:
        """Hold its id to be new and its organisations to be known."""
        if event.system in self.systems or event.system == OPERATOR:
            raise WrongError(f"the system {event.system} is there already")
        vendor, owner = (self.organisations.named(kind, getattr(event, kind)) for kind in ("vendor", "owner"))
        self.systems[event.system] = System(event.system, len(self.ids), event.environment, vendor, owner)
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
        """Hold the system to be open, and the owner to be known by that name."""
        self.known_open(event.system).owner = self.organisations.named("owner", event.owner)

    def system_vendor_set(self, event: SystemVendorSet) -> None:
        """Hold the system to be open, and the vendor to be known by that name."""
        self.known_open(event.system).vendor = self.organisations.named("vendor", event.vendor)

    def system_renamed(self, event: SystemRenamed) -> None:
        """Hold the system to be open."""
        self.known_open(event.system)

    def system_closed(self, event: SystemClosed) -> None:
        """Close what is open and has no certificate in force; its keys have ended."""
        system = self.known_open(event.system)
        if event.system in self._certificates.values():
            raise WrongError(f"the system {event.system} was closed while a certificate stood for it")
        system.is_open, system.active = False, False
        self._keys[event.system] = 0

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
            self.known_open(event.holder)
        left = self._keys.get(event.holder, 0) - event.ended
        if left < 0:
            raise WrongError(f"{event.ended} keys of {event.holder} ended, more than it had")
        if left + 1 > _MOST_KEYS:
            raise WrongError(f"{event.holder} has more than {_MOST_KEYS} keys at once")
        self._keys[event.holder] = left + 1

    def certificate_bound(self, event: CertificateBound | CertificateEnded) -> None:
        """A certificate stands for one system at a time."""
        self.known_open(event.system)
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

    def known_open(self, system_id: str) -> System:
        """Return a system that was added before and not closed."""
        system = self.known(system_id)
        if not system.is_open:
            raise WrongError(f"the system {system_id} was closed")
        return system

    def _set_active(self, event: SystemSuspended | SystemResumed, *, active: bool) -> None:
        system = self.known_open(event.system)
        if system.active is active:
            raise WrongError(f"the system {event.system} is {'active' if active else 'suspended'} already")
        system.active = active

    def _set_listed(self, event: SystemLeftList | SystemBackOnList, *, listed: bool) -> None:
        system = self.known(event.system)
        if system.listed.get(event.source) is not (not listed):
            raise WrongError(f"the system {event.system} {'is not off' if listed else 'is not on'} the source's list")
        system.listed[event.source] = listed
