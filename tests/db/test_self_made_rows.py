"""Rows that somebody with the service's own role makes up: none is there without the ledger's entry of it."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import IntegrityConstraintViolation
from psycopg.types.json import Jsonb

from drawing import add, caller, draw
from guarded import Hand, by_hand, parts, withheld
from npn.config import Settings
from npn.people.approvals import Decision
from npn.registry.model import Series
from npn.wiring.assembly import build
from postgres import Cluster
from prepared import initialised

Connection = psycopg.Connection[tuple[object, ...]]
REFUSED = (IntegrityConstraintViolation, psycopg.errors.IntegrityError)


@pytest.fixture(scope="module")
def filled(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Series]:
    """A database with a released series, and a proposal that is open."""
    settings = Settings(database=postgres.new_database(), witness=str(tmp_path_factory.mktemp("made") / "w"))
    initialised(settings)
    service = build(settings)
    lab = add(service)
    series = draw(service, lab, 1000)
    draw(service, lab, 1000)
    service.registry.release(series.id, by=caller(lab), from_text=series.text(series.first + 500))
    wish = {"system": "labka-ii", "smallest_draw": 1, "largest_draw": 10_000_000, "quota": None, "quota_days": None}
    service.approvals.propose("limits", wish, by="account:a", reason="a test")
    rejected = service.approvals.propose("limits", {**wish, "smallest_draw": 2}, by="account:a", reason="a test")
    service.approvals.decide(rejected.id, Decision.REJECTED, by="account:b")
    service.close()
    with psycopg.connect(settings.database) as owner:
        row = withheld("w1", 1_000_004_000, 1_000_004_999)
        places = ", ".join(["%s"] * len(row))
        owner.execute(f"INSERT INTO live_range ({', '.join(row)}) VALUES ({places})", list(row.values()))
    return settings, series


@pytest.fixture(params=["owner", "service"])
def connection(request: pytest.FixtureRequest, filled: tuple[Settings, Series]) -> Iterator[Connection]:
    """A connection by hand whose work is rolled back."""
    with by_hand(request.param, filled[0]) as hand:
        assert isinstance(hand, Hand)
        assert isinstance(hand.connection, psycopg.Connection)
        yield hand.connection
        hand.connection.rollback()


def at_the_end(connection: Connection, statement: str, *values: object) -> None:
    """Run a statement and, as a commit would, what the database asks at the end."""
    connection.execute(statement, values)  # type: ignore[arg-type]
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_no_release_is_made_up(connection: Connection, filled: tuple[Settings, Series]) -> None:
    series = filled[1]
    for entry in (99, 1, "(SELECT ledger_seq FROM release)", "(SELECT max(seq) FROM ledger)"):
        with pytest.raises(REFUSED):
            at_the_end(
                connection,
                f"INSERT INTO release SELECT %s, %s, %s, now(), now(), {entry}",
                series.id,
                series.first,
                series.first + 499,
            )
        connection.rollback()


def test_no_range_is_split_by_nobody(connection: Connection) -> None:
    for entry in (99, 1, "(SELECT max(seq) FROM ledger)"):
        with pytest.raises(REFUSED):
            at_the_end(
                connection,
                "INSERT INTO range_split SELECT id, space, scheme_length, first, last, %s, now(), "
                f"{entry} FROM live_range WHERE id = 'w1'",
                parts((4000, 4999)),
            )
        connection.rollback()


PROPOSAL = "'made up', 'regrant', %s, 'r', {state}, 'account:a', now(), {by}, {at}, ''"


@pytest.mark.parametrize("state", ["approved", "rejected", "withdrawn"])
def test_a_proposal_begins_open(connection: Connection, state: str) -> None:
    whole = PROPOSAL.format(state=f"'{state}'", by="'account:b'", at="now()")
    with pytest.raises(REFUSED):
        connection.execute(f"INSERT INTO approval VALUES ({whole})", ["{}"])


def test_neither_a_proposal_nor_a_decision_is_made_up(connection: Connection) -> None:
    whole = PROPOSAL.format(state="'open'", by="NULL", at="NULL")
    with pytest.raises(REFUSED):
        at_the_end(connection, f"INSERT INTO approval VALUES ({whole})", "{}")
    connection.rollback()
    for state in ("approved", "rejected", "withdrawn"):
        decided = f"UPDATE approval SET state = '{state}', decided_by = 'account:b', decided_at = now()"
        with pytest.raises(REFUSED):
            at_the_end(connection, f"{decided} WHERE state = 'open'")
        connection.rollback()
        if state != "rejected":
            with pytest.raises(REFUSED):
                at_the_end(connection, f"{decided} WHERE state = 'rejected'")
            connection.rollback()


def test_the_four_rows_that_would_give_numbers_free_are_refused(
    connection: Connection, filled: tuple[Settings, Series]
) -> None:
    """However they are put: in one transaction or in several, with constraints asked at once or at the end."""
    series = filled[1]
    first, last = series.first + 600, series.first + 699
    wish = Jsonb({"series": series.id, "first": series.text(first), "last": series.text(last)})
    whole = PROPOSAL.format(state="'open'", by="NULL", at="NULL")
    decided = "state = 'approved', decided_by = 'account:b', decided_at = now()"
    free = "INSERT INTO regrant VALUES ('r1', %s, 'production', 10, %s, %s, %s, '', 'made up', now(), 99, 1)"
    given: list[tuple[str, list[object]]] = [
        (f"INSERT INTO approval VALUES ({whole})", [wish]),
        (f"UPDATE approval SET {decided} WHERE id = 'made up'", []),
        (free, [series.id, first, last, first]),
    ]
    refused = 0
    for statement, values in given:
        try:
            with connection.transaction():
                connection.execute(statement, values)  # type: ignore[arg-type]  # written above
        except REFUSED:
            refused += 1
    assert refused
    assert connection.execute("SELECT count(*) FROM regrant").fetchone() == (0,)
