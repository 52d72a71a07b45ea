"""Validation in layers: what reading found, structure against the version, then the rules."""

from npn.messages.finding import Finding
from npn.messages.model import Interchange
from npn.messages.places import Places
from npn.messages.structure.findings import structure_findings


def validate(interchange: Interchange) -> list[Finding]:
    """Give every finding on an interchange, in the order of the layers; a sound one has no error among them."""
    places = Places(interchange)
    return [*interchange.findings, *structure_findings(interchange, places)]
