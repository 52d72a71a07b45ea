"""Where an element stands: line and column in the bytes as received, the XML path, the EDIFACT segment.

Worked out only when a finding needs it: reading stays quick, and places are still exact.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from xml.parsers import expat

from npn.messages.mapping.segment_places import SegmentPlaces, Standing
from npn.messages.model.finding import Place
from npn.messages.model.interchange import Element, Interchange, Syntax

FEW, NEAR = (
    8,
    5_000,
)  # a few elements near the start are looked for one by one; else it pays to index the whole document
START_TAG = re.compile(rb"<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|([^!?/]))", re.DOTALL)
NUMBER, NUMBERED = re.compile(r"\d+(?=\]$)"), re.compile(r"\[\d+\]$")
PLAIN = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["'](?i:(utf-?8)|iso-8859-1|windows-1252|us-ascii)["']""")


class Places:
    """Answers for the elements of one interchange."""

    def __init__(self, interchange: Interchange) -> None:
        """Take what was read; nothing is worked out yet."""
        self.interchange = interchange
        self.paths: dict[int, str] = {}
        self.spots: Mapping[int, tuple[int | None, int | None]] = {}
        self.known: dict[int, Place] = {}

    def of(self, element: Element) -> Place:
        """Give the place of an element of this interchange."""
        return self.known.get(id(element)) or self._worked_out(element)

    def _worked_out(self, element: Element) -> Place:
        if not self.paths:
            if len(self.known) < FEW and self.interchange.root is not None:
                spot = spot_of(element.origin, self.interchange.source)
                path = path_to(element, self.interchange.root) if spot else ""
                if spot and path:
                    place = self.known[id(element)] = Place(*spot, None, path)
                    return place
            self._fill()
        path = self.paths.get(id(element), "")
        if self.interchange.syntax is Syntax.EDIFACT:
            found = self.segments.place(self.standing(element))
            return replace(found, element=path) if found else Place(path=path)
        return Place(*self.spots.get(element.origin, (None, None)), None, path)

    @cached_property
    def segments(self) -> SegmentPlaces:
        """What knows the segments of an interchange that came as EDIFACT."""
        return SegmentPlaces(self.interchange.segments)

    def standing(self, element: Element) -> Standing:
        """Say where in its letter an element of EDIFACT stands."""
        if not self.paths:
            self._fill()
        path = self.paths.get(id(element), "")
        _, _, root, *names = path.split("/") if path.count("/") > 1 else ("", "", "")
        at = int(NUMBER.findall(root)[0]) - 1 if root.endswith("]") else 0
        envelope = root == "Envelope"
        version = None if envelope or not self.interchange.letters else self.interchange.letters[at].version
        return Standing(tuple(NUMBERED.sub("", each) for each in names), version, element.origin, envelope)

    def _fill(self) -> None:
        interchange = self.interchange
        if interchange.root is not None:
            self._name(interchange.root, f"/{interchange.root.name}")
        else:
            self._name(interchange.envelope, "/Emessage/Envelope")
            for number, letter in enumerate(interchange.letters, 1):
                mark = f"[{number}]" if len(interchange.letters) > 1 else ""
                self._name(letter.root, f"/Emessage/{letter.root.name}{mark}")
        if interchange.syntax is Syntax.XML:
            self.spots = xml_spots(interchange)

    def _name(self, element: Element, path: str) -> None:
        self.paths[id(element)] = path
        totals: dict[str, int] = {}
        for child in element.children:
            totals[child.name] = totals.get(child.name, 0) + 1
        counts: dict[str, int] = {}
        for child in element.children:
            counts[child.name] = number = counts.get(child.name, 0) + 1
            mark = f"[{number}]" if totals[child.name] > 1 else ""
            self._name(child, f"{path}/{child.name}{mark}")


def path_to(element: Element, root: Element) -> str:
    """Give the path of an element, by the numbers in document order; empty where it is not in the tree."""
    path, here = f"/{root.name}", root
    while here is not element:
        below = None
        for child in here.children:
            if child.origin > element.origin:
                break
            below = child
        if below is None:
            return ""
        same = [child for child in here.children if child.name == below.name]
        path += f"/{below.name}"
        if len(same) > 1:
            path += f"[{1 + next(number for number, child in enumerate(same) if child is below)}]"
        here = below
    return path


def spot_of(number: int, source: bytes) -> tuple[int, int] | None:
    """Give line and column, from 1, of one start tag; None where only a parser can tell.

    The document is well-formed: it was read. So a `<` is markup, save in comments, CDATA and instructions.
    """
    encoding = PLAIN.match(source)
    if encoding is None or not 0 <= number < NEAR or b"\r" in source:
        return None
    tags: Iterator[re.Match[bytes]] = (match for match in START_TAG.finditer(source) if match[1])
    tag = next(islice(tags, number, None), None)
    if tag is None:
        return None
    at = tag.start()
    line = source[source.rfind(b"\n", 0, at) + 1 : at]
    return source.count(b"\n", 0, at) + 1, len(line.decode("utf-8" if encoding[1] else "latin-1")) + 1


def xml_spots(interchange: Interchange) -> dict[int, tuple[int, int]]:
    """Give line and column, from 1, of every start tag, by the element's number in the document."""
    spots: dict[int, tuple[int, int]] = {}
    parser = expat.ParserCreate()

    def start(_name: str, _attributes: dict[str, str]) -> None:
        spots[len(spots)] = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    parser.StartElementHandler = start
    try:
        parser.Parse(interchange.source, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, ValueError, LookupError):
        return spots
    return spots
