"""What a caller puts on labels: numbers as digits, lines of text that the font has."""

import unicodedata

from npn.errors import InvalidInputError, codes
from npn.labels.model import Label, LabelDesign
from npn.numbers.digits import is_digits
from npn.numbers.quoting import quoted

FEWEST_DIGITS, MOST_DIGITS = 4, 18
_LAST_LETTER = 0x052F  # Latin, Greek and Cyrillic: what the font has for certain, and some marks
_MARKS = frozenset(
    map(chr, (*range(0x2013, 0x2015), *range(0x2018, 0x201F), 0x2020, 0x2022, 0x2026, 0x2030, 0x20AC, 0x2122))
)


def label_of(number: str, texts: tuple[str, ...] = ()) -> Label:
    """Return the label of a number. Raises InvalidInputError where it is not digits."""
    if not is_digits(number) or not FEWEST_DIGITS <= len(number) <= MOST_DIGITS:
        raise InvalidInputError(
            f"{quoted(number)} can't be printed: labels take {FEWEST_DIGITS} to {MOST_DIGITS} digits",
            code=codes.NOT_A_NUMBER,
            field="number",
        )
    return Label(number=number, texts=texts)


def text_lines(texts: tuple[str, ...], design: LabelDesign) -> tuple[str, ...]:
    """Return the lines for a design's text zones. Raises InvalidInputError: too many, or no glyph for a letter."""
    lines = tuple(_clean(line) for text in texts for line in text.split("\n"))
    zones = design.text_names
    if len(lines) > len(zones):
        raise InvalidInputError(
            f"{len(lines)} lines of text for {design.name}, which has {len(zones)} text zones",
            code=codes.LABEL_NOT_FIT,
            field="text",
            hint=f"in their order: {', '.join(zones)}" if zones else "print it without --text",
        )
    return lines


def _clean(line: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(line.split()))
    for character in text:
        has_glyph = character.isprintable() and (ord(character) <= _LAST_LETTER or character in _MARKS)
        if not has_glyph or unicodedata.combining(character):
            raise InvalidInputError(
                f"the font of labels has no {quoted(character)}", code=codes.LABEL_NOT_FIT, field="text"
            )
    return text
