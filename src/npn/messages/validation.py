"""Validation in layers: what reading found, structure against the version, then the rules.

A rule that breaks is an error that says so; no rule that ran is no approval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from npn.errors import RefusedError, UnauthenticatedError, UnavailableError
from npn.messages.findings.places import Places
from npn.messages.findings.structure import structure_findings
from npn.messages.model.finding import Finding, Severity
from npn.messages.model.interchange import Interchange, Kind
from npn.messages.model.persons import hidden
from npn.messages.rules.catalogue import RULES
from npn.messages.rules.model import DEFAULT, Case, Hit, Options, Rule

BROKEN = "rule-broken"
UNANSWERED = (UnavailableError, UnauthenticatedError, RefusedError)  # of the caller, not of the letter
NOTHING_CHECKED = "nothing-checked"
CITATION = "the platform's own promise: a check that did not run never counts as passed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running the rules gave: the findings, and the ids of the rules that ran to their end on some letter."""

    findings: tuple[Finding, ...]
    ran: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether at least one rule ran and none found an error or broke."""
        return bool(self.ran) and all(finding.severity is not Severity.ERROR for finding in self.findings)


def validate(interchange: Interchange, *, rules: Sequence[Rule] = RULES, options: Options = DEFAULT) -> list[Finding]:
    """Give every finding on an interchange, in the order of the layers; a sound one has no error among them.

    `rules`: which rules run (`npn.messages.rules.select`); reading and structure are always checked.
    """
    places = Places(interchange)
    findings = structure_findings(interchange, places)
    if findings and not options.show_persons:
        findings = hidden(findings, interchange)
    if not interchange.letters or all(letter.version is None for letter in interchange.letters):
        return findings or list(run_rules(interchange, places, rules, options).findings)
    return [*findings, *run_rules(interchange, places, rules, options).findings]


def run_rules(
    interchange: Interchange, places: Places, rules: Sequence[Rule] = RULES, options: Options = DEFAULT
) -> Outcome:
    """Run the rules on every letter.

    Raises UnavailableError where a lookup can't reach the service, UnauthenticatedError or RefusedError where
    the service refuses it.
    """
    findings: list[Finding] = []
    ran: dict[str, None] = {}
    wanted, given = tuple(rules), options.given
    for number, letter in enumerate(interchange.letters):
        case = Case(letter, interchange, number, options)
        sound = False
        for rule in fitting(wanted, letter.kind, letter.version.type, given) if letter.version else ():
            found = tried(rule, case, places)
            if found:
                findings += found
                if any(each.rule == BROKEN for each in found):
                    continue
            ran[rule.id] = None
            sound = True
        if not sound:
            findings.append(nothing(case, places))
    if not interchange.letters:
        findings.append(nothing(None, places))
    return Outcome(
        tuple(findings if options.show_persons or not findings else hidden(findings, interchange)), tuple(ran)
    )


@lru_cache(maxsize=256)
def fitting(rules: tuple[Rule, ...], kind: Kind, type_: str, given: frozenset[str]) -> tuple[Rule, ...]:
    """Choose the rules that have something to say about letters of a kind and type, with the options given."""
    return tuple(rule for rule in rules if rule.runs_on(kind, type_, given))


def tried(rule: Rule, case: Case, places: Places) -> list[Finding]:
    """Run one rule; whatever it raises becomes a finding that names it."""
    try:
        return [finding(rule, hit, places) for hit in rule.check(case)]
    except UNANSWERED:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a rule raises must show, never pass for approval
        what = type(error).__name__
        en = f"the rule {rule.id} broke ({what}): this letter is not checked by it"
        da = f"reglen {rule.id} brød sammen ({what}): brevet er ikke kontrolleret af den"
        return [places.finding(Severity.ERROR, case.root, (BROKEN, en, da), CITATION)]


def finding(rule: Rule, hit: Hit, places: Places) -> Finding:
    """Fill the rule's texts."""
    texts = (rule.id, rule.en.finds.format_map(hit.values), rule.da.finds.format_map(hit.values))
    return places.finding(rule.severity, hit.element, texts, rule.citation)


def nothing(case: Case | None, places: Places) -> Finding:
    """Say that no rule had anything to look at."""
    where = "this letter" if case else "this interchange: it has no letter"
    sted = "dette brev" if case else "denne forsendelse: den har intet brev"
    en = f"no rule ran on {where}; that is no approval"
    da = f"ingen regel blev kørt på {sted}; det er ingen godkendelse"
    element = case.root if case else places.interchange.envelope
    return places.finding(Severity.ERROR, element, (NOTHING_CHECKED, en, da), CITATION)
