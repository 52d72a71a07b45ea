"""Where an element stands in an XML document: its path of names, and line and column of its start tag."""

import re
from itertools import islice
from xml.parsers import expat

from npn.messages.model.interchange import Element
from npn.messages.model.pieces import TextPosition

MAX_NUMBER = 5_000  # an element farther from the start is not searched for by its start tag
START_TAG = re.compile(rb"<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|([^!?/]))", re.DOTALL)
PLAIN = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["'](?i:(utf-?8)|iso-8859-1|windows-1252|us-ascii)["']""")


def path_to(element: Element, root: Element, *, earlier: int = 0) -> str:
    """Return the path of an element, by the numbers in document order; empty where it is not in the tree.

    earlier  how many letters stand before those of the root, in earlier portions of the document
    """
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
        before = earlier if here is root and below.name != "Envelope" else 0
        if before or len(same) > 1:
            path += f"[{1 + before + next(number for number, child in enumerate(same) if child is below)}]"
        here = below
    return path


class StartTags:
    """The start tags of a document, found as far as somebody asks for them.

    The document is well-formed: it was read. So a `<` is markup, save in comments, CDATA and instructions.
    """

    def __init__(self, source: bytes) -> None:
        """Take the document; nothing is looked for yet."""
        self._source = source
        self._encoding = None if b"\r" in source else PLAIN.match(source)
        self._matches = START_TAG.finditer(source)
        self._starts: list[int] = []

    def spot(self, number: int) -> TextPosition | None:
        """Return line and column, from 1, of one start tag; None where only a parser can tell."""
        if self._encoding is None or not 0 <= number < MAX_NUMBER:
            return None
        missing = number + 1 - len(self._starts)
        if missing > 0:
            self._starts += islice((match.start() for match in self._matches if match[1]), missing)
        if number >= len(self._starts):
            return None
        at, source = self._starts[number], self._source
        line = source[source.rfind(b"\n", 0, at) + 1 : at]
        column = len(line.decode("utf-8" if self._encoding[1] else "latin-1")) + 1
        return TextPosition(source.count(b"\n", 0, at) + 1, column)


def xml_spots(source: bytes) -> dict[int, TextPosition]:
    """Return line and column, from 1, of every start tag, by the element's number in the document."""
    spots: dict[int, TextPosition] = {}
    parser = expat.ParserCreate()

    def start(_name: str, _attributes: dict[str, str]) -> None:
        spots[len(spots)] = TextPosition(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    parser.StartElementHandler = start
    try:
        parser.Parse(source, True)  # noqa: FBT003 - expat takes it by position
    except (expat.ExpatError, ValueError, LookupError):
        return spots
    return spots
