"""Collects the findings of one interchange while it is read; holds on to a bounded number of them."""

from dataclasses import dataclass

from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.edifact.source import SourceBytes
from npn.messages.model.finding import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What an interchange, or a portion of one, may hold: hostile input ends in a finding and not in a full memory.

    The longest segment of a MedCom message has some 400 characters, the largest message some 10,000 segments.
    """

    size: int = 64 << 20
    segment_length: int = 100_000
    segment_width: int = 1_000
    segments: int = 500_000
    findings: int = 600
    remarks: int = 399


LIMITS = ReadLimits()


class SyntaxReport:
    """The findings so far, in the order they were made.

    A bounded number of errors is kept, and of remarks (warnings and infos), each counted by itself.
    """

    def __init__(self, limits: ReadLimits = LIMITS) -> None:
        """`limits.findings` is how many errors are kept, `limits.remarks` how many of the others."""
        self.limits = limits
        self.findings: list[Finding] = []
        self._errors = self._remarks = 0

    @property
    def is_full(self) -> bool:
        """Whether another error would be left out: then the verdict is known."""
        return self._errors > self.limits.findings

    @property
    def has_errors(self) -> bool:
        """Whether there is an error among them."""
        return bool(self._errors)

    @property
    def is_full_of_remarks(self) -> bool:
        """Whether another remark would be left out."""
        return self._remarks > self.limits.remarks

    def add(self, rule: str, place: Place, **facts: object) -> None:
        """Add one finding; the first one too many becomes a finding that says so."""
        if self.drops(rule):
            return
        if is_error(rule):
            self._errors += 1
            limit, instead = self.limits.findings, "edifact.too-many-findings"
        else:
            self._remarks += 1
            limit, instead = self.limits.remarks, "edifact.too-many-remarks"
        self.findings.append(
            SYNTAX_RULES[instead].at(place, limit=limit) if self.drops(rule) else SYNTAX_RULES[rule].at(place, **facts)
        )

    def drops(self, rule: str) -> bool:
        """Whether a finding of the rule would be left out, so that no place need be worked out for it."""
        return self.is_full if is_error(rule) else self.is_full_of_remarks

    def at(self, rule: str, source: SourceBytes, *, offset: int, **facts: object) -> None:
        """Add a finding at an offset of the text; `segment` and `path` among the facts go into the place."""
        if self.drops(rule):
            return
        line, column = source.line_and_column(offset)
        index, path = facts.pop("segment", None), facts.pop("path", "")
        place = Place(line, column, index if isinstance(index, int) else None, str(path))
        self.add(rule, place, **facts)


def is_error(rule: str) -> bool:
    """Whether the rule is an error."""
    return SYNTAX_RULES[rule].severity is Severity.ERROR
