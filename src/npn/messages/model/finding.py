"""What a check has to say about a message: one finding, with its rule, severity, exact place and text."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; any `error` makes a document invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the document; what a syntax can't know is None or empty.

    line, column  in the bytes as received, both from 1; a column is one character
    segment       index from 1 in an EDIFACT file (UNA is not a segment, empty segments are not counted)
    path          the XML path, or the segment path such as `S02/RFF[2]`, where wanted with the data element
                  and component behind it: `UNT 1`, `S18[3]/INV 2.1`
    element       in EDIFACT: the path of the same field in the XML form, where it has one
    """

    line: int | None = None
    column: int | None = None
    segment: int | None = None
    path: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the rule's id, how serious, where, in English and Danish, and whose rule it is."""

    rule: str
    severity: Severity
    place: Place
    en: str
    da: str
    citation: str = ""
