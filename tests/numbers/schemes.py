"""Random schemes and ranges, the degenerate ones included, and the check done the slow, obvious way."""

from collections.abc import Iterator

from hypothesis import strategies as st

from npn.numbers.scheme import LONGEST, SHORTEST, NumberScheme


@st.composite
def schemes(
    draw: st.DrawFn, *, shortest: int = SHORTEST, longest: int = LONGEST, largest_modulus: int = 130
) -> NumberScheme:
    length = draw(st.integers(shortest, longest))
    modulus = draw(st.one_of(st.sampled_from([2, 7, 9, 10, 11, 37, 97]), st.integers(2, largest_modulus)))
    weight = st.one_of(st.integers(-20, 20), st.sampled_from([0, modulus, -modulus, 1]))
    weights = draw(st.lists(weight, min_size=length, max_size=length))
    if draw(st.integers(0, 9)) == 0:
        weights = [0] * length
    return NumberScheme("drawn", length, tuple(weights), modulus, draw(st.integers(0, modulus - 1)))


@st.composite
def windows(draw: st.DrawFn, scheme: NumberScheme, *, widest: int = 3_000) -> tuple[int, int]:
    """Draw a range that brute force can walk; carries over many nines come up often."""
    centre = draw(
        st.one_of(
            st.integers(scheme.lowest, scheme.highest),
            st.integers(1, scheme.length).map(lambda digits: 10**digits),
            st.sampled_from([scheme.lowest, scheme.highest]),
        )
    )
    first = max(scheme.lowest, min(centre - draw(st.integers(0, widest // 2)), scheme.highest))
    return first, min(first + draw(st.integers(0, widest)), scheme.highest)


def passes(scheme: NumberScheme, number: int) -> bool:
    """Weigh and add the digits as the definition says, without the package's arithmetic."""
    digits = str(number).zfill(scheme.length)
    total = sum(weight * int(digit) for weight, digit in zip(scheme.weights, digits, strict=True))
    return total % scheme.modulus == scheme.remainder


def walked(scheme: NumberScheme, first: int, last: int) -> Iterator[int]:
    return (number for number in range(first, last + 1) if passes(scheme, number))
