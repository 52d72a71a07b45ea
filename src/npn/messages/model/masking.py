"""Keeps civil registration numbers out of logs and findings."""

import re

_DAY = "(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"  # 61 to 91: a replacement number's day
_MONTH = "(?:0[1-9]|1[0-2])"
# Never part of a longer number or word: a GLN has 13 digits, a SOR code 15.
_CPR = re.compile(
    rf"(?<![0-9A-Za-z])({_DAY}{_MONTH}[0-9]{{2}}[- ]?)([0-9]{{4}}|[0-9][A-Za-z]{{2}}[0-9])(?![0-9A-Za-z])"
)


def masked(text: str) -> str:
    """Replace the last four characters of whatever looks like a CPR number by `xxxx`.

    >>> masked("PNA+PAT+1212778221:::CPR:IM")
    'PNA+PAT+121277xxxx:::CPR:IM'
    """
    return _CPR.sub(r"\1xxxx", text)
