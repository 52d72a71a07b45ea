"""The append-only ledger, its witness, receipts and offline proof.

The proof needs no database: what does is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from npn.ledger.model import GENESIS, Entry, Head

if TYPE_CHECKING:
    from npn.ledger.service import Ledger, Transaction

__all__ = ["GENESIS", "Entry", "Head", "Ledger", "Transaction"]


def __getattr__(name: str) -> object:
    if name in ("Ledger", "Transaction"):
        return getattr(import_module("npn.ledger.service"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
