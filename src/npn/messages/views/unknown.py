"""What an assumed version's letter holds that the toolkit has no description of: shown apart, as it came."""

from collections.abc import Iterator

from msgspec import structs

from npn.messages.model.interchange import Element, Letter
from npn.messages.model.unknown import known_part
from npn.messages.views.blocks import Block, Content, LabelledValues, NoticeBlock, section
from npn.messages.views.words import WITHIN, Words


def split(letter: Letter) -> tuple[Letter, list[Element]]:
    """Return a letter of an assumed version without what is not known, and what that is."""
    if letter.version is None or not letter.version.assumed:
        return letter, []
    part = known_part(letter.root, letter.version.root)
    return structs.replace(letter, root=part.root), part.unknown


def unknown_blocks(elements: list[Element], words: Words) -> list[Block]:
    """Return the section of what is not known; none where everything is."""
    rows = tuple(row for element in elements for row in _rows(element, "", words=words))
    block = section(words.say("not_known"), LabelledValues(rows))
    return [block] if block is not None else []


def assumed_notice(letter: Letter, words: Words) -> NoticeBlock | None:
    """Return the notice that a letter is read as another version; None where it is not."""
    if letter.version is None or not letter.version.assumed:
        return None
    return NoticeBlock(words.say("assumed_version", version=letter.version_code, base=letter.version.base), "abnormal")


def _rows(element: Element, around: str, *, words: Words) -> Iterator[tuple[str, Content]]:
    label = around + words.label(element.name)
    text = element.text.strip()
    if text or not element.children:
        yield label, text or "-"
    for child in element.children:
        yield from _rows(child, f"{label}{WITHIN}", words=words)
        if child.tail.strip():
            yield label, child.tail.strip()
