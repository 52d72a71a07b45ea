"""Servers to talk to: over HTTP and over TLS, with little patience."""

from collections.abc import Iterator

import pytest

from authority import Authority
from house import House, populated
from npn.config import Settings
from running import running
from talking import Counter


@pytest.fixture(scope="module", params=["http", "tls"])
def _counter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp(request.param)
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys = populated(settings)
    options, ca = [], None
    if request.param == "tls":
        authority, ca = Authority(), folder / "ca.pem"
        authority.server().write(folder, "server")
        ca.write_bytes(authority.pem)
        options = ["--tls-cert", str(folder / "server.pem"), "--tls-key", str(folder / "server.key")]
    patience = {"header_timeout_seconds": 1.5, "body_timeout_seconds": 1.5}
    with running(settings, folder, *options, toml=patience) as server:
        yield Counter(House(server, settings, keys), ca)
        assert "Traceback" not in server.log.read_text("utf-8")


@pytest.fixture
def counter(_counter: Counter) -> Iterator[Counter]:
    """The module's server; connections end with the test."""
    yield _counter
    _counter.close()
