"""The place in the ledger where a time begins: what a look at every entry finds, by one question, on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from npn.config import Settings
from npn.instants import rfc3339
from npn.ledger.store import seq_at
from npn.ledger.tables import ledger, ledger_head

BEGUN = datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC)
LENGTHS = (0, 1, 2, 3, 64, 65, 1000)


def times(length: int) -> list[datetime]:
    """Return times in order: several of one instant, whole seconds beside parts of them, over midnight."""
    return [BEGUN + timedelta(milliseconds=250 * (n // 3)) for n in range(length)]


@pytest.fixture
def connection(settings: Settings) -> Iterator[sa.Connection]:
    """A ledger without its triggers, to be filled with times."""
    engine = sa.create_engine(settings.database.replace("postgresql://", "postgresql+psycopg://"))
    ledger.create(engine)
    ledger_head.create(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def fill(connection: sa.Connection, at: list[datetime]) -> None:
    connection.execute(sa.delete(ledger))
    connection.execute(sa.delete(ledger_head))
    connection.execute(sa.insert(ledger_head).values(one=1, length=len(at), hash="0"))
    rows = [
        {"seq": n, "at": rfc3339(time), "type": "x", "data": "{}", "previous": str(n - 1), "hash": str(n)}
        for n, time in enumerate(at, 1)
    ]
    if rows:
        connection.execute(sa.insert(ledger), rows)


@pytest.mark.parametrize("length", LENGTHS)
def test_it_is_what_a_look_at_every_entry_finds(connection: sa.Connection, length: int) -> None:
    at = times(length)
    fill(connection, at)
    asked = {
        BEGUN - timedelta(days=1),
        BEGUN + timedelta(days=1),
        *at,
        *(time + timedelta(microseconds=1) for time in at),
    }
    for wanted in asked:
        found = next((n for n, time in enumerate(at, 1) if time >= wanted), length + 1)
        assert seq_at(connection, wanted) == found, (length, wanted)


def test_a_longer_ledger_takes_no_more_questions(connection: sa.Connection) -> None:
    statements: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
    counts = set()
    for length in LENGTHS:
        fill(connection, times(length))
        statements.clear()
        seq_at(connection, BEGUN + timedelta(seconds=9))
        counts.add(len(statements))
    assert counts == {2}
