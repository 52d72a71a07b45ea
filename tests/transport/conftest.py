"""A service that speaks TLS, with an authority, and callers of every kind."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "soap"))  # for its `messages`

from tlshouse import TlsHouse, tls_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsHouse]:
    with tls_house(tmp_path_factory.mktemp("tls")) as made:
        yield made
