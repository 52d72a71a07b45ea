"""How often numbers were granted before is a column of its own, `generation`, and no longer part of `scheme_length`.

Until now `scheme_length` held the scheme's length and 100 for each time that the numbers were granted before. Every guard
that compared it now compares both columns, so that ranges overlap as before: within one length and one generation.
docs/adr/0073-generation-column.md says why. SQLite can't change the unique constraint of a table that is there, so it
copies the live ranges into a new one; the foreign keys to it are asked at the end of the transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from npn.db.types import Timestamp

revision = "0021"
down_revision = "0020"
compatible_since = "0021"  # a program before it would look for regranted series under a length that is not there

_CHANGED = ("live_range", "regrant", "range_split")
_COLUMNS = ("id", "kind", "first", "last", "usable", "system_id", "channel", "request_id", "request_digest", "purpose")
_NAMES = ", ".join(_COLUMNS)


def upgrade() -> None:
    """Add the column, divide what the length held, and put guards that know both in place of the old ones."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        _upgrade_sqlite(bind)
    else:
        _upgrade_postgresql(bind)


def _add_column(table: str) -> None:
    op.add_column(table, sa.Column("generation", sa.Integer, nullable=False, server_default="0"))


_DIVIDE = (
    "UPDATE {} SET generation = scheme_length / 100, scheme_length = scheme_length % 100 WHERE scheme_length >= 100"
)


# --- SQLite ----------------------------------------------------------------------------------------------------


def _upgrade_sqlite(bind: sa.Connection) -> None:
    for table in ("regrant", "range_split"):
        for name in bind.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).scalars():
            kept = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).scalar_one()
            if name.startswith("guard_") or "UPDATE" in str(kept).partition(" ON ")[0] or "scheme_length" in str(kept):
                bind.exec_driver_sql(f'DROP TRIGGER "{name}"')
        _add_column(table)
        op.execute(_DIVIDE.format(table))
    bind.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    bind.exec_driver_sql("CREATE TABLE live_range_before AS SELECT * FROM live_range ORDER BY rowid")
    bind.exec_driver_sql("DROP TABLE live_range")
    _create_live_range()
    columns = f"{_NAMES}, space, drawn_at, ledger_seq"
    bind.exec_driver_sql(
        f"INSERT INTO live_range ({columns}, scheme_length, generation) "
        f"SELECT {columns}, scheme_length % 100, scheme_length / 100 FROM live_range_before ORDER BY rowid"
    )
    bind.exec_driver_sql("DROP TABLE live_range_before")
    for statement in SQLITE:
        bind.exec_driver_sql(statement)


