"""A message's flat segments nested into their segment groups.

A group opens at its trigger, the segment `S02+02`, or, where the syntax has hidden it, at each GIS that
stands in or after certain groups. Which groups there are, in which order, which lies in which and which open
at GIS is a small table per message type.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from npn.messages.edifact.rules import SYNTAX_RULES
from npn.messages.edifact.syntax import Message
from npn.messages.model.finding import Finding, Place
from npn.messages.model.segment import Segment

HIDDEN_TRIGGER = "GIS"


@dataclass(frozen=True, slots=True)
class GroupTable:
    """The groups of one message type.

    order        the outermost groups in the order they must stand in
    parents      for the inner groups: the group each lies in
    hidden       for each group in which a GIS opens a hidden group: that hidden group
    """

    type: str
    order: tuple[str, ...]
    parents: Mapping[str, str]
    hidden: Mapping[str, str]


TABLES = {
    table.type: table
    for table in (
        GroupTable(
            type="MEDREQ",
            order=("S01", "S02", "S05", "S06", "S09", "S10", "S15", "S17"),
            parents={},
            hidden={"S15": "S17", "S17": "S17"},
        ),
        GroupTable(
            type="MEDRPT",
            order=("S01", "S02", "S04", "S06", "S07", "S10", "S16", "S18"),
            parents={"S19": "S18", "S20": "S18"},
            hidden={"S16": "S18", "S18": "S18", "S19": "S18", "S20": "S18"},
        ),
        GroupTable(type="CONTRL", order=(), parents={}, hidden={}),
    )
}


@dataclass(slots=True)
class _GroupBuilder:
    """A group while it is filled."""

    name: str
    occurrence: int
    path: str
    trigger: Segment | None
    segments: list[Segment] = field(default_factory=list)
    groups: list["_GroupBuilder"] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def frozen(self) -> "SegmentGroup":
        groups = tuple([group.frozen() for group in self.groups])
        return SegmentGroup(self.name, self.occurrence, self.path, self.trigger, tuple(self.segments), groups)


@dataclass(frozen=True, slots=True)
class SegmentGroup:
    """One occurrence of a group; the whole message is a group without name and path.

    occurrence  from 1 among the groups of its name beside it
    path        `S16[2]`, `S18[3]/S20`; the first of its name has no number
    trigger     `S01+01`; None for a hidden group, whose GIS is the first of `segments`, and for the message
    segments    its own, without the trigger and without those of inner groups
    groups      the groups in it, in the order of the message
    """

    name: str
    occurrence: int
    path: str
    trigger: Segment | None
    segments: tuple[Segment, ...]
    groups: tuple["SegmentGroup", ...]

    def of(self, name: str) -> tuple["SegmentGroup", ...]:
        """The groups of this name directly in it."""
        return tuple(group for group in self.groups if group.name == name)

    def all(self, tag: str, qualifier: str = "") -> tuple[Segment, ...]:
        """Its own segments with this tag and, where given, this value of component 1.1."""
        return tuple(s for s in self.segments if s.tag == tag and (not qualifier or s.value(1) == qualifier))

    def first(self, tag: str, qualifier: str = "") -> Segment | None:
        """The first segment of the group itself with this tag and qualifier."""
        return next((s for s in self.segments if s.tag == tag and (not qualifier or s.value(1) == qualifier)), None)

    def place(self, segment: Segment, element: int = 0, *, component: int = 1) -> Place:
        """The exact place of one of its segments, with the path from the message down."""
        same = [s for s in self.segments if s.tag == segment.tag]
        number = next((n for n, s in enumerate(same, 1) if s is segment), 1)
        own = segment.tag if number == 1 else f"{segment.tag}[{number}]"
        return segment.place(element, component, path=f"{self.path}/{own}" if self.path else own)

    def walk(self) -> Iterator["SegmentGroup"]:
        """It and every group in it, outermost first, in the order of the message."""
        yield self
        for group in self.groups:
            yield from group.walk()


def nest(message: Message, findings: list[Finding] | None = None) -> SegmentGroup:
    """Nest a message's segments into groups; what stands wrong is appended to `findings`.

    A type that has no table stays flat. A group that the type doesn't have is kept, outermost.
    """
    nesting = _Nesting(TABLES.get(message.type, TABLES["CONTRL"]), findings if findings is not None else [])
    if message.type in TABLES:
        nesting.take(message.segments)
    else:
        nesting.whole.segments.extend(message.segments)
    return nesting.whole.frozen()


class _Nesting:
    """Fills groups from a run of segments."""

    def __init__(self, table: GroupTable, findings: list[Finding]) -> None:
        self.table = table
        self.findings = findings
        self.whole = _GroupBuilder("", 1, "", None)
        self._here = self.whole
        self._outermost = self.whole
        self._furthest = -1

    def take(self, segments: Iterable[Segment]) -> None:
        """Put each segment into its group."""
        for segment in segments:
            tag = segment.tag
            if len(tag) == 3 and tag[0] == "S" and tag[1:].isdecimal():
                self._open(tag, segment)
            elif tag == HIDDEN_TRIGGER and self._here.name in self.table.hidden:
                self._open(self.table.hidden[self._here.name], segment)
            else:
                self._here.segments.append(segment)

    def _open(self, name: str, trigger: Segment) -> None:
        """Open a group at its trigger, which a hidden group keeps as its first segment."""
        hidden = trigger.tag == HIDDEN_TRIGGER
        parent = self.whole
        if self.table.parents.get(name) and self.table.parents[name] == self._outermost.name:
            parent = self._outermost
        else:
            self._check_order(name, trigger)
        occurrence = parent.counts[name] = parent.counts.get(name, 0) + 1
        own = name if occurrence == 1 else f"{name}[{occurrence}]"
        path = f"{parent.path}/{own}" if parent.path else own
        group = _GroupBuilder(name, occurrence, path, None if hidden else trigger, [trigger] if hidden else [])
        parent.groups.append(group)
        self._here = group
        if parent is self.whole:
            self._outermost = group
        if not hidden and trigger.value(1) != name[1:]:
            code = trigger.value(1) or "-"
            self._find("edifact.group-code", trigger, path=path, tag=name, code=code, wanted=name[1:])

    def _check_order(self, name: str, trigger: Segment) -> None:
        """Hold an outermost group to the order of its table."""
        order = self.table.order
        if name not in order:
            self._find("edifact.group-unknown", trigger, path=name, tag=name, type=self.table.type)
            return
        if order.index(name) < self._furthest:
            after = order[self._furthest]
            self._find("edifact.group-order", trigger, path=name, tag=name, after=after)
        self._furthest = max(self._furthest, order.index(name))

    def _find(self, rule: str, segment: Segment, *, path: str, **facts: object) -> None:
        self.findings.append(SYNTAX_RULES[rule].at(segment.place(path=path), **facts))
