"""Whether two names of organisations are one organisation's: the same but for how they are written, or nearly so."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from npn.wording import folded

# Legal forms say nothing of which organisation it is; written with strokes, dots or blanks, or without.
_LEGAL_FORM = re.compile(
    r"\b(?:[aipk](?:\s*[/.]\s*)?s|aps|ivs|amba|a(?:\s*/\s*)?b|asa|oy|gmbh|ag|ltd|limited|inc|llc|bv|plc)\b\.?"
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SHORTEST_BEGINNING = 3  # letters of a word that may be cut short: Region Midt, Region Midtjylland
_ONE_SLIP, _TWO_SLIPS = 4, 8  # letters from which one or two are taken for a slip of the finger


class NameMatch(IntEnum):
    """How near two names are."""

    NONE = 0
    NEAR = 1
    SAME = 2


@dataclass(frozen=True, slots=True)
class ComparedName:
    """A name as it is compared: its words without case, accents, signs and legal form."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "ComparedName":
        """Return the name's words."""
        plain = folded(name)
        words = tuple(_WORD.findall(_LEGAL_FORM.sub(" ", plain))) or tuple(_WORD.findall(plain))
        return cls(words or (plain,))

    @property
    def whole(self) -> str:
        """Return the words as one: BCC lab, BCC-Lab and BCCLab are the same."""
        return "".join(self.words)

    @property
    def marks(self) -> "Counter[str]":
        """Return the numbers and single letters, which distinguish names that are otherwise alike: Lab 1, Lab 2."""
        return Counter(word for word in self.words if word.isdecimal() or len(word) == 1)

    def likeness(self, other: "ComparedName") -> NameMatch:
        """Return how near another name is."""
        if self.whole == other.whole:
            return NameMatch.SAME
        if self.marks != other.marks:
            return NameMatch.NONE
        return NameMatch.NEAR if self._is_near(other) else NameMatch.NONE

    def _is_near(self, other: "ComparedName") -> bool:
        short, long = sorted((self.words, other.words), key=len)
        if not Counter(short) - Counter(long):  # the same words in another order, or more of them
            return any(len(word) > 1 for word in short)
        if len(short) == len(long):
            return all(_is_near_word(one, another) for one, another in zip(short, long, strict=True))
        return min(len(self.whole), len(other.whole)) >= _TWO_SLIPS and _slips(self.whole, other.whole) == 1


def near_names(name: str, known: Collection[str]) -> list[str]:
    """Return the known names that may be meant by `name`, the nearest first; the name itself is left out."""
    compared = ComparedName.of(name)
    ranked = [(-compared.likeness(ComparedName.of(other)), other.casefold(), other) for other in known if other != name]
    return [other for rank, _, other in sorted(ranked) if rank < 0]


def _is_near_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if long.startswith(short):
        return len(short) >= _SHORTEST_BEGINNING or short == long
    allowed = 2 if len(short) >= _TWO_SLIPS else 1 if len(short) >= _ONE_SLIP else 0
    return allowed > 0 and len(long) - len(short) <= allowed and _slips(one, other) <= allowed


def _slips(one: str, other: str) -> int:
    """Count the slips between two words: a letter more, less, another, or two that changed places."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
