"""The proof itself: the ledger's events played again, each held to every rule it could break."""

from npn.proof.rules import Rules, Totals
from npn.proof.wrong import WrongError

__all__ = ["Rules", "Totals", "WrongError"]
