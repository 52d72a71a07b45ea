"""Where the national number is not used: how many letters of each sender, type and month carry which numbers.

Receipts are left out: they carry no sample numbers.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from npn.messages.model.interchange import Element, Interchange, Kind, Letter
from npn.messages.model.number_forms import day_of, descriptions_of
from npn.numbers.scheme import NumberScheme


class NumberUse(StrEnum):
    """Which numbers a letter carries; `unread`: none was seen, but its version is not known."""

    NPN = "npn"
    LOCAL = "local"
    BOTH = "both"
    NONE = "none"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Whose letters are counted together: the sender's number and name, the letters' type, the month `2024-03`."""

    sender: str
    name: str
    type: str
    month: str


def carried(letter: Letter, envelope: Element, *, schemes: tuple[NumberScheme, ...]) -> NumberUse:
    """Return which numbers a letter carries; one that is flagged counts as an NPN only where a scheme accepts it."""
    national = {description.is_npn for _, description in descriptions_of(letter, envelope, schemes=schemes)}
    if not national:
        return NumberUse.NONE if letter.version is not None else NumberUse.UNREAD
    if national == {True, False}:
        return NumberUse.BOTH
    return NumberUse.NPN if True in national else NumberUse.LOCAL


def group_of(letter: Letter, envelope: Element) -> LetterGroup:
    """Return the group that a letter is counted in."""
    sender = letter.root.child("Sender")
    numbers, names = ("EANIdentifier", "Identifier"), ("OrganisationName", "DepartmentName")
    number, name = (
        next((text for text in (sender.value(part) for part in parts) if text), "") if sender is not None else ""
        for parts in (numbers, names)
    )
    return LetterGroup(number, name, letter.type_code, day_of(letter, envelope)[:7])


def letters_of(
    interchange: Interchange, *, schemes: tuple[NumberScheme, ...]
) -> Iterator[tuple[LetterGroup, NumberUse]]:
    """Yield each letter except receipts, with what it carries."""
    for letter in interchange.letters:
        if letter.kind is not Kind.RECEIPT:
            yield group_of(letter, interchange.envelope), carried(letter, interchange.envelope, schemes=schemes)


class NumberReport:
    """The count, letter by letter."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.counts: dict[LetterGroup, Counter[NumberUse]] = {}

    def add(self, group: LetterGroup, what: NumberUse) -> None:
        """Count one letter."""
        self.counts.setdefault(group, Counter())[what] += 1

    def rows(self) -> list[dict[str, str | int]]:
        """Return a row for each group, by sender, type and month."""
        groups = sorted(self.counts, key=lambda group: (group.sender, group.name, group.type, group.month))
        return [
            {"sender": group.sender, "name": group.name, "type": group.type, "month": group.month}
            | row(self.counts[group])
            for group in groups
        ]

    def total(self) -> dict[str, int]:
        """Return the count of all letters."""
        return row(sum(self.counts.values(), Counter()))


def row(counts: Counter[NumberUse]) -> dict[str, int]:
    """Return how many letters there are, and how many carry what."""
    return {"letters": counts.total(), **{what.value: counts[what] for what in NumberUse}}
