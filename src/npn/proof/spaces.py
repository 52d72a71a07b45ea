"""The number spaces as the ledger opens them, and what lies live in each."""

from dataclasses import dataclass, field

from npn.errors import InvalidInputError
from npn.numbers.scheme import NumberScheme
from npn.proof.ranges import Ranges
from npn.proof.wrong import WrongError
from npn.registry.events import SpaceAdded, SpaceClosed, SpaceDefaultSet, SpaceOpened


@dataclass(slots=True)
class SpaceRecord:
    """A space at one point of the ledger; `cursor` is the next number it would grant."""

    name: str
    number: int
    environment: str
    scheme: NumberScheme
    first: int
    last: int
    cursor: int
    is_open: bool = True
    live: Ranges = field(default_factory=Ranges)

    def range_of(self, first: str, last: str) -> tuple[int, int]:
        """Read a range and hold it to the space."""
        if len(first) != self.scheme.length or len(last) != self.scheme.length:
            raise WrongError(f"the numbers of space {self.name} have {self.scheme.length} digits")
        a, b = int(first), int(last)
        if a > b:
            raise WrongError(f"the range {first} to {last} ends before it starts")
        if a < self.first or b > self.last:
            raise WrongError(f"the range {first} to {last} leaves its space {self.name}")
        return a, b

    def take(self, first: int, last: int, seq: int) -> None:
        """Add a live range; one that shares a number with another breaks the rule that all this is about."""
        other = self.live.add(first, last, seq)
        if other is not None:
            raise WrongError(
                f"{self.scheme.format(first)} to {self.scheme.format(last)} overlaps "
                f"{self.scheme.format(other.first)} to {self.scheme.format(other.last)} of entry {other.seq}"
            )

    def check_usable(self, first: int, last: int, said: str) -> int:
        """Hold the count of usable numbers to what the scheme gives."""
        usable = self.scheme.count(first, last)
        if str(usable) != said:
            raise WrongError(f"usable is {said}, but {usable} numbers of the range pass the scheme's check")
        return usable


class Spaces:
    """Every space, by name."""

    def __init__(self) -> None:
        """Start with none."""
        self.by_name: dict[str, SpaceRecord] = {}
        self.by_number: list[SpaceRecord] = []

    def space_added(self, event: SpaceAdded) -> None:
        """Hold the scheme to be one, the name to be new and the range to be free of other spaces."""
        if event.space in self.by_name:
            raise WrongError(f"the space {event.space} is there already")
        try:
            scheme = NumberScheme(event.scheme, event.length, tuple(event.weights), event.modulus, event.remainder)
        except InvalidInputError as error:
            raise WrongError(f"the scheme is invalid: {error.field}: {error.message}") from error
        if {len(event.first), len(event.last)} != {event.length} or event.first > event.last:
            raise WrongError(f"{event.first} to {event.last} is not a range of numbers of {event.length} digits")
        first, last = int(event.first), int(event.last)
        for other in self.by_number:
            if other.scheme.length == event.length and other.first <= last and other.last >= first:
                raise WrongError(f"the space {event.space} overlaps the space {other.name}")
        space = SpaceRecord(event.space, len(self.by_number), event.environment, scheme, first, last, first)
        self.by_name[event.space] = space
        self.by_number.append(space)

    def default_set(self, event: SpaceDefaultSet) -> None:
        """The default of an environment is one of its spaces, and open."""
        space = self.known(event.space)
        if space.environment != event.environment or not space.is_open:
            raise WrongError(f"{space.name} is not an open space of {event.environment}")

    def closed(self, event: SpaceClosed | SpaceOpened) -> None:
        """Close a space that is open."""
        self._turn(event.space, is_open=False)

    def opened(self, event: SpaceClosed | SpaceOpened) -> None:
        """Open a space that is closed."""
        self._turn(event.space, is_open=True)

    def _turn(self, name: str, *, is_open: bool) -> None:
        space = self.known(name)
        if space.is_open is is_open:
            raise WrongError(f"the space {name} is {'open' if is_open else 'closed'} already")
        space.is_open = is_open

    def known(self, name: str) -> SpaceRecord:
        """Return a space that was opened before."""
        space = self.by_name.get(name)
        if space is None:
            raise WrongError(f"the space {name} was never added")
        return space
