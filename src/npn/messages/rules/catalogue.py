"""The one catalogue: every rule that a finding can name, floor by floor, and the choice among those for messages."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import chain

from npn.errors import InvalidInputError
from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.model.finding import FindingRule
from npn.messages.oioxml.rules import XML_RULES
from npn.messages.oioxml.vans_rules import VANS_RULES
from npn.messages.rules import (
    characters,
    codes,
    dates,
    payers,
    persons_and_places,
    repeats,
    results,
    sample_numbers,
    sampling,
    statuses,
)
from npn.messages.rules.bridging import BRIDGE_RULES
from npn.messages.rules.conversion import CONVERSION_RULES
from npn.messages.rules.model import Rule
from npn.messages.rules.unchecked import UNCHECKED_RULES
from npn.messages.structure.rules import STRUCTURE_RULES

LAYERS = (codes, persons_and_places, payers, sample_numbers, repeats, sampling, dates, statuses, results, characters)
RULES: tuple[Rule, ...] = tuple(rule for layer in LAYERS for rule in layer.BOOK.rules)
FLOORS: Mapping[str, Sequence[FindingRule]] = {
    "Reading XML": XML_RULES,
    "Opening a VANSEnvelope": VANS_RULES,
    "Reading and writing EDIFACT": tuple(SYNTAX_RULES.values()),
    "Structure": STRUCTURE_RULES,
    "Mapping and conversion": CONVERSION_RULES,
    "Bridges between versions": BRIDGE_RULES,
    "What was not checked": UNCHECKED_RULES,
}
CATALOGUE: Mapping[str, FindingRule] = {rule.id: rule for rule in chain(*FLOORS.values(), RULES)}


def select(patterns: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules whose ids the patterns name: an id, a prefix (`date`), or a glob (`npn.*`); none: all rules.

    Raises InvalidInputError where a pattern names no rule.
    """
    if not patterns:
        return RULES
    for pattern in patterns:
        if not any(is_named(rule.id, pattern) for rule in RULES):
            raise InvalidInputError(
                f"no rule is called {pattern!r}",
                field="rules",
                hint="ids, prefixes (date) and globs (npn.*) are listed in docs/reference/message-rules.md",
            )
    return tuple(rule for rule in RULES if any(is_named(rule.id, pattern) for pattern in patterns))


def is_named(rule_id: str, pattern: str) -> bool:
    """Whether a pattern means a rule."""
    return fnmatchcase(rule_id, pattern) or rule_id.startswith(f"{pattern}.")
