"""`npn admin init --scheme`, `npn admin space` and `npn admin system set-space`."""

import json

import pytest

from command import npn, one_line_error
from npn.config import Settings
from npn.errors import ConfigurationError, InvalidInputError
from npn.registry.first_spaces import Wish
from npn.wiring.assembly import build
from npn.wiring.setup import initialise

NPN14 = "14:2,7,6,5,4,3,2,7,6,5,4,3,2,1:11:0"


def test_the_scheme_is_chosen_once_and_said(settings: Settings) -> None:
    made = npn("admin", "init", "--scheme", "npn14", on=settings)
    assert made.status == 0, made.err
    assert f"10000000000000 to 89999999999999, scheme npn14 ({NPN14}). It never changes." in made.err + made.out
    for same in (("--scheme", NPN14), ("--production", "10000000000000-89999999999999")):
        again = npn("admin", "init", *same, on=settings)
        assert again.status == 0, again.err
    other = (
        ("--scheme", "npn10"),
        ("--scheme", "14:1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
        ("--test", "90000000000000-90000000000099"),
    )
    for wrong in other:
        refused = npn("admin", "init", *wrong, on=settings)
        assert (refused.status, "scheme_fixed" in one_line_error(refused)) == (2, True)
    lines = [json.loads(line) for line in npn("admin", "space", "list", "--json", on=settings).lines]
    assert {(line["name"], line["scheme"], line["default"], line["open"]) for line in lines} == {
        ("production", "npn14", True, True),
        ("test", "npn14", True, True),
    }


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("wish", "word"),
    [
        (Wish("npn11"), "unknown_scheme"),
        (Wish("5:1,1,1,1,1"), "length"),
        (Wish("6:1,1,1,1,1"), "weights"),
        (Wish(production="1000000000"), "production"),
        (Wish(production="2000000000-1000000000"), "production"),
        (Wish(production="100000000-899999999"), "10 digits"),
        (Wish(production="1000000000-9500000000"), "overlap"),
        (Wish("npn14", test="9000000000-9999999999"), "14 digits"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_made(settings: Settings, wish: Wish, word: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        initialise(settings, first=wish)
    assert word in f"{refused.value.message} {refused.value.code} {refused.value.field}"
    with pytest.raises(ConfigurationError):
        build(settings)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_spaces_are_added_by_scheme_made_the_default_closed_and_opened(settings: Settings) -> None:
    assert npn("admin", "init", on=settings).status == 0
    bounds = ("--first", "10000000000000", "--last", "89999999999999", "--environment", "production")
    for wrong in (
        (),
        ("--scheme", "npn10"),
        ("--length", "14"),
        ("--scheme", "npn10", "--length", "14", "--weights", "1 " * 14),
    ):
        assert npn("admin", "space", "add", "p14", *wrong, *bounds, on=settings).status == 2
    added = npn("admin", "space", "add", "p14", "--scheme", NPN14, *bounds, "--json", on=settings)
    assert (added.json["scheme"], added.json["default"]) == ("npn14", False)
    assert npn("admin", "space", "default", "p14", "--json", on=settings).json["default"] is True
    assert npn("admin", "space", "close", "production", "--json", on=settings).json["open"] is False
    assert npn("admin", "space", "default", "production", on=settings).status == 3
    assert npn("admin", "space", "open", "production", "--json", on=settings).json["open"] is True
    assert npn("admin", "space", "close", "mars", on=settings).status == 3


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_test_system_is_moved_and_a_production_system_takes_two(settings: Settings) -> None:
    assert npn("admin", "init", on=settings).status == 0
    for name, environment, first in (("p14", "production", 1), ("t14", "test", 9)):
        bounds = ("--first", f"{first}0000000000000", "--last", f"{first}0000000000999", "--environment", environment)
        assert npn("admin", "space", "add", name, "--scheme", "npn14", *bounds, on=settings).status == 0
        made = ("--vendor", "V", "--owner", "O", "--environment", environment)
        assert npn("admin", "system", "add", environment, *made, on=settings).status == 0
    moved = npn("admin", "system", "set-space", "test", "t14", "--json", on=settings)
    assert moved.json == {"system": "test", "space": "t14"}
    refused = npn("admin", "system", "set-space", "production", "p14", on=settings)
    assert (refused.status, "two_people_needed" in one_line_error(refused)) == (3, True)
    assert "--as" in refused.err
    assert npn("admin", "system", "show", "production", "--json", on=settings).json["space"] is None
