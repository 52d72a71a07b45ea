"""The export: every entry as a line, streamed from one consistent state, and a signed checkpoint as the last line.

docs/ledger.md states the format exactly, so that somebody else can write a verifier.
"""

from collections.abc import Callable
from datetime import datetime

from npn.db import Database
from npn.instants import rfc3339
from npn.ledger import store
from npn.ledger.canonical import Json
from npn.ledger.keys import current_key
from npn.ledger.model import Head, checkpoint_line
from npn.ledger.service import now


def export(database: Database, write: Callable[[bytes], object], *, clock: Callable[[], datetime] = now) -> Head:
    """Write the ledger, line by line, each with its end; give the head that the checkpoint signs.

    Memory stays flat. Raises NotFoundError where there is no signing key yet.
    """
    with database.read() as connection:
        if database.dialect == "postgresql":  # whoever takes the lines may be slower than the usual patience
            store.wait_for_reader(connection)
        head = store.head(connection, lock=False)
        key = current_key(connection)
        for entry in store.entries(connection, up_to=head.length):
            write(entry.line().encode("utf-8") + b"\n")
        # A clock that was set back makes no checkpoint older than its entries.
        payload: dict[str, Json] = {
            "length": head.length,
            "head": head.hash,
            "database": store.identity(connection),
            "at": max(store.newest_time(connection), rfc3339(clock())),
        }
        write(checkpoint_line(payload, key.sign(payload)))
        return head
