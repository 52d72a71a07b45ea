"""Sample numbers as digits, for whoever knows how many there are and not the scheme: one reader, one writer.

Where the scheme is at hand, `NumberScheme.parse` and `NumberScheme.format` do the same and check the bounds.
"""

from npn.errors import InvalidInputError, codes


def is_digits(text: str, length: int | None = None) -> bool:
    """Return whether the text is digits, 0 to 9, and nothing else: `length` of them, or any number from one."""
    return text.isascii() and text.isdigit() and (length is None or len(text) == length)


def parse_digits(text: str, length: int, *, field: str) -> int:
    """Read a number of exactly `length` digits. Raises InvalidInputError `not_a_number` naming the field.

    >>> parse_digits("0000000042", 10, field="first")
    42
    """
    if not is_digits(text, length):
        raise InvalidInputError(f"{field} is a number of {length} digits", code=codes.NOT_A_NUMBER, field=field)
    return int(text)


def format_digits(number: int, length: int) -> str:
    """Write a number with its leading zeros.

    >>> format_digits(42, 10)
    '0000000042'
    """
    return str(number).zfill(length)
