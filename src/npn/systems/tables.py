"""The tables of organisations, connected systems and keys."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata
from npn.systems.model import ContactKind

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("closed_at", Timestamp),
    sa.Column("merged_into", sa.Text),  # the id of another of the kind
    sa.CheckConstraint("kind IN ('operator', 'region', 'vendor', 'owner')", name="kind"),
    sa.UniqueConstraint("kind", "name"),
)

# Every name that an organisation had before, and those of the organisations that were merged into it.
organisation_alias = sa.Table(
    "organisation_alias",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("organisation_id", sa.Text, sa.ForeignKey("organisation.id"), nullable=False, index=True),
    sa.Column("since", Timestamp, nullable=False),
)

organisation_region = sa.Table(
    "organisation_region",
    metadata,
    sa.Column("organisation_id", sa.Text, sa.ForeignKey("organisation.id"), primary_key=True),
    sa.Column("region_id", sa.Text, sa.ForeignKey("organisation.id"), nullable=False, index=True),
)

connected_system = sa.Table(
    "connected_system",
    metadata,
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
    sa.Column("space", sa.Text),
    sa.Column("space_set_at", Timestamp),
    sa.Column("closed_at", Timestamp),  # then its state is suspended
    sa.CheckConstraint("environment IN ('production', 'test')", name="environment"),
    sa.CheckConstraint("state IN ('active', 'suspended')", name="state"),
    sa.CheckConstraint("smallest_draw >= 1 AND largest_draw >= smallest_draw", name="draw_bounds"),
    sa.CheckConstraint("(quota IS NULL) = (quota_days IS NULL)", name="quota_whole"),
)

system_alias = sa.Table(
    "system_alias",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("alias", sa.Text, primary_key=True),
    sa.Column("current", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("since", Timestamp, nullable=False),
)

system_standard = sa.Table(
    "system_standard",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("standard", sa.Text, primary_key=True),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False, index=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id")),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("revoked_at", Timestamp),
    sa.Column("last_used_at", Timestamp),
    sa.CheckConstraint("(role = 'system') = (system_id IS NOT NULL)", name="holder"),
)

contact = sa.Table(
    "contact",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("telephone", sa.Text, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.CheckConstraint(f"kind IN ({', '.join(map(repr, map(str, ContactKind)))})", name="kind"),
)

system_certificate = sa.Table(
    "system_certificate",
    metadata,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("not_before", Timestamp, nullable=False),
    sa.Column("not_after", Timestamp, nullable=False),
    sa.Column("bound_at", Timestamp, nullable=False),
    sa.Column("ended_at", Timestamp),
)

system_security = sa.Table(
    "system_security",
    metadata,
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
    sa.Column("levels", sa.Text, nullable=False),
)

system_subject = sa.Table(
    "system_subject",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("bound_at", Timestamp, nullable=False),
    sa.Column("ended_at", Timestamp),
    sa.Column("shown_fingerprint", sa.Text),
    sa.Column("shown_not_after", Timestamp),
    sa.Column("shown_at", Timestamp),
)
