"""The quarantine's floor, its policy, and the clock that it hangs on.

Whatever a program says, released numbers wait a year at least, by the database's own clock: the process's on SQLite,
the server's on PostgreSQL. Releases made before are held to the same when their numbers are to be granted again, and
none of them was made before its series was drawn.
"""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0018"
down_revision = "0017"
compatible_since = "0018"  # a program before it does not say how late the ledger's newest entry is


def upgrade() -> None:
    """Make the table of policies and the guards; note the latest time that the ledger holds."""
    op.create_table(
        "quarantine_policy",
        sa.Column("ledger_seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("approval", sa.Text),
        sa.Column("at", Timestamp, nullable=False),
        sa.UniqueConstraint("approval", name="uq_quarantine_policy_approval"),
        sa.CheckConstraint("days BETWEEN 365 AND 36500", name="ck_quarantine_policy_days"),
    )
    op.add_column("ledger_head", sa.Column("newest", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE ledger_head SET newest = COALESCE((SELECT max(at) FROM ledger), '')")
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        bind.exec_driver_sql(statement)
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT ON quarantine_policy TO {SERVICE_ROLE}")


_YEAR = 365 * 86_400
_TOO_SHORT = "released numbers wait a year at least"
_NOT_OVER = "the quarantine of these numbers is not over"
_NOT_NEWEST = "the newest time is that of an entry, and goes back only where the clocks were accepted"
_OF_NO_ENTRY = """NEW.newest <> OLD.newest AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.seq > OLD.length
        AND l.seq <= NEW.length AND l.at = NEW.newest AND (l.type = 'clock_accepted' OR NEW.newest > OLD.newest{as_bytes}))"""
_SERIES = "(SELECT s.drawn_at FROM live_range s WHERE s.id = NEW.series_id)"
_COVERED = "r.series_id = NEW.series_id AND r.first <= NEW.last AND r.last >= NEW.first"


def _seconds(time: str) -> str:
    """Write an instant of SQLite's in whole seconds."""
    return f"CAST(strftime('%s', {time}) AS INTEGER)"


_NOW = _seconds("'now'")

SQLITE = [
    f"""CREATE TRIGGER release_quarantine BEFORE INSERT ON release WHEN NOT COALESCE(
        {_seconds("NEW.quarantine_until")} >= max({_seconds("NEW.at")}, {_NOW}) + {_YEAR}, 0)
      BEGIN SELECT RAISE(ABORT, '{_TOO_SHORT}'); END""",
    f"""CREATE TRIGGER regrant_quarantine BEFORE INSERT ON regrant WHEN EXISTS (SELECT 1 FROM release r
        WHERE {_COVERED} AND NOT COALESCE(max({_seconds("r.quarantine_until")}, {_seconds("r.at")} + {_YEAR},
          {_seconds(_SERIES)} + {_YEAR}) <= min({_seconds("NEW.at")}, {_NOW}), 0))
      BEGIN SELECT RAISE(ABORT, '{_NOT_OVER}'); END""",
    f"""CREATE TRIGGER ledger_head_newest BEFORE UPDATE ON ledger_head WHEN {_OF_NO_ENTRY.format(as_bytes="")}
      BEGIN SELECT RAISE(ABORT, '{_NOT_NEWEST}'); END""",
]

POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION npn_release_quarantine()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF NOT COALESCE(NEW.quarantine_until >= GREATEST(NEW.at, now()) + interval '8760 hours', false) THEN
        RAISE EXCEPTION '{_TOO_SHORT}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER release_quarantine BEFORE INSERT ON release
      FOR EACH ROW EXECUTE FUNCTION npn_release_quarantine()""",
    f"""CREATE OR REPLACE FUNCTION npn_regrant_quarantine()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF EXISTS (SELECT 1 FROM release r WHERE {_COVERED} AND NOT COALESCE(GREATEST(r.quarantine_until,
          r.at + interval '8760 hours', {_SERIES} + interval '8760 hours') <= LEAST(NEW.at, now()), false)) THEN
        RAISE EXCEPTION '{_NOT_OVER}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER regrant_quarantine BEFORE INSERT ON regrant
      FOR EACH ROW EXECUTE FUNCTION npn_regrant_quarantine()""",
    f"""CREATE OR REPLACE FUNCTION npn_ledger_head_newest()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF {_OF_NO_ENTRY.format(as_bytes=' COLLATE "C"')} THEN
        RAISE EXCEPTION '{_NOT_NEWEST}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER ledger_head_newest BEFORE UPDATE ON ledger_head
      FOR EACH ROW EXECUTE FUNCTION npn_ledger_head_newest()""",
    *(
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
        for table, trigger in (
            ("release", "release_quarantine"),
            ("regrant", "regrant_quarantine"),
            ("ledger_head", "ledger_head_newest"),
        )
    ),
]
