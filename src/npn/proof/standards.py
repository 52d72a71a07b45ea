"""Standards, products and installations, as the ledger tells of them; they touch nobody's numbers."""

from collections.abc import Callable, Mapping
from typing import Any  # each handler takes its own event; the table pairs them by type

from npn.ledger.event import Event
from npn.proof.parties import Parties
from npn.proof.wrong import WrongError
from npn.standards.events import (
    CapabilitySet,
    InstallationSet,
    ProductFaultNoted,
    ProductNamed,
    ProductReleased,
    StandardListImported,
    StandardVersionSet,
)


class StandardsProof:
    """Lists, products, releases and installations so far."""

    def __init__(self, parties: Parties) -> None:
        """`parties` know the owners."""
        self._parties = parties
        self._newest_list = ""
        self._releases: dict[str, set[str]] = {}  # of each product
        self._installations: dict[str, str] = {}  # each one's product

    @property
    def handlers(self) -> Mapping[type[Event], Callable[[Any], None]]:
        """Return what each of its events must keep to."""
        return {
            StandardListImported: self.list_imported,
            StandardVersionSet: self.version_set,
            ProductNamed: self.product_named,
            ProductReleased: self.product_released,
            ProductFaultNoted: self.fault_noted,
            InstallationSet: self.installation_set,
            CapabilitySet: self.capability_set,
        }

    def list_imported(self, event: StandardListImported) -> None:
        """Lists come in the order of their days."""
        if event.as_of < self._newest_list:
            raise WrongError(f"the list of {event.as_of} was imported after that of {self._newest_list}")
        self._newest_list = event.as_of

    def version_set(self, event: StandardVersionSet) -> None:
        """A version is valid first, then phased out, and then ends."""
        days = [day for day in (event.valid_from, event.phase_out_from, event.valid_to) if day is not None]
        if days != sorted(days):
            raise WrongError(f"the days of {event.standard} {event.version} are not in their order")

    def product_named(self, event: ProductNamed) -> None:
        """A product is known by its id from here on."""
        self._releases.setdefault(event.product, set())

    def product_released(self, event: ProductReleased) -> None:
        """Check that the product is known."""
        self._known(event.product).add(event.version)

    def fault_noted(self, event: ProductFaultNoted) -> None:
        """Check that the release is known."""
        self._released(event.product, event.version)

    def installation_set(self, event: InstallationSet) -> None:
        """An installation stays its product's, and runs a known release at a known owner."""
        self._known(event.product)
        if event.release:
            self._released(event.product, event.release)
        if event.owner is not None:
            self._parties.organisations.required(event.owner, "owner")
        if self._installations.setdefault(event.installation, event.product) != event.product:
            raise WrongError(f"the installation {event.installation} is of another product")

    def capability_set(self, event: CapabilitySet) -> None:
        """Check that the installation is known."""
        if event.installation not in self._installations:
            raise WrongError(f"the installation {event.installation} was never added")

    def _known(self, product: str) -> set[str]:
        if product not in self._releases:
            raise WrongError(f"the product {product} was never named")
        return self._releases[product]

    def _released(self, product: str, version: str) -> None:
        if version not in self._known(product):
            raise WrongError(f"the product {product} has no release {version}")
