"""What a check has to say about a message: one finding, with its rule, severity, exact place and text."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


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


class Text(NamedTuple):
    """The same words in English and Danish, perhaps with names of facts in braces."""

    en: str
    da: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the rule's id, how serious, where, in English and Danish, and whose rule it is."""

    rule: str
    severity: Severity
    place: Place
    en: str
    da: str
    citation: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FindingRule:
    """A rule as findings know it, the same only as itself.

    finds  what a finding says, with the names of facts in braces
    """

    id: str
    severity: Severity
    finds: Text
    citation: str

    def at(self, place: Place, /, **facts: object) -> Finding:
        """Return the finding of this rule at a place; the facts fill the braces of its text."""
        en, da = self.finds
        return Finding(self.id, self.severity, place, en.format_map(facts), da.format_map(facts), self.citation)
