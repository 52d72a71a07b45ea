"""How a scheme is written on one line: the name of a known one, or `LENGTH:WEIGHTS:MODULUS:REMAINDER`.

`10:4,3,2,7,6,5,4,3,2,1:11:0` says what `npn10` says. The remainder, or the modulus and the remainder, may be
left out: they are 0 and 11 then.
"""

import re

from npn.errors import InvalidInputError, codes
from npn.numbers.quoting import quoted
from npn.numbers.scheme import NPN10, NPN14, NumberScheme

KNOWN = {scheme.name: scheme for scheme in (NPN10, NPN14)}
INLINE = "inline"  # the name of a scheme that was written out

_WRITTEN = re.compile(
    r"(?P<length>\d{1,2}):(?P<weights>-?\d{1,7}(?:,-?\d{1,7})*)"
    r"(?::(?P<modulus>\d{1,3})(?::(?P<remainder>\d{1,3}))?)?",
    re.ASCII,
)


def read_scheme(text: str) -> NumberScheme:
    """Return the scheme so named or described. Raises InvalidInputError `unknown_scheme`, or as NumberScheme.

    >>> read_scheme("10:4,3,2,7,6,5,4,3,2,1").is_usable(1000000015)
    True
    """
    if text in KNOWN:
        return KNOWN[text]
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise InvalidInputError(
            f"{quoted(text)} is not a number scheme",
            code=codes.UNKNOWN_SCHEME,
            field="scheme",
            hint=f"known: {', '.join(KNOWN)}; or written out: LENGTH:WEIGHT,WEIGHT,...:MODULUS:REMAINDER",
        )
    weights = tuple(map(int, match["weights"].split(",")))
    modulus, remainder = int(match["modulus"] or 11), int(match["remainder"] or 0)
    return NumberScheme(INLINE, int(match["length"]), weights, modulus, remainder)


def named_scheme(text: str) -> NumberScheme:
    """Return the scheme so named or described; one that says what a known one does has its name. Raises as read_scheme.

    >>> named_scheme("14:2,7,6,5,4,3,2,7,6,5,4,3,2,1:11:0").name
    'npn14'
    """
    scheme = read_scheme(text)
    return next((candidate for candidate in KNOWN.values() if same_scheme(candidate, scheme)), scheme)


def same_scheme(one: NumberScheme, other: NumberScheme) -> bool:
    """Whether both make the same numbers usable, whatever they are called."""
    return write_scheme(one) == write_scheme(other)


def write_scheme(scheme: NumberScheme) -> str:
    """Write out the scheme so that `read_scheme` reads it back, but for its name."""
    weights = ",".join(map(str, scheme.weights))
    return f"{scheme.length}:{weights}:{scheme.modulus}:{scheme.remainder}"
