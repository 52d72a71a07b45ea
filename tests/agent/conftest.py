"""Fixtures of the agent's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from laboratory import Laboratory
from npn.agent.mock import MockService
from npn.agent.stock.pool import Pool


@pytest.fixture
def service() -> MockService:
    """A service in process."""
    return MockService()


@pytest.fixture
def laboratory(tmp_path: Path, service: MockService) -> Laboratory:
    """A laboratory without stock."""
    return Laboratory(tmp_path, service)


@pytest.fixture
def pool(laboratory: Laboratory) -> Iterator[Pool]:
    """An open pool with 100 usable numbers, chunk 10."""
    with laboratory.open() as opened:
        laboratory.stock(opened)
        yield opened
