"""Every rule, in the order of the layers: codes, identifiers, sample numbers, repeats, dates, results, characters."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from npn.errors import InvalidInputError
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


def select(patterns: Sequence[str]) -> tuple[Rule, ...]:
    """Give the rules whose ids the patterns name: an id, a prefix (`date`), or a glob (`npn.*`); none: all rules.

    Raises InvalidInputError where a pattern names no rule.
    """
    if not patterns:
        return RULES
    for pattern in patterns:
        if not any(names(pattern, rule.id) for rule in RULES):
            raise InvalidInputError(
                f"no rule is called {pattern!r}",
                field="rules",
                hint="ids, prefixes (date) and globs (npn.*) are listed in docs/reference/message-rules.md",
            )
    return tuple(rule for rule in RULES if any(names(pattern, rule.id) for pattern in patterns))


def names(pattern: str, rule_id: str) -> bool:
    """Whether a pattern means a rule."""
    return fnmatchcase(rule_id, pattern) or rule_id.startswith(f"{pattern}.")
