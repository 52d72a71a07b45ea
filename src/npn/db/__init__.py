"""The database: engine, transactions, types, migrations. The same on SQLite and PostgreSQL."""

from npn.db.engine import Database

__all__ = ["Database"]
