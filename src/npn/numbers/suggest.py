"""Which number was meant: the usable numbers one human mistake away from a mistyped one, most likely first.

Ranking. J. Verhoeff, *Error Detecting Decimal Codes* (Mathematical Centre Tracts 29, Amsterdam 1969), sorted
the errors people make in decimal numbers: one wrong digit 79 %, two neighbours swapped 10.2 %, a jump swap
(abc to cba) 0.8 %, a twin (aa to bb) 0.5 %; digits left out or added 10 to 20 % in other material. What ranks
a candidate is how likely *that one* number would have become what was typed, so each share is divided by the
ways in which such a mistake can happen to a number: of L digits, 9L for a wrong digit, 0.9(L - 1) for a swap,
0.9(L - 2) for a jump swap and 0.9(L - 1) for a twin. For every length from 6 to 18 that orders them: swap,
digit, jump swap, twin. Among wrong digits the neighbours on a number pad come first; among dropped digits
those that can be dropped in most ways, that is, out of the longest run of equal digits. What is left is in
ascending order.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from npn.errors import InvalidInputError, codes
from npn.numbers.check import compact
from npn.numbers.digits import is_digits
from npn.numbers.quoting import quoted
from npn.numbers.scheme import NPN10, NumberScheme

Mistake = Literal["swap", "digit", "jump_swap", "twin", "dropped", "doubled"]

_DIGITS = "0123456789"
_TOUCHING = {  # keys that touch on a number pad, also at a corner; 0 lies under 1 and 2
    "0": "12",
    "1": "0245",
    "2": "013456",
    "3": "256",
    "4": "12578",
    "5": "12346789",
    "6": "23589",
    "7": "458",
    "8": "45679",
    "9": "568",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A usable number, and the one mistake by which it would have been typed as it was.

    swap       two neighbouring digits changed places
    digit      one digit was typed as another
    jump_swap  two digits on either side of a third changed places
    twin       two equal neighbours were both typed as another digit
    dropped    one digit was left out
    doubled    one digit was typed twice
    """

    number: int
    mistake: Mistake


def suggestions(
    text: str, scheme: NumberScheme = NPN10, *, ranges: Sequence[tuple[int, int]] | None = None
) -> list[Suggestion]:
    """Return the usable numbers one mistake away from `text`, most likely first, each once, not itself.

    text    spaces and hyphens are ignored; one digit too few or too many is allowed
    ranges  first and last of ranges of numbers known to be in use: what lies in one of them comes first
    Raises InvalidInputError `not_a_number` for anything else than digits, or another length.

    >>> [(found.number, found.mistake) for found in suggestions("1000000051")]
    [(1000000015, 'swap'), ...]
    """
    typed = _typed(text, scheme)
    texts = {typed}
    results: list[Suggestion] = []
    for mistake, candidate in _candidates(typed, scheme.length):
        if candidate not in texts:
            texts.add(candidate)
            number = int(candidate)
            if scheme.is_usable(number):
                results.append(Suggestion(number, mistake))
    if ranges is not None:
        results.sort(key=lambda one: not any(first <= one.number <= last for first, last in ranges))
    return results


def _typed(text: str, scheme: NumberScheme) -> str:
    """Return the digits that were typed, at most one too few or too many."""
    typed = compact(text)
    if is_digits(typed) and abs(len(typed) - scheme.length) <= 1:
        return typed
    raise InvalidInputError(
        f"{quoted(text)} is not a sample number, nor one mistake away from one",
        code=codes.NOT_A_NUMBER,
        field="number",
        hint=f"a sample number is {scheme.length} digits; one too few or too many can still be mended",
    )


def _candidates(typed: str, length: int) -> Iterator[tuple[Mistake, str]]:
    """Yield every text that one mistake turns into `typed`, in the order of the ranking."""
    if len(typed) < length:
        yield from (("dropped", text) for text in _ranked(_with_a_digit_more(typed)))
    elif len(typed) > length:
        yield from (("doubled", text) for text in _ranked(_with_a_twin_less(typed)))
    else:
        yield from (("swap", text) for text in sorted(_swapped(typed, 1)))
        yield from (("digit", text) for text in sorted(_with_another_digit(typed, touching=True)))
        yield from (("digit", text) for text in sorted(_with_another_digit(typed, touching=False)))
        yield from (("jump_swap", text) for text in sorted(_swapped(typed, 2)))
        yield from (("twin", text) for text in sorted(_with_another_twin(typed)))


def _ranked(texts: Iterator[str]) -> list[str]:
    """Put what can come about in most ways first, then in ascending order."""
    ways = Counter(texts)
    return sorted(ways, key=lambda text: (-ways[text], text))


def _swapped(typed: str, distance: int) -> Iterator[str]:
    for left in range(len(typed) - distance):
        right = left + distance
        yield typed[:left] + typed[right] + typed[left + 1 : right] + typed[left] + typed[right + 1 :]


def _with_another_digit(typed: str, *, touching: bool) -> Iterator[str]:
    for place, digit in enumerate(typed):
        for other in _DIGITS:
            if other != digit and (other in _TOUCHING[digit]) is touching:
                yield typed[:place] + other + typed[place + 1 :]


def _with_another_twin(typed: str) -> Iterator[str]:
    for place, digit in enumerate(typed[:-1]):
        if digit == typed[place + 1]:
            yield from (typed[:place] + 2 * other + typed[place + 2 :] for other in _DIGITS if other != digit)


def _with_a_digit_more(typed: str) -> Iterator[str]:
    for place in range(len(typed) + 1):
        yield from (typed[:place] + digit + typed[place:] for digit in _DIGITS)


def _with_a_twin_less(typed: str) -> Iterator[str]:
    for place, digit in enumerate(typed[:-1]):
        if digit == typed[place + 1]:
            yield typed[:place] + typed[place + 1 :]
