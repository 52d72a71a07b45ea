"""Keeps persons' numbers out of findings: whatever stands in a field for one is masked wherever it is quoted."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from npn.messages.model.finding import Finding
from npn.messages.model.interchange import Interchange
from npn.messages.model.masking import compact_cpr, mask, masked

FIELDS = frozenset(("CivilRegistrationNumber", "AlternativeIdentifier", "PersonIdentifier"))
PERSONS = frozenset(("Patient", "Relative"))
FEW = 16  # numbers that are looked for one by one
MIN_LENGTH = 6  # a shorter text names nobody


def person_numbers(interchange: Interchange) -> tuple[str, ...]:
    """Return every text that stands in a field for a person's number, longest first."""
    numbers = {
        text
        for letter in interchange.letters
        for person in letter.root.children
        if person.name in PERSONS
        for element in person.children
        if element.name in FIELDS
        for text in (element.text, element.text.strip(), compact_cpr(element.text), hyphened(element.text))
        if len(text.strip()) >= MIN_LENGTH
    }
    return tuple(sorted(numbers, key=lambda text: (-len(text), text)))


def hyphened(number: str) -> str:
    """Write a CPR number the way people do."""
    number = compact_cpr(number)
    return f"{number[:6]}-{number[6:]}"


def hidden(findings: Iterable[Finding], interchange: Interchange) -> list[Finding]:
    """Return the findings with every person's number of the interchange masked in their texts."""
    numbers = by_length(person_numbers(interchange))
    return [without(finding, numbers) for finding in findings]


def by_length(numbers: Iterable[str]) -> Mapping[int, set[str]]:
    """Return the numbers by how long they are, the longest first."""
    lengths: dict[int, set[str]] = {}
    for number in sorted(numbers, key=len, reverse=True):
        lengths.setdefault(len(number), set()).add(number)
    return lengths


def without(finding: Finding, numbers: Mapping[int, set[str]]) -> Finding:
    """Mask the numbers, given by their lengths, in one finding."""
    en, da = masked_text(finding.en, numbers), masked_text(finding.da, numbers)
    return finding if (en, da) == (finding.en, finding.da) else replace(finding, en=en, da=da)


def masked_text(text: str, numbers: Mapping[int, set[str]]) -> str:
    """Mask the numbers in a text, the longest first; the time it takes does not depend on how many there are."""
    for length, own in numbers.items():
        for number in own if len(own) <= FEW else own.intersection(_pieces(text, length)):
            if number in text:
                text = text.replace(number, mask(number))
    return text


def _pieces(text: str, length: int) -> Iterator[str]:
    """Yield every piece of a text that has a length."""
    return (text[at : at + length] for at in range(len(text) - length + 1))


class PersonMask:
    """Hides persons' numbers in whatever is shown of a file."""

    def __init__(self, interchanges: Sequence[Interchange], *, shows_all: bool) -> None:
        """`shows_all`: whoever asked wants to see them."""
        self._shows_all = shows_all
        numbers = (
            () if shows_all else (number for interchange in interchanges for number in person_numbers(interchange))
        )
        self._numbers = by_length(numbers)

    def __call__(self, text: str) -> str:
        """Return a text with numbers of persons hidden, but for the date in them."""
        return text if self._shows_all else masked(masked_text(text, self._numbers))
