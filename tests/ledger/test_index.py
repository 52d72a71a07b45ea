"""The index of the ledger: what it finds is what a look at every entry finds, also in a long ledger, and quickly."""

import json
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from npn.ledger.index import LedgerIndex
from npn.ledger.tables import ledger

ENTRIES = 60_000


def entries() -> Iterator[dict[str, object]]:
    """Yield rows of a long ledger, most of them draws."""
    for seq in range(1, ENTRIES + 1):
        if seq % 20:
            kind = "series_granted"
            data = {"system": f"lab-{seq % 201}", "series": f"s{seq:020x}", "purpose": "", "by": ""}
        else:
            kind = "system_suspended" if seq % 40 else "case_changed"
            data = {"system": f"lab-{seq % 7}", "by": f"account:a{seq % 3}", "case": seq, "reason": "Prøve æøå"}
        yield {
            "seq": seq, "at": f"2026-11-{1 + seq * 29 // ENTRIES:02}T12:00:00Z", "type": kind,
            "data": json.dumps(data, ensure_ascii=False), "previous": f"{seq - 1:064x}", "hash": f"{seq:064x}",
        }  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    ledger.create(engine)
    with engine.connect() as connection:
        connection.execute(sa.insert(ledger), list(entries()))
        yield connection
    engine.dispose()


def looked_for(**members: str) -> list[int]:
    """Return the places, newest first, by a look at every entry."""
    return [
        int(str(row["seq"]))
        for row in reversed(list(entries()))
        if all(
            str(row["type"]) == value if name == "kind" else str(json.loads(str(row["data"])).get(name)) == value
            for name, value in members.items()
        )
    ]


def test_it_finds_what_a_look_at_every_entry_finds(connection: sa.Connection) -> None:
    index = LedgerIndex()
    assert index.update(connection) == ENTRIES
    for members in (
        {"system": "lab-3"},
        {"kind": "case_changed"},
        {"system": "lab-4", "kind": "system_suspended"},
        {"by": "account:a1", "system": "lab-2"},
        {"case": "400"},
        {"system": "nobody"},
    ):
        groups = [[member] for member in members.items()]
        assert list(index.find(groups, first=1, before=2**62)) == looked_for(**members)
    both = [[("system", "lab-1"), ("system", "lab-2")]]
    wanted = sorted({*looked_for(system="lab-1"), *looked_for(system="lab-2")}, reverse=True)
    assert list(index.find(both, first=1, before=2**62)) == wanted
    assert list(index.find(both, first=100, before=500)) == [seq for seq in wanted if 100 <= seq < 500]


def test_it_reads_on_where_it_stopped_and_begins_again_after_a_restore(connection: sa.Connection) -> None:
    index = LedgerIndex()
    index.update(connection)
    began = time.process_time()
    index.update(connection)
    list(index.find([[("system", "lab-3")], [("kind", "series_granted")]], first=1, before=2**62))
    assert time.process_time() - began < 0.1
    with connection.begin_nested() as restored:
        connection.execute(sa.delete(ledger).where(ledger.c.seq > 100))
        connection.execute(
            sa.insert(ledger).values(seq=101, at="2026-11-30T12:00:00Z", type="other", data='{"system":"new"}',
                                     previous="p", hash="h")
        )  # fmt: skip
        index.update(connection)  # as a standby that is behind: what is known stays
        connection.execute(sa.insert(ledger), [
            {"seq": seq, "at": "2026-11-30T12:00:00Z", "type": "other", "data": '{"system":"new"}',
             "previous": f"p{seq}", "hash": f"h{seq}"} for seq in range(102, ENTRIES + 2)
        ])  # fmt: skip
        assert index.update(connection) == ENTRIES + 1
        assert len(list(index.find([[("system", "new")]], first=1, before=2**62))) == ENTRIES - 99
        assert list(index.find([[("system", "lab-3"), ("kind", "other")]], first=1, before=50))[-1] == 3
        restored.rollback()
