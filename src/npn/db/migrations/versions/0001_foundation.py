"""The foundation: ledger, keys, organisations, systems, spaces, live ranges, releases, and what protects them.

The guards are the point of this file: whatever SQL is written by hand, on either engine, no two live ranges
overlap, none leaves its space, no cursor moves back, and the ledger is only ever appended to.
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp, metadata

revision = "0001"
down_revision = None

GENESIS = "0" * 64


def upgrade() -> None:
    """Make the tables, then the guards of the engine at hand, then the two rows every database has."""
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL:
            op.execute(statement)
        _grant()
    else:
        for statement in SQLITE:
            op.execute(statement)
    _first_rows()


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    """Make a table with the names of constraints that the whole schema uses."""
    scratch = sa.MetaData(naming_convention=metadata.naming_convention)
    for part in parts:
        for key in part.foreign_keys if isinstance(part, sa.Column) else ():
            target = key.target_fullname.split(".")
            if target[0] not in scratch.tables and target[0] != name:
                sa.Table(target[0], scratch, sa.Column(target[1], sa.Text, primary_key=True))
    sa.Table(name, scratch, *parts).create(op.get_bind())


def _tables() -> None:
    _table(
        "database_identity",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one_row"), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
    )
    _table(
        "ledger",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
    )
    _table(
        "ledger_head",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1", name="one_row"), primary_key=True, autoincrement=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    _table(
        "signing_key",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("public_jwk", sa.Text, nullable=False),
        sa.Column("private_jwk", sa.Text),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("retired_at", Timestamp),
    )
    _system_tables()
    _range_tables()


def _system_tables() -> None:
    _table(
        "organisation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.CheckConstraint("kind IN ('operator', 'region', 'vendor', 'owner')", name="kind"),
        sa.UniqueConstraint("kind", "name"),
    )
    _table(
        "connected_system",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("owner", sa.Text, sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("system_type", sa.Text, nullable=False),
        sa.Column("register_gone_at", Timestamp),
        sa.Column("smallest_draw", sa.BigInteger, nullable=False),
        sa.Column("largest_draw", sa.BigInteger, nullable=False),
        sa.Column("quota", sa.BigInteger),
        sa.Column("quota_days", sa.Integer),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.CheckConstraint("environment IN ('production', 'test')", name="environment"),
        sa.CheckConstraint("state IN ('active', 'suspended')", name="state"),
        sa.CheckConstraint("smallest_draw >= 1 AND largest_draw >= smallest_draw", name="draw_bounds"),
        sa.CheckConstraint("(quota IS NULL) = (quota_days IS NULL)", name="quota_whole"),
    )
    _key_tables()


def _key_tables() -> None:
    _table(
        "system_alias",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("alias", sa.Text, primary_key=True),
        sa.Column("current", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("since", Timestamp, nullable=False),
    )
    _table(
        "api_key",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False, index=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id")),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("revoked_at", Timestamp),
        sa.Column("last_used_at", Timestamp),
        sa.CheckConstraint("(role = 'system') = (system_id IS NOT NULL)", name="holder"),
    )
    _table(
        "contact",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("telephone", sa.Text, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.CheckConstraint("kind IN ('technical', 'administrative', 'on_call')", name="kind"),
    )


def _range_tables() -> None:
    _table(
        "number_space",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("length", sa.SmallInteger, nullable=False),
        sa.Column("weights", sa.Text, nullable=False),
        sa.Column("modulus", sa.Integer, nullable=False),
        sa.Column("remainder", sa.Integer, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.CheckConstraint("environment IN ('production', 'test')", name="environment"),
        sa.CheckConstraint("length BETWEEN 6 AND 18", name="length"),
        sa.CheckConstraint("first >= 0 AND first <= last AND last < 1000000000000000000", name="range"),
        sa.CheckConstraint("cursor BETWEEN first AND last + 1", name="cursor"),
    )
    _live_range_table()
    _table(
        "release",
        sa.Column("series_id", sa.Text, sa.ForeignKey("live_range.id"), primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
        sa.Column("quarantine_until", Timestamp, nullable=False),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False),
        sa.CheckConstraint("first <= last", name="range"),
    )


def _live_range_table() -> None:
    _table(
        "live_range",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("space", sa.Text, sa.ForeignKey("number_space.name"), nullable=False),
        sa.Column("scheme_length", sa.SmallInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("usable", sa.BigInteger, nullable=False),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id")),
        sa.Column("channel", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("request_digest", sa.Text),
        sa.Column("purpose", sa.Text),
        sa.Column("drawn_at", Timestamp, nullable=False),
        sa.Column("ledger_seq", sa.BigInteger, nullable=False),
        sa.CheckConstraint("kind IN ('granted', 'imported', 'withheld')", name="kind"),
        sa.CheckConstraint("first <= last", name="range"),
        sa.CheckConstraint(
            "kind <> 'granted' OR (system_id IS NOT NULL AND channel IS NOT NULL AND request_id IS NOT NULL"
            " AND request_digest IS NOT NULL)",
            name="granted_whole",
        ),
        sa.UniqueConstraint("request_id", "system_id", "channel"),
        sa.UniqueConstraint("scheme_length", "first"),
        sa.Index("ix_live_range_system_id_ledger_seq", "system_id", "ledger_seq"),
        sa.Index("ix_live_range_ledger_seq", "ledger_seq"),
    )


def _first_rows() -> None:
    bind = op.get_bind()
    now = datetime.now(UTC)
    columns = [sa.column("one"), sa.column("id"), sa.column("created_at", Timestamp)]
    identity = sa.table("database_identity", *columns)
    bind.execute(sa.insert(identity).values(one=1, id=str(uuid.uuid4()), created_at=now))
    head = sa.table("ledger_head", sa.column("one"), sa.column("length"), sa.column("hash"))
    bind.execute(sa.insert(head).values(one=1, length=0, hash=GENESIS))


def _grant() -> None:
    """Give the service's role what it needs and no more; it owns nothing."""
    known = op.get_bind().scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE})
    if not known:
        return
    op.execute(f"GRANT USAGE ON SCHEMA public TO {SERVICE_ROLE}")
    op.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {SERVICE_ROLE}")
    op.execute(f"GRANT INSERT ON ledger, live_range, release TO {SERVICE_ROLE}")
    op.execute(f"GRANT DELETE ON live_range TO {SERVICE_ROLE}")
    op.execute(
        "GRANT INSERT, UPDATE ON ledger_head, signing_key, organisation, connected_system, api_key, "
        f"number_space TO {SERVICE_ROLE}"
    )
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON system_alias, contact TO {SERVICE_ROLE}")


