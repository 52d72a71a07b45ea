"""The number scheme: what makes a sample number usable, and the arithmetic of usable numbers.

A number of `length` digits is usable when the sum of its digits, each times its weight, leaves `remainder`
modulo `modulus`. Inside the platform a sample number is an `int`; `parse` and `format` stand at the border,
where it is text. Counting, the n-th, the next and the previous are closed forms (see `npn.numbers.residues`);
nothing scans.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from npn.errors import InvalidInputError, codes
from npn.numbers.digits import format_digits, is_digits
from npn.numbers.quoting import quoted
from npn.numbers.residues import Residues

SHORTEST = 6
LONGEST = 18  # so that every number fits in a signed 64-bit integer
LARGEST_MODULUS = 999
LARGEST_WEIGHT = 1_000_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_TAIL_DIGITS = 4  # of the ready tables in plain Python: 10^4 tails; more digits gain nothing and take longer to make


@dataclass(frozen=True, slots=True)
class NumberScheme:
    """Length, weights, modulus and remainder that make a sample number usable.

    weights  one for each digit, from the leading one; any integers, also 0 and negative ones
    Raises InvalidInputError, its `field` naming the member that is out of bounds.

    >>> NPN10.is_usable(1000000015), NPN10.count(1000000000, 8999999999)
    (True, 727272728)
    """

    name: str
    length: int
    weights: tuple[int, ...]
    modulus: int = 11
    remainder: int = 0
    _tables: Residues | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what can't be a scheme."""
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            hint = "1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first"
            raise InvalidInputError("a scheme needs a plain name", field="name", hint=hint)
        _bounded("length", self.length, SHORTEST, highest=LONGEST)
        _bounded("modulus", self.modulus, 2, highest=LARGEST_MODULUS)
        _bounded("remainder", self.remainder, 0, highest=self.modulus - 1)
        object.__setattr__(self, "weights", tuple(self.weights))
        for weight in self.weights:
            _bounded("weights", weight, -LARGEST_WEIGHT, highest=LARGEST_WEIGHT)
        if len(self.weights) != self.length:
            message = f"{len(self.weights)} weights for {self.length} digits"
            raise InvalidInputError(message, field="weights", hint="one weight for each digit, the leading one first")

    def __reduce__(self) -> tuple[type["NumberScheme"], tuple[object, ...]]:
        """Pickle what defines the scheme, not the tables that follow from it."""
        return type(self), (self.name, self.length, self.weights, self.modulus, self.remainder)

    @property
    def lowest(self) -> int:
        """The lowest number of this length: 0, written with leading zeros."""
        return 0

    @property
    def highest(self) -> int:
        """The highest number of this length."""
        return int(10**self.length) - 1

    @property
    def residues(self) -> Residues:
        """The tables behind the arithmetic, made when they are first asked for."""
        tables = self._tables
        if tables is None:
            tables = Residues(self.weights, self.modulus, self.remainder)
            object.__setattr__(self, "_tables", tables)
        return tables

    def parse(self, text: str) -> int:
        """Read a number: exactly `length` ASCII digits. Raises InvalidInputError `not_a_number`."""
        if is_digits(text, self.length):
            return int(text)
        raise InvalidInputError(
            f"{quoted(text)} is not a sample number",
            code=codes.NOT_A_NUMBER,
            field="number",
            hint=f"a sample number is {self.length} digits, 0 to 9, nothing before, between or after them",
        )

    def format(self, number: int) -> str:
        """Write a number with its leading zeros. Raises InvalidInputError where it has too many digits."""
        text = format_digits(number, self.length)
        if number < 0 or len(text) > self.length:
            _bounded("number", number, self.lowest, highest=self.highest)
        return text

    def is_usable(self, number: int) -> bool:
        """Whether the number passes the check; a number outside the scheme's digits never does."""
        return 0 <= number <= self.highest and self.residues.passes(number)

    def count(self, first: int, last: int) -> int:
        """How many numbers from `first` to `last`, both included, are usable; 0 where `last` comes first."""
        if last < first:
            return 0
        residues = self.residues
        return residues.below(max(last + 1, 0)) - residues.below(max(first, 0))

    def at_least(self, size: int) -> int:
        """Return how many usable numbers any `size` consecutive numbers hold at the least.

        A lower bound by arithmetic: some ten below the average of `size` numbers for the known schemes.
        """
        return self.residues.at_least(size)

    def nth(self, start: int, n: int) -> int | None:
        """Return the `n`-th (from 1) usable number at or after `start`; None past the highest.

        Raises InvalidInputError where `n` is below 1.
        """
        if n < 1:
            raise InvalidInputError("the first usable number is number 1", field="n", hint="n is 1 or more")
        residues = self.residues
        index = residues.below(max(start, 0)) + n - 1
        return residues.at(index) if index < residues.total else None

    def next(self, number: int) -> int | None:
        """Return the nearest usable number at or after `number`; None where there is none."""
        return self.nth(number, 1)

    def previous(self, number: int) -> int | None:
        """Return the nearest usable number at or before `number`; None where there is none."""
        residues = self.residues
        index = residues.below(max(number + 1, 0))
        return residues.at(index - 1) if index else None

    def usable(self, first: int, last: int) -> Iterator[int]:
        """Yield the usable numbers from `first` to `last`, both included, ascending; memory stays flat."""
        first, last = max(first, self.lowest), min(last, self.highest)
        if first > last:
            return iter(())
        return chain.from_iterable(self._groups(first, last))

    def _groups(self, first: int, last: int) -> Iterator[Iterator[int]]:
        tails = self.residues.tails(_TAIL_DIGITS)
        for run in self.residues.runs(first, last, _TAIL_DIGITS, tails=tails):
            offsets = tails[run.residue]
            if run.stop - run.start < len(offsets):
                offsets = offsets[run.start : run.stop]
            yield map((run.prefix * 10**_TAIL_DIGITS).__add__, offsets)


def _bounded(name: str, value: object, lowest: int, *, highest: int) -> None:
    """Refuse what is not a whole number from `lowest` to `highest`."""
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        message = f"{name} must be a whole number from {lowest} to {highest}"
        raise InvalidInputError(message, field=name)


NPN10 = NumberScheme("npn10", 10, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
NPN14 = NumberScheme("npn14", 14, (2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
