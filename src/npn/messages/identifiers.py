"""The numbers that name persons and places in a message: CPR, GLN, SOR, provider number, SKS, municipality.

Each has the verbs of python-stdnum: `is_valid` where a number is right or wrong, and a finer answer where there
is more to say. None of them raises. A check digit that fails is for the caller to weigh: CPR numbers without
modulus 11 have been issued since October 2007.
"""

import re
from datetime import date
from enum import StrEnum

CPR_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
REPLACEMENT_DAYS = 60  # a replacement number's day of birth is raised by this much
UNKNOWN_PERSON = "0000000000"
E_CPR = re.compile(r"\d{6}[015-7][A-Z]{2}\d", re.ASCII)
CPR_LIKE = re.compile(
    r"(?<![0-9A-Za-z])((?:[04][1-9]|[1256]\d|[37][01]|[89]\d)(?:0[1-9]|1[0-2])\d{2})-?(\d[0-9A-Za-z]{2}\d)"
    r"(?![0-9A-Za-z])",
    re.ASCII,
)
SKS = re.compile(r"\d{4}(?:[0-9A-ZÆØÅ]{2}[0-9A-ZÆØÅ]?)?")
VERHOEFF_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


class Cpr(StrEnum):
    """What a person's number is.

    ORDINARY         a date and modulus 11 that pass
    WITHOUT_MODULUS  a date that passes, modulus 11 that does not: issued so since 2007, or mistyped
    REPLACEMENT      a replacement number: day raised by 60, or two letters (e-CPR)
    UNKNOWN          ten zeros: nobody knows who it is
    NO_DATE          ten digits without a day of the calendar
    NOT_ONE          not of this form at all
    """

    ORDINARY = "ordinary"
    WITHOUT_MODULUS = "without_modulus"
    REPLACEMENT = "replacement"
    UNKNOWN = "unknown"
    NO_DATE = "no_date"
    NOT_ONE = "not_one"


def cpr(text: str) -> Cpr:
    """Say what a CPR number is; a hyphen after the date is allowed.

    >>> cpr("251248-4916"), cpr("0107701234"), cpr("0703921VJ4"), cpr("6107701234")
    (<Cpr.ORDINARY: 'ordinary'>, <Cpr.WITHOUT_MODULUS: 'without_modulus'>, <Cpr.REPLACEMENT: 'replacement'>, <Cpr.REPLACEMENT: 'replacement'>)
    """  # noqa: E501 - one line of output
    number = compact_cpr(text)
    if number == UNKNOWN_PERSON:
        return Cpr.UNKNOWN
    if E_CPR.fullmatch(number):
        return Cpr.REPLACEMENT if _day(number) else Cpr.NO_DATE
    if not (len(number) == 10 and number.isascii() and number.isdigit()):
        return Cpr.NOT_ONE
    if int(number[:2]) > REPLACEMENT_DAYS:
        return Cpr.REPLACEMENT if _day(f"{int(number[:2]) - REPLACEMENT_DAYS:02}{number[2:]}") else Cpr.NO_DATE
    if not _day(number):
        return Cpr.NO_DATE
    total = sum(weight * int(digit) for weight, digit in zip(CPR_WEIGHTS, number, strict=True))
    return Cpr.WITHOUT_MODULUS if total % 11 else Cpr.ORDINARY


def compact_cpr(text: str) -> str:
    """Take away the blanks round a CPR number and the hyphen in it."""
    text = text.strip()
    return text[:6] + text[7:] if text[6:7] == "-" else text


def birth_date(text: str) -> date | None:
    """Give the day of birth that a CPR number says, the century from its seventh digit; None where it says none.

    >>> birth_date("2512484916"), birth_date("0101364000"), birth_date("0000000000")
    (datetime.date(1948, 12, 25), datetime.date(2036, 1, 1), None)
    """
    number = compact_cpr(text)
    kind = cpr(number)
    if kind in (Cpr.NOT_ONE, Cpr.NO_DATE, Cpr.UNKNOWN):
        return None
    if kind is Cpr.REPLACEMENT and number[:2] > "31":
        number = f"{int(number[:2]) - REPLACEMENT_DAYS:02}{number[2:]}"
    return _day(number)


def _day(number: str) -> date | None:
    """The first seven digits as a day; None where the calendar has none."""
    day, month, year, seventh = int(number[:2]), int(number[2:4]), int(number[4:6]), int(number[6])
    if number[7:8].isalpha():
        century = {0: 1900, 1: 1900, 5: 1800, 6: 2000, 7: 2000}[seventh]
    elif seventh < 4:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def masked(text: str) -> str:
    """Hide the last four characters of everything in a text that reads as a CPR number.

    >>> masked("seen with 010203-1234 and 0102031234")
    'seen with 010203-**** and 010203-****'
    """
    return CPR_LIKE.sub(r"\1-****", text)


def is_gln(text: str) -> bool:
    """Whether a location number (EAN, GLN) has thirteen digits and the right check digit.

    >>> is_gln("5790009999010"), is_gln("5790009999011")
    (True, False)
    """
    if not has_gln_form(text):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text)) % 10 == 0


def has_gln_form(text: str) -> bool:
    """Whether the text is thirteen digits."""
    return len(text) == 13 and text.isascii() and text.isdigit()


def has_sor_form(text: str) -> bool:
    """Whether the text is 11 to 18 digits, the first not zero."""
    return 11 <= len(text) <= 18 and text.isascii() and text.isdigit() and text[0] != "0"


def is_sor(text: str) -> bool:
    """Whether a SOR code has its form and its check digit (Verhoeff, as every SNOMED CT identifier).

    >>> is_sor("325421000016001"), is_sor("325421000016002")
    (True, False)
    """
    return has_sor_form(text) and verhoeff(text) == 0


def verhoeff(digits: str) -> int:
    """Give Verhoeff's check of a row of digits; 0: it passes."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = VERHOEFF_PERMUTATION[value]
        check = _dihedral(check, value)
    return check


def _dihedral(a: int, b: int) -> int:
    """Combine two of the ten symmetries of a pentagon."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


def is_provider_number(text: str) -> bool:
    """Whether a provider number (ydernummer) is six digits; it has no check digit.

    >>> is_provider_number("019763"), is_provider_number("19763")
    (True, False)
    """
    return len(text) == 6 and text.isascii() and text.isdigit()


def is_sks_department(text: str) -> bool:
    """Whether a hospital department number is four digits and none, two or three characters more.

    >>> is_sks_department("1234050"), is_sks_department("ASSV.KM")
    (True, False)
    """
    return SKS.fullmatch(text) is not None


def is_municipality(text: str) -> bool:
    """Whether a municipality number is three digits, 100 to 999."""
    return len(text) == 3 and text.isascii() and text.isdigit() and text[0] != "0"
