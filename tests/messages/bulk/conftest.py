"""What the bulk tests share: messages to work on, and their tasks where workers can import them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)  # the tasks, for this process
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (HERE, os.environ.get("PYTHONPATH"))))  # and for workers

MESSAGE = (
    b"UNA:+.? 'UNB+UNOC:3+1:14+2:14+260101:1200+%d'UNH+1+MEDRPT:D:93A:UN:R0131K+RPT01'\r\n"
    b"FTX+SPC+P00++a?'b'UNT+3+1'UNZ+1+%d'\n"
)


@pytest.fixture
def interchange() -> Callable[[int], bytes]:
    """Make the n-th sound interchange, of one segment between UNH and UNT."""
    return lambda number: MESSAGE % (number, number)


@pytest.fixture
def folder(tmp_path: Path, interchange: Callable[[int], bytes]) -> Path:
    """A directory of 200 sound messages in two folders, and what a directory may hold besides."""
    directory = tmp_path / "messages"
    for number in range(200):
        path = directory / f"f{number % 2}" / f"m{number:04}.edi"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(interchange(number))
    (directory / "readme.md").write_text("not a message")
    return directory
