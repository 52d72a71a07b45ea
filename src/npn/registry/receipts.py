"""Receipts: what a system holds to prove its series, made and signed when asked for."""

from npn.db import Database
from npn.errors import NotFoundError
from npn.instants import rfc3339
from npn.ledger import store as ledger_store
from npn.ledger.canonical import Json
from npn.ledger.keys import current_key
from npn.registry import store
from npn.registry.model import Series


def receipt(database: Database, series: Series) -> str:
    """Return the compact JWS of a series: the same series and key, the same bytes."""
    with database.read() as connection:
        ledger_hash = ledger_store.hash_at(connection, series.seq)
        digest = store.request_digest(connection, series.id)
        if ledger_hash is None or digest is None:
            raise NotFoundError("there is no such series", field="series")
        payload: dict[str, Json] = {
            "series": series.id,
            "space": series.space,
            "first": series.text(series.first),
            "last": series.text(series.last),
            "size": series.size,
            "usable": series.usable,
            "system": series.system,
            "request_id": series.request_id,
            "request_digest": digest[1],
            "channel": digest[0],
            "purpose": series.purpose,
            "drawn_at": rfc3339(series.drawn_at),
            "ledger_seq": series.seq,
            "ledger_hash": ledger_hash,
        }
        return current_key(connection).sign(payload)
