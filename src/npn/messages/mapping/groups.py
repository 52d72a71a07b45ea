"""Segments of a message into their groups, the hidden ones too.

A group opens with its trigger (`S01+01`). Hidden groups have none: in MEDREQ S17 opens at each GIS after S15, in
MEDRPT S18 at each GIS after S16; S19 and S20 stand inside S18, and a GIS after them opens the next S18. In
CONTRL, UCI and each UCM open one.
"""

import re
from dataclasses import dataclass, field

from npn.messages.edifact.tokens import Segment

TRIGGER = re.compile(r"S\d\d")
HIDDEN_AFTER = {"MEDREQ": (frozenset(("S15", "S17")), "S17"), "MEDRPT": (frozenset(("S16", "S18", "S19", "S20")), "S18")}
INSIDE = frozenset(("S19", "S20"))
OPENERS = frozenset(("UCI", "UCM"))


@dataclass(slots=True, eq=False)
class Occurrence:
    """One group as it stands in a message. `opener` is its trigger segment, or the first segment."""

    trigger: str
    opener: Segment
    segments: list[Segment] = field(default_factory=list)
    inside: list["Occurrence"] = field(default_factory=list)


def grouped(segments: tuple[Segment, ...], message: str) -> tuple[list[Segment], list[Occurrence]]:
    """Give the segments before the first group, and the groups in order."""
    after, name = HIDDEN_AFTER.get(message, (frozenset[str](), ""))
    head: list[Segment] = []
    groups: list[Occurrence] = []
    current = head
    state = ""
    for segment in segments:
        tag = segment.tag
        if tag == "GIS" and state in after:
            state = name
            groups.append(Occurrence(name, segment, [segment]))
            current = groups[-1].segments
        elif tag[0] == "S" and TRIGGER.fullmatch(tag):
            state = tag
            made = Occurrence(tag, segment)
            (groups[-1].inside if tag in INSIDE and groups and groups[-1].trigger == "S18" else groups).append(made)
            current = made.segments
        elif message == "CONTRL" and tag in OPENERS:
            groups.append(Occurrence(tag, segment, [segment]))
            current = groups[-1].segments
        else:
            current.append(segment)
    return head, groups
