"""Tables of residues: how many tails of digits give which residue, and which ones they are.

A number is usable when the weighted sum of its digits leaves the scheme's remainder. Fix the leading digits,
and what the remaining ones must add up to is known: it is one of `modulus` residues. So one table for each
digit position, with a row for each residue still needed, answers "how many" by walking down the digits of a
number and adding up what was passed on the way, and "which one" by walking down and choosing each digit so
that enough numbers are passed. Both take one step a digit, wherever the number lies, and no candidate is ever
tested. The same idea lists numbers: for each residue still needed the last few digits come from a ready
table.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import mul
from typing import NamedTuple, Protocol

_ZERO = ord("0")
_LAST_DIGITS = 4  # of a number: series that follow one another mostly differ in these alone
_LAST = 10**_LAST_DIGITS


class ResidueRun(NamedTuple):
    """Usable numbers with the same leading digits: `prefix`, then `tails(digits)[residue][start:stop]`."""

    prefix: int
    residue: int
    start: int
    stop: int


class Tails(Protocol):
    """A tuple or an array of ascending tails."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> int: ...


class Residues:
    """The tables of one check: a weighted sum of the digits that leaves `remainder` modulo `modulus`.

    Making them costs `10 * len(weights) * modulus` steps: 0.2 ms for ten digits and modulus 11.
    """

    __slots__ = (
        "_check",
        "_last_lines",
        "_leading",
        "_lines",
        "_short",
        "_tails",
        "length",
        "modulus",
        "remainder",
        "total",
        "weights",
    )

    def __init__(self, weights: Sequence[int], modulus: int, remainder: int) -> None:
        """Take the weights from the leading digit on; negative ones count modulo `modulus`."""
        self.weights = tuple(weight % modulus for weight in weights)
        self.length = len(weights)
        self.modulus = modulus
        self.remainder = remainder
        # The weighted sum over the characters of a number instead of its digits is greater by this constant.
        self._check = remainder + _ZERO * sum(self.weights)
        self._lines = _lines(self.weights, modulus)
        self._last_lines = self._lines[-_LAST_DIGITS:]
        self._leading = (-1, 0, 0)  # `below` was asked for last: leading digits, what they passed, the residue needed
        self._tails: dict[int, tuple[tuple[int, ...], ...]] = {}
        self._short: dict[int, int] = {}
        self.total = self._lines[0][1][remainder][10]

    def passes(self, number: int) -> bool:
        """Whether the number, of no more than `length` digits, passes the check."""
        characters = b"%0*d" % (self.length, number)
        total: int = sum(map(mul, characters, self.weights))
        return (total - self._check) % self.modulus == 0

    def below(self, number: int) -> int:
        """How many numbers below this one pass; `number` from 0 to `10**length`."""
        leading, rest = divmod(number, _LAST)
        digits_above = self._leading
        if digits_above[0] != leading:
            if number >= 10**self.length:
                return self.total
            characters = b"%0*d" % (self.length - _LAST_DIGITS, leading)
            digits_above = self._leading = (
                leading,
                *self._passed(0, self.remainder, self._lines, characters=characters),
            )
        _, passed, needed = digits_above
        return self._passed(passed, needed, self._last_lines, characters=b"%0*d" % (_LAST_DIGITS, rest))[0]

    def _passed(
        self, passed: int, needed: int, lines: Sequence[tuple[int, list[tuple[int, ...]]]], *, characters: bytes
    ) -> tuple[int, int]:
        """Walk down these digits: how many numbers were passed by then, and the residue that the others need."""
        modulus = self.modulus
        for (weight, rows), character in zip(lines, characters, strict=False):
            digit = character - _ZERO
            passed += rows[needed][digit]
            needed = (needed - weight * digit) % modulus
        return passed, needed

    def at_least(self, size: int) -> int:
        """Return how many passing numbers any `size` consecutive numbers hold at the least: a lower bound.

        Below a number lie its share of all passing numbers and a deviation, a sum of one deviation a digit. Numbers
        that are no more than 10^k lie in two neighbouring blocks of 10^k at most, so that only the last k digits
        count, and the deviation of a whole block.
        """
        digits = min(len(str(max(size - 1, 1))), self.length)
        if digits not in self._short:
            lines, unit, everything = self._lines[-digits:], 10**digits, 10**self.length
            blocks = [row[10] * everything - self.total * unit for row in lines[0][1]]
            short = max(0, -min(blocks)) if digits < self.length else 0
            for _, rows in lines:
                unit //= 10
                off = [row[digit] * everything - self.total * digit * unit for row in rows for digit in range(10)]
                short += max(off) - min(off)
            self._short[digits] = short
        share: int = (self.total * size - self._short[digits]) // 10**self.length
        return max(share, 0)

    def at(self, index: int) -> int:
        """Return the passing number with `index` passing numbers below it; `index` from 0 to `total - 1`."""
        number = 0
        needed = self.remainder
        modulus = self.modulus
        for weight, rows in self._lines:
            row = rows[needed]
            digit = bisect_right(row, index) - 1
            index -= row[digit]
            needed = (needed - weight * digit) % modulus
            number = number * 10 + digit
        return number

    def needed_after(self, prefix: int, digits: int) -> int:
        """Return the residue that the last `digits` digits must add to the leading ones, which are `prefix`."""
        characters = b"%0*d" % (self.length - digits, prefix)
        leading = self.weights[: len(characters)]
        total: int = sum(map(mul, characters, leading))
        return (self.remainder + _ZERO * sum(leading) - total) % self.modulus

    def tails(self, digits: int) -> tuple[tuple[int, ...], ...]:
        """For each residue, the values of the last `digits` digits that give it, ascending; made once."""
        tails_of_length = self._tails.get(digits)
        if tails_of_length is None:
            tails: list[tuple[int, ...]] = [(0,), *((),) * (self.modulus - 1)]
            for place in range(digits):
                weight, unit = self.weights[self.length - 1 - place], 10**place
                tails = [
                    tuple(
                        digit * unit + tail
                        for digit in range(10)
                        for tail in tails[(residue - weight * digit) % self.modulus]
                    )
                    for residue in range(self.modulus)
                ]
            tails_of_length = self._tails[digits] = tuple(tails)
        return tails_of_length

    def runs(self, first: int, last: int, digits: int, *, tails: Sequence[Tails]) -> Iterator[ResidueRun]:
        """Yield the passing numbers from `first` to `last`, grouped by all but their last `digits` digits.

        `tails` are those of `self.tails(digits)`, in whatever sequence the caller has them. Leading digits
        after which nothing can pass are jumped over, however many they are.
        """
        unit = 10**digits
        prefix, final = first // unit, last // unit
        while prefix <= final:
            residue = self.needed_after(prefix, digits)
            offsets = tails[residue]
            if not len(offsets):  # an array says nothing about its truth
                index = self.below((prefix + 1) * unit)
                if index >= self.total:
                    return
                prefix = self.at(index) // unit
                continue
            base = prefix * unit
            start = bisect_left(offsets, first - base) if base < first else 0
            stop = bisect_right(offsets, last - base) if base + unit > last else len(offsets)
            if start < stop:
                yield ResidueRun(prefix, residue, start, stop)
            prefix += 1


def _lines(weights: Sequence[int], modulus: int) -> list[tuple[int, list[tuple[int, ...]]]]:
    """For each position its weight and rows; `rows[needed][d]` counts tails whose digit here is below `d`.

    `needed` is the residue that this digit and those to its right must add up to; `rows[needed][10]` is the
    number of all such tails.
    """
    lines: list[tuple[int, list[tuple[int, ...]]]] = []
    counts = [1, *[0] * (modulus - 1)]  # of the empty tail: it adds up to 0
    for weight in reversed(weights):
        columns = [[0] * modulus]
        for digit in range(10):
            shift = weight * digit % modulus
            turned = counts[modulus - shift :] + counts[: modulus - shift] if shift else counts
            columns.append([passed + more for passed, more in zip(columns[-1], turned, strict=True)])
        lines.append((weight, list(zip(*columns, strict=True))))
        counts = columns[-1]
    lines.reverse()
    return lines
