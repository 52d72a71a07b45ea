"""`npn admin system bind-certificate` and its like, as commands."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "soap"))  # `messages` makes certificates

import subprocess

from messages import Pair  # found on the path set above
from npn.config import Settings
from npn.systems.model import Environment
from npn.wiring.assembly import build
from prepared import initialised
from running import NPN


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database with the system `labka`, and the PEM of a certificate beside it."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}")
    initialised(settings)
    service = build(settings)
    service.systems.add(by="t", name="Labka", vendor="V", owner="O", environment=Environment.TEST)
    service.systems.add(by="t", name="BCC", vendor="V", owner="O", environment=Environment.TEST)
    service.close()
    return settings.database


def npn(database: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [NPN, "admin", "system", *words, "--database", database]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_certificate_is_bound_shown_and_ended(database: str, tmp_path: Path) -> None:
    pair, file = Pair.make("Labka"), tmp_path / "cert.pem"
    file.write_bytes(pair.pem)
    done = npn(database, "bind-certificate", "labka", str(file))
    assert (done.returncode, done.stdout.strip()) == (0, pair.fingerprint), done.stderr
    assert "CN=Labka" in done.stderr
    again = npn(database, "bind-certificate", "labka", str(file), "--json")
    assert json.loads(again.stdout)["fingerprint"] == pair.fingerprint
    other = npn(database, "bind-certificate", "bcc", str(file))
    assert other.returncode == 3
    assert "bound to system labka" in other.stderr
    ended = npn(database, "unbind-certificate", "labka", pair.fingerprint[:8])
    assert (ended.returncode, ended.stdout.strip()) == (0, pair.fingerprint)
    assert npn(database, "unbind-certificate", "labka", pair.fingerprint[:8]).returncode != 0


def test_what_is_no_certificate_is_refused_in_one_line(database: str, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(Pair.make("x").key_pem)
    for path, status in ((key, 2), (tmp_path / "absent.pem", 2)):
        done = npn(database, "bind-certificate", "labka", str(path))
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
    good = tmp_path / "good.pem"
    good.write_bytes(Pair.make("x").pem)
    unknown = npn(database, "bind-certificate", "nobody", str(good))
    assert unknown.returncode != 0
    assert "nobody" in unknown.stderr


def test_security_levels_are_shown_and_set(database: str) -> None:
    assert npn(database, "security-levels", "labka").stdout.strip() == "1 2 3 4"
    assert npn(database, "security-levels", "labka", "4", "3").stdout.strip() == "3 4"
    shown = npn(database, "security-levels", "labka", "--json")
    assert json.loads(shown.stdout) == {"system": "labka", "levels": [3, 4]}
    assert npn(database, "security-levels", "labka", "5").returncode == 2
    assert npn(database, "security-levels", "nobody").returncode != 0
