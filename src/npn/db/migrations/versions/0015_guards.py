"""Guards against statements by hand: hidden row ids, numbers that are none, withheld ranges, rows no entry tells of.

What a guarded table's rows may become is one table of rules (`npn.db.guards`), whose triggers are made after every
migration. Here is what single tables need besides: a withheld range goes by being split, a regrant is what was
proposed and approved, and on PostgreSQL a row's entry of the ledger must be there when the transaction ends.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0015"
down_revision = "0014"
compatible_since = "0015"  # a program before it takes a withheld range away itself, which is refused now


def upgrade() -> None:
    """Make the table of splits, and the guards."""
    op.create_table(
        "range_split",
        sa.Column("withheld", sa.Text, primary_key=True),
        sa.Column("space", sa.Text, sa.ForeignKey("number_space.name"), nullable=False),
        sa.Column("scheme_length", sa.SmallInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False),
    )
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        bind.exec_driver_sql(statement)
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT ON range_split TO {SERVICE_ROLE}")
        op.execute(f"REVOKE DELETE ON live_range FROM {SERVICE_ROLE}")


_SPLIT = """SELECT 1 FROM range_split s WHERE s.withheld = OLD.id AND OLD.kind = 'withheld'
        AND s.scheme_length = OLD.scheme_length AND s.first = OLD.first AND s.last = OLD.last"""
_HELD = """SELECT 1 FROM live_range w WHERE w.id = NEW.withheld AND w.kind = 'withheld' AND w.space = NEW.space
        AND w.scheme_length = NEW.scheme_length AND w.first = NEW.first AND w.last = NEW.last"""
# The parts in order: the first begins where the range does, each other where the one before ends, the last ends with it.
_UNCOVERED = """SELECT 1 FROM (
          SELECT p.first AS first, p.last AS last, lag(p.last) OVER (ORDER BY p.first) AS before,
            lead(p.first) OVER (ORDER BY p.first) AS after FROM {parts} AS p
        ) AS q WHERE q.last < q.first OR q.first <> COALESCE(q.before + 1, NEW.first)
          OR (q.after IS NULL AND q.last <> NEW.last)"""
_COLUMNS = ("id", "kind", "first", "last", "usable", "system_id", "channel", "request_id", "request_digest", "purpose")
_NAMES = ", ".join(_COLUMNS)
_NOT_COVERED = "the parts are not exactly the withheld range"
_NOT_AGREED = "the ledger tells of nobody who proposed and approved this"
_NOT_RELEASED = "the ledger tells of no such release"
_OF_APPROVALS = "l.type IN ('approval_proposed', 'approval_decided')"


def _sqlite_says(text: str, **members: str) -> str:
    """Write whether a JSON text has these members. By json_each: json_extract is not for triggers in every version."""
    each = " OR ".join(f"(m.key = '{name}' AND m.value = {value})" for name, value in members.items())
    return f"(SELECT count(*) FROM json_each({text}) AS m WHERE {each}) = {len(members)}"


def _postgresql_says(text: str, **members: str) -> str:
    return " AND ".join(f"{text}::jsonb->>'{name}' = {value}" for name, value in members.items())


def _not_agreed(says: Callable[..., str]) -> str:
    """Write whether the ledger lacks a proposal to grant exactly this again, or its approval."""
    wish = says("a.wish", series="NEW.series_id", first=_text("NEW.first"), last=_text("NEW.last"))
    proposed = says("l.data", approval="a.id", kind="a.kind", wish="a.wish", by="a.proposed_by")
    decided = says("l.data", approval="a.id", decision="a.state", by="a.decided_by")
    return f"""NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval AND a.kind = 'regrant'
        AND a.state = 'approved' AND a.decided_by <> a.proposed_by AND {wish}
        AND EXISTS (SELECT 1 FROM ledger l WHERE {_OF_APPROVALS} AND l.type = 'approval_proposed' AND {proposed})
        AND EXISTS (SELECT 1 FROM ledger l WHERE {_OF_APPROVALS} AND l.type = 'approval_decided' AND {decided}))"""


def _text(number: str) -> str:
    """Write a number as a proposal does: with the digits of its scheme, leading zeros too."""
    zeros = f"'000000000000000000' || CAST({number} AS text)"
    length = "CAST(NEW.scheme_length - 100 * (NEW.scheme_length / 100) AS integer)"
    return f"substr({zeros}, length({zeros}) + 1 - {length})"


_RELEASE_TOLD = _sqlite_says("l.data", series="r.series_id", first=_text("r.first"), last=_text("r.last"))
_SQLITE_PARTS = "(SELECT {} FROM json_each(NEW.parts) AS e, json_each(e.value) AS m GROUP BY e.key)".format(
    ", ".join(f"max(CASE m.key WHEN '{name}' THEN m.value END) AS {name}" for name in (*_COLUMNS, "drawn_at"))
)

SQLITE = [
    # The guards of `npn.db.guards` ask for every key, and for more.
    *(
        f"DROP TRIGGER IF EXISTS {table}_no_replace"
        for table in (
            "database_identity", "ledger_head", "release", "number_space", "connected_system", "organisation", "api_key",
            "signing_key", "live_range",
        )
    ),
    "DROP TRIGGER IF EXISTS live_range_delete",
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
      INSERT INTO live_range ({_NAMES}, space, scheme_length, drawn_at, ledger_seq)
        SELECT {_NAMES}, NEW.space, NEW.scheme_length, drawn_at, NEW.ledger_seq FROM {_SQLITE_PARTS};
      SELECT RAISE(ABORT, '{_NOT_COVERED}') WHERE (SELECT sum(last - first + 1) FROM live_range
        WHERE scheme_length = NEW.scheme_length AND first >= NEW.first AND last <= NEW.last)
        IS NOT NEW.last - NEW.first + 1;
    END""",
    f"CREATE INDEX IF NOT EXISTS ix_ledger_approval ON ledger (type, seq) WHERE {_OF_APPROVALS.replace('l.', '')}",
    "DROP TRIGGER IF EXISTS regrant_agreed",
    f"""CREATE TRIGGER regrant_agreed BEFORE INSERT ON regrant WHEN {_not_agreed(_sqlite_says)}
      BEGIN SELECT RAISE(ABORT, '{_NOT_AGREED}'); END""",
    # PostgreSQL asks this of the release itself, at the end of its transaction; here nothing is asked then.
    "DROP TRIGGER IF EXISTS regrant_released",
    f"""CREATE TRIGGER regrant_released BEFORE INSERT ON regrant WHEN EXISTS (SELECT 1 FROM release r
        WHERE r.series_id = NEW.series_id AND r.first <= NEW.last AND r.last >= NEW.first AND NOT EXISTS (
          SELECT 1 FROM ledger l WHERE l.seq = r.ledger_seq AND l.type = 'series_released' AND {_RELEASE_TOLD}))
      BEGIN SELECT RAISE(ABORT, '{_NOT_RELEASED}'); END""",
    """CREATE TRIGGER IF NOT EXISTS approval_begins BEFORE INSERT ON approval WHEN NEW.state <> 'open'
      BEGIN SELECT RAISE(ABORT, 'a proposal begins open'); END""",
    """CREATE TRIGGER IF NOT EXISTS approval_decided BEFORE UPDATE ON approval WHEN OLD.state <> 'open' AND
      (NEW.state <> OLD.state OR NEW.decided_by <> OLD.decided_by OR NEW.decided_at <> OLD.decided_at)
      BEGIN SELECT RAISE(ABORT, 'a decision is not changed'); END""",
]

