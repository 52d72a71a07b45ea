"""The formatting elements of texts, in whatever version."""

from npn.messages.model.interchange import Element

FORMATTING = frozenset(("Break", "Space", "Bold", "Italic", "Underline", "Center", "Right", "FixedFont"))


def is_text(element: Element) -> bool:
    """Whether an element holds a text with breaks or formatting, or paragraphs only."""
    names = {child.name for child in element.children}
    return bool(names) and (names <= FORMATTING or names == {"Paragraph"})
