"""Two messages compared field by field, whatever syntax each of them has."""

from npn.messages.comparison.letters import compare
from npn.messages.comparison.model import Basis, FieldDifference, LetterComparison, MessageComparison, Relation

__all__ = ["Basis", "FieldDifference", "LetterComparison", "MessageComparison", "Relation", "compare"]