_POSTGRESQL_PARTS = "json_populate_recordset(NULL::live_range, NEW.parts::json)"
# A row of these is not there without the ledger's entry of it: the entry comes last, so it is asked for at the end.
_ENTRIES = {
    "range_split": ("INSERT", "true", "series_re_registered", "l.data::jsonb->>'withheld' = NEW.withheld"),
    "release": (
        "INSERT", "true", "series_released",
        "l.data::jsonb->>'series' = NEW.series_id AND (l.data::jsonb->>'first')::bigint = NEW.first"
        " AND (l.data::jsonb->>'last')::bigint = NEW.last",
    ),
    "regrant": (
        "INSERT", "true", "regrant_approved",
        "l.data::jsonb->>'regrant' = NEW.id AND l.data::jsonb->>'approval' = NEW.approval",
    ),
}  # fmt: skip


def _refusal(name: str, condition: str, words: str, *, definer: bool = False, then: str = "RETURN NEW;") -> str:
    return f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
      {"SECURITY DEFINER " if definer else ""}SET search_path = public, pg_temp AS $$ BEGIN
      IF {condition} THEN
        RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      {then}
    END $$"""


def _in_ledger() -> list[str]:
    made = []
    for table, (verb, when, kind, names) in _ENTRIES.items():
        missing = f"NOT EXISTS (SELECT 1 FROM ledger l WHERE l.seq = NEW.ledger_seq AND l.type = '{kind}' AND {names})"
        made += [
            _refusal(f"npn_{table}_in_ledger", missing, f"the ledger has no entry of this {table}"),
            f"DROP TRIGGER IF EXISTS {table}_in_ledger ON {table}",
            f"""CREATE CONSTRAINT TRIGGER {table}_in_ledger AFTER {verb} ON {table} DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION npn_{table}_in_ledger()""",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_in_ledger",
        ]
    return made


# A recovery is agreed on while the ledger can't be written; it says itself who did.
_UNTOLD = """NEW.kind <> 'recovery' AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.data::jsonb->>'approval' = NEW.id
        AND ((NEW.state = 'open' AND l.type = 'approval_proposed' AND l.data::jsonb->>'kind' = NEW.kind
            AND l.data::jsonb->>'wish' = NEW.wish AND l.data::jsonb->>'by' = NEW.proposed_by)
          OR (NEW.state <> 'open' AND l.type = 'approval_decided' AND l.data::jsonb->>'decision' = NEW.state
            AND l.data::jsonb->>'by' = NEW.decided_by))
        AND l.type IN ('approval_proposed', 'approval_decided'))"""

POSTGRESQL = [
    "DROP TRIGGER IF EXISTS live_range_kept ON live_range",
    _refusal("npn_only_split", f"NOT EXISTS ({_SPLIT})", "live_range is never changed that way", then="RETURN OLD;"),
    "CREATE TRIGGER live_range_kept BEFORE DELETE ON live_range FOR EACH ROW EXECUTE FUNCTION npn_only_split()",
    _refusal(
        "npn_split_range",
        f"""NOT EXISTS ({_HELD}) OR json_array_length(NEW.parts::json) = 0
        OR EXISTS (SELECT 1 FROM {_POSTGRESQL_PARTS} AS p WHERE p.first IS NULL OR p.last IS NULL
          OR COALESCE(p.kind, '') NOT IN ('granted', 'withheld'))
        OR EXISTS ({_UNCOVERED.format(parts=_POSTGRESQL_PARTS)})""",
        _NOT_COVERED,
        definer=True,
        then=f"""DELETE FROM live_range WHERE id = NEW.withheld;
      INSERT INTO live_range ({_NAMES}, space, scheme_length, drawn_at, ledger_seq)
        SELECT {_NAMES}, NEW.space, NEW.scheme_length, drawn_at, NEW.ledger_seq FROM {_POSTGRESQL_PARTS};
      RETURN NULL;""",
    ),
    "REVOKE EXECUTE ON FUNCTION npn_split_range() FROM PUBLIC",
    "CREATE TRIGGER range_split_put AFTER INSERT ON range_split FOR EACH ROW EXECUTE FUNCTION npn_split_range()",
    """CREATE INDEX IF NOT EXISTS ix_ledger_approval ON ledger ((data::jsonb->>'approval'))
      WHERE type IN ('approval_proposed', 'approval_decided')""",
    _refusal("npn_regrant_agreed", _not_agreed(_postgresql_says), _NOT_AGREED),
    "DROP TRIGGER IF EXISTS regrant_agreed ON regrant",
    "CREATE TRIGGER regrant_agreed BEFORE INSERT ON regrant FOR EACH ROW EXECUTE FUNCTION npn_regrant_agreed()",
    "DROP TRIGGER IF EXISTS approval_begins ON approval",
    """CREATE TRIGGER approval_begins BEFORE INSERT ON approval FOR EACH ROW WHEN (NEW.state <> 'open')
      EXECUTE FUNCTION npn_refuse()""",
    "DROP TRIGGER IF EXISTS approval_decided ON approval",
    """CREATE TRIGGER approval_decided BEFORE UPDATE ON approval FOR EACH ROW WHEN (OLD.state <> 'open' AND
      (NEW.state, NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.state, OLD.decided_by, OLD.decided_at))
      EXECUTE FUNCTION npn_refuse()""",
    _refusal("npn_approval_in_ledger", _UNTOLD, "the ledger has no entry of this approval"),
    "DROP TRIGGER IF EXISTS approval_in_ledger ON approval",
    """CREATE CONSTRAINT TRIGGER approval_in_ledger AFTER INSERT OR UPDATE OF state ON approval
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION npn_approval_in_ledger()""",
    *_in_ledger(),
    *(
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
        for table, trigger in (
            ("live_range", "live_range_kept"),
            ("range_split", "range_split_put"),
            ("regrant", "regrant_agreed"),
            ("approval", "approval_begins"),
            ("approval", "approval_decided"),
            ("approval", "approval_in_ledger"),
        )
    ),
]
