"""What the message tests share: the public samples, where they are at hand."""

from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "medcom" / "samples"


@pytest.fixture
def samples() -> Path:
    """The folder of MedCom's public samples; skips where it isn't there."""
    if not SAMPLES.is_dir():
        pytest.skip(f"MedCom's samples are not at {SAMPLES}")
    return SAMPLES
