"""Standards, products, listed approvals, installations and capabilities."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0031"
down_revision = "0030"
compatible_since = "0021"  # a program before it knows none of it
_TABLES = (
    "standard", "standard_version", "standard_list", "product", "product_alias", "listed_row", "product_release",
    "product_fault", "installation", "capability",
)


def upgrade() -> None:
    """Make the tables."""
    _catalogue()
    _products()
    _releases()
    _installations()
    for table, column in (
        ("listed_row", "product_id"), ("listed_row", "standard"), ("product_fault", "product_id"),
        ("installation", "product_id"), ("capability", "installation_id"), ("capability", "standard"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    bind = op.get_bind()
    known = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r")
    if bind.dialect.name == "postgresql" and bind.scalar(known, {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(_TABLES)} TO {SERVICE_ROLE}")


def _catalogue() -> None:
    op.create_table(
        "standard",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "standard_version",
        sa.Column("standard", sa.Text, sa.ForeignKey("standard.code"), primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("valid_from", sa.Date),
        sa.Column("phase_out_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("replaces", sa.Text),
        sa.Column("features", sa.Text, nullable=False),
        sa.Column("required_of", sa.Text, nullable=False),
    )
    op.create_table(
        "standard_list",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("imported_at", Timestamp, nullable=False),
    )


def _products() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("gone_on", sa.Date),
    )
    op.create_table(
        "product_alias",
        sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("vendor", sa.Text, primary_key=True),
        sa.Column("since", sa.Date, nullable=False),
    )
    op.create_table(
        "listed_row",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("product_id", sa.Text, sa.ForeignKey("product.id")),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("vendor", sa.Text, nullable=False),
        sa.Column("system_type", sa.Text, nullable=False),
        sa.Column("standard_name", sa.Text, nullable=False),
        sa.Column("standard_id_version", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("standard", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
    )


def _releases() -> None:
    op.create_table(
        "product_release",
        sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("released_on", sa.Date, nullable=False),
        sa.Column("equivalents", sa.Text, nullable=False),
    )
    op.create_table(
        "product_fault",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("mended_in", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
    )


def _installations() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), nullable=False),
        sa.Column("release", sa.Text),
        sa.Column("owner_id", sa.Text, sa.ForeignKey("organisation.id")),
        sa.Column("region_id", sa.Text, sa.ForeignKey("organisation.id")),
        sa.Column("sor_unit", sa.Text, nullable=False),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id")),
        sa.Column("begins", sa.Date),
        sa.Column("ends", sa.Date),
    )
    op.create_table(
        "capability",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("installation_id", sa.Text, sa.ForeignKey("installation.id"), nullable=False),
        sa.Column("standard", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("features", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("by_operator", sa.Boolean, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date),
    )
