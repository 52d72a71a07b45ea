"""The order in which `make test` takes the files."""

from pathlib import Path

import pytest

import longest_first

TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", longest_first.LONGEST)
def test_what_is_named_is_there(name: str) -> None:
    assert (TESTS / name).exists()


def test_what_takes_long_comes_first_and_the_tests_of_a_file_stay_in_their_order() -> None:
    class Named:
        def __init__(self, nodeid: str) -> None:
            self.nodeid = nodeid

    first, folder = longest_first.LONGEST[0], "tests/scenarios/test_reads.py"
    items = [
        Named("tests/api/test_health.py::test_b"),
        Named("tests/api/test_health.py::test_a"),
        Named(f"{folder}::test_z"),
        Named(f"tests/{first}::test_y"),
        Named(f"{folder}::test_x"),
    ]
    longest_first.sort(items)  # type: ignore[arg-type]  # their names are all that is asked
    assert [item.nodeid.rpartition("_")[2] for item in items] == ["y", "z", "x", "b", "a"]
