"""Where an element stands: line and column in the bytes as received, the XML path, the EDIFACT segment.

Worked out only when a finding needs it: reading stays quick, and places are still exact.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from npn.messages.mapping.segment_places import ElementPlace, SegmentPlaces
from npn.messages.model.finding import Place
from npn.messages.model.interchange import Element, Interchange, Syntax
from npn.messages.model.pieces import Origin, TextPosition, behind
from npn.messages.oioxml.positions import StartTags, path_to, xml_spots

MAX_LOOKUPS = 8  # as many elements are looked up one by one; for more it pays to index the whole document
NUMBER, NUMBERED = re.compile(r"\d+(?=\]$)"), re.compile(r"\[\d+\]$")


class Places:
    """Answers for the elements of one interchange."""

    def __init__(self, interchange: Interchange) -> None:
        """Take what was read; nothing is worked out yet."""
        self.interchange = interchange
        self.paths: dict[int, str] = {}
        self.spots: Mapping[int, TextPosition] = {}
        self.places: dict[int, Place] = {}

    def of(self, element: Element) -> Place:
        """Return the place of an element of this interchange."""
        return self.places.get(id(element)) or self._worked_out(element)

    def _worked_out(self, element: Element) -> Place:
        if not self.paths:
            if len(self.places) < MAX_LOOKUPS and self.interchange.root is not None:
                spot = self._in_stream(self._tags.spot(element.origin))
                path = path_to(element, self.interchange.root, earlier=self.interchange.earlier) if spot else ""
                if spot and path:
                    place = self.places[id(element)] = Place(*spot, None, path)
                    return place
            self._fill()
        path = self.paths.get(id(element), "")
        if self.interchange.syntax is Syntax.EDIFACT:
            segment_place = self.segments.place(self.standing(element))
            return replace(segment_place, element=path) if segment_place else Place(path=path)
        spot = self._in_stream(self.spots.get(element.origin))
        return Place(path=path) if spot is None else Place(*spot, None, path)

    def _in_stream(self, spot: TextPosition | None) -> TextPosition | None:
        """Return where a place in the interchange's bytes stands in the stream that they came in."""
        origin = self.interchange.origin
        if spot is None or origin == Origin():
            return spot
        return origin.placed(spot, neck=self._neck)

    @cached_property
    def _tags(self) -> StartTags:
        """What finds a few start tags without a parser."""
        return StartTags(self.interchange.source)

    @cached_property
    def _neck(self) -> TextPosition:
        """The place in the interchange's bytes where its head ends."""
        return behind(self.interchange.source[: self.interchange.origin.head])

    @cached_property
    def segments(self) -> SegmentPlaces:
        """What knows the segments of an interchange that came as EDIFACT."""
        return SegmentPlaces(self.interchange.segments)

    def standing(self, element: Element) -> ElementPlace:
        """Return where in its letter an element of EDIFACT stands."""
        if not self.paths:
            self._fill()
        path = self.paths.get(id(element), "")
        _, _, root, *names = path.split("/") if path.count("/") > 1 else ("", "", "")
        at = int(NUMBER.findall(root)[0]) - 1 - self.interchange.earlier if root.endswith("]") else 0
        envelope = root == "Envelope"
        version = None if envelope or not self.interchange.letters else self.interchange.letters[at].version
        return ElementPlace(tuple(NUMBERED.sub("", name) for name in names), version, element.origin, envelope)

    def _fill(self) -> None:
        interchange = self.interchange
        if interchange.root is not None:
            self._name(interchange.root, f"/{interchange.root.name}", earlier=interchange.earlier)
        else:
            self._name(interchange.envelope, "/Emessage/Envelope")
            for number, letter in enumerate(interchange.letters, 1 + interchange.earlier):
                mark = f"[{number}]" if interchange.earlier or len(interchange.letters) > 1 else ""
                self._name(letter.root, f"/Emessage/{letter.root.name}{mark}")
        if interchange.syntax is Syntax.XML:
            self.spots = xml_spots(interchange.source)

    def _name(self, element: Element, path: str, *, earlier: int = 0) -> None:
        """Name an element and all in it; `earlier` letters stand before those of the root."""
        self.paths[id(element)] = path
        totals: dict[str, int] = {}
        for child in element.children:
            totals[child.name] = totals.get(child.name, 0) + 1
        counts: dict[str, int] = {}
        for child in element.children:
            before = earlier if child.name != "Envelope" else 0
            counts[child.name] = number = counts.get(child.name, before) + 1
            mark = f"[{number}]" if before or totals[child.name] > 1 else ""
            self._name(child, f"{path}/{child.name}{mark}")
