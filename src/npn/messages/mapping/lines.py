"""Text as EDIFACT carries it: lines of at most 69 characters, a backslash where one continues, a dot for none."""

from collections.abc import Iterable, Sequence

from npn.messages.model.interchange import Element

WIDTH = 69
MIN_CUT = 3
BLANK = " \t\r\n"
COMPONENTS = 5


def cut(line: str) -> list[str]:
    r"""Cut a line into components; all but the last end with a backslash.

    Cut after the last blank of the first 69 characters, if it is not among the first three, else after 69.
    """
    pieces = []
    while len(line) > WIDTH:
        head = line[:WIDTH]
        last = max(head.rfind(blank) for blank in BLANK)
        at = last + 1 if last >= MIN_CUT else WIDTH
        pieces.append(line[:at] + "\\")
        line = line[at:]
    pieces.append(line)
    return pieces


def visible(text: str) -> str:
    """Return a piece of text; blanks with a line break among them only indent the document and are left out."""
    return "" if "\n" in text and not text.strip(BLANK) else text


def lines_of(element: Element, *, as_peer: bool = False) -> list[str]:
    """Return the lines of a breakable text; one without Break at its end counts too.

    as_peer: a second piece of text in a line replaces the first (P4).
    """
    lines: list[str] = []
    current = visible(element.text)
    open_line = bool(current)
    for child in element.children:
        tail = visible(child.tail)
        if child.name == "Break":
            lines.append(current)
            current, open_line = tail, bool(tail)
            continue
        if child.name == "Space":
            current += " "
            open_line = True
        if tail:
            current = tail if as_peer else current + tail
            open_line = True
    if open_line:
        lines.append(current)
    return lines


def components(lines: Iterable[str]) -> list[str]:
    """Return the components of lines: cut where too long, a dot where empty."""
    pieces: list[str] = []
    for line in lines:
        if len(line) <= WIDTH:
            pieces.append(line or ".")
        else:
            pieces += cut(line)
    return pieces


def fives(parts: Sequence[str]) -> list[tuple[str, ...]]:
    """Fill segments of five components."""
    return [tuple(parts[start : start + COMPONENTS]) for start in range(0, len(parts), COMPONENTS)]


def content(parts: Iterable[str], origin: int) -> tuple[str, list[Element]]:
    """Read components into a leading text and breaks with their tails: the inverse of `components`."""
    text, current = "", ""
    breaks: list[str] = []  # the text before each Break
    for part in parts:
        if part == ".":
            breaks.append(current)
            current = ""
        elif part.endswith("\\"):
            current += part[:-1]
        else:
            breaks.append(current + part)
            current = ""
    if not breaks:
        return current, []
    text = breaks[0]
    tails = [*breaks[1:], current]
    return text, [Element("Break", "", (), tail, origin) for tail in tails]


def text_element(name: str, parts: Iterable[str], *, origin: int) -> Element:
    """Make a breakable text of components."""
    text, children = content(parts, origin)
    return Element(name, text, tuple(children), "", origin)
