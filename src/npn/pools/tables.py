"""The tables of pools, and of which series each drew."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

pool = sa.Table(
    "pool",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False),
    sa.Column("held", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("first_at", Timestamp, nullable=False),
    sa.Column("contact_at", Timestamp, nullable=False),
    sa.Column("contested_at", Timestamp),
    sa.Column("contested_by", sa.Text),
    sa.CheckConstraint("state IN ('active', 'contested')", name="state"),
    sa.CheckConstraint("(state = 'contested') = (contested_at IS NOT NULL)", name="contested"),
)

pool_series = sa.Table(
    "pool_series",
    metadata,
    sa.Column("series_id", sa.Text, sa.ForeignKey("live_range.id"), primary_key=True),
    sa.Column("pool_id", sa.Text, sa.ForeignKey("pool.id"), nullable=False, index=True),
)
