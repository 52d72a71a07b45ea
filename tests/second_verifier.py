"""The second verifier, docs/verify/verify.mjs, as tests ask it: many ledgers in one process."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE.parent / "docs" / "verify" / "verify.mjs"


def node() -> str:
    """Return where Node is, or skip the test."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node.js is installed (Debian: apt-get install nodejs)")
    return program


def verify_many(ledgers: Iterable[list[bytes]]) -> list[dict[str, Any]]:
    """Verify each ledger; return what was proved of it, or where and why it does not verify."""
    contents = [b"".join(lines) for lines in ledgers]
    given = b"".join(b"%d\n" % len(content) + content for content in contents)
    command = [node(), str(HERE / "ledger" / "verify_many.mjs")]
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=1800)  # our own script
    assert done.returncode == 0, done.stderr.decode()
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(contents)
    return answers
