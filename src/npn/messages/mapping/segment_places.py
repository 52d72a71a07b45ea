"""Where in EDIFACT an element of a letter came from, or where one that is missing belongs: group, segment, component.

Worked out only when a finding needs it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from npn.messages.edifact.groups import SegmentGroup
from npn.messages.edifact.syntax import Message
from npn.messages.mapping.groups import grouped
from npn.messages.mapping.program import program
from npn.messages.mapping.spots import ENVELOPE, SERVICE, Path, Spot, spots
from npn.messages.model.finding import Place
from npn.messages.model.segment import At, Segment
from npn.messages.versions.notation import Version

INNER = frozenset(("S19", "S20"))  # groups that belong to the answer they stand in
QUALIFIED = frozenset(("NAD", "RFF", "DTM", "FTX", "PNA", "CIN", "QTY", "SPC", "REL", "PTY"))


@dataclass(frozen=True, slots=True)
class ElementPlace:
    """An element: its path of names from the letter's root (the envelope's: from `Envelope`), and its letter's version.

    origin  index of the segment it was read from
    """

    path: Path
    version: Version | None
    origin: int
    envelope: bool = False

    def below(self, name: str) -> "ElementPlace":
        """Return the same for a child, whether it is there or not."""
        return ElementPlace((*self.path, name), self.version, self.origin, self.envelope)


@dataclass(frozen=True, slots=True)
class MissingPlace:
    """Where a field that is missing belongs.

    spot     None where EDIFACT has no place for it
    place    the nearest there is: the segment, else the group, else the letter
    opening  index of the segment that opens the group, else the letter
    letter   index of the letter's UNH
    """

    spot: Spot | None
    place: Place | None
    opening: int
    letter: int


class LetterGroups(NamedTuple):
    """Of the groups of one name in a letter: the first that has a segment, and the first that lacks it."""

    having: SegmentGroup | None
    lacking: SegmentGroup | None


NO_GROUPS = LetterGroups(None, None)


class SegmentPlaces:
    """Answers for one interchange."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        """Take the interchange's segments; nothing is worked out yet."""
        self.messages = list(messages(segments))
        self.starts = [message.header.index for message in self.messages]
        self.homes: dict[int, tuple[SegmentGroup, Segment]] = {}
        self.groups: dict[int, list[SegmentGroup]] = {}  # of the whole letter, by the index of each of its segments
        self.searched: dict[tuple[int, Spot], LetterGroups] = {}  # by the index of the letter's UNH

    def home(self, index: int) -> tuple[SegmentGroup, Segment] | None:
        """Return a segment with its group; the segments of a letter are nested at the first question about one."""
        if index not in self.homes:
            message = self.messages[max(0, bisect_right(self.starts, index) - 1)] if self.messages else None
            last = message.segments[-1] if message and message.segments else message and message.header
            if message and last and message.header.index <= index <= last.index:
                self._take(message)
        return self.homes.get(index)

    def _take(self, message: Message) -> None:
        head, groups, _ = grouped(message)
        inside = [message.header] if message.header.tag else []
        every = [
            SegmentGroup("", 1, "", None, (*inside, *head), ()),
            *(element for group in groups for element in group.walk()),
        ]
        for group in every:
            for segment in ((group.trigger,) if group.trigger else ()) + group.segments:
                self.homes[segment.index] = (group, segment)
                self.groups[segment.index] = every

    def place(self, standing: ElementPlace) -> Place | None:
        """Return the place of an element; None where it came from no segment."""
        home = self.home(standing.origin)
        if home is None:
            return None
        group, segment = home
        header = self.messages[0].header
        for spot in fitting(standing):
            if spot.tag == header.tag == "UNB":
                group, segment = self.home(header.index) or home
            match = among(spot, group, segment=segment)
            if match is not None:
                return at(group, match, spot=spot)
        return at(group, segment, spot=Spot(group.name, segment.tag))

    def wanted(self, standing: ElementPlace) -> MissingPlace:
        """Return where a field that is missing belongs, and the nearest place there is."""
        places = fitting(standing) or within(standing)
        home = self.home(standing.origin)
        if not places or home is None:
            spot = places[0] if places else None
            return MissingPlace(spot, self.place(standing), standing.origin, standing.origin)
        spot, (own, segment) = places[0], home
        letter = self.groups[standing.origin][0].segments[0].index
        candidates, nearest = self._candidates(spot, standing)
        for group in candidates:
            match = among(spot, group, segment=segment if group is own else None)
            if match is not None:
                return MissingPlace(spot, at(group, match, spot=spot), opener_of(group).index, letter)
        opening = opener_of(nearest)
        return MissingPlace(spot, at(nearest, opening, spot=Spot(nearest.name, opening.tag)), opening.index, letter)

    def _candidates(self, spot: Spot, standing: ElementPlace) -> tuple[list[SegmentGroup], SegmentGroup]:
        """Return the groups that may hold the spot's segment, nearest first, and the one to name where none does."""
        own, _ = self.homes[standing.origin]
        around = (own, *own.groups)
        near = [group for group in around if group.name == spot.group]
        wide = self._letter_groups(spot, standing) if own.name != spot.group and spot.group not in INNER else NO_GROUPS
        lacking = [group for group in near if not group.all(spot.tag)]
        named = [group for group in around if group.trigger or group.path]
        nearest = next(chain(lacking, filter(None, (wide.lacking,)), named), self.groups[standing.origin][0])
        return [*near, *filter(None, (wide.having,))], nearest

    def _letter_groups(self, spot: Spot, standing: ElementPlace) -> LetterGroups:
        """Return the letter's first groups with and without the spot's segment, searched once."""
        groups = self.groups[standing.origin]
        key = (groups[0].segments[0].index, spot)
        if key not in self.searched:
            named = [group for group in groups if group.name == spot.group]
            having = next((group for group in named if among(spot, group, segment=None)), None)
            self.searched[key] = LetterGroups(having, next((g for g in named if not g.all(spot.tag)), None))
        return self.searched[key]

    def of_segment(self, segment: Segment, where: At = (0, 1)) -> Place:
        """Return the place of a component (from 1; element 0: the segment) with the group it is in."""
        home = self.home(segment.index)
        if home is None:
            return segment.place(*where)
        qualifier = (segment.value(1),) if segment.tag in QUALIFIED else ()
        element, component = where
        width = len(segment.elements[element - 1]) if 0 < element <= len(segment.elements) else 1
        return at(
            home[0], segment, spot=Spot(home[0].name, segment.tag, qualifier, element, component if width > 1 else 0)
        )


