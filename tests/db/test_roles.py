"""The service's role on PostgreSQL: however the logins are, after `admin init` it may do what it must and nothing more.

A separate server: roles are a server's, and those of other tests' databases would be there already.
"""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from command import npn, one_line_error
from drawing import draw
from npn.cli.errors import WRONG_USAGE, exit_status
from npn.config import Settings
from npn.db.engine import SERVICE_ROLE
from npn.db.standing import standing
from npn.errors import ConfigurationError, UnavailableError
from npn.registry.recovery import diagnose
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from postgres import Cluster, cluster, installed


@dataclass
class Server:
    """A PostgreSQL whose roles come and go with each test."""

    cluster: Cluster
    folder: Path

    def settings(self, name: str = "npn", user: str = "postgres") -> Settings:
        return Settings(database=self.cluster.url(name, user), witness=str(self.folder / "witness"))

    def run(self, *statements: str, database: str = "postgres") -> None:
        for statement in statements:
            self.cluster.run(statement, database)

    def program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        where = ("-h", "127.0.0.1", "-p", str(self.cluster.port), "-U", "postgres")
        return subprocess.run([str(self.cluster.bin / name), *where, *arguments], check=False, capture_output=True)


@pytest.fixture(scope="module")
def started() -> Iterator[Cluster]:
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as made:
        yield made


@pytest.fixture
def server(started: Cluster, tmp_path: Path) -> Iterator[Server]:
    """With the logins `owner` (owns the database, may make nothing) and `served` (owns nothing)."""
    made = Server(started, tmp_path)
    forget(made)
    made.run("CREATE ROLE owner LOGIN", "CREATE ROLE served LOGIN", "CREATE DATABASE npn OWNER owner")
    made.run("ALTER SCHEMA public OWNER TO owner", "CREATE EXTENSION btree_gist", database="npn")
    yield made
    forget(made)


def forget(server: Server) -> None:
    """Leave nothing: no database, no role."""
    with psycopg.connect(server.cluster.url("postgres"), autocommit=True) as connection:
        databases = connection.execute(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        )
        for (name,) in databases.fetchall():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for name in ("owner", "served", "renamed", SERVICE_ROLE):
            connection.execute(f"DROP ROLE IF EXISTS {name}")


def serves(settings: Settings, *, as_role: str = SERVICE_ROLE, request: str = "r") -> None:
    """Assert that a service with this login works as the role, and draws."""
    service = build(settings)
    try:
        found = standing(service.database)
        assert found.works_as == as_role
        lab = service.systems.add(
            by="test", name=f"Lab {request}", vendor="V", owner="O", environment=Environment.PRODUCTION
        )
        assert draw(service, lab, 10, request_id=request).size == 10
        assert draw(service, lab, 10, request_id=request).size == 10
    finally:
        service.close()


def test_a_superuser_sets_up_and_the_service_owns_nothing(server: Server) -> None:
    settings = server.settings()
    assert initialise(settings).warnings == []
    serves(settings)
    service = build(settings)
    with closing(service):
        assert standing(service.database).owns, "RESET ROLE would make it the owner again"


def test_an_owner_that_may_make_no_role_is_told_what_to_have_run_and_that_is_enough(server: Server) -> None:
    settings = server.settings(user="owner")
    (warning,) = initialise(settings).warnings
    serves(settings, as_role="owner", request="before")
    advice = warning.partition("have an administrator run: ")[2].partition(" Then run")[0]
    assert advice == f'CREATE ROLE {SERVICE_ROLE} NOLOGIN; GRANT {SERVICE_ROLE} TO "owner";'
    server.run(*advice.split("; "))
    with pytest.raises(UnavailableError) as caught:
        build(settings)  # the advice is followed by half
    assert (caught.value.code, exit_status(caught.value)) == ("database_grants_missing", WRONG_USAGE)
    assert initialise(settings).warnings == []
    serves(settings, request="after")
    assert initialise(settings).warnings == []


def test_an_owner_whose_role_was_made_without_it_is_told_of_the_membership_alone(server: Server) -> None:
    server.run(f"CREATE ROLE {SERVICE_ROLE} NOLOGIN")
    settings = server.settings(user="owner")
    (warning,) = initialise(settings).warnings
    assert f'GRANT {SERVICE_ROLE} TO "owner";' in warning
    assert "CREATE ROLE" not in warning
    serves(settings, as_role="owner")


