"""The groups of a message as the mapping reads them: those of the syntax, and in receipts one at UCI and each UCM."""

from npn.messages.edifact.groups import SegmentGroup, nest
from npn.messages.edifact.syntax import Message
from npn.messages.model.finding import Finding
from npn.messages.model.segment import Segment

OPENERS = frozenset(("UCI", "UCM"))


def grouped(message: Message) -> tuple[tuple[Segment, ...], tuple[SegmentGroup, ...], list[Finding]]:
    """Return the segments before the first group, the groups in order, and what is wrong with them."""
    findings: list[Finding] = []
    whole = nest(message, findings)
    if message.type == "CONTRL":
        groups = receipt_groups(message.segments)
        first = next((n for n, segment in enumerate(message.segments) if segment.tag in OPENERS), len(message.segments))
        return message.segments[:first], tuple(groups), findings
    return whole.segments, whole.groups, findings


def receipt_groups(segments: tuple[Segment, ...]) -> list[SegmentGroup]:
    """Cut a receipt at UCI and UCM."""
    starts = [number for number, segment in enumerate(segments) if segment.tag in OPENERS]
    ends = [*starts, len(segments)][1:]
    return [
        SegmentGroup(segments[start].tag, number, f"{segments[start].tag}[{number}]", None, segments[start:end], ())
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def opener(group: SegmentGroup) -> Segment:
    """Return the segment a group opens with."""
    return group.trigger or group.segments[0]