def opener_of(group: SegmentGroup) -> Segment:
    """Return the segment that opens a group; of the whole letter, UNH."""
    return group.trigger or group.segments[0]


def messages(segments: Sequence[Segment]) -> Iterator[Message]:
    """Cut the segments of an interchange at UNB and UNH."""
    starts = [number for number, segment in enumerate(segments) if segment.tag in ("UNB", "UNH") or number == 0]
    for start, end in zip(starts, [*starts[1:], len(segments)], strict=False):
        yield Message(segments[start], tuple(segments[start + 1 : end]))


def table(standing: ElementPlace) -> Mapping[Path, tuple[Spot, ...]]:
    """Return the places of the version's fields."""
    if standing.envelope:
        return ENVELOPE
    mapping = program(standing.version) if standing.version else None
    return spots(mapping) if mapping else SERVICE


def fitting(standing: ElementPlace) -> tuple[Spot, ...]:
    """Return the places of the field, or of the one that it is a part of."""
    places = table(standing)
    for length in range(len(standing.path), 0, -1):
        if standing.path[:length] in places:
            return places[standing.path[:length]]
    return ()


def within(standing: ElementPlace) -> tuple[Spot, ...]:
    """Return the segment by which an element that holds others is known: the first that is always there."""
    depth = len(standing.path)
    inside = [spot for path, places in table(standing).items() if path[:depth] == standing.path for spot in places]
    first = next((spot for spot in inside if spot.always and spot.group not in INNER), inside[0] if inside else None)
    return (Spot(first.group, first.tag, first.qualifiers),) if first else ()


def among(spot: Spot, group: SegmentGroup, *, segment: Segment | None) -> Segment | None:
    """Find the spot's segment in a group: the given one if it fits, else the first that does."""
    if group.name != spot.group:
        return None
    for candidate in (segment, *group.segments):
        if (
            candidate is not None
            and candidate.tag == spot.tag
            and (not spot.qualifiers or candidate.value(1) in spot.qualifiers)
        ):
            return candidate
    return None


def at(group: SegmentGroup, segment: Segment, *, spot: Spot) -> Place:
    """Make the place of a spot in a segment: `S18[3]/INV+MQ 2.1`."""
    bare = segment.place(spot.element, spot.component or 1)
    name = segment.tag
    if spot.qualifiers:
        name += f"+{segment.value(1)}"
    elif segment is group.trigger:
        name = ""
    path = "/".join(filter(None, (group.path if segment is group.trigger or group.name != segment.tag else "", name)))
    return Place(bare.line, bare.column, bare.segment, f"{path} {spot.number}".rstrip())
