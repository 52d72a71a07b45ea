"""What a process runs out of is told as that, whatever it was about to ask."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from etcd import etcd
from etcd import installed as etcd_is_installed
from npn.config import Settings
from npn.db import Database
from npn.errors import UnavailableError
from npn.ledger.witness import WitnessState, open_witness
from npn.registry.recovery import rebuild_witness
from npn.shortage import shortage
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from postgres import Cluster

STATE = WitnessState(database="d", length=0, hash="0" * 64, cursors={})


@contextmanager
def without_descriptors() -> Iterator[None]:
    """Take every descriptor that this process may have."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[0]), before[1]))
    held: list[int] = []
    try:
        try:
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def codes(place: str) -> set[str]:
    """What each question to a witness answers while there are no descriptors."""
    witness = open_witness(place, database_path=None)
    told = set()
    with without_descriptors():
        for ask in (
            witness.read,
            witness.exists,
            lambda: witness.advance(STATE, STATE),
            lambda: witness.replace(STATE),
        ):
            try:
                ask()
            except UnavailableError as error:
                told.add(error.code)
    witness.close()
    return told


def test_a_process_without_descriptors_says_so_of_every_witness_and_database(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    assert codes(settings.witness) == {"out_of_descriptors"}
    assert codes(postgres.new_database()) == {"out_of_descriptors"}
    if etcd_is_installed() is not None:
        with etcd(1) as members:
            assert codes(members.witness("npn")) == {"out_of_descriptors"}
    for address in (settings.database, postgres.new_database()):
        database = Database(address)
        with without_descriptors():
            for way in (database.read, database.write):
                with pytest.raises(UnavailableError) as caught, way():
                    pass
                assert caught.value.code == "out_of_descriptors"
        database.close()


def test_a_witness_is_never_rebuilt_for_want_of_descriptors(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    service = build(settings)
    before = Path(settings.witness).read_bytes()
    service.ledger.check()  # the connection that it reads by is there
    try:
        with without_descriptors(), pytest.raises(UnavailableError) as caught:
            rebuild_witness(service.ledger, by="test")
        assert caught.value.code == "out_of_descriptors"
    finally:
        service.close()
    assert Path(settings.witness).read_bytes() == before


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EMFILE, "out_of_descriptors"),
        (errno.ENFILE, "out_of_descriptors"),
        (errno.ENOMEM, "out_of_memory"),
        (errno.ETIMEDOUT, "out_of_time"),
    ],
)
def test_each_shortage_has_its_code_however_deep_it_lies(number: int, code: str) -> None:
    error = RuntimeError("a driver's own")
    error.__cause__ = OSError(number, os.strerror(number))
    made = shortage(error, "the witness can't be read")
    assert made is not None
    assert made.code == code
    assert made.retry_after > 0
    assert made.hint


def test_what_is_not_there_is_no_shortage() -> None:
    assert shortage(FileNotFoundError(errno.ENOENT, "no"), "x") is None
    assert shortage(PermissionError(errno.EACCES, "no"), "x") is None
