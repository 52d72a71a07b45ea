"""One running server an engine, with systems of every kind."""

from collections.abc import Iterator

import pytest

from house import House, populated
from npn.config import Settings
from running import running


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    witness = str(folder / "npn.witness")
    if request.param == "sqlite":
        settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=witness)
    else:
        settings = Settings(database=request.getfixturevalue("postgres").new_database(), witness=witness)
    keys = populated(settings)
    toml = {"header_timeout_seconds": 5.0, "body_timeout_seconds": 5.0}
    with running(settings, folder, toml=toml) as server:
        yield House(server, settings, keys)
        assert '"exception"' not in server.log.read_text("utf-8")  # nothing hidden from callers went wrong


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server of this test's own, on SQLite, that it may harm."""
    folder = tmp_path_factory.mktemp("alone")
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys = populated(settings)
    with running(settings, folder, toml={"draw_deadline_seconds": 5.0, "requests_per_minute": 30}) as server:
        yield House(server, settings, keys)
