"""The check of one typed number; the verbs are those of python-stdnum: compact, validate, is_valid."""

from npn.errors import InvalidInputError, codes
from npn.numbers.scheme import NPN10, NumberScheme

NOT_USABLE = codes.NOT_USABLE
_TYPED_BETWEEN = str.maketrans("", "", " -")


def compact(text: str) -> str:
    """Strip the spaces and hyphens that people type between the digits; everything else stays.

    >>> compact("1000 000-015")
    '1000000015'
    """
    return text.translate(_TYPED_BETWEEN)


def validate(text: str, scheme: NumberScheme = NPN10) -> int:
    """Return the number that the text says. Raises InvalidInputError `not_a_number` or `not_usable`.

    >>> validate("1000 000 015")
    1000000015
    """
    number = scheme.parse(compact(text))
    if not scheme.is_usable(number):
        raise InvalidInputError(
            f"{scheme.format(number)} does not pass the check of {scheme.name} (modulus {scheme.modulus})",
            code=NOT_USABLE,
            field="number",
            hint="a digit is wrong or misplaced; suggestions are the usable numbers one mistake away",
        )
    return number


def is_valid(text: str, scheme: NumberScheme = NPN10) -> bool:
    """Whether the text is a usable number; never raises.

    >>> is_valid("1000000015"), is_valid("1000000016"), is_valid("³²")
    (True, False, False)
    """
    try:
        validate(text, scheme)
    except InvalidInputError:
        return False
    return True
