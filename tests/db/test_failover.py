"""Connections that find the primary, and let go of servers that died, said so or not."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from drawing import add
from npn.config import Settings
from npn.db import Database
from npn.db.hosts import split
from npn.db.liveness import Watch
from npn.errors import ConfigurationError, UnavailableError
from npn.registry.allocator import Allocator
from npn.registry.draws import Answer
from npn.registry.model import Draw
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from postgres import Cluster, cluster, free_port, installed


@pytest.fixture(scope="module")
def own() -> Iterator[Cluster]:
    """A server that may be frozen and stopped."""
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as made:
        yield made


def processes(of: Cluster) -> list[int]:
    """The postmaster and its children."""
    first = int((of.folder / "data" / "postmaster.pid").read_text().split()[0])
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], check=False, capture_output=True, text=True)
    return [first, *map(int, found.stdout.split())]


@contextmanager
def frozen(which: Cluster) -> Iterator[None]:
    stopped = processes(which)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(stopped):
            os.kill(pid, signal.SIGCONT)


def test_whoever_waits_on_a_frozen_server_is_set_free(own: Cluster) -> None:
    watch = Watch(patience=0.5, answer=0.5)
    with psycopg.connect(own.url("postgres")) as connection, frozen(own):
        with pytest.raises(psycopg.OperationalError), watch.over(connection):
            connection.execute("SELECT 1")
        connection.close()


def test_who_waits_rightly_is_left_alone(own: Cluster) -> None:
    watch = Watch(patience=0.3, answer=20)
    with psycopg.connect(own.url("postgres")) as connection, watch.over(connection):
        assert connection.execute("SELECT 1 FROM pg_sleep(2)").fetchone() == (1,)


def test_of_several_hosts_the_one_that_answers_is_found(own: Cluster) -> None:
    with psycopg.connect(own.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE several")
    closed = free_port()
    url = f"postgresql://postgres@127.0.0.1:{closed},127.0.0.1:{own.port}/several"
    database = Database(url)
    with database.write() as connection:
        assert connection.scalar(sa.text("SHOW transaction_read_only")) == "off"
    database.close()


def test_a_standby_is_never_written_to(own: Cluster) -> None:
    """What `target_session_attrs` looks at: a session that may not write."""
    with psycopg.connect(own.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE standby LOGIN SUPERUSER")
        connection.execute("ALTER ROLE standby SET default_transaction_read_only = on")
    database = Database(f"postgresql://standby@127.0.0.1:{own.port},127.0.0.1:{own.port}/postgres")
    with pytest.raises(UnavailableError) as caught, database.write() as connection:
        connection.scalar(sa.text("SELECT 1"))
    assert (caught.value.nothing_done, caught.value.passes) == (True, True)
    database.close()


def test_an_address_with_several_hosts_is_read_whole() -> None:
    url, told = split("postgresql://u:p%40@a:1,b,[::1]:4/npn?sslmode=require")
    assert (url.username, url.password, url.database) == ("u", "p@", "npn")
    assert (told["host"], told["port"], told["target_session_attrs"]) == ("a,b,::1", "1,5432,4", "read-write")
    assert split("postgresql://a,b/npn?target_session_attrs=any")[1].get("target_session_attrs") is None
    assert "target_session_attrs" not in split("postgresql://a/npn")[1], "behind a proxy nothing is asked"
    for wrong in ("postgresql://u:s3cret@a,/npn", "postgresql://u:s3cret@a,b:x/npn"):
        with pytest.raises(ConfigurationError) as caught:
            Database(wrong)
        assert "s3cret" not in str(caught.value)


def test_a_restart_of_the_server_is_a_pause_and_no_error(own: Cluster, tmp_path: Path) -> None:
    settings = Settings(database=own.new_database(), witness=str(tmp_path / "npn.witness"))
    initialise(settings)
    service = build(settings)
    try:
        system, key = add(service)
        service.allocator.draw(Draw(system.id, key.digest, "before", 10, None, None, None)).result(60)
        own.stop("immediate")
        waiting = [
            service.allocator.draw(Draw(system.id, key.digest, f"meanwhile-{n}", 10, None, None, None))
            for n in range(3)
        ]
        time.sleep(1)
        own.start()
        firsts = [draw.result(60).series.first for draw in waiting]
        assert firsts == sorted(set(firsts))
    finally:
        service.close()


def test_a_commit_that_no_standby_confirmed_is_not_taken_for_done(own: Cluster) -> None:
    """An administrator who cancels the wait makes PostgreSQL say done: on one machine alone."""
    url = own.new_database()
    database = Database(url, as_owner=True)
    with database.write() as connection:
        connection.execute(sa.text("CREATE TABLE draws (one integer)"))
    own.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    own.run("SELECT pg_reload_conf()")
    try:
        with ThreadPoolExecutor(1) as other, pytest.raises(UnavailableError) as caught:
            _insert_until_refused(database, other, own)
        assert (caught.value.code, caught.value.nothing_done) == ("outcome_unknown", False)
    finally:
        own.run("ALTER SYSTEM RESET synchronous_standby_names")
        own.run("SELECT pg_reload_conf()")
        database.close()


def _insert_until_refused(database: Database, other: ThreadPoolExecutor, own: Cluster) -> None:
    """Insert, cancelling each wait for a standby: commits do wait once the server has taken up its new settings."""
    for _ in range(100):
        committed = other.submit(_insert, database)
        while not committed.done():
            own.run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            time.sleep(0.1)
        committed.result()


def _insert(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("INSERT INTO draws VALUES (1)"))


def _away(*, nothing_done: bool) -> UnavailableError:
    error = UnavailableError("away", code="database_unavailable")
    error.nothing_done, error.passes = nothing_done, True
    return error


@pytest.mark.parametrize(("certain", "tries"), [(True, 2), (False, 1)])
def test_only_what_certainly_changed_nothing_is_tried_again(tries: int, *, certain: bool) -> None:
    asked: list[str] = []

    def run(draws: object) -> list[Answer]:
        asked.append("")
        raise _away(nothing_done=certain)

    with ThreadPoolExecutor(1) as writer:
        allocator = Allocator(run, writer, patience=0.3)
        answer = allocator.draw(Draw("s", "k", "r", 1, None, None, None))
        with pytest.raises(UnavailableError):
            answer.result(30)
    assert (len(asked) >= tries) if certain else (len(asked) == 1)


def test_a_service_that_stops_does_not_wait_for_a_failover_to_end() -> None:
    begun = threading.Event()

    def run(draws: object) -> list[Answer]:
        begun.set()
        raise _away(nothing_done=True)

    with ThreadPoolExecutor(1) as writer:
        allocator = Allocator(run, writer, patience=3600)
        answer = allocator.draw(Draw("s", "k", "r", 1, None, None, None))
        assert begun.wait(30)
        allocator.close()
        with pytest.raises(UnavailableError):
            answer.result(30)
