"""The annex for one vendor: each point that needs attention, explained, with the systems it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass

from npn.agreements.requirements import Check, Verdict
from npn.agreements.text import AgreementText, Section
from npn.systems.model import ConnectedSystem

Held = Sequence[tuple[ConnectedSystem, Sequence[Check]]]


@dataclass(frozen=True, slots=True)
class Point:
    """A requirement that some of the vendor's systems do not meet, or of which nobody can tell whether they do.

    `explained`: what the agreement's own annex says of it, where it does.
    """

    requirement: Section
    explained: Section | None
    systems: Sequence[tuple[ConnectedSystem, Check]]


@dataclass(frozen=True, slots=True)
class Annex:
    """What a vendor should look at, in the order of the agreement. `systems` are all that were looked at."""

    vendor: str
    systems: Sequence[ConnectedSystem]
    points: Sequence[Point]


def annex_for(vendor: str, text: AgreementText, held: Held) -> Annex:
    """Put a vendor's annex together from how its systems were checked against the text."""
    theirs = [(system, checks) for system, checks in held if system.vendor == vendor]
    points = []
    for section in text.requirements:
        open_ = [
            (system, check)
            for system, checks in theirs
            for check in checks
            if check.requirement == section.name and check.verdict is not Verdict.MET
        ]
        if open_:
            points.append(Point(section, text.explaining(section.name), open_))
    return Annex(vendor, [system for system, _checks in theirs], points)
