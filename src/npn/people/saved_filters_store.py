"""The SQL of what accounts search lists for again and again."""

from collections.abc import Mapping

import sqlalchemy as sa

from npn.people.tables import saved_filter


def filters_of(connection: sa.Connection, account: str, list_name: str) -> list[Mapping[str, str]]:
    """Return what an account keeps for a list, by name."""
    query = sa.select(saved_filter).where(*_mine(account, list_name)).order_by(saved_filter.c.name)
    return [dict(row) for row in connection.execute(query).mappings()]


def replace(connection: sa.Connection, values: Mapping[str, object]) -> int:
    """Keep a search in place of one of the same name; return how many the account then keeps for the list."""
    mine = _mine(str(values["account_id"]), str(values["list"]))
    connection.execute(sa.delete(saved_filter).where(*mine, saved_filter.c.name == values["name"]))
    connection.execute(sa.insert(saved_filter).values(values))
    return connection.scalar(sa.select(sa.func.count()).select_from(saved_filter).where(*mine)) or 0


def remove(connection: sa.Connection, account: str, filter_id: str) -> bool:
    """Forget a search of an account; return whether there was one."""
    mine = (saved_filter.c.account_id == account, saved_filter.c.id == filter_id)
    return bool(connection.execute(sa.delete(saved_filter).where(*mine)).rowcount)


def _mine(account: str, list_name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (saved_filter.c.account_id == account, saved_filter.c.list == list_name)
