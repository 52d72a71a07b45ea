"""The ledger's tables. What protects them (triggers) is in the migrations."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

database_identity = sa.Table(
    "database_identity",
    metadata,
    sa.Column(
        "one",
        sa.Integer,
        sa.CheckConstraint("one = 1", name="one_row"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
)

ledger_head = sa.Table(
    "ledger_head",
    metadata,
    sa.Column(
        "one",
        sa.Integer,
        sa.CheckConstraint("one = 1", name="one_row"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("witness", sa.Text, nullable=False, server_default=""),  # the identity of the witness that counts
    sa.Column("witnessed", sa.BigInteger, nullable=False, server_default="0"),  # the length it is known to have had
    sa.Column("writer", sa.Text, nullable=False, server_default=""),  # the revision of the program that wrote last
    sa.Column("written", sa.BigInteger, nullable=False, server_default="0"),  # the length to which that program wrote
    sa.Column("newest", sa.Text, nullable=False, server_default=""),
)

signing_key = sa.Table(
    "signing_key",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("public_jwk", sa.Text, nullable=False),
    sa.Column("private_jwk", sa.Text),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("retired_at", Timestamp),
)

backup_seen = sa.Table(
    "backup_seen",
    metadata,
    sa.Column(
        "one",
        sa.Integer,
        sa.CheckConstraint("one = 1", name="one_row"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("taken_at", Timestamp, nullable=False),
    sa.Column("noted_at", Timestamp, nullable=False),
    sa.Column("noted_by", sa.Text, nullable=False),
)
