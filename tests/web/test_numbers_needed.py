"""How many numbers one needs: figures that agree with the simulator, any input answered, and asked within limits."""

import json
import re
import subprocess

import pytest

from npn.replenishment.needs import NumberNeeds, OwnSystem, run, verdict_of
from npn.replenishment.simulate import Pattern
from npn.web.pages.stock.numbers_needed import amount_of
from running import NPN
from web.conftest import town_in
from web.town import Town

PATH = "/numbers-needed"


def words(town: Town, language: str = "da", **asked: str) -> str:
    """Ask; return the page's words, each value on its own."""
    answer = town.browser(None, language=language).get(PATH, params=asked)
    assert answer.status_code == 200, asked
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town of this module's own: its limit is used up at the end."""
    with town_in(tmp_path_factory.mktemp("needs")) as town:
        yield town


def test_the_page_says_stock_point_and_draw_in_usable_numbers_and_in_series(place: Town) -> None:
    page = words(place, samples="350", pattern="constant")
    assert "64.050 brugbare numre; ca. 704.550 numre i nummerserier" in page  # 183 days
    assert "52.500 (til 150 dage)" in page
    assert "11.550 brugbare numre" in page
    assert "ca. hver 33. dag" in page
    assert "mindst 52.851" in page


def test_safety_is_added_to_the_samples(place: Town) -> None:
    assert "109.800 brugbare numre" in words(place, samples="400", safety="50")


@pytest.mark.parametrize(
    ("samples", "language", "stock"),
    [
        ("0,5", "da", "92 brugbare"),
        ("0.5", "da", "92 brugbare"),
        ("1.234,5", "da", "225.914 brugbare"),
        ("1,234.5", "en", "225,914 usable"),
        (" 1 000 ", "da", "183.000 brugbare"),
        ("1", "da", "183 brugbare"),
        ("1.000.000", "da", "183.000.000 brugbare"),
    ],
)
def test_numbers_are_read_as_they_are_written_in_the_language(
    place: Town, samples: str, language: str, stock: str
) -> None:
    assert stock in words(place, language, samples=samples)


def test_a_million_a_day_takes_several_draws_and_the_page_says_so(place: Town) -> None:
    page = words(place, samples="1000000", pattern="outbreak", outage="300")
    assert "Det kræver 19 træk til at begynde med: ét træk giver højst 10.000.000" in page
    assert "ca. hver 10. dag" in page


@pytest.mark.parametrize(
    "samples", ["", "0", "-3", "abc", "1e5", "1e999", "nan", "inf", "1000001", "1,2,3", "1.2.3", "٣"]
)
def test_nonsense_is_answered_beside_its_field(place: Town, samples: str) -> None:
    answer = place.browser(None, language="da").get(PATH, params={"samples": samples})
    assert answer.status_code == 422
    assert 'id="field-samples-error"' in answer.text
    assert 'id="answer"' not in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pattern", "evil"), ("safety", "301"), ("outage", "301"), ("outage", "1,5"), ("point", "5"), ("size", "5"),
        ("trigger", "x"), ("size", "0"), ("point", "9" * 19),
    ],
)  # fmt: skip
def test_what_else_can_be_wrong_is_said_beside_its_field(place: Town, name: str, value: str) -> None:
    answer = place.browser(None).get(PATH, params={"samples": "100", name: value})
    assert answer.status_code == 422
    assert "error" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_the_trap_of_a_system_that_draws_once_is_named_and_runs_dry(place: Town) -> None:
    caught = {"samples": "100", "pattern": "constant", "point": "5000", "size": "2000", "outage": "90"}
    page = words(place, trigger="crossing", **caught)
    assert "En fælde" in page
    assert "Beholdningen slipper op" in page
    assert "En fælde" not in words(place, trigger="level", **caught)


