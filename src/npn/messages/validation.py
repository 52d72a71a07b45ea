"""Validation in layers: what reading found, structure against the version, then the rules."""

from collections.abc import Sequence

from npn.messages.finding import Finding
from npn.messages.model import Interchange
from npn.messages.persons import hidden
from npn.messages.places import Places
from npn.messages.rules.catalogue import RULES
from npn.messages.rules.model import DEFAULT, Options, Rule
from npn.messages.rules.run import run
from npn.messages.structure.findings import structure_findings


def validate(interchange: Interchange, *, rules: Sequence[Rule] = RULES, options: Options = DEFAULT) -> list[Finding]:
    """Give every finding on an interchange, in the order of the layers; a sound one has no error among them.

    `rules`: which rules run (`npn.messages.rules.select`); reading and structure are always checked.
    """
    places = Places(interchange)
    findings = structure_findings(interchange, places)
    if findings and not options.show_persons:
        findings = hidden(findings, interchange)
    if not interchange.letters or all(letter.version is None for letter in interchange.letters):
        return findings or list(run(interchange, places, rules, options).findings)
    return [*findings, *run(interchange, places, rules, options).findings]
