"""What stands between the service and its database has a code, a sentence, a way out and its own exit status.

PostgreSQL speaks German here, and so do its dates: nothing may hang on its words.
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from command import npn, one_line_error
from drawing import add, draw
from npn.cli.errors import UNREACHABLE, WRONG_USAGE, exit_status
from npn.config import Settings
from npn.db import Database
from npn.db.errors import BY_SQLITE, BY_SQLSTATE, GRANTS_MISSING, HOST_UNKNOWN, REFUSED
from npn.errors import ConfigurationError, UnavailableError
from npn.systems.model import Caller, Role
from npn.wire.problems import TABLE
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise
from postgres import Cluster, cluster, free_port, installed

GERMAN = "de_DE.UTF-8"


@pytest.fixture(scope="module")
def german() -> Iterator[Cluster]:
    """A PostgreSQL that speaks German, with logins of all kinds."""
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="npn-locale-"))
    folder.chmod(0o755)
    made = shutil.which("localedef") and subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", str(folder / GERMAN)], check=False, capture_output=True
    )
    if not made or not (folder / GERMAN).exists():
        pytest.skip("no German locale can be made (Debian: apt-get install locales)")
    os.environ["LOCPATH"] = str(folder)
    try:
        with cluster(programs) as server:
            _furnish(server)
            del os.environ["LOCPATH"]
            yield server
    finally:
        os.environ.pop("LOCPATH", None)
        shutil.rmtree(folder)


def _furnish(server: Cluster) -> None:
    for statement in (
        f"ALTER SYSTEM SET lc_messages = '{GERMAN}'",
        "ALTER SYSTEM SET DateStyle = 'German, DMY'",
        "ALTER SYSTEM SET IntervalStyle = 'sql_standard'",
        "ALTER SYSTEM SET TimeZone = 'Asia/Kathmandu'",
        "CREATE ROLE known LOGIN PASSWORD 'right'",
        "CREATE ROLE few LOGIN CONNECTION LIMIT 0",
        "CREATE ROLE guest LOGIN",
        "CREATE DATABASE npn",
    ):
        server.run(statement)
    rules = server.folder / "data" / "pg_hba.conf"
    words = "host all known all scram-sha-256\nhost all turned_away all reject\n"
    rules.write_text(words + rules.read_text("utf-8"), "utf-8")
    server.stop()
    server.start()


@pytest.fixture(scope="module")
def served(german: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A service's database there."""
    settings = Settings(database=german.url("npn"), witness=str(tmp_path_factory.mktemp("german") / "w"))
    initialise(settings)
    return settings


def test_the_server_does_speak_german(german: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect(german.url("nowhere"))
    assert "existiert nicht" in str(caught.value)


CAUSES = {
    "a wrong password": ("postgresql://known:wrong@127.0.0.1:{port}/npn", "database_login_refused", WRONG_USAGE),
    "no password": ("postgresql://known@127.0.0.1:{port}/npn", "database_login_refused", WRONG_USAGE),
    "no such login": ("postgresql://nobody@127.0.0.1:{port}/npn", "database_login_refused", WRONG_USAGE),
    "a login turned away": ("postgresql://turned_away@127.0.0.1:{port}/npn", "database_login_refused", WRONG_USAGE),
    "no such database": ("postgresql://postgres@127.0.0.1:{port}/nowhere", "database_unknown", WRONG_USAGE),
    "no such host": ("postgresql://postgres@no-such-host.invalid/npn", "database_host_unknown", WRONG_USAGE),
    "nobody at the port": ("postgresql://postgres@127.0.0.1:{free}/npn", "database_refused", UNREACHABLE),
    "too many connections": ("postgresql://few@127.0.0.1:{port}/npn", "database_connections_used_up", UNREACHABLE),
    "missing grants": ("postgresql://guest@127.0.0.1:{port}/npn", "database_grants_missing", WRONG_USAGE),
    "one of several hosts": (
        "postgresql://postgres@127.0.0.1:{free},127.0.0.1:{port}/nowhere", "database_unknown", WRONG_USAGE
    ),
}  # fmt: skip


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_has_its_own_code_and_status(german: Cluster, served: Settings, cause: str) -> None:
    address, code, status = CAUSES[cause]
    settings = Settings(database=address.format(port=german.port, free=free_port()), witness=served.witness)
    with pytest.raises(UnavailableError) as caught:
        build(settings)
    assert (caught.value.code, exit_status(caught.value)) == (code, status)
    assert caught.value.hint
    assert caught.value.hint != "try again"
    assert "known" not in caught.value.message


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["admin", "system", "list"], ["admin", "init"]])
def test_commands_say_it_in_one_line_and_end_so_that_nobody_restarts_them(
    german: Cluster, served: Settings, command: list[str]
) -> None:
    address = CAUSES["a wrong password"][0].format(port=german.port)
    ran = npn(*command, on=Settings(database=address, witness=served.witness))
    assert ran.status == WRONG_USAGE
    assert "[database_login_refused]" in one_line_error(ran)


