"""PostgreSQL: what refuses overlap is asked once for a run of series, not once for each series.

An exclusion constraint costs a walk down a GiST index for every row, two thirds of what inserting a series costs. The
series of one batch follow one another, so the constraint is moved to a table of runs: one row for the unbroken
run of series that one statement adds, and one for each imported or withheld range. The database itself writes it. Why
that refuses what was refused before stands in docs/adr/0008-runs-of-series.md.

Two foreign keys of live_range, asked once a row, become part of the question asked once a statement. SQLite's triggers
stay as they are.
"""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE

revision = "0012"
down_revision = "0011"
compatible_since = "0007"  # guards give way to guards that refuse as much; no program knows them


def upgrade() -> None:
    """Put the new guards in the place of the old ones, in one transaction and with the tables locked."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for statement in POSTGRESQL:
        op.execute(statement)
    if bind.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT ON live_run TO {SERVICE_ROLE}")


def _runs_of(rows: str) -> str:
    """Write the query for the runs that some rows of live_range make.

    A granted series that begins where another granted one ended goes on with its run; whatever else comes next, what
    overlaps included, begins a run of its own.
    """
    return f"""
      SELECT scheme_length, min(first), max(last) FROM (
        SELECT scheme_length, first, last,
          count(*) FILTER (WHERE NOT goes_on) OVER (PARTITION BY scheme_length ORDER BY first, last, id) AS run
        FROM (
          SELECT id, scheme_length, first, last, COALESCE(
            kind = 'granted' AND lag(kind) OVER w = 'granted' AND lag(last) OVER w = first - 1, false) AS goes_on
          FROM {rows} WINDOW w AS (PARTITION BY scheme_length ORDER BY first, last, id)
        ) AS in_order
      ) AS numbered GROUP BY scheme_length, run"""


POSTGRESQL = [
    # In the order in which a draw meets them, so that neither waits for the other for ever.
    "LOCK TABLE number_space, live_range, connected_system IN ACCESS EXCLUSIVE MODE",
    """CREATE TABLE live_run (
      scheme_length smallint NOT NULL,
      first bigint NOT NULL,
      last bigint NOT NULL,
      CONSTRAINT pk_live_run PRIMARY KEY (scheme_length, first),
      CONSTRAINT ck_live_run_range CHECK (first <= last),
      CONSTRAINT ex_live_run_overlap
        EXCLUDE USING gist (scheme_length WITH =, int8range(first, last, '[]') WITH &&)
    )""",
    f"INSERT INTO live_run (scheme_length, first, last) {_runs_of('live_range')}",
    # These two write live_run for whoever may write live_range, and for nobody else: the service's role may not.
    f"""CREATE OR REPLACE FUNCTION npn_runs_added() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
      INSERT INTO live_run (scheme_length, first, last) {_runs_of("added")};
      RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION npn_runs_removed() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
      DELETE FROM live_run r USING removed o
        WHERE (r.scheme_length, r.first, r.last) = (o.scheme_length, o.first, o.last);
      RETURN NULL;
    END $$""",
    "REVOKE EXECUTE ON FUNCTION npn_runs_added(), npn_runs_removed() FROM PUBLIC",
    """CREATE OR REPLACE FUNCTION npn_run_is_empty() RETURNS trigger
      LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF (SELECT l.last FROM live_range l WHERE l.scheme_length = OLD.scheme_length AND l.first <= OLD.last
          ORDER BY l.scheme_length DESC, l.first DESC LIMIT 1) >= OLD.first THEN
        RAISE EXCEPTION 'live ranges lie in this run' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION npn_range_in_space() RETURNS trigger
      LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
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
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER live_range_runs_added AFTER INSERT ON live_range REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION npn_runs_added()""",
    """CREATE TRIGGER live_range_runs_removed AFTER DELETE ON live_range REFERENCING OLD TABLE AS removed
      FOR EACH STATEMENT EXECUTE FUNCTION npn_runs_removed()""",
    """CREATE TRIGGER live_run_insert BEFORE INSERT ON live_run FOR EACH STATEMENT
      WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION npn_refuse()""",
    "CREATE TRIGGER live_run_update BEFORE UPDATE ON live_run FOR EACH STATEMENT EXECUTE FUNCTION npn_refuse()",
    "CREATE TRIGGER live_run_truncate BEFORE TRUNCATE ON live_run FOR EACH STATEMENT EXECUTE FUNCTION npn_refuse()",
    "CREATE TRIGGER live_run_kept AFTER DELETE ON live_run FOR EACH ROW EXECUTE FUNCTION npn_run_is_empty()",
    # Spaces are never removed or renamed, and systems never removed: their guards are there already.
    """CREATE TRIGGER connected_system_id BEFORE UPDATE ON connected_system FOR EACH ROW
      WHEN (NEW.id IS DISTINCT FROM OLD.id) EXECUTE FUNCTION npn_refuse()""",
    *(
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
        for table, trigger in (
            ("live_range", "live_range_runs_added"),
            ("live_range", "live_range_runs_removed"),
            ("live_run", "live_run_insert"),
            ("live_run", "live_run_update"),
            ("live_run", "live_run_truncate"),
            ("live_run", "live_run_kept"),
            ("connected_system", "connected_system_id"),
        )
    ),
    "ALTER TABLE live_range DROP CONSTRAINT ex_live_range_overlap",
    "ALTER TABLE live_range DROP CONSTRAINT fk_live_range_space, DROP CONSTRAINT fk_live_range_system_id",
]
