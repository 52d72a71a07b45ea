"""What refuses overlap on PostgreSQL: runs of series that the database keeps itself. SQL written by hand, many ways."""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import psycopg
import pytest
from psycopg import Connection, IsolationLevel
from psycopg.errors import (
    ExclusionViolation,
    ForeignKeyViolation,
    InsufficientPrivilege,
    IntegrityError,
    UniqueViolation,
)

from drawing import add, draw
from npn.config import Settings
from npn.db.engine import SERVICE_ROLE
from npn.wiring.assembly import build
from postgres import Cluster
from prepared import initialised

LOW = 1_000_100_000
REFUSED = (IntegrityError, InsufficientPrivilege)


@pytest.fixture(scope="module")
def filled(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with three series that follow one another and a withheld range after a gap."""
    url = postgres.new_database()
    settings = Settings(database=url, witness=str(tmp_path_factory.mktemp("runs") / "w"))
    initialised(settings)
    service = build(settings)
    lab = add(service)
    for request in ("one", "two", "three"):
        draw(service, lab, 100, request_id=request)
    service.close()
    with psycopg.connect(url) as connection:
        insert(connection, [(1_000_004_000, 1_000_004_999, "withheld")])
    return url


@pytest.fixture
def database(filled: str, postgres: Cluster) -> str:
    """One to change for good."""
    copy = postgres.new_database().rpartition("/")[2]
    postgres.run(f"DROP DATABASE {copy}")
    postgres.run(f"CREATE DATABASE {copy} TEMPLATE {filled.rpartition('/')[2]}")
    return postgres.url(copy)


@pytest.fixture(params=["owner", "service"])
def by_hand(request: pytest.FixtureRequest, filled: str) -> Iterator[Connection]:
    """A connection whose work is never committed."""
    with closing(psycopg.connect(filled)) as connection:
        if request.param == "service":
            connection.execute(f"SET SESSION ROLE {SERVICE_ROLE}")
            connection.commit()
        yield connection
        connection.rollback()


def values(rows: list[tuple[int, int, str]], system: str = "labka-ii") -> str:
    """Whole rows of live_range as SQL: first, last, kind."""
    return ", ".join(
        f"('{kind}-{first}-{last}-{n}', '{kind}', 'production', 10, {first}, {last}, 1, '{system}', 'rest',"
        f" 'r-{first}-{last}-{n}', 'digest', NULL, now(), 99)"
        for n, (first, last, kind) in enumerate(rows)
    )


def insert(connection: Connection, rows: list[tuple[int, int, str]], system: str = "labka-ii") -> None:
    connection.execute(f"INSERT INTO live_range VALUES {values(rows, system)}")


def copy_in(connection: Connection, ranges: list[tuple[int, int]]) -> None:
    with connection.cursor().copy("COPY live_range FROM STDIN") as copy:
        for n, (first, last) in enumerate(ranges):
            row = (f"c{n}", "granted", "production", 10, first, last, 1, "labka-ii", "rest", f"c{n}", "d", None)
            copy.write_row((*row, "2026-01-01T00:00:00Z", 99, 0))


def runs(connection: Connection) -> list[tuple[int, int]]:
    return [(first, last) for first, last in connection.execute("SELECT first, last FROM live_run ORDER BY first")]


def test_what_each_statement_adds_is_a_run_and_an_overlap_anywhere_in_it_is_refused(by_hand: Connection) -> None:
    insert(by_hand, [(LOW + 10 * n, LOW + 10 * n + 9, "granted") for n in range(8)])
    assert (LOW, LOW + 79) in runs(by_hand)
    for first, last in ((LOW, LOW), (LOW + 15, LOW + 15), (LOW + 79, LOW + 90), (LOW - 1, LOW + 100)):
        for kind in ("granted", "imported", "withheld"):
            with pytest.raises((ExclusionViolation, UniqueViolation)), by_hand.transaction():
                insert(by_hand, [(LOW + 500, LOW + 500, "granted"), (first, last, kind)])


@pytest.mark.parametrize(
    "rows",
    [
        [(LOW, LOW + 9, "granted"), (LOW + 9, LOW + 12, "granted")],
        [(LOW, LOW + 9, "granted"), (LOW + 1, LOW + 2, "granted")],
        [(LOW, LOW, "granted"), (LOW + 1, LOW + 5, "granted"), (LOW + 1, LOW + 5, "withheld")],
        [(LOW, LOW + 20, "withheld"), (LOW + 4, LOW + 5, "granted"), (LOW + 6, LOW + 7, "granted")],
        [(LOW, LOW + 5, "granted"), (LOW + 6, LOW + 8, "granted"), (LOW + 3, LOW + 3, "imported")],
    ],
)
def test_ranges_of_one_statement_do_not_overlap_each_other(
    by_hand: Connection, rows: list[tuple[int, int, str]]
) -> None:
    for order in (rows, rows[::-1]):
        with pytest.raises(IntegrityError):
            insert(by_hand, order)
        by_hand.rollback()


def test_neither_do_those_of_two_parts_of_one_statement_nor_copied_ones(by_hand: Connection) -> None:
    one, other = values([(LOW, LOW + 9, "granted")]), values([(LOW + 5, LOW + 6, "imported")])
    with pytest.raises(ExclusionViolation):
        by_hand.execute(
            f"WITH a AS (INSERT INTO live_range VALUES {one} RETURNING 1) INSERT INTO live_range VALUES {other}"
        )
    by_hand.rollback()
    with pytest.raises(ExclusionViolation):
        copy_in(by_hand, [(LOW, LOW + 9), (LOW + 10, LOW + 19), (LOW + 5, LOW + 14)])
    by_hand.rollback()


@pytest.mark.parametrize("level", list(IsolationLevel))
def test_two_transactions_at_once_never_hold_the_same_numbers(database: str, level: IsolationLevel) -> None:
    """The second waits for the first, whatever its snapshot shows; only where the first gives up has it the numbers."""
    for commits in (True, False):
        base = LOW + (0 if commits else 1000)
        with psycopg.connect(database) as first, psycopg.connect(database) as second:
            first.isolation_level = second.isolation_level = level
            second.execute("SELECT count(*) FROM live_range")  # its snapshot is older than what the first adds
            insert(first, [(base, base + 9, "granted"), (base + 10, base + 19, "granted")])
            outcome: list[Exception | None] = []

            def overlap(other: Connection = second, at: int = base, told: list[Exception | None] = outcome) -> None:
                try:
                    insert(other, [(at + 15, at + 30, "granted")])
                    other.commit()
                    told.append(None)
                except psycopg.Error as error:
                    told.append(error)

            waiting = threading.Thread(target=overlap)
            waiting.start()
            waiting.join(0.3)
            assert not outcome, "the second must wait"
            if commits:
                first.commit()
            else:
                first.rollback()
            waiting.join(60)
            assert (outcome[0] is None) == (not commits)
            if commits:
                assert isinstance(outcome[0], ExclusionViolation)


def test_the_numbers_of_a_withheld_range_are_free_again_once_it_made_place(by_hand: Connection) -> None:
    parts = [(1_000_004_000, 1_000_004_099), (1_000_004_100, 1_000_004_999)]
    said = [{"id": str(a), "kind": "withheld", "first": a, "last": b, "usable": 1, "drawn_at": "now"} for a, b in parts]
    by_hand.execute(
        "INSERT INTO range_split SELECT id, space, scheme_length, first, last, %s, drawn_at, 99 FROM live_range"
        " WHERE kind = 'withheld'",
        [json.dumps(said)],
    )
    assert set(parts) <= set(runs(by_hand))
    with pytest.raises((ExclusionViolation, UniqueViolation)):
        insert(by_hand, [(1_000_004_150, 1_000_004_999, "withheld")])
    by_hand.rollback()
    assert (1_000_004_000, 1_000_004_999) in runs(by_hand)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO live_run VALUES (10, 1000200000, 1000200001)",
        "UPDATE live_run SET last = last - 1",
        "UPDATE live_run SET first = first",
        "DELETE FROM live_run",
        "DELETE FROM live_run WHERE first = 1000004000",
        "TRUNCATE live_run",
        "TRUNCATE live_range CASCADE",
        "UPDATE connected_system SET id = 'another' WHERE id = 'labka-ii'",
        "DELETE FROM connected_system WHERE id = 'labka-ii'",
        "UPDATE number_space SET name = 'another' WHERE name = 'production'",
        "DELETE FROM number_space WHERE name = 'production'",
    ],
)
def test_runs_and_what_ranges_belong_to_stay(by_hand: Connection, statement: str) -> None:
    with pytest.raises(REFUSED):
        by_hand.execute(statement)
    by_hand.rollback()


@pytest.mark.parametrize("rows", [1, 3])
def test_a_range_belongs_to_a_system_that_is_there(by_hand: Connection, rows: int) -> None:
    wanted = [(LOW + n, LOW + n, "granted") for n in range(rows)]
    with pytest.raises(ForeignKeyViolation):
        by_hand.execute(
            f"INSERT INTO live_range VALUES {values(wanted)}, {values([(LOW + 50, LOW + 50, 'granted')], 'x')}"
        )
    by_hand.rollback()
    by_hand.execute(  # nobody's: what a recovery withholds
        "INSERT INTO live_range SELECT 'w2', 'withheld', space, scheme_length, 1000300000, 1000300001, 0, NULL, NULL,"
        " NULL, NULL, NULL, drawn_at, 99 FROM live_range LIMIT 1"
    )
    by_hand.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        (
            "CREATE TEMP TABLE t (scheme_length int2, first int8, last int8, kind text, id text);"
            " CREATE TRIGGER a AFTER INSERT ON t REFERENCING NEW TABLE AS added"
            " FOR EACH STATEMENT EXECUTE FUNCTION npn_runs_added()"
        ),
        (
            "CREATE TEMP TABLE t (scheme_length int2, first int8, last int8);"
            " CREATE TRIGGER r AFTER DELETE ON t REFERENCING OLD TABLE AS removed"
            " FOR EACH STATEMENT EXECUTE FUNCTION npn_runs_removed()"
        ),
    ],
)
@pytest.mark.parametrize("by_hand", ["service"], indirect=True)
def test_the_services_role_can_not_write_runs_by_a_trigger_of_its_own(by_hand: Connection, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        by_hand.execute(statement)
    by_hand.rollback()


def test_whatever_is_inserted_in_whatever_company_overlaps_nothing(database: str) -> None:
    """Many statements at random, against what a plain comparison of every range with every other says."""
    chance = random.Random(12)
    held: list[tuple[int, int]] = []
    accepted = 0
    with psycopg.connect(database) as connection:
        for _ in range(400):
            rows = []
            at = LOW + chance.randrange(3000)
            for _ in range(chance.randrange(1, 6)):
                last = at + chance.randrange(6)
                rows.append((at, last, chance.choice(["granted", "granted", "granted", "imported", "withheld"])))
                at = last + chance.choice([1, 1, 1, 1, 1, 2, 9, 0, -2])
            chance.shuffle(rows)
            everything = sorted([*held, *((first, last) for first, last, _ in rows)])
            right = all(a[1] < b[0] for a, b in pairwise(everything))
            try:
                insert(connection, rows)
            except IntegrityError:
                connection.rollback()
                assert not right
            else:
                connection.commit()
                assert right
                held, accepted = everything, accepted + 1
        covered = {number for first, last in runs(connection) for number in range(first, last + 1) if number >= LOW}
        assert covered == {number for first, last in held for number in range(first, last + 1)}
    assert accepted > 20
