"""The legacy web service: answers stored with what they answer, certificates and security levels of systems."""

import sqlalchemy as sa
from alembic import op

from npn.db.engine import SERVICE_ROLE
from npn.db.types import Timestamp

revision = "0005"
down_revision = "0004"
_FOREVER = "an answer once given is given again as it was"


def upgrade() -> None:
    """Make the tables, let the service's role use them, and have the database itself keep answers as they are."""
    op.create_table(
        "stored_answer",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", Timestamp, nullable=False),
    )
    op.create_table(
        "system_certificate",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), nullable=False, index=True),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("not_before", Timestamp, nullable=False),
        sa.Column("not_after", Timestamp, nullable=False),
        sa.Column("bound_at", Timestamp, nullable=False),
        sa.Column("ended_at", Timestamp),
    )
    op.create_table(
        "system_security",
        sa.Column("system_id", sa.Text, sa.ForeignKey("connected_system.id"), primary_key=True),
        sa.Column("levels", sa.Text, nullable=False),
    )
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER stored_answer_no_{change.lower()} BEFORE {change} ON stored_answer"
                f" BEGIN SELECT RAISE(ABORT, '{_FOREVER}'); END"
            )
    elif bind.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": SERVICE_ROLE}):
        op.execute(f"GRANT SELECT, INSERT ON stored_answer TO {SERVICE_ROLE}")
        for table in ("system_certificate", "system_security"):
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE_ROLE}")
