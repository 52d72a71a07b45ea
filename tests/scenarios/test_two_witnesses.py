"""Servers on one database, each with its own witness under whatever name: real processes, over HTTP."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from drawing import add
from npn.config import Settings
from npn.ledger.export import export
from npn.proof.verify import verify
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from postgres import free_port
from scenarios.servers import Server


@contextmanager
def servers(folder: Path, settings: list[Settings]) -> Iterator[list[Server]]:
    """One server for each of the settings."""
    started = [Server(each, free_port(), folder / f"server-{n}.log") for n, each in enumerate(settings)]
    try:
        for server in started:
            server.start(wait=False)
        for server in started:
            server.wait_until_ready()
        yield started
    finally:
        for server in started:
            server.kill()


@contextmanager
def built(settings: Settings) -> Iterator[Service]:
    service = build(settings)
    try:
        yield service
    finally:
        service.close()


def with_witness(settings: Settings, path: Path, folder: Path) -> Settings:
    """Return the same settings but for the witness; the key of the secrets stays where it is in the folder."""
    (key,) = folder.rglob("*.secrets")
    return msgspec.structs.replace(settings, witness=str(path), secrets_key_file=str(key))


def new_database(settings: Settings) -> str:
    """Make the database; return the key of a system."""
    initialise(settings)
    with built(settings) as service:
        return str(add(service)[1])


def granted(server: Server, key: str, request_id: str) -> tuple[str, str]:
    answer = server.draw(key, request_id, {"count": 1000})
    assert answer.status_code == 201, answer.text
    return answer.json()["first"], answer.json()["last"]


def refused(server: Server, key: str, code: str = "witness_wrong") -> None:
    """Insist that a server grants nothing, and reads."""
    state = server.wait_for("/readyz", 503)
    answer = server.draw(key, "refused")
    assert (state.json()["code"], answer.status_code, answer.json()["code"]) == (code, 503, code)
    assert server.get("/v1/series", key).status_code == 200


def test_a_second_witness_is_found_out_and_a_second_name_is_the_same_one(settings: Settings, tmp_path: Path) -> None:
    key = new_database(settings)
    own, names = Path(settings.witness), [tmp_path / "other" / name for name in ("copy", "hard", "link")]
    names[0].parent.mkdir()
    shutil.copy(own, names[0])
    names[1].hardlink_to(own)
    names[2].symlink_to(own)
    with servers(tmp_path, [settings, *(with_witness(settings, name, tmp_path) for name in names)]) as started:
        first, copied, hard, linked = started
        drawn = [granted(first, key, "r1")]
        for server in (copied, hard):
            refused(server, key)
        drawn += [granted(linked, key, "r2"), granted(first, key, "r3")]
        for server in (copied, hard):
            refused(server, key)
    assert names[2].is_symlink()
    assert len(set(drawn)) == len(drawn) == 3
    with built(settings) as service:
        lines: list[bytes] = []
        export(service.database, lines.append)
        assert verify(lines).totals.granted == 3000


def test_two_copies_of_the_data_with_one_witness_never_grant_the_same(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    key = new_database(settings)
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / "npn.db", tmp_path / "copy" / "npn.db")
    shutil.copy(tmp_path / "npn.secrets", tmp_path / "copy" / "npn.secrets")
    copy = msgspec.structs.replace(settings, database=f"sqlite:///{tmp_path / 'copy' / 'npn.db'}")
    with servers(tmp_path, [settings, copy]) as (first, second):
        granted(first, key, "r1")
        refused(second, key, "witness_behind")
        granted(first, key, "r2")


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[Path]:
    """A folder with the database's, and another path to the same folder."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with ExitStack() as stack:
        try:
            subprocess.run(["mount", "--bind", here, there], check=True, capture_output=True, timeout=30)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("a path can't be bound here (root alone may)")
        stack.callback(subprocess.run, ["umount", there], check=True, timeout=30)
        yield tmp_path


def test_one_folder_under_two_paths_is_one_database_with_one_witness(bound: Path) -> None:
    settings = [Settings(database=f"sqlite:///{bound / name / 'npn.db'}") for name in ("here", "there")]
    key = new_database(settings[0])
    with servers(bound, settings) as (first, second):
        drawn = [granted(server, key, f"r{n}") for n, server in enumerate((first, second, second, first))]
    assert len(set(drawn)) == 4
    with built(settings[1]) as service:
        lines: list[bytes] = []
        export(service.database, lines.append)
        assert verify(lines).totals.granted == 4000
