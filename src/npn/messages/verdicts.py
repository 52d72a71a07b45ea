"""The verdict on a message, made of its findings: valid, invalid, or not judged."""

from collections.abc import Iterable
from enum import StrEnum

from npn.messages.model.finding import Finding, Severity
from npn.messages.rules.unchecked import NO_LETTER, NOTHING_CHECKED
from npn.messages.structure.rules import ASSUMED, BINARY, NAMESPACE, VERSION

UNJUDGED = frozenset((ASSUMED.id, BINARY.id, NAMESPACE.id, VERSION.id, NOTHING_CHECKED.id, NO_LETTER.id))


class Verdict(StrEnum):
    """What can be said of a message as a whole."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_JUDGED = "not_judged"


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict: an error makes a message invalid; what was not fully judged is not valid."""
    verdict = Verdict.VALID
    for finding in findings:
        if finding.rule in UNJUDGED:
            verdict = Verdict.NOT_JUDGED
        elif finding.severity is Severity.ERROR:
            return Verdict.INVALID
    return verdict
