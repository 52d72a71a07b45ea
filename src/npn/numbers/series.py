"""A series as a value: an unbroken range of numbers, first to last, of one scheme."""

from collections.abc import Iterator
from dataclasses import dataclass

from npn.errors import InvalidInputError, codes
from npn.numbers.scheme import NumberScheme

NOT_A_RANGE = codes.NOT_A_RANGE


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers from `first` to `last`, both included.

    Raises InvalidInputError where a bound has too many digits (`field` says which), or `last` comes first.

    >>> from npn.numbers.scheme import NPN10
    >>> series = Series.parse(NPN10, "1000000000", "1000000999")
    >>> series.size, series.usable, series.nth(2)
    (1000, 91, 1000000015)
    """

    scheme: NumberScheme
    first: int
    last: int

    def __post_init__(self) -> None:
        """Refuse what is no range of the scheme's numbers."""
        for name in ("first", "last"):
            if not self.scheme.lowest <= getattr(self, name) <= self.scheme.highest:
                message = f"{name} is not a number of {self.scheme.length} digits"
                raise InvalidInputError(message, field=name)
        if self.last < self.first:
            message = f"{self.scheme.format(self.last)} is before {self.scheme.format(self.first)}"
            hint = "a range is given as its first and its last number, in that order"
            raise InvalidInputError(message, code=NOT_A_RANGE, field="last", hint=hint)

    @classmethod
    def parse(cls, scheme: NumberScheme, first: str, last: str) -> "Series":
        """Read the bounds. Raises InvalidInputError with the bound to blame as its `field`."""
        bounds: dict[str, int] = {}
        for name, text in (("first", first), ("last", last)):
            try:
                bounds[name] = scheme.parse(text)
            except InvalidInputError as error:
                raise InvalidInputError(error.message, code=error.code, field=name, hint=error.hint) from error
        return cls(scheme, bounds["first"], bounds["last"])

    @classmethod
    def holding(cls, scheme: NumberScheme, start: int, usable: int) -> "Series | None":
        """Return the smallest series from `start` on that holds `usable` usable numbers; None past the highest.

        Raises InvalidInputError where `usable` is below 1.
        """
        last = scheme.nth(start, usable)
        return None if last is None else cls(scheme, start, last)

    @property
    def size(self) -> int:
        """How many numbers it has, usable or not."""
        return self.last - self.first + 1

    @property
    def usable(self) -> int:
        """How many of its numbers are usable."""
        return self.scheme.count(self.first, self.last)

    def nth(self, n: int) -> int | None:
        """Return the `n`-th (from 1) usable number, or None. Raises InvalidInputError where `n` is below 1."""
        number = self.scheme.nth(self.first, n)
        return number if number is not None and number <= self.last else None

    def numbers(self) -> Iterator[int]:
        """Yield its usable numbers, ascending."""
        return self.scheme.usable(self.first, self.last)

    def overlaps(self, other: "Series") -> bool:
        """Whether some number, as it is written, is in both: numbers of different length never meet."""
        same_length = self.scheme.length == other.scheme.length
        return same_length and self.first <= other.last and other.first <= self.last

    def __contains__(self, number: int) -> bool:
        """Whether the number, usable or not, lies in it."""
        return self.first <= number <= self.last
