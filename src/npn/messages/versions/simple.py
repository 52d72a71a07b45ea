"""Simple types: what a text may be. Same verdict as XML Schema 1.0 gives for the types the messages use.

A phrase of the notation (`string 1..35`, `int 1..99`, `string one of N | M`, `date`, `string /[0-9]{3}/`)
becomes a `SimpleType` whose `accepts` runs in C for the usual text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

BLANKS = " \t\n\r"
MAX_DIGITS = 30  # no bound in the data has more
INT = (-(2**31), 2**31 - 1)
RANGES: dict[str, tuple[int | None, int | None]] = {
    "int": INT,
    "integer": (None, None),
    "positive": (1, None),
    "natural": (0, None),
}
DATE = re.compile(r"-?([1-9][0-9]{3,}|0[0-9]{3})-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])(Z|[+-]\d\d:[0-5][0-9])?", re.ASCII)
INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
PHRASE = re.compile(
    r"(?P<base>\w+)"
    r"(?: (?P<low>\d+|\*)\.\.(?P<high>\d+|\*)| (?P<length>\d+))?"
    r"(?: digits=(?P<digits>\d+))?"
    r"(?: one of (?P<codes>.*)| (?P<patterns>/.*/))?"
)


@dataclass(frozen=True, slots=True, eq=False)
class SimpleType:
    """What a text may be.

    accepts   truthy for a text that is allowed
    low, high of the length for strings, of the value for numbers; None: no bound
    codes     the only texts allowed, in the schema's order; empty: no list
    """

    phrase: str
    base: str
    accepts: Callable[[str], object]
    low: int | None = None
    high: int | None = None
    codes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    digits: int | None = None


def parse(phrase: str) -> SimpleType:
    """Read a phrase of the notation; ValueError names the phrase that has no meaning."""
    match = PHRASE.fullmatch(phrase)
    if match is None or match["base"] not in {"string", "date", "boolean", "decimal", *RANGES}:
        raise ValueError(f"not a simple type: {phrase!r}")
    low, high = bound(match["low"] or match["length"]), bound(match["high"] or match["length"])
    codes = (
        tuple(
            code.strip().strip('"') if '"' not in code else code.strip()[1:-1]
            for code in (match["codes"] or "").split(" | ")
        )
        if match["codes"]
        else ()
    )
    patterns = tuple(match["patterns"][1:-1].split("/ /")) if match["patterns"] else ()
    digits = int(match["digits"]) if match["digits"] else None
    facets = SimpleType(phrase, match["base"], bool, low, high, codes, patterns, digits)
    return SimpleType(phrase, match["base"], acceptor(facets), low, high, codes, patterns, digits)


def bound(text: str | None) -> int | None:
    """Read a bound; a star means that there is no bound."""
    return None if text in (None, "*") else int(text)


def acceptor(facets: SimpleType) -> Callable[[str], object]:
    """Return the quickest test there is for the facets."""
    if facets.codes:
        return frozenset(facets.codes).__contains__
    if facets.base == "string":
        return string_acceptor(facets)
    if facets.base == "date":
        return is_date
    if facets.base == "boolean":
        allowed = facets.patterns or ("true|false|1|0",)
        return re.compile(rf"[{BLANKS}]*(?:{allowed[0]})[{BLANKS}]*").fullmatch
    if facets.base == "decimal":
        return lambda text: is_decimal(text, facets.digits)
    least, most = RANGES[facets.base]
    low = facets.low if facets.low is not None else least
    high = facets.high if facets.high is not None else most
    return lambda text: is_integer(text, low, high=high)


def string_acceptor(facets: SimpleType) -> Callable[[str], object]:
    """A length is a pattern too; several patterns must all hold."""
    if not facets.patterns:
        high = "" if facets.high is None else facets.high
        return re.compile(f"(?s:.{{{facets.low or 0},{high}}})").fullmatch
    head = "".join(f"(?={p}\\Z)" for p in (f"(?:{p})" for p in facets.patterns[1:]))
    return re.compile(f"{head}(?:{facets.patterns[0]})", re.ASCII).fullmatch


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, with or without a time zone.

    XML Schema lets blanks stand around it; the schema processors in use (libxml2) refuse them, and so do we.
    """
    match = DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day, zone = int(match[1][:20]), int(match[2]), int(match[3]), match[4]
    if not 0 < year < 2**63 or (zone and zone != "Z" and int(zone[1:3]) * 60 + int(zone[4:6]) > 14 * 60):
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def is_integer(text: str, low: int | None, *, high: int | None) -> bool:
    """Whether the text is a whole number within the bounds."""
    text = text.strip(BLANKS)
    if not INTEGER.fullmatch(text):
        return False
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > MAX_DIGITS:
        return (low is None) if text[0] == "-" else (high is None)
    value = -int(digits or 0) if text[0] == "-" else int(digits or 0)
    return (low is None or value >= low) and (high is None or value <= high)


def is_decimal(text: str, digits: int | None) -> bool:
    """Whether the text is a decimal number of at most a number of significant digits."""
    text = text.strip(BLANKS)
    if not DECIMAL.fullmatch(text):
        return False
    if digits is None:
        return True
    whole, _, fraction = text.lstrip("+-").partition(".")
    return len(whole.lstrip("0")) + len(fraction.rstrip("0")) <= digits


def number(text: str) -> Decimal:
    """Return the value of a decimal text with its digits kept: 3.10 stays 3.10."""
    return Decimal(text.strip(BLANKS))
