"""All rows of a database, to be compared before and after: who may not change anything has changed nothing."""

from collections.abc import Collection
from pkgutil import walk_packages

import sqlalchemy as sa

import npn
from npn.db.types import metadata

for _module in walk_packages(npn.__path__, "npn."):
    if _module.name.endswith(".tables"):
        __import__(_module.name)

Rows = dict[str, list[tuple[object, ...]]]
OF_EVERY_VISIT = frozenset(
    {"person_session", "call_day", "refused_calls", "ledger_head"}
)  # counts, and who was last seen
TIMES = frozenset({"last_used_at", "signed_in_at"})


def rows(engine: sa.Engine, *, without: Collection[str] = OF_EVERY_VISIT) -> Rows:
    """Return every row of every table but those of `without`, and but for when a key or an account was last used."""
    with engine.connect() as connection:
        found = {}
        for table in metadata.sorted_tables:
            if table.name not in without:
                columns = [sa.literal_column(f'"{c.name}"') for c in table.columns if c.name not in TIMES]
                read = connection.execute(sa.select(*columns).select_from(sa.table(table.name)))
                found[table.name] = sorted((tuple(row) for row in read), key=repr)
        return found


def naming(found: Rows, words: Collection[str]) -> set[str]:
    """Return the rows in which one of the words stands."""
    return {f"{name} {row}" for name, of_it in found.items() for row in of_it if any(w in repr(row) for w in words)}
