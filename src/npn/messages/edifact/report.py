"""Collects the findings of one file while it is read; holds on to a bounded number of them."""

from dataclasses import dataclass

from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.edifact.source import SourceBytes
from npn.messages.model.finding import Finding, Place


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one file may hold, so that hostile input ends in a finding and not in a full memory.

    The longest segment of a MedCom message has some 400 characters, the largest message some 10,000 segments.
    """

    size: int = 64 << 20
    segment_length: int = 100_000
    segment_width: int = 1_000
    segments: int = 500_000
    findings: int = 1_000


LIMITS = ReadLimits()


class SyntaxReport:
    """The findings so far, in the order they were made."""

    def __init__(self, limits: ReadLimits = LIMITS) -> None:
        """`limits.findings` is how many are kept."""
        self.limits = limits
        self.findings: list[Finding] = []

    def add(self, rule: str, place: Place, **facts: object) -> None:
        """Add one finding; the first one too many becomes a finding that says so."""
        if len(self.findings) < self.limits.findings:
            self.findings.append(SYNTAX_RULES[rule].at(place, **facts))
        elif len(self.findings) == self.limits.findings:
            self.findings.append(SYNTAX_RULES["edifact.too-many-findings"].at(place, limit=self.limits.findings))

    @property
    def full(self) -> bool:
        """Whether anything more would be left out, so that no place need be worked out for it."""
        return len(self.findings) > self.limits.findings

    def at(self, rule: str, source: SourceBytes, *, offset: int, **facts: object) -> None:
        """Add a finding at an offset of the text; `segment` and `path` among the facts go into the place."""
        if self.full:
            return
        line, column = source.line_and_column(offset)
        index, path = facts.pop("segment", None), facts.pop("path", "")
        place = Place(line, column, index if isinstance(index, int) else None, str(path))
        self.add(rule, place, **facts)