# --- the guards ------------------------------------------------------------------------------------------------

_NEVER = ("database_identity", "ledger", "release")  # neither changed nor removed
_KEPT = ("number_space", "live_range", "ledger_head", "connected_system", "organisation", "api_key", "signing_key")


def _sqlite_refusals() -> list[str]:
    made = [
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        for table in _NEVER
        for verb in ("UPDATE", "DELETE")
    ]
    made += [
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} "
        + ("WHEN OLD.kind <> 'withheld' " if table == "live_range" else "")
        + f"BEGIN SELECT RAISE(ABORT, '{table} rows are kept for ever'); END"
        for table in _KEPT
    ]
    return made


def _sqlite_no_replace(table: str, same: str) -> str:
    """INSERT OR REPLACE deletes rows without asking the delete trigger: refuse it before it can."""
    return (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table}: a row is never replaced'); END"
    )


SQLITE = [
    *_sqlite_refusals(),
    _sqlite_no_replace("database_identity", "one = NEW.one"),
    _sqlite_no_replace("ledger_head", "one = NEW.one"),
    _sqlite_no_replace("release", "series_id = NEW.series_id AND first = NEW.first"),
    _sqlite_no_replace("number_space", "name = NEW.name"),
    _sqlite_no_replace("connected_system", "id = NEW.id"),
    _sqlite_no_replace("organisation", "id = NEW.id OR (kind = NEW.kind AND name = NEW.name)"),
    _sqlite_no_replace("api_key", "digest = NEW.digest"),
    _sqlite_no_replace("signing_key", "kid = NEW.kid"),
    _sqlite_no_replace(
        "live_range",
        "id = NEW.id OR (request_id = NEW.request_id AND system_id = NEW.system_id AND channel = NEW.channel)",
    ),
    """CREATE TRIGGER ledger_append BEFORE INSERT ON ledger WHEN
      NEW.seq IS NOT COALESCE((SELECT MAX(seq) FROM ledger), 0) + 1
      OR NEW.previous IS NOT COALESCE((SELECT hash FROM ledger WHERE seq = NEW.seq - 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
      OR EXISTS (SELECT 1 FROM ledger WHERE hash = NEW.hash)
      BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END""",
    """CREATE TRIGGER live_range_overlap BEFORE INSERT ON live_range WHEN
      (SELECT last FROM live_range WHERE scheme_length = NEW.scheme_length AND first <= NEW.last
        ORDER BY first DESC LIMIT 1) >= NEW.first
      BEGIN SELECT RAISE(ABORT, 'overlap: these numbers are taken'); END""",
    """CREATE TRIGGER live_range_space BEFORE INSERT ON live_range WHEN NOT EXISTS
      (SELECT 1 FROM number_space WHERE name = NEW.space AND length = NEW.scheme_length
        AND first <= NEW.first AND last >= NEW.last)
      BEGIN SELECT RAISE(ABORT, 'the range leaves its space'); END""",
    """CREATE TRIGGER live_range_update BEFORE UPDATE ON live_range
      BEGIN SELECT RAISE(ABORT, 'live_range is never changed'); END""",
    """CREATE TRIGGER release_within BEFORE INSERT ON release WHEN NOT EXISTS
      (SELECT 1 FROM live_range WHERE id = NEW.series_id AND kind = 'granted'
        AND first <= NEW.first AND last >= NEW.last)
      BEGIN SELECT RAISE(ABORT, 'the release leaves its series'); END""",
    """CREATE TRIGGER number_space_overlap BEFORE INSERT ON number_space WHEN EXISTS
      (SELECT 1 FROM number_space WHERE length = NEW.length AND first <= NEW.last AND last >= NEW.first)
      BEGIN SELECT RAISE(ABORT, 'overlap: another space of this length holds these numbers'); END""",
    """CREATE TRIGGER number_space_update BEFORE UPDATE ON number_space WHEN
      NEW.cursor < OLD.cursor OR NEW.name IS NOT OLD.name OR NEW.environment IS NOT OLD.environment
      OR NEW.scheme IS NOT OLD.scheme OR NEW.length IS NOT OLD.length OR NEW.weights IS NOT OLD.weights
      OR NEW.modulus IS NOT OLD.modulus OR NEW.remainder IS NOT OLD.remainder
      OR NEW.first IS NOT OLD.first OR NEW.last IS NOT OLD.last
      BEGIN SELECT RAISE(ABORT, 'a space never changes, and its cursor never moves back'); END""",
]


