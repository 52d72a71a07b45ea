"""The tables of standards, products, their listed approvals, installations and capabilities."""

import sqlalchemy as sa

from npn.db.types import Timestamp, metadata

standard = sa.Table(
    "standard",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)

standard_version = sa.Table(
    "standard_version",
    metadata,
    sa.Column("standard", sa.Text, sa.ForeignKey("standard.code"), primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("valid_from", sa.Date),
    sa.Column("phase_out_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.Column("replaces", sa.Text),
    sa.Column("features", sa.Text, nullable=False),  # a JSON object of texts
    sa.Column("required_of", sa.Text, nullable=False),  # a JSON list of types of system
)

# Each import of MedCom's list.
standard_list = sa.Table(
    "standard_list",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("imported_at", Timestamp, nullable=False),
)

product = sa.Table(
    "product",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("types", sa.Text, nullable=False),  # a JSON list
    sa.Column("listed", sa.Boolean, nullable=False),
    sa.Column("gone_on", sa.Date),
)

# Every name under which the list had a product, with the vendor that it named.
product_alias = sa.Table(
    "product_alias",
    metadata,
    sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("vendor", sa.Text, primary_key=True),
    sa.Column("since", sa.Date, nullable=False),
)

# A row of the list, word for word. `valid_from`: the first list that had it so; `valid_until`: the first that did not.
# `since`: when the state was first seen, whatever the row was called. Without a product: it is unclear whose it is.
listed_row = sa.Table(
    "listed_row",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), index=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),
    sa.Column("system_type", sa.Text, nullable=False),
    sa.Column("standard_name", sa.Text, nullable=False),
    sa.Column("standard_id_version", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("standard", sa.Text, nullable=False, index=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_until", sa.Date),
)

product_release = sa.Table(
    "product_release",
    metadata,
    sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("released_on", sa.Date, nullable=False),
    sa.Column("equivalents", sa.Text, nullable=False),  # a JSON list of versions
)

product_fault = sa.Table(
    "product_fault",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), nullable=False, index=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("mended_in", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
)

installation = sa.Table(
    "installation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("product_id", sa.Text, sa.ForeignKey("product.id"), nullable=False, index=True),
    sa.Column("release", sa.Text),
    sa.Column("owner_id", sa.Text, sa.ForeignKey("organisation.id")),
    sa.Column("region_id", sa.Text, sa.ForeignKey("organisation.id")),
    sa.Column("sor_unit", sa.Text, nullable=False),
    sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id")),
    sa.Column("begins", sa.Date),
    sa.Column("ends", sa.Date),
)

capability = sa.Table(
    "capability",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("installation_id", sa.Text, sa.ForeignKey("installation.id"), nullable=False, index=True),
    sa.Column("standard", sa.Text, nullable=False, index=True),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("features", sa.Text, nullable=False),  # a JSON object of texts
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("by_operator", sa.Boolean, nullable=False),
    sa.Column("recorded_on", sa.Date, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
)
