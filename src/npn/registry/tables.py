"""The tables of spaces and ranges. What protects them (exclusion, triggers) is in the migrations.

`generation` is how often a range's numbers were granted before. No two live ranges of one scheme length and one
generation overlap.
"""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

number_space = sa.Table(
    "number_space",
    metadata,
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
    sa.Column("is_default", sa.Boolean(create_constraint=False), nullable=False, server_default=sa.false()),
    sa.Column("is_open", sa.Boolean(create_constraint=False), nullable=False, server_default=sa.true()),
    sa.CheckConstraint("environment IN ('production', 'test')", name="environment"),
    sa.CheckConstraint("length BETWEEN 6 AND 18", name="length"),
    sa.CheckConstraint("first >= 0 AND first <= last AND last < 1000000000000000000", name="range"),
    sa.CheckConstraint("cursor BETWEEN first AND last + 1", name="cursor"),
)

live_range = sa.Table(
    "live_range",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("space", sa.Text, sa.ForeignKey("number_space.name"), nullable=False),
    sa.Column("scheme_length", sa.SmallInteger, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
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
    sa.UniqueConstraint("scheme_length", "generation", "first"),
    sa.Index("ix_live_range_system_id_ledger_seq", "system_id", "ledger_seq"),
    sa.Index("ix_live_range_ledger_seq", "ledger_seq"),
)

stored_answer = sa.Table(
    "stored_answer",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
)

release = sa.Table(
    "release",
    metadata,
    sa.Column("series_id", sa.Text, sa.ForeignKey("live_range.id"), primary_key=True),
    sa.Column("first", sa.BigInteger, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("quarantine_until", Timestamp, nullable=False),
    sa.Column("ledger_seq", sa.BigInteger, nullable=False),
    sa.CheckConstraint("first <= last", name="range"),
)

quarantine_policy = sa.Table(
    "quarantine_policy",
    metadata,
    sa.Column("ledger_seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("approval", sa.Text, unique=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.CheckConstraint("days BETWEEN 365 AND 36500", name="days"),
)

regrant = sa.Table(
    "regrant",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("series_id", sa.Text, sa.ForeignKey("live_range.id"), nullable=False, index=True),
    sa.Column("space", sa.Text, sa.ForeignKey("number_space.name"), nullable=False),
    sa.Column("scheme_length", sa.SmallInteger, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),
    sa.Column("holders", sa.Text, nullable=False),
    sa.Column("approval", sa.Text, nullable=False, unique=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("ledger_seq", sa.BigInteger, nullable=False),
    sa.CheckConstraint("first <= last", name="range"),
    sa.CheckConstraint("cursor BETWEEN first AND last + 1", name="cursor"),
)

range_split = sa.Table(
    "range_split",
    metadata,
    sa.Column("withheld", sa.Text, primary_key=True),
    sa.Column("space", sa.Text, sa.ForeignKey("number_space.name"), nullable=False),
    sa.Column("scheme_length", sa.SmallInteger, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("parts", sa.Text, nullable=False),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("ledger_seq", sa.BigInteger, nullable=False),
)
