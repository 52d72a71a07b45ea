"""One town for the tests that look, and one for each test that changes who may do what."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from npn.config import Settings
from running import running
from web.town import Town, founded, town_of


@contextmanager
def town_in(folder: Path, *, attempts: int = 1000, toml: Mapping[str, object] | None = None) -> Iterator[Town]:
    """Found a town on SQLite, and serve it."""
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    founded(settings)
    with running(settings, folder, toml={"sign_in_attempts": attempts, **(toml or {})}) as server:
        town = town_of(server, settings)
        yield town
        town.connections.close()
        town.service.close()
        assert '"exception"' not in server.log.read_text("utf-8")  # nothing hidden from visitors went wrong


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def own_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of this module's own, whose accounts it may change."""
    with town_in(tmp_path_factory.mktemp("own")) as made:
        yield made


@pytest.fixture
def mail_town(tmp_path: Path) -> Iterator[Town]:
    """A town of one test's own that names a mail server; nobody answers there, so that letters wait to be read."""
    toml = {
        "smtp_host": "127.0.0.1",
        "smtp_port": 9,
        "mail_from": "npn@example.dk",
        "public_url": "https://npn.example",
    }
    with town_in(tmp_path, toml=toml) as made:
        yield made


@pytest.fixture
def strict_town(tmp_path: Path) -> Iterator[Town]:
    """A town of one test's own, where few attempts to sign in are allowed."""
    with town_in(tmp_path, attempts=5) as made:
        yield made
