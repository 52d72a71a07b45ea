"""A desk to send messages to: one for a whole module that only asks, and one of a test's own on each engine."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that the tests here share `messages` and `desk`

from desk import Desk  # found on the path set above
from office import Office, office  # found on the path set above

from npn.config import Settings
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """On SQLite, for a whole module."""
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    initialised(settings)
    service = build(settings)
    yield Desk.of(service)
    service.close()


@pytest.fixture
def own(service: Service) -> Desk:
    """A test's own, on each engine."""
    return Desk.of(service)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("plain"), tls=False) as made:
        yield made


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("secure"), tls=True) as made:
        yield made
