"""The append-only ledger, its witness, receipts and offline proof."""

from npn.ledger.model import GENESIS, Entry, Head
from npn.ledger.service import Ledger, Transaction

__all__ = ["GENESIS", "Entry", "Head", "Ledger", "Transaction"]
