"""Fault injection: each fault is told to the callers and loses nothing; once mended, draws go on by themselves."""

import itertools
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from clients import clients, prove, set_up
from faults import grow, small_disk, unwritable
from servers import Server, serving

from npn.config import Settings
from npn.wiring.assembly import build
from postgres import Cluster, cluster, installed


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 3) as disk:
        settings = Settings(database=f"sqlite:///{disk / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
        (key,) = set_up(settings)
        with serving(settings, tmp_path) as (server,):
            told: dict[str, dict[str, object]] = {}
            full = disk / "filler"
            answers = []
            for n in itertools.count():
                if n == 20:
                    _fill(full)
                answers.append(server.draw(key, f"r{n}"))
                if answers[-1].status_code != 201:
                    break
                told[f"r{n}"] = answers[-1].json()
                assert n < 5000, "the disk never filled"
            assert answers[-1].status_code == 503
            assert answers[-1].json()["code"] in ("storage_full", "outcome_unknown", "storage_failed")
            assert server.get("/healthz").status_code == 200
            assert server.get(f"/v1/series/{told['r0']['id']}", key).status_code == 200
            full.unlink()
            grow(disk, 64)
            again = server.draw(key, f"r{len(told)}")
            assert again.status_code in (200, 201)
            server.wait_for("/readyz", 200)
            for request_id, series in told.items():
                repeat = server.draw(key, request_id)
                assert repeat.status_code == 200
                assert repeat.json()["id"] == series["id"]
            assert int(again.json()["first"]) > max(int(str(s["last"])) for s in told.values())


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            pass


def test_a_full_disk_under_the_witness_burns_one_batch_at_most(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(disk / "npn.witness"))
        (key,) = set_up(settings)
        with serving(settings, tmp_path) as (server,):
            first = server.draw(key, "first").json()
            _fill(disk / "filler")
            _witness_out_of_order(server, key, settings)
            (disk / "filler").unlink()
            _draws_go_on(server, key, first)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_witness_that_cannot_be_written_burns_one_batch_at_most(
    postgres: Cluster, tmp_path: Path, engine: str
) -> None:
    database = f"sqlite:///{tmp_path / 'npn.db'}" if engine == "sqlite" else postgres.new_database()
    settings = Settings(database=database, witness=str(tmp_path / "npn.witness"))
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,):
        first = server.draw(key, "first").json()
        in_the_way = tmp_path / "npn.witness.new"
        in_the_way.mkdir()
        _witness_out_of_order(server, key, settings)
        in_the_way.rmdir()
        _draws_go_on(server, key, first)


def _witness_out_of_order(server: Server, key: str, settings: Settings) -> None:
    """Draw against a witness that can be read but not written: refused, and the ledger grows by one batch only."""
    before = _length(settings)
    for n in range(5):
        answer = server.draw(key, f"new-{n}")
        assert (answer.status_code, answer.json()["code"]) == (503, "witness_missing")
        assert "Retry-After" in answer.headers
    assert _length(settings) <= before + 1


def _length(settings: Settings) -> int:
    service = build(settings)
    try:
        return service.ledger.state().length
    finally:
        service.close()


def _draws_go_on(server: Server, key: str, first: dict[str, object]) -> None:
    answers = [server.draw(key, f"new-{n}") for n in range(5)]
    assert [a.status_code for a in answers] == [200, 201, 201, 201, 201], [a.text for a in answers]
    firsts = [int(a.json()["first"]) for a in answers]
    assert firsts == [int(str(first["last"])) + 1 + 10 * n for n in range(5)]
    server.wait_for("/readyz", 200)


