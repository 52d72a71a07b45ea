"""What somebody searches a list for again and again: a name and an address's query, for each account.

A convenience, and no evidence: nothing of it is in the ledger.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from npn.db import Database
from npn.errors import ConflictError, NotFoundError, details
from npn.people import saved_filters_store as store
from npn.wording import checked_line

MAX_FILTERS = 30  # of an account, for a list
MAX_QUERY_CHARACTERS = 1000
MAX_NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A search with a name; `query`: what the list's address says."""

    id: str
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """What accounts keep."""

    database: Database
    clock: Callable[[], datetime]

    def of(self, account: str, list_name: str) -> list[SavedFilter]:
        """Return what an account keeps for a list, by name."""
        with self.database.read() as connection:
            rows = store.filters_of(connection, account, list_name)
        return [SavedFilter(row["id"], row["name"], row["query"]) for row in rows]

    def save(self, account: str, list_name: str, *, name: str, query: str) -> None:
        """Keep a search; one of the same name is replaced. Raises InvalidInputError, ConflictError."""
        values = {
            "id": secrets.token_hex(10),
            "account_id": account,
            "list": checked_line(list_name, "list", most=MAX_NAME_CHARACTERS),
            "name": checked_line(name, "name", most=MAX_NAME_CHARACTERS),
            "query": checked_line(query, "query", least=0, most=MAX_QUERY_CHARACTERS),
            "created_at": self.clock(),
        }
        with self.database.write() as connection:
            if store.replace(connection, values) > MAX_FILTERS:
                raise ConflictError(details.TOO_MANY_FILTERS.of(most=MAX_FILTERS), field="name")

    def remove(self, account: str, filter_id: str) -> None:
        """Forget a search of one's own. Raises NotFoundError."""
        with self.database.write() as connection:
            if not store.remove(connection, account, filter_id):
                raise NotFoundError("there is no such saved search", field="id")
