"""Where an element stands: line and column in the bytes as received, the XML path, the EDIFACT segment.

Worked out only when a finding needs it: reading stays quick, and places are still exact.
"""

from collections.abc import Mapping
from xml.parsers import expat

from npn.messages.finding import Finding, Place, Severity
from npn.messages.model import Element, Interchange, Syntax


class Places:
    """Answers for the elements of one interchange."""

    def __init__(self, interchange: Interchange) -> None:
        """Take what was read; nothing is worked out yet."""
        self.interchange = interchange
        self.paths: dict[int, str] = {}
        self.spots: Mapping[int, tuple[int | None, int | None]] = {}

    def of(self, element: Element) -> Place:
        """Give the place of an element of this interchange."""
        if not self.paths:
            self._fill()
        path = self.paths.get(id(element), "")
        line, column = self.spots.get(element.origin, (None, None))
        segment = element.origin if self.interchange.syntax is Syntax.EDIFACT and element.origin > 0 else None
        return Place(line, column, segment, path)

    def finding(self, severity: Severity, element: Element, texts: tuple[str, str, str], citation: str) -> Finding:
        """Make a finding on an element; `texts` are rule id, English, Danish."""
        rule, en, da = texts
        return Finding(rule, severity, self.of(element), en, da, citation)

    def _fill(self) -> None:
        interchange = self.interchange
        if interchange.root is not None:
            self._name(interchange.root, f"/{interchange.root.name}")
        else:
            self._name(interchange.envelope, "/Emessage/Envelope")
            for number, letter in enumerate(interchange.letters, 1):
                mark = f"[{number}]" if len(interchange.letters) > 1 else ""
                self._name(letter.root, f"/Emessage/{letter.root.name}{mark}")
        self.spots = xml_spots(interchange) if interchange.syntax is Syntax.XML else edifact_spots(interchange)

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


def edifact_spots(interchange: Interchange) -> dict[int, tuple[int | None, int | None]]:
    """Give line and column of every segment, by its index in the file."""
    return {segment.index: (segment.line, segment.column) for segment in interchange.segments}
