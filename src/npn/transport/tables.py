"""The tables of transport: calls counted, the sunset of plain HTTP, vendors' release rhythms, warnings given."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

call_day = sa.Table(
    "call_day",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True, index=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("plain", sa.BigInteger, nullable=False),
    sa.Column("secure", sa.BigInteger, nullable=False),
    sa.Column("certified", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("plain_at", Timestamp),
    sa.Column("plain_from", sa.Text),
    sa.CheckConstraint("channel IN ('rest', 'soap')", name="channel"),
)

sunset = sa.Table(
    "sunset",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("cut_off", Timestamp, nullable=False),
    sa.Column("announced_at", Timestamp, nullable=False),
    sa.Column("announced_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("withdrawn_at", Timestamp),
)

brown_out = sa.Table(
    "brown_out",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("starts_at", Timestamp, nullable=False),
    sa.Column("ends_at", Timestamp, nullable=False),
    sa.Column("announced_at", Timestamp, nullable=False),
    sa.Column("announced_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("cancelled_at", Timestamp),
    sa.CheckConstraint("starts_at < ends_at", name="window"),
)

transport_exception = sa.Table(
    "transport_exception",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("until", Timestamp, nullable=False),
    sa.Column("granted_at", Timestamp, nullable=False),
    sa.Column("granted_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("ended_at", Timestamp),
)

release_rhythm = sa.Table(
    "release_rhythm",
    metadata,
    sa.Column("vendor_id", sa.Text, sa.ForeignKey("organisation.id"), primary_key=True),
    sa.Column("first_release", sa.Date, nullable=False),
    sa.Column("every_months", sa.Integer, nullable=False),
    sa.Column("freeze_months", sa.Integer, nullable=False),
    sa.Column("work_weeks", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("stated_at", Timestamp, nullable=False),
    sa.Column("stated_by", sa.Text, nullable=False),
    sa.CheckConstraint("every_months BETWEEN 1 AND 60", name="every"),
    sa.CheckConstraint("freeze_months BETWEEN 0 AND 24", name="freeze"),
    sa.CheckConstraint("work_weeks BETWEEN 0 AND 260", name="work"),
)

certificate_warning = sa.Table(
    "certificate_warning",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("days", sa.Integer, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False),
    sa.Column("warned_at", Timestamp, nullable=False),
)
