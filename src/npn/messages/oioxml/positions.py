"""Where an element stands in an XML document: its path of names, and line and column of its start tag."""

import re
from collections.abc import Iterator
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


def spot_of(number: int, source: bytes) -> TextPosition | None:
    """Return line and column, from 1, of one start tag; None where only a parser can tell.

    The document is well-formed: it was read. So a `<` is markup, save in comments, CDATA and instructions.
    """
    encoding = PLAIN.match(source)
    if encoding is None or not 0 <= number < MAX_NUMBER or b"\r" in source:
        return None
    tags: Iterator[re.Match[bytes]] = (match for match in START_TAG.finditer(source) if match[1])
    tag = next(islice(tags, number, None), None)
    if tag is None:
        return None
    at = tag.start()
    line = source[source.rfind(b"\n", 0, at) + 1 : at]
    column = len(line.decode("utf-8" if encoding[1] else "latin-1")) + 1
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
