"""A service with something to hide, on each engine."""

import pytest

from hidden import Hidden, furnish
from npn.config import Settings


@pytest.fixture
def hidden(settings: Settings) -> Hidden:
    return furnish(settings)