@pytest.mark.parametrize("fault", ["gone", "corrupt", "empty", "another's"])
def test_a_witness_gone_or_corrupt_under_a_running_server_stops_draws_only(tmp_path: Path, fault: str) -> None:
    witness = tmp_path / "npn.witness"
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(witness))
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,):
        first = server.draw(key, "first").json()
        good = witness.read_bytes()
        if fault == "gone":
            witness.unlink()
        elif fault == "another's":
            other = tmp_path / "other"
            other.mkdir()
            set_up(Settings(database=f"sqlite:///{other / 'npn.db'}", witness=str(other / "npn.witness")))
            shutil.copy(other / "npn.witness", witness)
        else:
            witness.write_bytes(b"" if fault == "empty" else good[: len(good) // 2])
        answer = server.draw(key, "refused")
        assert answer.status_code == 503
        assert answer.json()["code"] == ("witness_wrong" if fault == "another's" else "witness_missing")
        assert server.get("/readyz").status_code == 503
        assert server.get("/healthz").status_code == 200
        assert server.get(f"/v1/numbers/{first['first']}", key).json()["state"] == "granted"
        witness.write_bytes(good)
        again = server.draw(key, "refused")
        assert (again.status_code, int(again.json()["first"])) == (201, int(first["last"]) + 1)


def test_a_database_file_that_cannot_be_written_stops_draws_only(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "witness" / "npn.witness"))
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,):
        first = server.draw(key, "first").json()
        with unwritable(tmp_path / "npn.db", tmp_path / "npn.db-wal"):
            answer = server.draw(key, "a")
            assert answer.status_code == 503, answer.text
            assert server.get("/healthz").status_code == 200
        again = server.draw(key, "a")
        assert again.status_code in (200, 201)
        assert int(again.json()["first"]) == int(first["last"]) + 1
        server.wait_for("/readyz", 200)


def test_a_lock_file_that_cannot_be_opened_is_told_as_such(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "witness" / "npn.witness"))
    (key,) = set_up(settings)
    lock = tmp_path / "npn.db.lock"
    with serving(settings, tmp_path) as (server,):
        if not lock.exists():
            pytest.skip("this SQLite needs no lock between processes")
        with unwritable(lock):
            answer = server.draw(key, "a")
            assert (answer.status_code, answer.json()["code"]) == (503, "database_read_only")
        assert server.draw(key, "a").status_code == 201


def test_a_full_disk_under_postgresql_is_told_and_overcome_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the runbook has it: PostgreSQL is started again where it gave up, and the service goes on by itself."""
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    outside = Path(tempfile.mkdtemp(prefix="npn-full-"))  # where PostgreSQL's own user may go, too
    outside.chmod(0o755)
    with small_disk(outside / "disk", 160) as disk:
        disk.chmod(0o777)
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with cluster(programs) as own:
            monkeypatch.setattr(tempfile, "tempdir", None)
            settings = Settings(database=own.new_database(), witness=str(tmp_path / "npn.witness"))
            (key,) = set_up(settings)
            with serving(settings, tmp_path) as (server,):
                first = server.draw(key, "before").json()
                with (disk / "filler").open("wb") as filler, suppress(OSError):
                    while True:
                        filler.write(bytes(1 << 20))
                        filler.flush()
                answers = [server.draw(key, f"full-{n}", {"count": 10, "purpose": "x" * 200}) for n in range(3)]
                told = {f"full-{n}": answer for n, answer in enumerate(answers) if answer.status_code == 201}
                assert {answer.status_code for answer in answers} <= {201, 503}
                (disk / "filler").unlink()
                with suppress(subprocess.CalledProcessError):  # where it gave up, as it does over a full log
                    own.stop("immediate")
                own.start()
                server.wait_for("/readyz", 200, seconds=60)
                assert server.draw(key, "before").json()["first"] == first["first"]
                for request_id, answer in told.items():
                    again = server.draw(key, request_id, {"count": 10, "purpose": "x" * 200})
                    assert again.json()["first"] == answer.json()["first"]
                assert server.draw(key, "after").status_code == 201
    shutil.rmtree(outside)


def test_postgresql_gone_for_ten_seconds_is_told_and_overcome_without_a_restart(tmp_path: Path) -> None:
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as own:
        settings = Settings(database=own.new_database(), witness=str(tmp_path / "npn.witness"))
        keys = set_up(settings)
        with (
            serving(settings, tmp_path, processes=2) as servers,
            clients(keys, servers, tmp_path, processes=3, seconds=17) as told,
        ):
            time.sleep(2)
            own.stop("immediate")
            gone = time.monotonic()
            answer = servers[0].draw(keys[0], "while-away")
            assert (answer.status_code, answer.headers.get("Retry-After") is not None) == (503, True)
            assert servers[0].get("/readyz").status_code == 503
            assert servers[0].get("/healthz").status_code == 200
            time.sleep(max(0.0, gone + 10 - time.monotonic()))
            own.start()
            servers[0].wait_for("/readyz", 200)
            assert servers[0].draw(keys[0], "while-away").status_code in (200, 201)
        assert prove(told, settings, tmp_path) > 10  # while it was away every draw waited
