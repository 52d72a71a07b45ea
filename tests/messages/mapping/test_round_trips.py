"""Generated letters of every version there and back: equal, or the difference is reported."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.messages.generator import ALL_VERSIONS, HARD, PLAIN, Generator
from tests.messages.letters import least

from npn.messages import Element, Interchange, Syntax, convert, read, versions
from npn.messages.conversion import Conversion
from npn.messages.mapping.losses import plain

IN_EDIFACT = tuple(name for name in ALL_VERSIONS if versions.version(name).edifact is not None)
XML_ONLY = tuple(name for name in ALL_VERSIONS if versions.version(name).edifact is None)


def same(one: Interchange, two: Interchange) -> bool:
    """Whether both hold the same letters."""
    return [plain(each.root) for each in one.letters] == [plain(each.root) for each in two.letters]


def there_and_back(made: Interchange, *, as_peer: bool) -> tuple[Conversion, Interchange]:
    """Write it as EDIFACT in spite of errors, and read that."""
    there = convert(made, Syntax.EDIFACT, force=True, as_peer=as_peer)
    assert there.data is not None
    return there, read(there.data, as_peer=as_peer)


def hold(name: str, lots: Random, *, as_peer: bool) -> None:
    """Nothing is lost unseen, and what came out of EDIFACT once goes there and back unchanged."""
    alphabet = lots.choice((PLAIN, HARD))
    made = Generator(versions.version(name), lots, alphabet=alphabet).document(lots.choice((1, 1, 2)))
    there, again = there_and_back(made, as_peer=as_peer)
    assert same(made, again) or there.losses or there.errors
    back = convert(again, Syntax.XML, force=True, as_peer=as_peer)
    assert back.data is not None
    third = read(back.data)
    assert [plain(each.root) for each in third.letters] == [plain(each.root) for each in again.letters]


@pytest.mark.parametrize("name", IN_EDIFACT)
def test_nothing_is_lost_unseen(name: str) -> None:
    for seed in range(16):
        hold(name, Random(seed), as_peer=False)


@pytest.mark.parametrize("name", IN_EDIFACT)
def test_nothing_is_lost_unseen_as_the_peer(name: str) -> None:
    for seed in range(6):
        hold(name, Random(seed), as_peer=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_EDIFACT)
def test_nothing_is_lost_unseen_in_thousands(name: str) -> None:
    for seed in range(1_000, 3_000):
        hold(name, Random(seed), as_peer=seed % 4 == 0)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(IN_EDIFACT))
def test_nothing_is_lost_unseen_in_what_hypothesis_finds(lots: Random, name: str) -> None:
    hold(name, lots, as_peer=False)


# The forms of 2005 are read as those of 2007, so they do not come back as themselves.
@pytest.mark.parametrize("name", [name for name in IN_EDIFACT if not name.endswith("2005")])
def test_what_edifact_carried_once_it_carries_again(name: str) -> None:
    for seed in range(6):
        made = Generator(versions.version(name), Random(seed), alphabet=PLAIN).document()
        _, first = there_and_back(made, as_peer=False)
        there, second = there_and_back(first, as_peer=False)
        assert same(first, second), there.losses


@pytest.mark.parametrize("name", XML_ONLY)
def test_a_version_without_edifact_says_so(name: str) -> None:
    made = convert(least(name), Syntax.EDIFACT)
    assert made.data is None
    assert [each.rule for each in made.errors] == ["mapping.no-form", "mapping.no-letter"]


def leaf_paths(version: str) -> set[tuple[str, ...]]:
    """Every path of a version at which a text can stand."""
    found: set[tuple[str, ...]] = set()

    def visit(kind: object, at: tuple[str, ...]) -> None:
        fields = getattr(kind, "fields", None)
        if not fields or getattr(kind, "mixed", False):
            found.add(at)
            return
        for field in fields.values():
            visit(field.type, (*at, field.name))

    visit(versions.version(version).root, ())
    return found


# What has no place in EDIFACT, from the mapping's own list; every other field must come back from a full letter.
NO_PLACE = {
    *("Collector", "RequisitionDateTime", "SamplingDateTimeType", "Relation", "MaterialTreatment", "RequisitionGroup"),
    *("Order", "ATCCCode", "ATCCCodeResponsible", "ATCCode", "ATCCodeResponsible", "StatisticalCode", "Consent"),
    *("Condyloma", "IUD", "Pregnant", "Headline"),
}


@pytest.mark.parametrize("name", [name for name in IN_EDIFACT if not name.endswith("2005")])
def test_every_field_comes_back_or_is_known_to_have_no_place(name: str) -> None:
    carried: set[tuple[str, ...]] = set()

    def visit(element: Element, at: tuple[str, ...]) -> None:
        carried.add(at)
        for child in element.children:
            visit(child, (*at, child.name))

    for seed in range(60):
        made = Generator(versions.version(name), Random(seed), alphabet=PLAIN).document()
        visit(there_and_back(made, as_peer=False)[1].letters[0].root, ())
    missing = {path for path in leaf_paths(name) if path not in carried and not NO_PLACE & set(path)}
    assert missing == set()
