"""The numpy arrays hold what the pure path yields."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import schemes, walked, windows

from npn.errors import InvalidInputError
from npn.numbers.arrays import usable_array
from npn.numbers.scheme import NPN10


@given(st.data())
def test_the_array_equals_brute_force_over_random_schemes_and_ranges(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    first, last = data.draw(windows(scheme))
    found = usable_array(scheme, first, last)
    assert found.dtype == np.int64
    assert found.tolist() == list(walked(scheme, first, last))


def test_a_long_array_equals_the_pure_enumeration() -> None:
    first, last = 1_234_567_891, 1_250_000_000
    assert usable_array(NPN10, first, last).tolist() == list(NPN10.usable(first, last))


def test_a_given_array_is_filled_from_its_start() -> None:
    out = np.zeros(100, dtype=np.int64)
    found = usable_array(NPN10, 1_000_000_000, 1_000_000_030, out=out)
    assert found.base is out
    assert out[:4].tolist() == [1000000007, 1000000015, 1000000023, 0]


def test_a_given_array_that_does_not_fit_is_refused() -> None:
    for out in (np.zeros(2, np.int64), np.zeros(9, np.int32), np.zeros((9, 9), np.int64)):
        with pytest.raises(InvalidInputError) as refused:
            usable_array(NPN10, 1_000_000_000, 1_000_000_030, out=out)  # type: ignore[arg-type]  # on purpose
        assert refused.value.field == "out"


def test_an_empty_range_gives_an_empty_array() -> None:
    assert usable_array(NPN10, 9, 3).tolist() == []
    assert usable_array(NPN10, 10**10, 10**12).tolist() == []
