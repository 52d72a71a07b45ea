"""The proof itself: the ledger's events played again, each held to every rule it could break."""

from npn.ledger.proof.rules import Rules, Totals
from npn.ledger.proof.wrong import WrongError

__all__ = ["Rules", "Totals", "WrongError"]
