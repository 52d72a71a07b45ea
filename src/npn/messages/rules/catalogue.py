"""Every rule, in the order of the layers: codes, identifiers, sample numbers, repeats, dates, results, characters."""

from npn.messages.rules import (
    characters,
    codes,
    dates,
    persons_and_places,
    repeats,
    results,
    sample_numbers,
    statuses,
)
from npn.messages.rules.model import Rule

LAYERS = (codes, persons_and_places, sample_numbers, repeats, dates, statuses, results, characters)
RULES: tuple[Rule, ...] = tuple(rule for layer in LAYERS for rule in layer.BOOK.rules)
BY_ID = {rule.id: rule for rule in RULES}
