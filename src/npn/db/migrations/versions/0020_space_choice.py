"""Default and closed number spaces, and the space that a system draws from.

A system keeps the space of its first draw, so those that have drawn get theirs here. The default of an environment is the
space that draws went to so far where they named none: the one called as the environment, else its first by name.
"""

import sqlalchemy as sa
from alembic import op

from npn.db.types import Timestamp

revision = "0020"
down_revision = "0019"
compatible_since = "0020"  # a program before it draws from closed spaces, and from the default for everybody


def upgrade() -> None:
    """Add the columns, and say what holds already."""
    op.add_column("number_space", sa.Column("is_default", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("number_space", sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("connected_system", sa.Column("space", sa.Text))
    op.add_column("connected_system", sa.Column("space_set_at", Timestamp))
    bind = op.get_bind()
    bind.execute(
        sa.text(
            "UPDATE number_space SET is_default = :yes WHERE name = (SELECT s.name FROM number_space s "
            "WHERE s.environment = number_space.environment "
            "ORDER BY CASE WHEN s.name = s.environment THEN 0 ELSE 1 END, s.name LIMIT 1)"
        ),
        {"yes": True},
    )
    for statement in SQLITE if bind.dialect.name == "sqlite" else POSTGRESQL:
        bind.exec_driver_sql(statement)
    op.execute(
        "UPDATE connected_system SET space = (SELECT r.space FROM live_range r "
        "WHERE r.system_id = connected_system.id AND r.kind = 'granted' ORDER BY r.ledger_seq LIMIT 1)"
    )


# A unique index would do, but OR REPLACE removes whatever stands in the way of one.
_SECOND = """NEW.is_default AND EXISTS (SELECT 1 FROM number_space
        WHERE environment = NEW.environment AND is_default AND name <> NEW.name)"""
_ONE = "an environment has one default space"

SQLITE = [
    f"""CREATE TRIGGER number_space_default_{verb[:6]} BEFORE {verb} ON number_space WHEN {_SECOND}
      BEGIN SELECT RAISE(ABORT, '{_ONE}'); END"""
    for verb in ("insert", "update of is_default")
]

POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION npn_one_default()
      RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF {_SECOND} THEN
        RAISE EXCEPTION '{_ONE}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER number_space_default BEFORE INSERT OR UPDATE OF is_default ON number_space
      FOR EACH ROW EXECUTE FUNCTION npn_one_default()""",
    "ALTER TABLE number_space ENABLE ALWAYS TRIGGER number_space_default",
]
