"""What a rule asks of an identifier: of which kind a CPR number is, and whether the others are right."""

from datetime import date
from enum import StrEnum
from functools import lru_cache

from npn.messages.model import identifiers
from npn.messages.model.finding import Severity
from npn.messages.model.identifiers import CprKind, Flaw

UNKNOWN_PERSON = "0000000000"


class CprVerdict(StrEnum):
    """What a person's number is.

    ORDINARY         a date and modulus 11 that pass
    WITHOUT_MODULUS  a date that passes, modulus 11 that does not: issued so since 2007, or mistyped
    USUALLY_WITHOUT  the same, of a day of birth (1 January 1960 to 1994) for which such numbers are common
    REPLACEMENT      a replacement number: day raised by 60, or two letters (e-CPR)
    UNKNOWN          ten zeros: nobody knows who it is
    NO_DATE          ten digits without a day of the calendar
    NOT_ONE          not of this form at all
    """

    ORDINARY = "ordinary"
    WITHOUT_MODULUS = "without_modulus"
    USUALLY_WITHOUT = "usually_without"
    REPLACEMENT = "replacement"
    UNKNOWN = "unknown"
    NO_DATE = "no_date"
    NOT_ONE = "not_one"


@lru_cache(maxsize=8)  # several rules ask of the same few numbers of a letter
def cpr(text: str) -> CprVerdict:
    """Return what a CPR number is; it never raises.

    >>> cpr("2512484916").value, cpr("0107701234").value, cpr("0703921VJ4").value, cpr("2902014000").value
    ('ordinary', 'without_modulus', 'replacement', 'no_date')
    """
    number = text.strip()
    if number == UNKNOWN_PERSON:
        return CprVerdict.UNKNOWN
    identifier = identifiers.cpr(number)
    if isinstance(identifier, Flaw):
        return CprVerdict.NOT_ONE if identifier.code == "form" else CprVerdict.NO_DATE
    if identifier.kind is not CprKind.ORDINARY:
        return CprVerdict.REPLACEMENT
    if identifier.note is None:
        return CprVerdict.ORDINARY
    return CprVerdict.USUALLY_WITHOUT if identifier.note.severity is Severity.INFO else CprVerdict.WITHOUT_MODULUS


def birth_date(text: str) -> date | None:
    """Return the day of birth that a CPR number says; None where it says none."""
    identifier = identifiers.cpr(text.strip())
    return None if isinstance(identifier, Flaw) else identifier.born


gln = lru_cache(maxsize=8)(identifiers.gln)  # as for CPR numbers: the form is asked first, then the check digit


def has_gln_form(text: str) -> bool:
    """Whether the text is thirteen digits."""
    identifier = gln(text)
    return not isinstance(identifier, Flaw) or identifier.code == "check_digit"


def is_gln(text: str) -> bool:
    """Whether a location number has the right check digit too."""
    return not isinstance(gln(text), Flaw)


def has_sor_form(text: str) -> bool:
    """Whether the text is 11 to 18 digits."""
    identifier = identifiers.sor(text)
    return not isinstance(identifier, Flaw) or identifier.code == "check_digit"


def is_sor(text: str) -> bool:
    """Whether a SOR code has the right check digit too."""
    return not isinstance(identifiers.sor(text), Flaw)


def is_provider_number(text: str) -> bool:
    """Whether the text is six digits."""
    return not isinstance(identifiers.ydernummer(text), Flaw)


def is_sks_department(text: str) -> bool:
    """Whether the text is four digits and none, two or three characters more."""
    return not isinstance(identifiers.sks(text), Flaw)


def is_municipality(text: str) -> bool:
    """Whether the text is three digits, 100 to 999."""
    return len(text) == 3 and text.isascii() and text.isdecimal() and text[0] != "0"
