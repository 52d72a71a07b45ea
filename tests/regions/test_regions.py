"""Regions say which unit answers the users of each of their systems."""

import pytest

from drawing import add
from npn.errors import ConflictError, InvalidInputError, NotFoundError
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.regions.service import Manager
from npn.systems.model import OrganisationKind
from npn.wiring.service import Service


def region(service: Service, name: str = "Region Nordjylland") -> str:
    return service.systems.organisation(OrganisationKind.REGION, name)


def test_a_unit_answers_a_systems_users(service: Service) -> None:
    add(service)
    nord = region(service)
    unit = service.regions.set_unit(
        by="t", region=nord, name="Klinisk IT", email="it@rn.dk", telephone="97 64", hours="Hverdage 8-15"
    )
    care = service.regions.set_care("labka-ii", by="t", unit_id=unit.id, manager=Manager("Lene", "lene@rn.dk", "12 34"))

    assert (care.unit, care.manager_name) == (unit, "Lene")
    assert (unit.region_name, unit.hours) == ("Region Nordjylland", "Hverdage 8-15")
    assert service.regions.care("labka-ii") == care
    assert service.regions.set_care("labka-ii", by="t", unit_id=None).unit is None
    lines: list[bytes] = []
    export(service.database, lines.append)
    verify(lines)
    assert "lene@rn.dk" not in b"".join(lines).decode()


def test_a_unit_is_changed_and_stays_its_regions(service: Service) -> None:
    nord, syd = region(service), region(service, "Region Syddanmark")
    unit = service.regions.set_unit(by="t", region=nord, name="IT", email="it@rn.dk")
    changed = service.regions.set_unit(by="t", region=nord, name="Digital", email="d@rn.dk", unit_id=unit.id)
    assert (changed.id, changed.name) == (unit.id, "Digital")
    with pytest.raises(NotFoundError):
        service.regions.set_unit(by="t", region=syd, name="Digital", email="d@rs.dk", unit_id=unit.id)
    with pytest.raises(ConflictError):
        service.regions.set_unit(by="t", region=nord, name="Digital", email="x@rn.dk")
    with pytest.raises(NotFoundError):
        service.regions.set_unit(by="t", region="owner-x", name="IT", email="x@rn.dk")


def test_another_regions_unit_does_not_answer_for_an_owner_of_this_one(service: Service) -> None:
    add(service)
    nord, syd = region(service), region(service, "Region Syddanmark")
    owner = service.systems.organisation(OrganisationKind.OWNER, "Region Nord")
    service.systems.set_region(owner, nord, by="t")
    unit = service.regions.set_unit(by="t", region=syd, name="IT", email="it@rs.dk")
    with pytest.raises(InvalidInputError) as caught:
        service.regions.set_care("labka-ii", by="t", unit_id=unit.id)
    assert caught.value.field == "unit"
    for wrong in ({"system_id": "ghost", "unit_id": None}, {"system_id": "labka-ii", "unit_id": "ghost"}):
        with pytest.raises(NotFoundError):
            service.regions.set_care(wrong["system_id"] or "", by="t", unit_id=wrong["unit_id"])
