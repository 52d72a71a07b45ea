"""Products, their releases and faults, installations and what they take: each change has its entry."""

from datetime import date

import pytest

from npn.errors import ConflictError, InvalidInputError, NotFoundError, NpnError
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.standards.model import CapabilityState, Direction, ProductFault, StandardVersion
from npn.standards.products import CapabilityWish, InstallationWish
from npn.wiring.service import Service
from second_verifier import verify_many

BY = "admin:t"
XRPT05 = StandardVersion("XRPT05", "XR0532M")


@pytest.fixture
def product(service: Service) -> str:
    service.standards.set_version(XRPT05, by=BY, name="MicrobiologyWebReport")
    return service.products.add("Columna CIS", by=BY, vendor="Systematic", types=frozenset({"Sygehus-EPJ-systemer"})).id


def said(**more: object) -> CapabilityWish:
    values = {
        "direction": Direction.RECEIVE,
        "state": CapabilityState.YES,
        "evidence": "a test",
        "said_by": "Region Midt",
    }
    return CapabilityWish(XRPT05, **{**values, **more})  # type: ignore[arg-type]


def test_whole_life_of_a_product_verifies_with_both_verifiers(service: Service, product: str) -> None:
    service.products.add_release(product, "12.1", by=BY, released_on=date(2026, 3, 1), equivalents=("12.1.1",))
    service.products.add_fault(ProductFault(product, "12.1", "serious", "12.2", "cuts results"), by=BY)
    service.products.rename(product, by=BY, name="Columna")
    made = service.products.set_installation(
        product, by=BY, wish=InstallationWish(release="12.1", owner="Region Midtjylland")
    )
    service.products.set_installation("", by=BY, wish=InstallationWish(sor_unit="123"), installation_id=made.id)
    service.products.set_capability(made.id, said(), by=BY)

    (found,) = service.products.installations()
    assert (found.product_name, found.release, found.owner, found.sor_unit) == (
        "Columna",
        "12.1",
        "Region Midtjylland",
        "123",
    )
    assert [(one.version, one.equivalents) for one in service.products.releases()] == [("12.1", ("12.1.1",))]
    assert [(one.severity, one.mended_in) for one in service.products.faults()] == [("serious", "12.2")]
    lines: list[bytes] = []
    export(service.database, lines.append)
    assert verify(lines).entries
    assert [answer["verified"] for answer in verify_many([lines])] == [True]
    assert b"cuts results" not in b"".join(lines)


def test_installations_follow_an_owner_that_is_merged(service: Service, product: str) -> None:
    service.products.set_installation(product, by=BY, wish=InstallationWish(owner="Region Nord"))
    made = service.products.set_installation(product, by=BY, wish=InstallationWish(owner="Sygehuset i Thy"))
    one, other = (service.organisations.find(name).id for name in ("Sygehuset i Thy", "Region Nord"))
    service.organisations.merge(one, other, by=BY)
    service.products.set_installation("", by=BY, wish=InstallationWish(sor_unit="9"), installation_id=made.id)
    assert [found.owner for found in service.products.installations()] == ["Region Nord", "Region Nord"]
    lines: list[bytes] = []
    export(service.database, lines.append)
    assert verify(lines).entries


def test_what_does_not_fit_is_refused_and_named(service: Service, product: str) -> None:
    made = service.products.set_installation(product, by=BY, wish=InstallationWish()).id
    other = service.products.add("Other", by=BY, vendor="EG").id
    products = service.products
    wrong: list[tuple[type[NpnError], str, object]] = [
        (ConflictError, "name", lambda: products.add("Other", by=BY, vendor="EG")),
        (NotFoundError, "product", lambda: products.add_release("nobody", "1", by=BY, released_on=date(2026, 1, 1))),
        (
            NotFoundError,
            "release",
            lambda: products.add_fault(ProductFault(other, "9", "minor", "", ""), by=BY),
        ),
        (
            NotFoundError,
            "release",
            lambda: products.set_installation(product, by=BY, wish=InstallationWish(release="9")),
        ),
        (NotFoundError, "installation", lambda: products.set_capability("nowhere", said(), by=BY)),
        (
            InvalidInputError,
            "product",
            lambda: products.set_installation(other, by=BY, wish=InstallationWish(), installation_id=made),
        ),
        (
            InvalidInputError,
            "ends",
            lambda: products.set_installation(
                product, by=BY, wish=InstallationWish(begins=date(2026, 2, 1), ends=date(2026, 1, 1))
            ),
        ),
        (InvalidInputError, "by", lambda: products.set_capability(made, said(said_by="bo@region.dk"), by=BY)),
        (InvalidInputError, "from", lambda: products.set_capability(made, said(since=date(2099, 1, 1)), by=BY)),
        (
            InvalidInputError,
            "state",
            lambda: products.set_capability(made, said(state=CapabilityState.CONTRADICTORY), by=BY),
        ),
    ]
    for kind, field, act in wrong:
        with pytest.raises(kind) as error:
            act()  # type: ignore[operator]
        assert error.value.field == field
