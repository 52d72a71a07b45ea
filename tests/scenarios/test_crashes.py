"""Servers killed whenever: what was acknowledged is kept, nothing is given twice, repeats find the truth."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from clients import clients, prove, set_up
from servers import Server, serving

from npn.config import Settings
from npn.db.sealing import new_key_file
from npn.wiring.assembly import build
from postgres import Cluster, cluster, installed


def killed_under_load(settings: Settings, folder: Path, *, kills: int) -> int:
    """Kill one of two servers at random moments while clients draw; prove it; give the series acknowledged."""
    keys = set_up(settings)
    chance = random.Random(kills)
    left = kills
    number = 0
    while left:
        number += 1
        part = folder / f"part-{number}"
        part.mkdir()
        now, left = min(left, 25), max(0, left - 25)
        with (
            serving(settings, part, processes=2) as servers,
            clients([keys[0]], servers, part, processes=2, seconds=now * 1.2) as told,
        ):
            for _ in range(now):
                time.sleep(chance.random() * 0.8)
                victim = chance.choice(servers)
                victim.kill()
                victim.start()
        acknowledged = prove(told, settings, part)
    return acknowledged


def on_sqlite(folder: Path) -> Settings:
    return Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))


def test_ten_kills_on_sqlite_lose_nothing_and_give_nothing_twice(tmp_path: Path) -> None:
    assert killed_under_load(on_sqlite(tmp_path), tmp_path, kills=10) > 20


def test_ten_kills_on_postgresql_lose_nothing_and_give_nothing_twice(postgres: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path / "npn.witness"))
    assert killed_under_load(settings, tmp_path, kills=10) > 20


@pytest.mark.slow
def test_five_hundred_kills_on_both_engines(postgres: Cluster, tmp_path: Path) -> None:
    for name, database in (("s", f"sqlite:///{tmp_path / 'npn.db'}"), ("p", postgres.new_database())):
        folder = tmp_path / name
        folder.mkdir()
        settings = Settings(database=database, witness=str(folder / "npn.witness"))
        killed_under_load(settings, folder, kills=500)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_killed_between_commit_and_witness_nobody_was_told_and_the_repeat_is(
    postgres: Cluster, tmp_path: Path, engine: str
) -> None:
    """The witness is a row that the test holds locked: it can be read, so the server commits, and then hangs."""
    programs = installed()
    assert programs is not None
    database = f"sqlite:///{tmp_path / 'npn.db'}" if engine == "sqlite" else postgres.new_database()
    new_key_file(tmp_path / "npn.secrets")
    with cluster(programs) as another:
        witness = another.new_database()
        settings = Settings(database=database, witness=witness, secrets_key_file=str(tmp_path / "npn.secrets"))
        _kill_between_commit_and_witness(settings, tmp_path)


def _kill_between_commit_and_witness(settings: Settings, tmp_path: Path) -> None:
    witness = settings.witness
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,), ThreadPoolExecutor(1) as pool:
        before = server.draw(key, "before").json()
        with psycopg.connect(witness) as holder:
            holder.execute("SELECT 1 FROM npn_witness FOR UPDATE")
            unanswered = pool.submit(server.draw, key, "a", {"count": 100})
            committed = _series_committed(settings, 2)
            shown = server.get("/v1/series", key).json()["items"]
            assert [series["id"] for series in shown] == [before["id"]], "shown before it was witnessed"
            assert not unanswered.done()
            server.kill()
        assert isinstance(unanswered.exception(30), httpx.HTTPError)
        server.start()
        repeat = server.draw(key, "a", {"count": 100})
        assert repeat.status_code == 200
        assert repeat.json()["id"] in committed
        assert int(repeat.json()["first"]) == int(before["last"]) + 1
        assert int(server.draw(key, "b").json()["first"]) == int(repeat.json()["last"]) + 1
    service = build(settings)
    try:
        assert service.ledger.witness.read() == service.ledger.state()
    finally:
        service.close()


def _series_committed(settings: Settings, count: int) -> list[str]:
    """Wait until the database itself holds so many series; give their ids."""
    service = build(settings)
    try:
        until = time.monotonic() + 8
        while time.monotonic() < until:
            with service.database.read() as connection:
                found = connection.exec_driver_sql("SELECT id FROM live_range WHERE kind = 'granted'").scalars().all()
            if len(found) >= count:
                return list(found)
            time.sleep(0.02)
        raise AssertionError("the draw was never committed")
    finally:
        service.close()


def test_told_to_stop_the_server_answers_what_it_took(tmp_path: Path) -> None:
    settings = on_sqlite(tmp_path)
    (key,) = set_up(settings)

    def draw(server: Server, number: int) -> int:
        try:
            return server.draw(key, f"r{number}").status_code
        except (httpx.ConnectError, httpx.ReadError):
            return 0  # not taken: the port was closed before the server had come to it

    with serving(settings, tmp_path) as (server,), ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(draw, server, n) for n in range(60)]
        time.sleep(0.15)
        assert server.stop() == 0
        answers = [each.result() for each in asked]
    assert set(answers) <= {201, 503, 0}
    assert _granted(settings) == {f"r{n}" for n, status in enumerate(answers) if status == 201}  # what it took


def _granted(settings: Settings) -> set[str]:
    service = build(settings)
    try:
        with service.database.read() as connection:
            query = "SELECT request_id FROM live_range WHERE kind = 'granted'"
            return set(connection.exec_driver_sql(query).scalars())
    finally:
        service.close()
