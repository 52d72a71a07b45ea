"""The tables of regional units, and of who answers a system's users."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

regional_unit = sa.Table(
    "regional_unit",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("region_id", sa.Text, sa.ForeignKey("organisation.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("telephone", sa.Text, nullable=False),
    sa.Column("hours", sa.Text, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.UniqueConstraint("region_id", "name"),
)

system_care = sa.Table(
    "system_care",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("unit_id", sa.Text, sa.ForeignKey("regional_unit.id")),
    sa.Column("manager_name", sa.Text, nullable=False),
    sa.Column("manager_email", sa.Text, nullable=False),
    sa.Column("manager_telephone", sa.Text, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
)
