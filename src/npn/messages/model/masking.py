"""Keeps civil registration numbers out of logs and findings: one way of masking them, wherever they stand."""

import re

_DAY = "(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"  # 61 to 91: a replacement number's day
_MONTH = "(?:0[1-9]|1[0-2])"
# Never part of a longer number or word: a GLN has 13 digits, a SOR code 15.
_CPR = re.compile(
    rf"(?<![0-9A-Za-z])({_DAY}{_MONTH}[0-9]{{2}})[- ]?(?:[0-9]{{4}}|[0-9][A-Za-z]{{2}}[0-9])(?![0-9A-Za-z])"
)
HIDDEN = "-****"


def masked(text: str) -> str:
    """Hide the last four characters of whatever looks like a CPR number.

    >>> masked("PNA+PAT+1212778221:::CPR:IM")
    'PNA+PAT+121277-****:::CPR:IM'
    """
    return _CPR.sub(rf"\1{HIDDEN}", text)


def mask(number: str) -> str:
    """Hide everything but the date of a person's number.

    >>> mask("0102031234"), mask("010203-1234")
    ('010203-****', '010203-****')
    """
    return compact_cpr(number)[:6] + HIDDEN


def compact_cpr(text: str) -> str:
    """Take away the blanks round a CPR number and the hyphen in it."""
    text = text.strip()
    return text[:6] + text[7:] if text[6:7] == "-" else text
