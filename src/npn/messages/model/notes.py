"""What mapping has to say while it runs; a note becomes a finding when its place is worked out."""

from dataclasses import dataclass

from npn.messages.model.finding import Finding, FindingRule, Place, Severity, Text
from npn.messages.model.interchange import Element
from npn.messages.model.segment import At, Segment


@dataclass(frozen=True, slots=True)
class Note:
    """A rule, how serious, what it says, and the element or segment it is about.

    at  element and component of the segment, from 1; element 0: the segment
    """

    rule: FindingRule
    severity: Severity
    text: Text
    element: Element | None = None
    segment: Segment | None = None
    at: At = (0, 1)

    def finding(self, place: Place) -> Finding:
        """Return the note as a finding at its place."""
        return Finding(self.rule.id, self.severity, place, *self.text, self.rule.citation)


def note(
    rule: FindingRule,
    text: Text,
    *,
    about: Element | Segment | None = None,
    at: At | None = None,
    severity: Severity | None = None,
) -> Note:
    """Return a note about an element or a segment.

    at        element and component of the segment, from 0
    severity  where it is not the rule's own
    """
    element = about if isinstance(about, Element) else None
    segment = about if isinstance(about, Segment) else None
    component = (at[0] + 1, at[1] + 1) if at else (0, 1)
    return Note(rule, severity or rule.severity, text, element, segment, component)
