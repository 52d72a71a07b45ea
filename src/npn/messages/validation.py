"""Validation in layers: what reading found, structure against the version, then the rules.

A rule that breaks is an error that says so; where no rule ran, nothing is approved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from npn.errors import RefusedError, UnauthenticatedError, UnavailableError
from npn.messages.findings.places import Places
from npn.messages.findings.structure import structure_findings
from npn.messages.model.finding import Finding, Severity
from npn.messages.model.interchange import Interchange, InterchangePart, Kind
from npn.messages.model.persons import hidden
from npn.messages.rules.catalogue import RULES
from npn.messages.rules.model import DEFAULT, Hit, LetterIndex, Options, Rule, RuleSubject
from npn.messages.rules.unchecked import BROKEN, NO_LETTER, NOTHING_CHECKED

UNANSWERED = (UnavailableError, UnauthenticatedError, RefusedError)  # of the caller, not of the letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running the rules gave: the findings, and the ids of the rules that ran to their end on some letter."""

    findings: tuple[Finding, ...]
    ran: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether at least one rule ran and none found an error or broke."""
        return bool(self.ran) and all(finding.severity is not Severity.ERROR for finding in self.findings)


class PartValidator:
    """Validates the parts of a stream in their order: rules that compare letters know those of earlier portions."""

    def __init__(self, *, rules: Sequence[Rule] = RULES, options: Options = DEFAULT) -> None:
        """Take what `validate` takes."""
        self._rules, self._options = rules, options
        self._index = LetterIndex()

    def findings(self, part: InterchangePart) -> list[Finding]:
        """Return the findings on a part; those on the envelope of a long interchange come with its first portion."""
        if part.first:
            self._index = LetterIndex()
        findings = validate(part.interchange, rules=self._rules, options=self._options, index=self._index)
        return findings if part.first else [finding for finding in findings if is_in_body(finding, part.interchange)]


def is_in_body(finding: Finding, interchange: Interchange) -> bool:
    """Whether a finding stands behind the head that every portion of an interchange has again."""
    place = finding.place
    return place.line is None or (place.line, place.column or 1) >= interchange.origin.body


def validate(
    interchange: Interchange,
    *,
    rules: Sequence[Rule] = RULES,
    options: Options = DEFAULT,
    index: LetterIndex | None = None,
) -> list[Finding]:
    """Return every finding on an interchange, in the order of the layers; a valid one has no error among them.

    rules  which rules run (`npn.messages.rules.select`); reading and structure are always checked
    index  what earlier portions of the interchange held, where it comes in portions
    """
    places = Places(interchange)
    findings = structure_findings(interchange, places)
    if findings and not options.show_persons:
        findings = hidden(findings, interchange)
    if not interchange.letters or all(letter.version is None for letter in interchange.letters):
        return findings or list(run_rules(interchange, places, rules=rules, options=options, index=index).findings)
    return [*findings, *run_rules(interchange, places, rules=rules, options=options, index=index).findings]


def run_rules(
    interchange: Interchange,
    places: Places,
    *,
    rules: Sequence[Rule] = RULES,
    options: Options = DEFAULT,
    index: LetterIndex | None = None,
) -> Outcome:
    """Run the rules on every letter.

    Raises UnavailableError where a lookup can't reach the service, UnauthenticatedError or RefusedError where
    the service refuses it.
    """
    findings: list[Finding] = []
    ran: dict[str, None] = {}
    selection, options_given = tuple(rules), options.given
    letter_index = LetterIndex() if index is None else index
    earlier = letter_index.count
    letter_index.add(interchange.letters)
    for number, letter in enumerate(interchange.letters, earlier):
        case = RuleSubject(letter, interchange, number, options, letter_index)
        checked = False
        for rule in (
            fitting(selection, letter.kind, message_type=letter.version.type, given=options_given)
            if letter.version
            else ()
        ):
            outcome = tried(rule, case, places=places)
            if outcome:
                findings += outcome
                if any(reported.rule == BROKEN.id for reported in outcome):
                    continue
            ran[rule.id] = None
            checked = True
        if not checked:
            findings.append(nothing(case, places))
    if not interchange.letters:
        findings.append(nothing(None, places))
    return Outcome(
        tuple(findings if options.show_persons or not findings else hidden(findings, interchange)), tuple(ran)
    )


@lru_cache(maxsize=256)
def fitting(rules: tuple[Rule, ...], kind: Kind, *, message_type: str, given: frozenset[str]) -> tuple[Rule, ...]:
    """Choose the rules that have something to say about letters of a kind and type, with the options given."""
    return tuple(rule for rule in rules if rule.scope.holds(kind, message_type, given=given))


def tried(rule: Rule, case: RuleSubject, *, places: Places) -> list[Finding]:
    """Run one rule; whatever it raises becomes a finding that names it."""
    try:
        return [finding(rule, hit, places=places) for hit in rule.check(case)]
    except UNANSWERED:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a rule raises must show, never pass for approval
        return [BROKEN.at(places.of(case.root), rule=rule.id, what=type(error).__name__)]


def finding(rule: Rule, hit: Hit, *, places: Places) -> Finding:
    """Return a rule's finding at the element that it points at."""
    result = rule.at(places.of(hit.element), **hit.values)
    return result if hit.severity is None else replace(result, severity=hit.severity)


def nothing(case: RuleSubject | None, places: Places) -> Finding:
    """Return the finding that no rule had anything to look at."""
    if case is None:
        return NO_LETTER.at(places.of(places.interchange.envelope))
    return NOTHING_CHECKED.at(places.of(case.root))
