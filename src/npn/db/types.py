"""Column types, and the metadata that every room's tables are part of."""

from datetime import UTC, datetime
from typing import Any  # SQLAlchemy's own signature says Any

import sqlalchemy as sa

from npn.instants import rfc3339

__all__ = ["Timestamp", "metadata", "rfc3339"]

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Timestamp(sa.types.TypeDecorator[datetime]):
    """An instant: `timestamptz` on PostgreSQL, RFC 3339 text in UTC on SQLite, always aware in Python."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.engine.Dialect) -> sa.types.TypeEngine[Any]:
        """Text where the engine has no type for an instant."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.engine.Dialect) -> object:
        """Refuse a naive time: nobody could say when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(UTC)
        return rfc3339(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: object, _dialect: sa.engine.Dialect) -> datetime | None:
        """Return the instant back in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        raise TypeError(f"not a time: {value!r}")
