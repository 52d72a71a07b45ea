"""What every test may ask for: databases of both engines, and a service put together on one."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # so that tests share `postgres` and `running`

import longest_first  # after the path
import moved_clock  # after the path
from npn.config import Settings  # after the path
from npn.systems.model import ApiKey, ConnectedSystem, Environment  # after the path
from npn.wiring.assembly import build  # after the path
from npn.wiring.service import Service  # after the path
from postgres import Cluster, cluster, installed  # found on the path set above
from prepared import initialised  # after the path

# Some machines ask Python to keep nothing that it compiled. The tests start the program hundreds of times, and each of
# them would then compile all of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A machine with two busy cores says nothing by being slow once; what is slow is measured in bench/.
hypothesis.settings.register_profile("npn", deadline=None)
hypothesis.settings.load_profile("npn")

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The first test of a module that moves the clock waits for all of them; each has its own limit where it runs."""
    if hasattr(config, "workerinput"):  # one of several processes
        longest_first.sort(items)
    for item in items:
        if item.get_closest_marker("moves_clock") is not None and not moved_clock.is_apart():
            item.add_marker(pytest.mark.timeout(0))


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A test that moves the clock runs under libfaketime."""
    return moved_clock.run_apart(item, nextitem) or None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Every test that moves the clock starts with the real time."""
    if item.get_closest_marker("moves_clock") is not None:
        moved_clock.Clock()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report to the session that asked for it how a test that moves the clock ended."""
    report = yield
    moved_clock.note(item.config, report)
    return report


@pytest.fixture
def clock() -> moved_clock.Clock:
    """The clock of everything; for tests marked `moves_clock`."""
    return moved_clock.Clock()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the repository; a test that needs it is skipped without."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the reference data (../shared) is not here")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of this test session's own."""
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings for a database that does not exist yet (PostgreSQL: is empty, or `service` makes it), on each engine."""
    witness = str(tmp_path / "witness" / "npn.witness")
    if request.param == "sqlite":
        return Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=witness)
    postgres = request.getfixturevalue("postgres")
    is_copied = "service" in request.fixturenames
    return Settings(database=postgres.new_name() if is_copied else postgres.new_database(), witness=witness)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """A service on a new database."""
    initialised(settings)
    made = build(settings)
    yield made
    made.close()


@pytest.fixture
def connected(service: Service) -> tuple[ConnectedSystem, ApiKey]:
    """A production system with its key."""
    return service.systems.add(
        by="test", name="Labka II", vendor="CSC", owner="Region Nord", environment=Environment.PRODUCTION
    )
