"""Computes which human errors each check finds, and writes the table in docs/numbers.md; --check compares.

Exact, not sampled: every check here reads a number digit by digit and keeps a state, so the numbers that pass
it, and the pairs of a number and its mistyped form that both pass, are counted state by state. The states of
the other checks are found by asking python-stdnum for the checksum of what has been read so far.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from stdnum import damm, luhn, verhoeff
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_37_2, mod_97_10

from npn.numbers.scheme import NPN10

PAGE = Path(__file__).resolve().parent.parent / "docs" / "numbers.md"
BEGIN, END = "<!-- detection: begin -->", "<!-- detection: end -->"
HEAD = (
    "| check, ten digits | numbers that pass "
    "| one digit | neighbours | any swap | jump swap | twin | jump twin |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
)
Table = NDArray[np.int64]
WRONG = [(right, wrong) for right in range(10) for wrong in range(10) if right != wrong]


@dataclass(frozen=True)
class Check:
    """A check as an automaton over the digits, in the order in which it reads them.

    steps     for each position, for each digit: the state that each state becomes
    start     the state before the first digit
    accepted  the state after the last digit in which the number passes
    """

    name: str
    steps: list[list[Table]]
    start: int
    accepted: int


@dataclass(frozen=True)
class Share:
    """How many errors of a kind were possible, over all numbers that pass, and how many of them pass too."""

    missed: int
    possible: int

    def __add__(self, other: "Share") -> "Share":
        """Put two positions together."""
        return Share(self.missed + other.missed, self.possible + other.possible)

    def __str__(self) -> str:
        """Return the share found in percent; 100 only where none is missed."""
        return "100 %" if not self.missed else f"{min(100 - 100 * self.missed / self.possible, 99.9):.1f} %"


def weighted(name: str, weights: Sequence[int], modulus: int = 11) -> Check:
    """Make the automaton of a weighted sum that must leave 0."""
    states = np.arange(modulus)
    return Check(name, [[(states + weight * digit) % modulus for digit in range(10)] for weight in weights], 0, 0)


def learnt(
    name: str, checksum: Callable[[str], int], *, accepted: int, length: int = 10, leftwards: bool = False
) -> Check:
    """Make the automaton of a check by asking for the checksum of one text for every state reached so far."""
    start = checksum("0" * length) if checksum is mod_97_10.checksum else checksum("")
    reached, steps, size = {start: ""}, [], 97
    for _ in range(length):
        step = [np.zeros(size, dtype=np.int64) for _ in range(10)]
        following: dict[int, str] = {}
        for state, text in reached.items():
            for digit in range(10):
                longer = f"{digit}{text}" if leftwards else f"{text}{digit}"
                step[digit][state] = checksum(longer)
                following[checksum(longer)] = longer
        reached = following
        steps.append(step)
    states = int(max(tables.max() for step in steps for tables in step)) + 1
    return Check(name, [[table[: max(states, start + 1)] for table in step] for step in steps], start, accepted)


def checks(length: int = 10) -> Iterator[Check]:
    """Yield ours, two other sets of weights, and what python-stdnum has, all for numbers of digits only."""
    yield weighted("**modulus 11, 4 3 2 7 6 5 4 3 2 1 (`npn10`)**", NPN10.weights[10 - length :])
    yield weighted("modulus 11, 10 9 8 7 6 5 4 3 2 1", range(length, 0, -1))
    yield weighted("modulus 11, 6 3 7 9 10 5 8 4 2 1 (powers of 2)", [2**k % 11 for k in range(length)][::-1])
    yield learnt("Luhn", luhn.checksum, accepted=0, length=length, leftwards=True)
    yield learnt("Damm", damm.checksum, accepted=0, length=length)
    yield learnt("Verhoeff", verhoeff.checksum, accepted=0, length=length, leftwards=True)
    yield learnt("ISO 7064 MOD 11,10", mod_11_10.checksum, accepted=1, length=length)
    yield learnt("ISO 7064 MOD 11-2", mod_11_2.checksum, accepted=1, length=length)
    yield learnt("ISO 7064 MOD 37-2", mod_37_2.checksum, accepted=1, length=length)
    yield learnt("ISO 7064 MOD 97-10", mod_97_10.checksum, accepted=1, length=length)


class Counts:
    """What is counted once for a check.

    before[k][s]      how many beginnings of k digits lead to state s
    after[k][s]       how many endings from position k on let state s pass
    both[k][s, t]     how many endings from position k on let both s and t pass
    """

    def __init__(self, check: Check) -> None:
        """Count forwards and backwards."""
        self.check = check
        size = len(check.steps[0][0])
        begun = np.zeros(size, dtype=np.int64)
        begun[check.start] = 1
        self.before = [begun]
        for step in check.steps:
            begun = sum((np.bincount(t, begun, size).astype(np.int64) for t in step), np.zeros(size, np.int64))
            self.before.append(begun)
        passing = np.zeros(size, dtype=np.int64)
        passing[check.accepted] = 1
        self.after, self.both = [passing], [np.outer(passing, passing)]
        for step in reversed(check.steps):
            self.after.insert(0, np.sum([self.after[0][t] for t in step], axis=0))
            self.both.insert(0, np.sum([self.both[0][np.ix_(t, t)] for t in step], axis=0))

    @property
    def passing(self) -> int:
        """How many numbers pass."""
        return int(self.after[0][self.check.start])

    def one_digit(self) -> Share:
        """One digit read as another, at any position."""
        share = Share(0, 0)
        for place, step in enumerate(self.check.steps):
            begun, both, after = self.before[place], self.both[place + 1], self.after[place + 1]
            missed = sum(int(begun @ both[step[right], step[wrong]]) for right, wrong in WRONG)
            share += Share(missed, sum(int(begun @ after[step[right]]) for right, _ in WRONG))
        return share

    def two_digits(self, *, twin: bool, furthest: int, nearest: int = 1) -> Share:
        """Two digits at these distances: both a read as b (a twin), or a and b in each other's place."""
        share = Share(0, 0)
        for right in range(len(self.check.steps)):
            for distance, one in self._two_digits(right, twin=twin):
                if nearest <= distance <= furthest:
                    share += one
                if distance == furthest:
                    break
        return share

    def _two_digits(self, place: int, *, twin: bool) -> Iterator[tuple[int, Share]]:
        """Yield the share for the second digit at `place` and the first one ever further from it."""
        steps = self.check.steps
        second = WRONG if twin else [(wrong, right) for right, wrong in WRONG]
        both = np.stack([self.both[place + 1][np.ix_(steps[place][a], steps[place][b])] for a, b in second])
        after = np.stack([self.after[place + 1][steps[place][a]] for a, _ in second])
        for first in range(place - 1, -1, -1):
            begun, step = self.before[first], steps[first]
            missed = sum(int(begun @ both[i][step[a], step[b]]) for i, (a, b) in enumerate(WRONG))
            possible = sum(int(begun @ after[i][step[a]]) for i, (a, _) in enumerate(WRONG))
            yield place - first, Share(missed, possible)
            both = np.sum([both[:, t][:, :, t] for t in step], axis=0)
            after = np.sum([after[:, t] for t in step], axis=0)


def shares(check: Check) -> dict[str, Share]:
    """Return the share of each kind of error that the check finds."""
    counts = Counts(check)
    return {
        "one digit": counts.one_digit(),
        "neighbours": counts.two_digits(twin=False, furthest=1),
        "any swap": counts.two_digits(twin=False, furthest=len(check.steps)),
        "jump swap": counts.two_digits(twin=False, furthest=2, nearest=2),
        "twin": counts.two_digits(twin=True, furthest=1),
        "jump twin": counts.two_digits(twin=True, furthest=2, nearest=2),
    }


def table() -> str:
    """Write the table."""
    rows = []
    for check in checks():
        share = 100 * Counts(check).passing / 10 ** len(check.steps)
        rows.append(" | ".join([f"| {check.name}", f"{share:.2f} %", *map(str, shares(check).values())]) + " |\n")
    return HEAD + "".join(rows)


def main() -> int:
    """Write, or compare."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n{table()}{END}{after}"
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(wanted, "utf-8")
    elif page != wanted:
        print(f"the table in {PAGE.name} is out of date: run `make docs`")
        return 1
    else:
        print("the table of detected errors is as computed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
