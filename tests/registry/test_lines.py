"""Ledgers of one database that part: a backup put in place twice, two databases side by side. Each one verifies."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from drawing import add, draw
from npn.errors import ConfigurationError, ConflictError, UnavailableError
from npn.ledger.export import export
from npn.proof.verify import Summary, verify
from npn.registry.receipts import receipt
from npn.registry.recovery import re_register, rebuild_witness, recover
from npn.systems.model import ApiKey, ConnectedSystem
from npn.wiring.service import Service
from registry.test_recovery import Restorable, restorable, running  # noqa: F401  # a fixture among them
from second_verifier import verify_many

Connected = tuple[ConnectedSystem, ApiKey]


def proved(service: Service) -> Summary:
    """Verify the ledger with both verifiers."""
    lines: list[bytes] = []
    export(service.database, lines.append)
    summary = verify(lines)
    (other,) = verify_many([lines])
    assert other["verified"], other
    assert (other["entries"], other["numbers_granted"]) == (summary.entries, summary.totals.granted)
    assert not summary.remarks
    return summary


@pytest.fixture
def backed_up(restorable: Restorable) -> Iterator[tuple[Restorable, Connected]]:  # noqa: F811  # the fixture
    """A database with a backup of it, and a system that drew once before that."""
    with running(restorable.settings) as service:
        lab = add(service)
        draw(service, lab, 100)
        restorable.back_up(service)
    return restorable, lab


def kept_receipt(service: Service, lab: Connected, count: int) -> str:
    return receipt(service.database, draw(service, lab, count))


def refused(service: Service, lab: Connected) -> None:
    with pytest.raises(UnavailableError) as caught:
        draw(service, lab, 1)
    assert caught.value.code in ("witness_behind", "witness_wrong")


def taken_back(service: Service, receipts: list[str]) -> None:
    for each in receipts:
        re_register(service.ledger, each, by="test")


def test_receipts_of_two_losses_come_back_after_the_same_backup_was_restored_twice(
    backed_up: tuple[Restorable, Connected],
) -> None:
    place, lab = backed_up
    with running(place.settings) as service:
        receipts = [kept_receipt(service, lab, 10) for _ in range(9)]
    for count in (2, 3):
        place.restore()
        with running(place.settings) as service:
            refused(service, lab)
            recover(service.ledger, by="test")
            receipts += [kept_receipt(service, lab, 20 + count) for _ in range(count)]
    place.restore()
    with running(place.settings) as service:
        recover(service.ledger, by="test")
        taken_back(service, receipts)
        draw(service, lab, 10)
        assert proved(service).totals.withheld == 0


def test_the_first_database_comes_back_after_its_copy_was_recovered(backed_up: tuple[Restorable, Connected]) -> None:
    place, lab = backed_up
    with running(place.settings) as service:
        draw(service, lab, 10)
        older = Aside(place, service)
        lost = [kept_receipt(service, lab, 10)]
        draw(service, lab, 10)
        later = Aside(place, service)
    place.restore()
    with running(place.settings) as service:
        recover(service.ledger, by="test")
        lost += [kept_receipt(service, lab, 30) for _ in range(7)]
    for each, known in ((later, lost[1:]), (older, lost[:1])):
        each.put_back()
        with running(place.settings) as service:
            refused(service, lab)
            recover(service.ledger, by="test")
            taken_back(service, known)
            draw(service, lab, 10)
            proved(service)


def test_a_witness_that_knows_less_than_was_confirmed_is_not_recovered_with_whatever_it_followed(
    backed_up: tuple[Restorable, Connected], tmp_path: Path
) -> None:
    place, lab = backed_up
    with running(place.settings) as service:
        for _ in range(9):
            draw(service, lab, 10)
    place.restore()
    with running(place.settings) as service:
        recover(service.ledger, by="test")
        shutil.copy(place.settings.witness, tmp_path / "old")
        draw(service, lab, 10)
    shutil.copy(tmp_path / "old", place.settings.witness)
    with running(place.settings) as service:
        refused(service, lab)
        with pytest.raises(ConfigurationError, match="it is an old copy"):
            recover(service.ledger, by="test")
        refused(service, lab)


def test_a_receipt_that_the_proof_would_not_believe_takes_nothing_back(
    backed_up: tuple[Restorable, Connected],
) -> None:
    """The witness that followed the first ledger was lost, and nobody knows any more what that held."""
    place, lab = backed_up
    with running(place.settings) as service:
        receipts = [kept_receipt(service, lab, 10) for _ in range(9)]
    place.restore()
    Path(place.settings.witness).unlink()
    with running(place.settings) as service:
        rebuild_witness(service.ledger, by="test")
        draw(service, lab, 100)
    place.restore()
    with running(place.settings) as service:
        recover(service.ledger, by="test")
        with pytest.raises(ConflictError, match="what was lost are the entries") as caught:
            taken_back(service, receipts[-1:])
        assert caught.value.code == "not_withheld"
        proved(service)


class Aside:
    """The database as it was at a moment, to be put back as a backup is."""

    def __init__(self, place: Restorable, service: Service) -> None:
        self.place = Restorable(place.settings, place.folder / f"aside{id(self)}", place.cluster)
        self._suffix = f"_{id(self)}"
        self.place.folder.mkdir()
        if place.cluster is None:
            self.place.back_up(service)
            return
        service.database.close()
        place.cluster.run(f"CREATE DATABASE {place.name}{self._suffix} TEMPLATE {place.name}")

    def put_back(self) -> None:
        if self.place.cluster is None:
            (self.place.folder / "backup.db").rename(self.place.folder.parent / "backup.db")
            Restorable(self.place.settings, self.place.folder.parent, None).restore()
            return
        name = self.place.name
        self.place.cluster.run(f"DROP DATABASE {name} WITH (FORCE)")
        self.place.cluster.run(f"CREATE DATABASE {name} TEMPLATE {name}{self._suffix}")
