"""Keeps civil registration numbers out of logs and findings."""

import re

# Ten digits, perhaps with the usual hyphen, that start with a day (or a replacement number's day + 60) and a
# month; a replacement number with letters; never part of a longer number.
_CPR = re.compile(
    r"(?<![0-9A-Za-z])((?:[04][1-9]|[1256][0-9]|[37][01]|[89][0-9])(?:0[1-9]|1[0-2])[0-9]{2})(-?)"
    r"([0-9]{4}|[0-9][A-Za-z]{2}[0-9])(?![0-9A-Za-z])"
)


def masked(text: str) -> str:
    """The text with the last four characters of whatever looks like a CPR number replaced by `xxxx`.

    >>> masked("PNA+PAT+1212778221:::CPR:IM")
    'PNA+PAT+121277xxxx:::CPR:IM'
    """
    return _CPR.sub(r"\1\2xxxx", text)
