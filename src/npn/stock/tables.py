"""The table of stock reports."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

stock_report = sa.Table(
    "stock_report",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("as_of", Timestamp, primary_key=True),
    sa.Column("free", sa.BigInteger, nullable=False),
    sa.Column("used_per_day", sa.Float, nullable=False),
    sa.Column("received_at", Timestamp, nullable=False),
    sa.CheckConstraint("free >= 0 AND used_per_day >= 0", name="figures"),
)
