"""Links by which a forgotten password is replaced, and when that was done: such an account does not approve for a day.

The program refuses it first; what is here holds whoever writes the SQL, as for tied accounts (migration 0017).
"""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0027"
down_revision = "0026"
compatible_since = "0027"  # a program before it can't read the ledger's entry of a reset


def upgrade() -> None:
    """Make the table, the column and the guards."""
    op.create_table(
        "password_reset",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("expires_at", Timestamp, nullable=False),
    )
    op.create_index("ix_password_reset_account_id", "password_reset", ["account_id"])
    op.add_column("account", sa.Column("password_reset_at", Timestamp))
    bind = op.get_bind()
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        bind.exec_driver_sql(statement)
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON password_reset TO {SERVICE_ROLE}")


_WORDS = "an account whose password was set by e-mail neither approves nor vouches for a day"
_APPROVED = "NEW.state = 'approved' AND OLD.state = 'open'"


def _lately(by: str, since: str) -> str:
    """Write a condition: the account's password was set by e-mail after that."""
    return f"EXISTS (SELECT 1 FROM account r WHERE 'account:' || r.id = {by} AND r.password_reset_at > {since})"


def _sqlite_since(at: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%f000Z', min({at}, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')), '-1 day')"


SQLITE = [
    f"""CREATE TRIGGER approval_people_reset BEFORE UPDATE ON approval WHEN {_APPROVED}
        AND {_lately("NEW.decided_by", _sqlite_since("NEW.decided_at"))}
      BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END""",
    f"""CREATE TRIGGER account_vouch_reset BEFORE INSERT ON account_vouch
        WHEN {_lately("NEW.vouched_by", _sqlite_since("NEW.at"))}
      BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END""",
]


def _postgresql(table: str, event: str, *, by: str, at: str, when: str = "true") -> list[str]:
    since = f"LEAST({at}, now()) - interval '24 hours'"
    return [
        f"""CREATE OR REPLACE FUNCTION npn_{table}_reset()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF {when} AND {_lately(by, since)} THEN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
        f"""CREATE TRIGGER {table}_reset BEFORE {event} ON {table}
      FOR EACH ROW EXECUTE FUNCTION npn_{table}_reset()""",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_reset",
    ]


POSTGRESQL = [
    *_postgresql("approval", "UPDATE", by="NEW.decided_by", at="NEW.decided_at", when=f"{_APPROVED}"),
    *_postgresql("account_vouch", "INSERT", by="NEW.vouched_by", at="NEW.at"),
]
