"""Values and limits as numbers: read without losing a digit."""

import re
from dataclasses import dataclass
from decimal import Decimal

NUMERAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)
OPERATOR_FIRST = re.compile(r"\s*[<>≤≥]")
WITH_UNIT = re.compile(r"\s*[<>]?\s*[+-]?\d+(?:[.,]\d+)?\s*(?:%|[A-Za-zµμ]+(?:/[A-Za-z0-9.]+)?)\s*")


@dataclass(frozen=True, slots=True)
class Range:
    """Where a value may lie: from `low` to `high`; None: open."""

    low: Decimal | None
    high: Decimal | None


def numeral(text: str | None) -> Decimal | None:
    """Read a number with a decimal point; None for any other text."""
    text = (text or "").strip()
    return Decimal(text) if NUMERAL.fullmatch(text) else None


def decimals(text: str) -> int:
    """How many digits stand behind the decimal point."""
    return len(text.strip().partition(".")[2])


def stated(value: Decimal, operator: str | None) -> Range:
    """Return what a result says: exactly a value, less than it, or more."""
    if operator == "mindre_end":
        return Range(None, value)
    if operator == "stoerre_end":
        return Range(value, None)
    return Range(value, value)
