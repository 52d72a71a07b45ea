"""The database knows its witness, and every batch is written by a program that may write this schema.

The head of the ledger moves with every change, so what each change must say stands there: `witness` and `witnessed`,
and, for the guard, `writer` and `written`. A program made before this revision moves the head without saying to where
it wrote, and is refused, whatever it wrote besides: a draw, a release, an import, a recovery.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
compatible_since = "0016"  # a program before it can't say that it may write


def upgrade() -> None:
    """Add what the head holds, and its guard."""
    for name, kind, default in (
        ("witness", sa.Text, ""),
        ("witnessed", sa.BigInteger, "0"),
        ("writer", sa.Text, ""),
        ("written", sa.BigInteger, "0"),
    ):
        op.add_column("ledger_head", sa.Column(name, kind, nullable=False, server_default=default))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


_SINCE = "(SELECT compatible_since FROM schema_compatibility)"
_CHANGED = """(NEW.length IS DISTINCT FROM OLD.length OR NEW.hash IS DISTINCT FROM OLD.hash
      OR NEW.witness IS DISTINCT FROM OLD.witness OR NEW.witnessed IS DISTINCT FROM OLD.witnessed)"""
_OUTDATED = f"""{_CHANGED} AND (NEW.writer < {_SINCE}
      OR (NEW.length IS DISTINCT FROM OLD.length AND NEW.written IS DISTINCT FROM NEW.length))"""
_BACK = "NEW.witnessed < OLD.witnessed OR NEW.witnessed > NEW.length OR NEW.length < OLD.length"
_OUTDATED_TEXT = "schema outdated: a program made for an older schema changes nothing here"
_BACK_TEXT = "the ledger never grows shorter, and what was witnessed stays so"

SQLITE = [
    f"""CREATE TRIGGER ledger_head_writer BEFORE UPDATE ON ledger_head WHEN {_OUTDATED.replace("IS DISTINCT FROM", "IS NOT")}
      BEGIN SELECT RAISE(ABORT, '{_OUTDATED_TEXT}'); END""",
    f"""CREATE TRIGGER ledger_head_witnessed BEFORE UPDATE ON ledger_head WHEN {_BACK}
      OR typeof(NEW.witnessed) <> 'integer' OR typeof(NEW.written) <> 'integer' OR typeof(NEW.length) <> 'integer'
      BEGIN SELECT RAISE(ABORT, '{_BACK_TEXT}'); END""",
]

# Not an integrity error: programs before this one answer those with 500, and this with 503.
POSTGRESQL = [
    f"""CREATE FUNCTION npn_head_written() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF {_OUTDATED} THEN
        RAISE EXCEPTION '{_OUTDATED_TEXT}';
      END IF;
      IF {_BACK} THEN
        RAISE EXCEPTION '{_BACK_TEXT}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER ledger_head_writer BEFORE UPDATE ON ledger_head
      FOR EACH ROW EXECUTE FUNCTION npn_head_written()""",
    "ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER ledger_head_writer",
]
