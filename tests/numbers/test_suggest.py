"""Suggestions are all usable numbers one mistake away and nothing else, the likeliest first."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.numbers.schemes import passes, schemes

from npn.errors import InvalidInputError
from npn.numbers import suggest
from npn.numbers.scheme import NPN10, NumberScheme
from npn.numbers.suggest import Suggestion, suggestions

ORDER = ["swap", "digit", "jump_swap", "twin", "dropped", "doubled"]


def mistyped(number: str) -> Iterator[tuple[str, str]]:
    """Every way to mistype a number by one mistake, made forwards, from the right number to the wrong one."""
    for i in range(len(number)):
        before, digit, after = number[:i], number[i], number[i + 1 :]
        yield "dropped", before + after
        yield "doubled", before + digit + digit + after
        yield from (("digit", before + other + after) for other in "0123456789" if other != digit)
        if after:
            yield "swap", before + after[0] + digit + after[1:]
        if len(after) > 1:
            yield "jump_swap", before + after[1] + after[0] + digit + after[2:]
        if after and digit == after[0]:
            yield from (("twin", before + other * 2 + after[1:]) for other in "0123456789" if other != digit)


@given(st.data())
def test_every_single_mistake_leads_back_to_the_number(data: st.DataObject) -> None:
    scheme = data.draw(schemes(longest=12))
    number = scheme.next(data.draw(st.integers(scheme.lowest, scheme.highest)))
    if number is None:
        return
    right = scheme.format(number)
    for mistake, typed in mistyped(right):
        if typed == right:
            continue
        found = {one.number: one.mistake for one in suggestions(typed, scheme)}
        assert number in found, (typed, mistake)
        assert ORDER.index(found[number]) <= ORDER.index(mistake)


@given(st.data())
def test_every_suggestion_is_usable_and_one_such_mistake_away(data: st.DataObject) -> None:
    scheme = data.draw(schemes(longest=12))
    length = scheme.length + data.draw(st.sampled_from([-1, 0, 1]))
    typed = data.draw(st.text("0123456789", min_size=length, max_size=length))
    found = suggestions(typed, scheme)
    assert len({one.number for one in found}) == len(found)
    for one in found:
        assert passes(scheme, one.number)
        assert scheme.format(one.number) != typed
        assert (one.mistake, typed) in set(mistyped(scheme.format(one.number)))
    ranks = [ORDER.index(one.mistake) for one in found]
    assert ranks == sorted(ranks)


def test_the_swap_comes_before_the_wrong_digit_and_near_keys_before_far_ones() -> None:
    found = suggestions("1000000051")
    assert found[0] == Suggestion(1000000015, "swap")
    digits = [NPN10.format(one.number) for one in found if one.mistake == "digit"]
    near = [
        any(a != b and a in suggest._TOUCHING[b] for a, b in zip(number, "1000000051", strict=True))
        for number in digits
    ]
    assert near == sorted(near, reverse=True)
    assert True in near
    assert False in near


def test_keys_touch_each_other_both_ways() -> None:
    for key, others in suggest._TOUCHING.items():
        assert all(key in suggest._TOUCHING[other] for other in others)


def test_a_dropped_digit_of_a_run_comes_first() -> None:
    everything = NumberScheme("everything", 6, (0,) * 6)
    assert suggestions("12333", everything)[0] == Suggestion(123333, "dropped")


def test_numbers_in_the_given_ranges_come_first_in_the_same_order() -> None:
    plain = suggestions("1000000051")
    ranged = suggestions("1000000051", ranges=[(1_090_000_000, 1_099_999_999), (1_600_000_000, 1_700_000_000)])
    inside = [one for one in plain if 1_090_000_000 <= one.number < 1_100_000_000 or one.number >= 1_600_000_000]
    inside = [one for one in inside if one.number <= 1_700_000_000]
    assert len(inside) == 2
    assert ranged == inside + [one for one in plain if one not in inside]


@pytest.mark.parametrize("text", ["", "12345678", "123456789012", "100000001x", "³²", "1" * 400, "\u200f1000000015"])
def test_what_is_more_than_one_mistake_from_a_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        suggestions(text)
    assert (refused.value.code, refused.value.field) == ("not_a_number", "number")
    assert refused.value.message.isascii()


def test_spaces_and_hyphens_are_no_mistake() -> None:
    assert suggestions("1000 000-051") == suggestions("1000000051")