def test_a_login_without_rights_on_the_schema_is_told_so(german: Cluster, tmp_path: Path) -> None:
    url = german.new_database()
    settings = Settings(database=url.replace("postgres@", "guest@"), witness=str(tmp_path / "w"))
    ran = npn("admin", "init", on=settings)
    assert ran.status == WRONG_USAGE
    assert "[database_rights_missing]" in one_line_error(ran)


def test_a_read_only_server_is_known_as_one_in_german(german: Cluster, served: Settings) -> None:
    service = build(served)
    lab = add(service, "Read only")
    german.run("ALTER DATABASE npn SET default_transaction_read_only = on")
    try:
        service.database.close()
        with pytest.raises(UnavailableError) as caught:
            draw(service, lab, 10)
        assert (caught.value.code, caught.value.passes) == ("database_read_only", True)
    finally:
        german.run("ALTER DATABASE npn RESET default_transaction_read_only")
        service.close()


def test_it_works_where_dates_are_german_and_the_time_nepals(served: Settings) -> None:
    service = build(served)
    try:
        lab = add(service, "German dates")
        series = draw(service, lab, 10, request_id="one")
        assert draw(service, lab, 10, request_id="one") == series
        assert (
            service.registry.series(series.id, by=Caller(Role.OPERATOR, "operator", None, "")).drawn_at
            == series.drawn_at
        )
    finally:
        service.close()


def test_integrity_is_judged_by_code_too(served: Settings) -> None:
    service = build(served)
    try:
        with pytest.raises(sa.exc.IntegrityError), service.database.write() as connection:
            connection.execute(sa.text("UPDATE number_space SET cursor = first - 1"))
    finally:
        service.close()


def test_every_code_is_documented() -> None:
    kinds = {*BY_SQLSTATE.values(), *BY_SQLITE.values(), GRANTS_MISSING, REFUSED, HOST_UNKNOWN}
    assert {kind.code for kind in kinds} <= set(TABLE)


def fill_up(database: Database) -> None:
    with database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("CREATE TABLE filling AS SELECT randomblob(1000000) AS b")


def test_a_full_disk_and_a_file_that_is_none_are_known_by_sqlites_codes(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}")
    initialise(settings)
    database = Database(settings.database)
    with pytest.raises(UnavailableError) as caught:
        fill_up(database)
    assert caught.value.code == "storage_full"
    database.close()
    (tmp_path / "none.db").write_text("x" * 4096)
    with pytest.raises(UnavailableError) as caught, Database(f"sqlite:///{tmp_path / 'none.db'}").read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM sqlite_master")
    assert caught.value.code == "database_corrupt"


@pytest.mark.parametrize(
    "address",
    [
        "sqlite://var/npn.db",
        "sqlite://var",
        "sqlite://me@var/npn.db",
        "sqlite:///npn.db?mode=ro",
        "sqlite:////tmp/npn.db?",
        "sqlite:///npn.db ",
        "sqlite:///npn.db\r",
        " sqlite:///npn.db",
        "sqlite:///npn.db\n",
        "sqlite:///np\x00n.db",
        "sqlite:///file:npn.db",
        "sqlite:///:memory:",
        "sqlite://",
        "postgresql://u@h/npn\r",
    ],
)
def test_an_address_of_which_a_part_would_be_dropped_is_refused(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        initialise(Settings(database=address, witness=str(tmp_path / "w")))
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_connection_in_use_while_the_database_is_closed_is_closed_when_it_comes_back(service: Service) -> None:
    with ExitStack() as block:
        connection = block.enter_context(service.database.read())
        raw = connection.connection.dbapi_connection
        service.database.close()
        assert connection.scalar(sa.text("SELECT 1")) == 1
    assert raw is not None
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        raw.cursor().execute("SELECT 1")
