"""PgBouncer before PostgreSQL, in transaction mode: what a guarantee rests on is set in each transaction."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from command import npn, one_line_error
from drawing import add, draw
from npn.config import Settings
from npn.db import Database
from npn.db.sealing import new_key_file
from npn.systems.model import Caller, Role
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from postgres import Cluster, cluster, free_port, installed

NOTED = ("synchronous_commit", "TimeZone", "DateStyle", "role", "search_path", "statement_timeout", "enable_seqscan")
_NOTE = f"""
CREATE TABLE noted (names text[]);
GRANT INSERT ON noted TO PUBLIC;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.noted VALUES (ARRAY[{", ".join(f"current_setting('{name}')" for name in NOTED)}]);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON ledger FOR EACH STATEMENT EXECUTE FUNCTION note();
"""


@contextmanager
def pgbouncer(server: Cluster, *, mode: str = "transaction", size: int = 3) -> Iterator[int]:
    """Run one in front of the cluster; gives its port."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="npn-pgbouncer-"))
    if server.run_as:
        shutil.chown(folder, "postgres", "postgres")
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {folder / 'users'}\n"
        f"pool_mode = {mode}\ndefault_pool_size = {size}\nmax_client_conn = 200\nlogfile = {folder / 'log'}\n"
        "ignore_startup_parameters = extra_float_digits\n"
    )
    (folder / "ini").chmod(0o644)
    (folder / "users").chmod(0o644)
    process = subprocess.Popen([*server.run_as, program, "-q", str(folder / "ini")], cwd=folder)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


@contextmanager
def others(url: str) -> Iterator[None]:
    """Other clients of the pooler, who set what suits them and take the server's sessions in turn."""
    clients = [psycopg.connect(url, autocommit=True) for _ in range(4)]
    for client in clients:
        client.execute("SET synchronous_commit = off")
        client.execute("SET TimeZone = 'Asia/Kathmandu'")
        client.execute("SET DateStyle = 'German'")
    try:
        yield
    finally:
        for client in clients:
            client.close()


@pytest.fixture
def owner(postgres: Cluster, tmp_path: Path) -> Settings:
    """A service's database, reached directly, whose cluster's defaults are others than ours."""
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path / "w"))
    initialise(settings)
    name = settings.database.rpartition("/")[2]
    for setting in ("synchronous_commit = off", "DateStyle = 'German'", "TimeZone = 'Asia/Kathmandu'"):
        postgres.run(f"ALTER DATABASE {name} SET {setting}")
    with psycopg.connect(settings.database) as connection:
        connection.execute(_NOTE)
    return settings


def through(owner: Settings, port: int) -> Settings:
    name = owner.database.rpartition("/")[2]
    return Settings(database=f"postgresql://postgres@127.0.0.1:{port}/{name}", witness=owner.witness)


def drawn_by_eight(service: Service) -> None:
    labs = [add(service, f"Lab {number}") for number in range(4)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: draw(service, labs[number % 4], 100), range(48)))
    firsts = sorted(series.first for series in made)
    assert all(b - a >= 100 for a, b in pairwise(firsts))
    with ThreadPoolExecutor(8) as pool:
        read = list(
            pool.map(
                lambda series: service.registry.series(series.id, by=Caller(Role.OPERATOR, "operator", None, "")), made
            )
        )
    assert [series.drawn_at for series in read] == [series.drawn_at for series in made]


def noted(owner: Settings) -> set[tuple[str, ...]]:
    with psycopg.connect(owner.database) as connection:
        return {tuple(names) for (names,) in connection.execute("SELECT DISTINCT names FROM noted")}


RIGHT = ("on", "UTC", "ISO, YMD", "npn_service", "public, pg_temp", "15s", "off")


def test_behind_pgbouncer_every_draw_succeeds_and_every_guarantee_is_kept(postgres: Cluster, owner: Settings) -> None:
    with pgbouncer(postgres) as port:
        settings = through(owner, port)
        with others(settings.database):
            service = build(settings)
            try:
                drawn_by_eight(service)
                assert service.database.pooled
                service.ledger.check()
                service.database.check_writable()
            finally:
                service.close()
    assert noted(owner) == {RIGHT}


def test_one_session_for_everybody_is_enough(postgres: Cluster, owner: Settings) -> None:
    """Where what was set is read back by luck: the only session there is."""
    with pgbouncer(postgres, size=1) as port:
        database = Database(through(owner, port).database)
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")
        assert database.pooled
        database.close()


def test_settings_do_not_leak_to_the_poolers_other_clients(postgres: Cluster, owner: Settings) -> None:
    with pgbouncer(postgres, size=1) as port:
        settings = through(owner, port)
        database = Database(settings.database)
        with database.write() as connection:
            assert connection.exec_driver_sql("SELECT current_user").scalar() == "npn_service"
        with psycopg.connect(settings.database) as other:
            assert other.execute("SELECT current_user, current_setting('enable_seqscan')").fetchone() == (
                "postgres",
                "on",
            )
        database.close()


def test_a_direct_connection_pays_nothing_for_it(owner: Settings) -> None:
    service = build(owner)
    try:
        drawn_by_eight(service)
        assert not service.database.pooled
        with service.database.write() as connection:
            driver = connection.connection.driver_connection
            assert driver.prepare_threshold is not None  # type: ignore[union-attr]
            driver.execute("SELECT 1")  # type: ignore[union-attr]
            assert connection.exec_driver_sql("SELECT current_setting('synchronous_commit')").scalar() == "on"
    finally:
        service.close()
    assert noted(owner) == {RIGHT}


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_witness_behind_a_pooler_is_refused_and_changes_nothing(postgres: Cluster, tmp_path: Path, mode: str) -> None:
    programs = installed()
    assert programs is not None
    with cluster(programs) as other, pgbouncer(other, mode=mode) as port:
        place = other.new_database().rpartition("/")[2]
        witness = f"postgresql://postgres@127.0.0.1:{port}/{place}"
        new_key_file(tmp_path / "key")
        key = str(tmp_path / "key")
        through = Settings(database=postgres.new_database(), witness=witness, secrets_key_file=key)
        refused = npn("admin", "init", on=through)
        assert (refused.status, "[witness_pooled]" in one_line_error(refused)) == (2, True), refused.err
        settings = Settings(database=postgres.new_database(), witness=other.url(place), secrets_key_file=key)
        initialise(settings)
        with psycopg.connect(other.url(place)) as there:
            assert there.execute("SELECT count(*) FROM npn_witness").fetchone() == (1,)
