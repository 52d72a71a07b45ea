"""Released numbers that two people have given free to be granted again, and what keeps them from being so twice.

A series of such numbers lies on a line of its own: its `scheme_length` is the scheme's, and 100 more for each time that
its numbers were granted before. So no row ever changes, and what forbids two live ranges to overlap forbids it here.
"""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0014"
down_revision = "0013"
compatible_since = "0014"  # a program before it misreads such a series, and its recovery leaves regrants open


def upgrade() -> None:
    """Make the table and its guards, and hold the lines above the first to it."""
    op.create_table(
        "regrant",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("series_id", sa.Text, sa.ForeignKey("live_range.id"), nullable=False),
        sa.Column("space", sa.Text, sa.ForeignKey("number_space.name"), nullable=False),
        sa.Column("scheme_length", sa.SmallInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("holders", sa.Text, nullable=False),
        sa.Column("approval", sa.Text, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("approval", name="uq_regrant_approval"),
        sa.CheckConstraint("first <= last", name="ck_regrant_range"),
        sa.CheckConstraint("cursor BETWEEN first AND last + 1", name="ck_regrant_cursor"),
    )
    op.create_index("ix_regrant_series_id", "regrant", ["series_id"])
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
        return
    for statement in POSTGRESQL:
        op.execute(statement)
    if bind.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT ON regrant TO {SERVICE_ROLE}")
        op.execute(f"GRANT UPDATE (cursor) ON regrant TO {SERVICE_ROLE}")


# A regrant is whole when it starts unused, was approved, lies within its series, one line above it, and everything in
# it was released and has been through its quarantine. Releases are tails (`_NO_TAIL`): what follows the first number
# of one was released too.
_UNSOUND = """NEW.cursor <> NEW.first
      OR NOT EXISTS (SELECT 1 FROM approval a WHERE a.id = NEW.approval AND a.kind = 'regrant' AND a.state = 'approved')
      OR NOT EXISTS (SELECT 1 FROM live_range s WHERE s.id = NEW.series_id AND s.kind = 'granted'
        AND s.space = NEW.space AND s.scheme_length + 100 = NEW.scheme_length
        AND s.first <= NEW.first AND s.last >= NEW.last)
      OR NOT EXISTS (SELECT 1 FROM release r WHERE r.series_id = NEW.series_id AND r.first <= NEW.first)
      OR EXISTS (SELECT 1 FROM release r WHERE r.series_id = NEW.series_id AND r.first <= NEW.last
        AND r.last >= NEW.first AND r.quarantine_until > {until})"""
# A release ends where what is still held of its series does.
_NO_TAIL = """NOT EXISTS (SELECT 1 FROM live_range s WHERE s.id = NEW.series_id AND s.kind = 'granted'
        AND s.first <= NEW.first AND NEW.last = COALESCE(
          (SELECT min(r.first) FROM release r WHERE r.series_id = NEW.series_id), s.last + 1) - 1)"""
# What a recovery, or a new witness, can't know may have been granted since: nothing is left of any regrant after it.
_CLOSED = "UPDATE regrant SET cursor = last + 1 WHERE cursor <= last"
_CLOSING = "NEW.type IN ('recovered', 'witness_rebuilt')"
_MOVED = """NEW.cursor < OLD.cursor OR NEW.id IS NOT OLD.id OR NEW.series_id IS NOT OLD.series_id
      OR NEW.space IS NOT OLD.space OR NEW.scheme_length IS NOT OLD.scheme_length OR NEW.first IS NOT OLD.first
      OR NEW.last IS NOT OLD.last OR NEW.holders IS NOT OLD.holders OR NEW.approval IS NOT OLD.approval
      OR NEW.at IS NOT OLD.at OR NEW.ledger_seq IS NOT OLD.ledger_seq"""

SQLITE = [
    f"""CREATE TRIGGER regrant_sound BEFORE INSERT ON regrant WHEN {_UNSOUND.format(until="NEW.at")}
      BEGIN SELECT RAISE(ABORT, 'only what was released and is out of quarantine is granted again'); END""",
    """CREATE TRIGGER regrant_overlap BEFORE INSERT ON regrant WHEN EXISTS (SELECT 1 FROM regrant
        WHERE id = NEW.id OR approval = NEW.approval
        OR (scheme_length = NEW.scheme_length AND first <= NEW.last AND last >= NEW.first))
      BEGIN SELECT RAISE(ABORT, 'overlap: these numbers were given free before'); END""",
    f"""CREATE TRIGGER regrant_update BEFORE UPDATE ON regrant WHEN {_MOVED}
      BEGIN SELECT RAISE(ABORT, 'a regrant never changes, and its cursor never moves back'); END""",
    """CREATE TRIGGER regrant_delete BEFORE DELETE ON regrant
      BEGIN SELECT RAISE(ABORT, 'regrant rows are kept for ever'); END""",
    "DROP TRIGGER live_range_space",
    """CREATE TRIGGER live_range_space BEFORE INSERT ON live_range WHEN NOT EXISTS
      (SELECT 1 FROM number_space WHERE name = NEW.space AND length = NEW.scheme_length % 100
        AND first <= NEW.first AND last >= NEW.last) OR typeof(NEW.scheme_length) <> 'integer'
      BEGIN SELECT RAISE(ABORT, 'the range leaves its space'); END""",
    """CREATE TRIGGER IF NOT EXISTS live_range_again BEFORE INSERT ON live_range WHEN NEW.scheme_length >= 100 AND NOT EXISTS
      (SELECT 1 FROM regrant WHERE scheme_length = NEW.scheme_length AND space = NEW.space
        AND first <= NEW.first AND last >= NEW.last)
      BEGIN SELECT RAISE(ABORT, 'nobody has given these numbers free to be granted again'); END""",
    "DROP TRIGGER release_within",
    f"""CREATE TRIGGER release_within BEFORE INSERT ON release WHEN {_NO_TAIL}
      BEGIN SELECT RAISE(ABORT, 'the release is not the tail of what is held of its series'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS ledger_closes_regrants AFTER INSERT ON ledger WHEN {_CLOSING}
      BEGIN {_CLOSED}; END""",
]

POSTGRESQL = [
    """ALTER TABLE regrant ADD CONSTRAINT ex_regrant_overlap
      EXCLUDE USING gist (scheme_length WITH =, int8range(first, last, '[]') WITH &&)""",
    f"""CREATE OR REPLACE FUNCTION npn_regrant_sound() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF {_UNSOUND.format(until="LEAST(NEW.at, now())")} THEN
        RAISE EXCEPTION 'only what was released and is out of quarantine is granted again'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER regrant_sound BEFORE INSERT ON regrant FOR EACH ROW EXECUTE FUNCTION npn_regrant_sound()",
    f"""CREATE TRIGGER regrant_update BEFORE UPDATE ON regrant FOR EACH ROW
      WHEN ({_MOVED.replace("IS NOT OLD", "IS DISTINCT FROM OLD")}) EXECUTE FUNCTION npn_refuse()""",
    "CREATE TRIGGER regrant_kept BEFORE DELETE ON regrant FOR EACH ROW EXECUTE FUNCTION npn_refuse()",
    "CREATE TRIGGER regrant_truncate BEFORE TRUNCATE ON regrant FOR EACH STATEMENT EXECUTE FUNCTION npn_refuse()",
    """CREATE OR REPLACE FUNCTION npn_range_in_space()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF EXISTS (
          SELECT 1 FROM (
            SELECT space, scheme_length, min(first) AS first, max(last) AS last FROM added GROUP BY space, scheme_length
          ) AS a LEFT JOIN number_space s ON s.name = a.space AND s.length = a.scheme_length % 100
            AND s.first <= a.first AND s.last >= a.last WHERE s.name IS NULL) THEN
        RAISE EXCEPTION 'the range leaves its space' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      IF EXISTS (
          SELECT 1 FROM (SELECT DISTINCT system_id FROM added WHERE system_id IS NOT NULL) AS a
          LEFT JOIN connected_system s ON s.id = a.system_id WHERE s.id IS NULL) THEN
        RAISE EXCEPTION 'no system has this id' USING ERRCODE = 'foreign_key_violation';
      END IF;
      IF EXISTS (SELECT 1 FROM added a WHERE a.scheme_length >= 100 AND NOT EXISTS (SELECT 1 FROM regrant r
            WHERE r.scheme_length = a.scheme_length AND r.space = a.space
            AND r.first <= a.first AND r.last >= a.last)) THEN
        RAISE EXCEPTION 'nobody has given these numbers free to be granted again'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION npn_release_in_series()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF {_NO_TAIL} THEN
        RAISE EXCEPTION 'the release is not the tail of what is held of its series'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION npn_close_regrants()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      {_CLOSED};
      RETURN NULL;
    END $$""",
    "DROP TRIGGER IF EXISTS ledger_closes_regrants ON ledger",
    f"""CREATE TRIGGER ledger_closes_regrants AFTER INSERT ON ledger FOR EACH ROW
      WHEN ({_CLOSING}) EXECUTE FUNCTION npn_close_regrants()""",
    "ALTER TABLE ledger ENABLE ALWAYS TRIGGER ledger_closes_regrants",
    *(
        f"ALTER TABLE regrant ENABLE ALWAYS TRIGGER {trigger}"
        for trigger in ("regrant_sound", "regrant_update", "regrant_kept", "regrant_truncate")
    ),
]