def test_the_page_says_what_npn_simulate_says(place: Town) -> None:
    options = ("--point", "5000", "--size", "2000", "--trigger", "crossing", "--away", "60:90", "--start", "7000")
    command = [NPN, "simulate", "--rate", "100", "--days", "365", "--json", *options]
    summary = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)["summary"]
    page = words(
        place, "en", samples="100", pattern="constant", outage="90", trigger="crossing", point="5000", size="2000"
    )
    missing, days = f"{summary['missing']:,}", summary["empty_days"]
    assert f"on day {summary['first_empty_day'] + 1}: {missing} numbers are missing on {days} days" in page


def test_an_outage_longer_than_the_stock_is_said_to_end_it(place: Town) -> None:
    assert "Beholdningen slipper op på dag" in words(place, samples="70", pattern="constant", outage="250")
    assert "Beholdningen slipper ikke op" in words(place, samples="70", pattern="constant", outage="120")


def test_the_page_is_linked_from_where_people_wonder(place: Town) -> None:
    for path in ("/", "/apply", "/docs"):
        assert f'href="{PATH}"' in place.browser(None).get(path).text


def test_one_address_can_not_ask_without_end(place: Town) -> None:
    browser = place.browser(None)
    statuses = [browser.get(PATH, params={"samples": "9"}).status_code for _ in range(40)]
    assert statuses[-1] == 429
    assert browser.get(PATH).status_code == 200  # the form itself costs nothing
    assert int(browser.get(PATH, params={"samples": "9"}).headers["retry-after"]) >= 1


# the arithmetic -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        (OwnSystem(5000, 99, "level"), "never_catches_up"),
        (OwnSystem(5000, 5000, "crossing"), "stuck_after_outage"),
        (OwnSystem(5000, 5100, "crossing"), "stuck_after_outage"),
        (OwnSystem(5000, 5101, "crossing"), "below_agreed_stock"),
        (OwnSystem(5000, 2000, "level"), "below_agreed_stock"),
        (OwnSystem(15000, 3300, "level"), "sound"),
        (OwnSystem(9000, 9300, "crossing"), "sound"),
    ],
)
def test_a_system_is_judged_by_its_point_and_its_draw(own: OwnSystem, verdict: str) -> None:
    assert verdict_of(NumberNeeds(100, 10_000_000), own) == verdict


@pytest.mark.parametrize("outage", [60, 120, 150])
@pytest.mark.parametrize(("rate", "pattern"), [(7, "constant"), (100, "weekday"), (4321.5, "winter")])
def test_a_draw_above_the_point_is_never_stuck_and_one_below_it_is(rate: float, pattern: Pattern, outage: int) -> None:
    needs = NumberNeeds(rate, 10_000_000, pattern)
    point = int(60 * rate)
    sound = OwnSystem(point, needs.lifting(point), "crossing")
    stuck = OwnSystem(point, int(20 * rate), "crossing")
    after = slice(60 + outage, 365)
    lifted = run(needs, outage_days=outage, own=sound).rows[after]
    assert any(row.drawn for row in lifted[20:])
    assert not any(row.drawn for row in run(needs, outage_days=outage, own=stuck).rows[after][20:])


def test_a_system_of_a_fixed_size_draws_once_a_night() -> None:
    rows = run(NumberNeeds(100, 10_000_000), outage_days=90, own=OwnSystem(5000, 300, "level")).rows
    assert {row.drawn for row in rows} == {0, 300}


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("336.962", "da", 336962), ("336.962", "en", 336.962), ("336,962", "da", 336.962), ("336,962", "en", 336962),
        ("1.5", "da", 1.5), ("1,5", "en", 1.5), ("1\N{NO-BREAK SPACE}000,5", "da", 1000.5), ("12.34.567", "da", None),
        ("", "da", None), (".5", "da", None), ("5.", "da", None), ("0" * 30, "da", None),
    ],
)  # fmt: skip
def test_a_number_is_read_in_one_way_or_not_at_all(text: str, language: str, value: float | None) -> None:
    assert amount_of(text, language) == value