def _postgresql_refusals() -> list[str]:
    made = []
    for table in (*_NEVER, *_KEPT):
        verbs = "UPDATE OR DELETE" if table in _NEVER else "DELETE"
        when = " WHEN (OLD.kind <> 'withheld')" if table == "live_range" else ""
        made.append(
            f"CREATE TRIGGER {table}_kept BEFORE {verbs} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION npn_refuse()"
        )
        made.append(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION npn_refuse()"
        )
        made.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept")
        made.append(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_truncate")
    return made


POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """CREATE FUNCTION npn_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      RAISE EXCEPTION '% is never changed that way', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """ALTER TABLE live_range ADD CONSTRAINT ex_live_range_overlap
      EXCLUDE USING gist (scheme_length WITH =, int8range(first, last, '[]') WITH &&)""",
    """ALTER TABLE number_space ADD CONSTRAINT ex_number_space_overlap
      EXCLUDE USING gist (length WITH =, int8range(first, last, '[]') WITH &&)""",
    # Asked once a statement over the rows it added, not once a row: the same guard at a fraction of the price.
    """CREATE FUNCTION npn_ledger_append() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF EXISTS (SELECT 1 FROM added a LEFT JOIN ledger p ON p.seq = a.seq - 1
          WHERE a.seq < 1 OR (a.seq > 1 AND p.seq IS NULL)
            OR a.previous IS DISTINCT FROM COALESCE(p.hash, repeat('0', 64))) THEN
        RAISE EXCEPTION 'the ledger is only appended to' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER ledger_append AFTER INSERT ON ledger REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION npn_ledger_append()""",
    """CREATE FUNCTION npn_range_in_space() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF EXISTS (SELECT 1 FROM added a LEFT JOIN number_space s ON s.name = a.space AND s.length = a.scheme_length
            AND s.first <= a.first AND s.last >= a.last WHERE s.name IS NULL) THEN
        RAISE EXCEPTION 'the range leaves its space' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
    """CREATE TRIGGER live_range_space AFTER INSERT ON live_range REFERENCING NEW TABLE AS added
      FOR EACH STATEMENT EXECUTE FUNCTION npn_range_in_space()""",
    """CREATE TRIGGER live_range_update BEFORE UPDATE ON live_range
      FOR EACH ROW EXECUTE FUNCTION npn_refuse()""",
    """CREATE FUNCTION npn_release_in_series() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM live_range WHERE id = NEW.series_id AND kind = 'granted'
          AND first <= NEW.first AND last >= NEW.last) THEN
        RAISE EXCEPTION 'the release leaves its series' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$""",
    """CREATE TRIGGER release_within BEFORE INSERT ON release
      FOR EACH ROW EXECUTE FUNCTION npn_release_in_series()""",
    """CREATE TRIGGER number_space_update BEFORE UPDATE ON number_space FOR EACH ROW WHEN (
      NEW.cursor < OLD.cursor OR (NEW.name, NEW.environment, NEW.scheme, NEW.length, NEW.weights, NEW.modulus,
      NEW.remainder, NEW.first, NEW.last) IS DISTINCT FROM (OLD.name, OLD.environment, OLD.scheme, OLD.length,
      OLD.weights, OLD.modulus, OLD.remainder, OLD.first, OLD.last)) EXECUTE FUNCTION npn_refuse()""",
    *(
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
        for table, trigger in (
            ("ledger", "ledger_append"),
            ("live_range", "live_range_space"),
            ("live_range", "live_range_update"),
            ("release", "release_within"),
            ("number_space", "number_space_update"),
        )
    ),
    *_postgresql_refusals(),
]