def _create_live_range() -> None:
    op.create_table(
        "live_range",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("scheme_length", sa.SmallInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("usable", sa.BigInteger, nullable=False),
        sa.Column("system_id", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("request_digest", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("drawn_at", Timestamp, nullable=False),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_live_range"),
        sa.CheckConstraint("kind IN ('granted', 'imported', 'withheld')", name="ck_live_range_kind"),
        sa.CheckConstraint("first <= last", name="ck_live_range_range"),
        sa.CheckConstraint(
            "kind <> 'granted' OR (system_id IS NOT NULL AND channel IS NOT NULL AND request_id IS NOT NULL"
            " AND request_digest IS NOT NULL)",
            name="ck_live_range_granted_whole",
        ),
        sa.UniqueConstraint("request_id", "system_id", "channel", name="uq_live_range_request_id_system_id_channel"),
        sa.UniqueConstraint("scheme_length", "generation", "first", name="uq_live_range_scheme_length_generation_first"),
        sa.ForeignKeyConstraint(["space"], ["number_space.name"], name="fk_live_range_space"),
        sa.ForeignKeyConstraint(["system_id"], ["connected_system.id"], name="fk_live_range_system_id"),
    )
    op.create_index("ix_live_range_system_id_ledger_seq", "live_range", ["system_id", "ledger_seq"])
    op.create_index("ix_live_range_ledger_seq", "live_range", ["ledger_seq"])


# --- what both engines ask --------------------------------------------------------------------------------------

_SPLIT = """SELECT 1 FROM range_split s WHERE s.withheld = OLD.id AND OLD.kind = 'withheld'
        AND s.scheme_length = OLD.scheme_length AND s.generation = OLD.generation
        AND s.first = OLD.first AND s.last = OLD.last"""
_HELD = """SELECT 1 FROM live_range w WHERE w.id = NEW.withheld AND w.kind = 'withheld' AND w.space = NEW.space
        AND w.scheme_length = NEW.scheme_length AND w.generation = NEW.generation
        AND w.first = NEW.first AND w.last = NEW.last"""
# The parts in order: the first begins where the range does, each other where the one before ends, the last ends with it.
_UNCOVERED = """SELECT 1 FROM (
          SELECT p.first AS first, p.last AS last, lag(p.last) OVER (ORDER BY p.first) AS before,
            lead(p.first) OVER (ORDER BY p.first) AS after FROM {parts} AS p
        ) AS q WHERE q.last < q.first OR q.first <> COALESCE(q.before + 1, NEW.first)
          OR (q.after IS NULL AND q.last <> NEW.last)"""
_UNSOUND = """NEW.cursor <> NEW.first
      OR NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval AND a.kind = 'regrant' AND a.state = 'approved')
      OR NOT EXISTS (SELECT 1 FROM live_range s WHERE s.id = NEW.series_id AND s.kind = 'granted'
        AND s.space = NEW.space AND s.scheme_length = NEW.scheme_length AND s.generation + 1 = NEW.generation
        AND s.first <= NEW.first AND s.last >= NEW.last)
      OR NOT EXISTS (SELECT 1 FROM release r WHERE r.series_id = NEW.series_id AND r.first <= NEW.first)
      OR EXISTS (SELECT 1 FROM release r WHERE r.series_id = NEW.series_id AND r.first <= NEW.last
        AND r.last >= NEW.first AND r.quarantine_until > {until})"""
_MOVED = """NEW.cursor < OLD.cursor OR NEW.id IS NOT OLD.id OR NEW.series_id IS NOT OLD.series_id
      OR NEW.space IS NOT OLD.space OR NEW.scheme_length IS NOT OLD.scheme_length OR NEW.generation IS NOT OLD.generation
      OR NEW.first IS NOT OLD.first OR NEW.last IS NOT OLD.last OR NEW.holders IS NOT OLD.holders
      OR NEW.approval IS NOT OLD.approval OR NEW.at IS NOT OLD.at OR NEW.ledger_seq IS NOT OLD.ledger_seq"""
_NOT_COVERED = "the parts are not exactly the withheld range"
_NOT_AGREED = "the ledger tells of nobody who proposed and approved this"
_NOT_RELEASED = "the ledger tells of no such release"
_NOT_OUT = "only what was released and is out of quarantine is granted again"
_NOT_FREE = "nobody has given these numbers free to be granted again"
_OF_APPROVALS = "l.type IN ('approval_proposed', 'approval_decided')"


def _sqlite_says(text: str, **members: str) -> str:
    """Return a condition: a JSON text has these members. By json_each: not every version allows json_extract here."""
    each = " OR ".join(f"(m.key = '{name}' AND m.value = {value})" for name, value in members.items())
    return f"(SELECT count(*) FROM json_each({text}) AS m WHERE {each}) = {len(members)}"


def _postgresql_says(text: str, **members: str) -> str:
    return " AND ".join(f"{text}::jsonb->>'{name}' = {value}" for name, value in members.items())


def _text(number: str) -> str:
    """Return an expression for a number as a proposal writes it: with the digits of its scheme, leading zeros too."""
    zeros = f"'000000000000000000' || CAST({number} AS text)"
    return f"substr({zeros}, length({zeros}) + 1 - CAST(NEW.scheme_length AS integer))"


def _not_agreed(says: Callable[..., str]) -> str:
    """Return a condition: the ledger lacks a proposal to grant exactly this again, or its approval."""
    wish = says("a.wish", series="NEW.series_id", first=_text("NEW.first"), last=_text("NEW.last"))
    proposed = says("l.data", approval="a.id", kind="a.kind", wish="a.wish", by="a.proposed_by")
    decided = says("l.data", approval="a.id", decision="a.state", by="a.decided_by")
    return f"""NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval AND a.kind = 'regrant'
        AND a.state = 'approved' AND a.decided_by <> a.proposed_by AND {wish}
        AND EXISTS (SELECT 1 FROM ledger l WHERE {_OF_APPROVALS} AND l.type = 'approval_proposed' AND {proposed})
        AND EXISTS (SELECT 1 FROM ledger l WHERE {_OF_APPROVALS} AND l.type = 'approval_decided' AND {decided}))"""


_RELEASE_TOLD = _sqlite_says("l.data", series="r.series_id", first=_text("r.first"), last=_text("r.last"))
_SQLITE_PARTS = "(SELECT {} FROM json_each(NEW.parts) AS e, json_each(e.value) AS m GROUP BY e.key)".format(
    ", ".join(f"max(CASE m.key WHEN '{name}' THEN m.value END) AS {name}" for name in (*_COLUMNS, "drawn_at"))
)

SQLITE = [
    """CREATE TRIGGER live_range_overlap BEFORE INSERT ON live_range WHEN
      (SELECT last FROM live_range WHERE scheme_length = NEW.scheme_length AND generation = NEW.generation
        AND first <= NEW.last ORDER BY first DESC LIMIT 1) >= NEW.first
      BEGIN SELECT RAISE(ABORT, 'overlap: these numbers are taken'); END""",
    """CREATE TRIGGER live_range_space BEFORE INSERT ON live_range WHEN NOT EXISTS
      (SELECT 1 FROM number_space WHERE name = NEW.space AND length = NEW.scheme_length
        AND first <= NEW.first AND last >= NEW.last) OR typeof(NEW.scheme_length) <> 'integer'
      OR typeof(NEW.generation) <> 'integer' OR NEW.generation < 0
      BEGIN SELECT RAISE(ABORT, 'the range leaves its space'); END""",
    """CREATE TRIGGER live_range_update BEFORE UPDATE ON live_range
      BEGIN SELECT RAISE(ABORT, 'live_range is never changed'); END""",
    f"""CREATE TRIGGER live_range_again BEFORE INSERT ON live_range WHEN NEW.generation <> 0 AND NOT EXISTS
      (SELECT 1 FROM regrant WHERE scheme_length = NEW.scheme_length AND generation = NEW.generation
        AND space = NEW.space AND first <= NEW.first AND last >= NEW.last)
      BEGIN SELECT RAISE(ABORT, '{_NOT_FREE}'); END""",
    f"""CREATE TRIGGER live_range_delete BEFORE DELETE ON live_range WHEN NOT EXISTS ({_SPLIT})
      BEGIN SELECT RAISE(ABORT, 'live_range rows are kept for ever; a withheld one is split'); END""",
    f"""CREATE TRIGGER range_split_sound BEFORE INSERT ON range_split WHEN NOT EXISTS ({_HELD})
      OR NOT EXISTS (SELECT 1 FROM json_each(NEW.parts))
      OR EXISTS (SELECT 1 FROM json_each(NEW.parts) WHERE type <> 'object' OR typeof(key) <> 'integer')
      OR EXISTS (SELECT 1 FROM json_each(NEW.parts) AS e, json_each(e.value) AS m
        WHERE m.key IN ('first', 'last', 'usable') AND m.type <> 'integer')
      OR EXISTS (SELECT 1 FROM {_SQLITE_PARTS} WHERE first IS NULL OR last IS NULL
        OR COALESCE(kind, '') NOT IN ('granted', 'withheld'))
      OR EXISTS ({_UNCOVERED.format(parts=_SQLITE_PARTS)})
      BEGIN SELECT RAISE(ABORT, '{_NOT_COVERED}'); END""",
    # What the statement says of conflicts (OR IGNORE …) reaches into its triggers, so what came of it is counted.
    f"""CREATE TRIGGER range_split_put AFTER INSERT ON range_split BEGIN
      DELETE FROM live_range WHERE id = NEW.withheld;
      INSERT INTO live_range ({_NAMES}, space, scheme_length, generation, drawn_at, ledger_seq)
        SELECT {_NAMES}, NEW.space, NEW.scheme_length, NEW.generation, drawn_at, NEW.ledger_seq FROM {_SQLITE_PARTS};
      SELECT RAISE(ABORT, '{_NOT_COVERED}') WHERE (SELECT sum(last - first + 1) FROM live_range
        WHERE scheme_length = NEW.scheme_length AND generation = NEW.generation
        AND first >= NEW.first AND last <= NEW.last) IS NOT NEW.last - NEW.first + 1;
    END""",
    f"""CREATE TRIGGER regrant_sound BEFORE INSERT ON regrant WHEN {_UNSOUND.format(until="NEW.at")}
      BEGIN SELECT RAISE(ABORT, '{_NOT_OUT}'); END""",
    """CREATE TRIGGER regrant_overlap BEFORE INSERT ON regrant WHEN EXISTS (SELECT 1 FROM regrant
        WHERE id = NEW.id OR approval = NEW.approval OR (scheme_length = NEW.scheme_length
        AND generation = NEW.generation AND first <= NEW.last AND last >= NEW.first))
      BEGIN SELECT RAISE(ABORT, 'overlap: these numbers were given free before'); END""",
    f"""CREATE TRIGGER regrant_update BEFORE UPDATE ON regrant WHEN {_MOVED}
      BEGIN SELECT RAISE(ABORT, 'a regrant never changes, and its cursor never moves back'); END""",
    f"""CREATE TRIGGER regrant_agreed BEFORE INSERT ON regrant WHEN {_not_agreed(_sqlite_says)}
      BEGIN SELECT RAISE(ABORT, '{_NOT_AGREED}'); END""",
    f"""CREATE TRIGGER regrant_released BEFORE INSERT ON regrant WHEN EXISTS (SELECT 1 FROM release r
        WHERE r.series_id = NEW.series_id AND r.first <= NEW.last AND r.last >= NEW.first AND NOT EXISTS (
          SELECT 1 FROM ledger l WHERE l.seq = r.ledger_seq AND l.type = 'series_released' AND {_RELEASE_TOLD}))
      BEGIN SELECT RAISE(ABORT, '{_NOT_RELEASED}'); END""",
]


# --- PostgreSQL ------------------------------------------------------------------------------------------------


def _upgrade_postgresql(bind: sa.Connection) -> None:
    # In the order in which a draw meets them, so that neither waits for the other for ever.
    tables = ("live_range", "live_run", "regrant", "range_split")
    bind.exec_driver_sql(f"LOCK TABLE number_space, {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
    for statement in _WITHOUT_CONSTRAINTS:
        bind.exec_driver_sql(statement)
    for table in tables:
        _add_column(table)
        with _unguarded(bind, table):
            op.execute(_DIVIDE.format(table))
    for statement in POSTGRESQL:
        bind.exec_driver_sql(statement)


@contextmanager
def _unguarded(bind: sa.Connection, table: str) -> Iterator[None]:
    """Switch off a table's own triggers; every one of them is on ALWAYS, and is so again afterwards."""
    query = "SELECT tgname FROM pg_trigger WHERE tgrelid = '{}'::regclass AND NOT tgisinternal AND tgenabled = 'A'"
    names = list(bind.exec_driver_sql(query.format(table)).scalars())
    for name in names:
        bind.exec_driver_sql(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
    yield
    for name in names:
        bind.exec_driver_sql(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')


def _refusal(name: str, condition: str, words: str, *, definer: bool = False, then: str = "RETURN NEW;") -> str:
    return f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
      {"SECURITY DEFINER " if definer else ""}SET search_path = public, pg_temp AS $$ BEGIN
      IF {condition} THEN
        RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      {then}
    END $$"""


_WITHOUT_CONSTRAINTS = [
    "ALTER TABLE live_range DROP CONSTRAINT uq_live_range_scheme_length_first",
    "ALTER TABLE live_run DROP CONSTRAINT ex_live_run_overlap, DROP CONSTRAINT pk_live_run",
    "ALTER TABLE regrant DROP CONSTRAINT ex_regrant_overlap",
]
_EXCLUDE = "EXCLUDE USING gist (scheme_length WITH =, generation WITH =, int8range(first, last, '[]') WITH &&)"
_RUNS_ADDED = """
      SELECT scheme_length, generation, min(first), max(last) FROM (
        SELECT scheme_length, generation, first, last, count(*) FILTER (WHERE NOT goes_on)
          OVER (PARTITION BY scheme_length, generation ORDER BY first, last, id) AS run
        FROM (
          SELECT id, scheme_length, generation, first, last, COALESCE(
            kind = 'granted' AND lag(kind) OVER w = 'granted' AND lag(last) OVER w = first - 1, false) AS goes_on
          FROM added WINDOW w AS (PARTITION BY scheme_length, generation ORDER BY first, last, id)
        ) AS in_order
      ) AS numbered GROUP BY scheme_length, generation, run"""
_POSTGRESQL_PARTS = "json_populate_recordset(NULL::live_range, NEW.parts::json)"

POSTGRESQL = [
    """ALTER TABLE live_range ADD CONSTRAINT uq_live_range_scheme_length_generation_first
      UNIQUE (scheme_length, generation, first)""",
    f"""ALTER TABLE live_run ADD CONSTRAINT pk_live_run PRIMARY KEY (scheme_length, generation, first),
      ADD CONSTRAINT ex_live_run_overlap {_EXCLUDE}""",
    f"ALTER TABLE regrant ADD CONSTRAINT ex_regrant_overlap {_EXCLUDE}",
    f"""CREATE OR REPLACE FUNCTION npn_runs_added() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
      INSERT INTO live_run (scheme_length, generation, first, last) {_RUNS_ADDED};
      RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION npn_runs_removed() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
      DELETE FROM live_run r USING removed o WHERE (r.scheme_length, r.generation, r.first, r.last)
        = (o.scheme_length, o.generation, o.first, o.last);
      RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION npn_run_is_empty() RETURNS trigger
      LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF (SELECT l.last FROM live_range l WHERE l.scheme_length = OLD.scheme_length
          AND l.generation = OLD.generation AND l.first <= OLD.last
          ORDER BY l.scheme_length DESC, l.generation DESC, l.first DESC LIMIT 1) >= OLD.first THEN
        RAISE EXCEPTION 'live ranges lie in this run' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION npn_range_in_space()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF EXISTS (
          SELECT 1 FROM (
            SELECT space, scheme_length, min(first) AS first, max(last) AS last FROM added GROUP BY space, scheme_length
          ) AS a LEFT JOIN number_space s ON s.name = a.space AND s.length = a.scheme_length
            AND s.first <= a.first AND s.last >= a.last WHERE s.name IS NULL) THEN
        RAISE EXCEPTION 'the range leaves its space' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      IF EXISTS (
          SELECT 1 FROM (SELECT DISTINCT system_id FROM added WHERE system_id IS NOT NULL) AS a
          LEFT JOIN connected_system s ON s.id = a.system_id WHERE s.id IS NULL) THEN
        RAISE EXCEPTION 'no system has this id' USING ERRCODE = 'foreign_key_violation';
      END IF;
      IF EXISTS (SELECT 1 FROM added a WHERE a.generation <> 0 AND NOT EXISTS (SELECT 1 FROM regrant r
            WHERE r.scheme_length = a.scheme_length AND r.generation = a.generation AND r.space = a.space
            AND r.first <= a.first AND r.last >= a.last)) THEN
        RAISE EXCEPTION '{_NOT_FREE}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
    _refusal("npn_only_split", f"NOT EXISTS ({_SPLIT})", "live_range is never changed that way", then="RETURN OLD;"),
    _refusal(
        "npn_split_range",
        f"""NOT EXISTS ({_HELD}) OR json_array_length(NEW.parts::json) = 0
        OR EXISTS (SELECT 1 FROM {_POSTGRESQL_PARTS} AS p WHERE p.first IS NULL OR p.last IS NULL
          OR COALESCE(p.kind, '') NOT IN ('granted', 'withheld'))
        OR EXISTS ({_UNCOVERED.format(parts=_POSTGRESQL_PARTS)})""",
        _NOT_COVERED,
        definer=True,
        then=f"""DELETE FROM live_range WHERE id = NEW.withheld;
      INSERT INTO live_range ({_NAMES}, space, scheme_length, generation, drawn_at, ledger_seq)
        SELECT {_NAMES}, NEW.space, NEW.scheme_length, NEW.generation, drawn_at, NEW.ledger_seq
        FROM {_POSTGRESQL_PARTS};
      RETURN NULL;""",
    ),
    _refusal("npn_regrant_sound", _UNSOUND.format(until="LEAST(NEW.at, now())"), _NOT_OUT),
    _refusal("npn_regrant_agreed", _not_agreed(_postgresql_says), _NOT_AGREED),
    "DROP TRIGGER regrant_update ON regrant",
    f"""CREATE TRIGGER regrant_update BEFORE UPDATE ON regrant FOR EACH ROW
      WHEN ({_MOVED.replace("IS NOT OLD", "IS DISTINCT FROM OLD")}) EXECUTE FUNCTION npn_refuse()""",
    "ALTER TABLE regrant ENABLE ALWAYS TRIGGER regrant_update",
]
