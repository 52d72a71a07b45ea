"""Keeps persons' numbers out of findings: whatever stands in a field for one is masked wherever it is quoted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from npn.messages.model.finding import Finding
from npn.messages.model.interchange import Interchange
from npn.messages.model.masking import compact_cpr, mask

FIELDS = frozenset(("CivilRegistrationNumber", "AlternativeIdentifier", "PersonIdentifier"))
PERSONS = frozenset(("Patient", "Relative"))
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
    numbers = person_numbers(interchange)
    by_length: dict[int, set[str]] = {}
    for number in numbers:
        by_length.setdefault(len(number), set()).add(number)
    return [without(finding, by_length) for finding in findings]


def without(finding: Finding, numbers: Mapping[int, set[str]]) -> Finding:
    """Mask the numbers, given by their lengths, in one finding."""
    en, da = masked_text(finding.en, numbers), masked_text(finding.da, numbers)
    return finding if (en, da) == (finding.en, finding.da) else replace(finding, en=en, da=da)


def masked_text(text: str, numbers: Mapping[int, set[str]]) -> str:
    """Mask the numbers in a text, the longest first; the time it takes does not depend on how many there are."""
    for length, own in numbers.items():
        places = range(len(text) - length + 1)
        for number in {text[at : at + length] for at in places} & own:
            text = text.replace(number, mask(number))
    return text
