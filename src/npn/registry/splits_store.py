"""The SQL of withheld ranges that make place for their parts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from npn.db.exchange import Exchange, instant
from npn.db.rows import insert_rows
from npn.db.types import rfc3339
from npn.registry.model import LiveRange
from npn.registry.tables import range_split


def split(
    exchange: Exchange, held: LiveRange, parts: Sequence[Mapping[str, object]], *, at: datetime, seq: int
) -> None:
    """Put parts, rows by column, in a withheld range's place; any that are not exactly it the database refuses."""
    encoded = [{**part, "drawn_at": rfc3339(instant(part["drawn_at"]))} for part in parts]
    row = {
        "withheld": held.id,
        "space": held.space,
        "scheme_length": held.length,
        "generation": held.generation,
        "first": held.first,
        "last": held.last,
        "parts": msgspec.json.encode(encoded).decode(),
        "at": at,
        "ledger_seq": seq,
    }
    insert_rows(exchange, range_split, [row])
