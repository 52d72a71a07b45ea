"""Codes as people type them: digits of any script or width, dashes of any length, and what can't be seen."""

import unicodedata

_LEFT_OUT = frozenset({"Pd", "Pc", "Cf", "Cc", "Zs", "Zl", "Zp", "Mn"})  # dashes, underscores, what is not seen, space
_MINUS = "\N{MINUS SIGN}"


def plain(text: str) -> str:
    """Return a code as it is compared: decimal digits of ASCII, letters in lower case, nothing between them.

    >>> plain("123 456"), plain("ABCDE-fghjk")
    ('123456', 'abcdefghjk')
    """
    normal = unicodedata.normalize("NFKC", text).lower()
    return "".join(_digit(c) for c in normal if c != _MINUS and unicodedata.category(c) not in _LEFT_OUT)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