@pytest.mark.parametrize("login", ["postgres", "owner"])
def test_a_login_of_the_services_own(server: Server, login: str) -> None:
    if login == "owner":
        server.run("ALTER ROLE owner CREATEROLE")
    settings = server.settings(user=login)
    ran = npn("admin", "init", "--service-login", "served", on=settings)
    assert (ran.status, "Warning" in ran.err) == (0, False), ran
    serves(server.settings(user="served"))
    shown = npn("admin", "database", "show", "--json", on=server.settings(user="served")).json
    assert (shown["login"], shown["works_as"], shown["login_owns_tables"]) == ("served", SERVICE_ROLE, False)
    shown = npn("admin", "database", "show", "--json", on=settings).json
    assert shown["login_owns_tables"]
    with psycopg.connect(server.settings(user="served").database) as connection:
        for statement in ("DELETE FROM ledger", "SET ROLE owner", "DROP TABLE ledger", "TRUNCATE ledger"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
            connection.rollback()


def test_a_login_of_its_own_before_it_is_let_in_is_told_so(server: Server) -> None:
    initialise(server.settings())
    for command in (["serve", "--port", "0"], ["admin", "system", "list"]):
        ran = npn(*command, on=server.settings(user="served"))
        assert ran.status == WRONG_USAGE
        assert "[database_grants_missing]" in one_line_error(ran)
        assert "--service-login" in ran.err


@pytest.mark.parametrize(
    ("login", "code"),
    [("nobody", "service_login_unknown"), ("owner", "service_login_owns"), ("postgres", "service_login_owns")],
)
def test_a_login_that_is_not_there_or_could_take_the_guards_away_is_refused(
    server: Server, login: str, code: str
) -> None:
    settings = server.settings(user="owner")
    server.run("ALTER ROLE owner CREATEROLE")
    with pytest.raises(ConfigurationError) as caught:
        initialise(settings, service_logins=[login])
    assert caught.value.code == code
    initialise(settings, service_logins=["served"])
    serves(server.settings(user="served"))


def test_an_sqlite_database_has_no_logins(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        initialise(Settings(database=f"sqlite:///{tmp_path / 'npn.db'}"), service_logins=["served"])


def test_what_was_taken_from_the_role_is_given_again_and_what_was_given_besides_is_taken(server: Server) -> None:
    settings = server.settings()
    initialise(settings, service_logins=["served"])
    server.run(
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {SERVICE_ROLE}",
        f"REVOKE USAGE ON SCHEMA public FROM {SERVICE_ROLE}",
        f"GRANT DELETE, TRUNCATE ON ledger TO {SERVICE_ROLE}",
        f"GRANT UPDATE (name) ON number_space TO {SERVICE_ROLE}",
        f"GRANT CREATE ON SCHEMA public TO {SERVICE_ROLE}",
        database="npn",
    )
    with pytest.raises(UnavailableError):
        build(server.settings(user="served"))
    initialise(settings)
    serves(server.settings(user="served"))
    asked = (
        "SELECT has_table_privilege(%s, 'ledger', 'DELETE'), has_column_privilege(%s, 'number_space', 'name', 'UPDATE')"
    )
    with psycopg.connect(settings.database) as connection:
        assert connection.execute(asked, [SERVICE_ROLE, SERVICE_ROLE]).fetchone() == (False, False)


@pytest.mark.parametrize(
    "given",
    [
        f"ALTER ROLE {SERVICE_ROLE} SUPERUSER",
        f"GRANT owner TO {SERVICE_ROLE}",
        f"ALTER ROLE {SERVICE_ROLE} CREATEROLE",
        f"ALTER ROLE {SERVICE_ROLE} LOGIN",
        f"GRANT pg_write_all_data TO {SERVICE_ROLE}",
    ],
)
def test_a_role_that_could_do_more_is_found_out_by_trying(server: Server, given: str) -> None:
    initialise(server.settings(user="postgres"))
    server.run("GRANT owner TO postgres", given)
    server.run("ALTER TABLE stock_report OWNER TO owner", database="npn")
    with pytest.raises(ConfigurationError) as caught:
        initialise(server.settings())
    assert caught.value.code == "database_grants_wrong"
    server.run(f"ALTER ROLE {SERVICE_ROLE} NOSUPERUSER")


# --- a dump on another server --------------------------------------------------------------------------------------


@pytest.fixture
def dumped(server: Server) -> Path:
    """A dump of a database in use; the server has forgotten everything since."""
    settings = server.settings()
    initialise(settings, service_logins=["served"])
    serves(settings, request="before")
    done = server.program("pg_dump", "-Fc", "-f", str(server.folder / "dump"), "npn")
    assert done.returncode == 0, done.stderr
    serves(settings, request="forgotten")
    forget(server)
    server.run("CREATE ROLE owner LOGIN", "CREATE ROLE served LOGIN", "CREATE DATABASE npn")
    return server.folder / "dump"


@pytest.mark.parametrize(
    ("role", "first"),
    [
        ("before", "recover"),
        ("after", "recover"),
        ("after", "init"),
        ("without its rights", "recover"),
        ("without its rights", "init"),
        ("never", "recover"),
    ],
)
def test_a_dump_is_restored_before_or_after_the_role_is_there(
    server: Server, dumped: Path, role: str, first: str
) -> None:
    if role == "before":
        server.run(f"CREATE ROLE {SERVICE_ROLE} NOLOGIN")
    options = ["--no-privileges"] if role == "without its rights" else []
    server.program("pg_restore", *options, "-d", "npn", str(dumped))
    if role in ("after", "without its rights"):
        server.run(f"CREATE ROLE {SERVICE_ROLE} NOLOGIN")
    settings = server.settings()
    steps = [["recover", "--yes"], ["admin", "init", "--service-login", "served"]]
    for step in steps if first == "recover" else steps[::-1]:
        ran = npn(*step, on=settings)
        assert ran.status == 0, ran
    service = build(settings)
    with closing(service):
        assert diagnose(service.ledger).reason == ""
    serves(server.settings(user="served"), request="after")
