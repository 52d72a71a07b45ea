"""Formatted text as HTML: breaks, spaces, fonts and alignment kept, everything else escaped."""

from markupsafe import Markup, escape

from npn.messages.model.interchange import Element

TAGS = {"Bold": "strong", "Italic": "em", "Underline": "u"}
BLOCKS = {"Center": "centre", "Right": "right", "Paragraph": "paragraph"}
LINE_ENDS = str.maketrans({"\r": None, "\n": " ", "\t": " "})


def formatted(element: Element, region: str) -> Markup:
    """Write a text with its formatting; `region` is what a screen reader calls fixed-width text."""
    lone = element.children[0] if len(element.children) == 1 else None
    if lone is not None and lone.name == "Paragraph" and not (element.text + lone.tail).strip():
        element = lone
    return _trimmed(_content(element, region))


def _content(element: Element, region: str) -> Markup:
    out = [_plain(element.text)]
    for child in element.children:
        out += [_piece(child, region), _plain(child.tail)]
    return Markup("").join(out)


def _piece(child: Element, region: str) -> Markup:
    if child.name in ("Break", "Space"):
        return Markup("<br>") if child.name == "Break" else Markup(" ")
    inner = _content(child, region)
    if child.name in TAGS:
        tag = TAGS[child.name]
        return Markup(f"<{tag}>{{}}</{tag}>").format(inner)  # noqa: S704  # the tag is one of three above
    if child.name == "FixedFont":
        return Markup('<span class="fixed" role="group" tabindex="0" aria-label="{}">{}</span>').format(region, inner)
    if child.name in BLOCKS:
        content = inner if child.name == "Paragraph" else _trimmed(inner)
        return Markup('<span class="{}">{}</span>').format(BLOCKS[child.name], content)
    return inner


def _plain(text: str) -> Markup:
    """Line ends in the file are layout, not text; EDIFACT has none."""
    return escape(text.translate(LINE_ENDS))


def _trimmed(text: Markup) -> Markup:
    """Leave out the break that ends the last line."""
    while text.endswith("<br>"):
        text = text[:-4]
    return text
