"""Charts: well-formed, escaped, named in words, every value and label within the drawing, with a country's figures."""

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import npn.web
from npn.web.chart_frame import NARROW, WIDE
from npn.web.charts import Bar, Stack, Threshold, TimedValue, columns, line, share, stacked
from npn.web.charts_ahead import CoverBar, SpaceOutlook, VendorPlan, covers, projection, timeline
from npn.web.texts import texts

START = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = date(2026, 11, 30)
HOSTILE = "\"><script>&'"
VALUES = st.floats(0, 10**18)
DA = texts("da")
CSS = (Path(npn.web.__file__).parent / "static" / "npn.css").read_text("utf-8")


def drawn(markup: str) -> list[etree._Element]:
    """Return the drawings, for each screen; nothing of them leaves the drawing, and each says what it shows."""
    box = etree.fromstring(f"<x>{markup}</x>".encode())
    roots = [root for root in box.iter("svg") if root.get("role") == "img"]
    for root in roots:
        assert root.get("aria-label")
        assert root.find("title") is not None
        assert root.find("desc") is not None
        _, _, width, height = map(float, root.get("viewBox", "").split())
        size = 0.0 if width == 720 else (NARROW if width == NARROW.width else WIDE).size
        for each in root.iter():
            for name, most in (
                ("x", width),
                ("x1", width),
                ("x2", width),
                ("y", height),
                ("y1", height),
                ("y2", height),
            ):
                assert -0.1 <= float(each.get(name, 0)) <= most + 0.1, (each.tag, name, each.get(name))
            if each.tag == "text":
                assert_fits(each, width, size)
    return roots


def assert_fits(text: etree._Element, width: float, size: float) -> None:
    """Hold a label to the drawing, in a font whose digits are as wide as those of DejaVu Sans."""
    long = sum(0.36 if c in " .,:;()ijltfrI-" else 0.64 for c in text.text or "") * size
    x = float(text.get("x", 0))
    left = {"start": x, "middle": x - long / 2, "end": x - long}[text.get("text-anchor", "start")]
    assert left >= -2, (text.text, left)
    assert left + long <= width + 2 or HOSTILE in (text.text or ""), (text.text, left + long)


@given(st.lists(VALUES, max_size=60))
def test_columns_stay_within_the_drawing(values: list[float]) -> None:
    bars = [Bar("x", value) for value in values]
    for root in drawn(columns(DA, bars, title=HOSTILE, summary=HOSTILE)):
        assert len(root.findall("rect[@class='c-bar']")) == len(values)
        assert root.find("script") is None


@given(st.lists(VALUES, min_size=1, max_size=60), VALUES)
def test_a_line_stays_within_the_drawing(values: list[float], rule: float) -> None:
    points = [TimedValue(START + timedelta(days=n), value) for n, value in enumerate(values)]
    for root in drawn(line(texts("en"), points, title="t", summary="s", rules=(Threshold(rule, "six months"),))):
        shown = root.find("polyline")
        assert shown is not None
        places = [tuple(map(float, place.split(","))) for place in shown.get("points", "").split()]
        assert len(places) == len(values) == len(root.findall("circle"))
        assert places == sorted(places, key=lambda place: place[0])
        assert all(circle.find("title") is not None for circle in root.findall("circle"))


@given(st.floats(-1, 2))
def test_a_share_is_never_more_than_the_whole(part: float) -> None:
    (root,) = drawn(share(part, title="t", summary="s"))
    whole, used = root.findall("rect")
    assert 0 <= float(used.get("width", "")) <= float(whole.get("width", ""))


@pytest.mark.parametrize(
    ("highest", "label"),
    [
        (3_113_896.0, "4 mio."),
        (35_400_000.0, "40 mio."),
        (100_000_000.0, "100 mio."),
        (1_180_000_000.0, "2 mia."),
        (8_999_999_999.0, "10 mia."),
        (999_999.0, "1 mio."),
        (9_999.0, "10.000"),
        (0.0, "4"),
        (1.0, "1"),
    ],
)
def test_the_axis_ends_with_a_round_figure_above_the_highest_and_its_labels_have_room(
    highest: float, label: str
) -> None:
    for root in drawn(columns(DA, [Bar("nov. 26", highest)], title="t", summary="s")):
        assert label in [each.text for each in root.findall("text")]


def test_a_month_that_is_not_over_is_hatched_and_each_column_says_its_figure() -> None:
    bars = [Bar(f"m{n}", 35_400_000.0, f"måned {n}: 35.400.000", n == 12) for n in range(13)]
    for root in drawn(columns(DA, bars, title="t", summary="s")):
        (partial,) = root.findall("rect[@class='c-hatched']")
        pattern = re.fullmatch(r"url\(#(.+)\)", partial.get("fill", ""))
        assert pattern is not None
        assert [each.get("id") for each in root.iter("pattern")] == [pattern[1]]
        assert "35.400.000" in partial.findtext("title", "")
        assert "m12" in [each.text for each in root.findall("text")]


def test_an_axis_of_time_names_its_months_without_one_upon_the_other() -> None:
    points = [TimedValue(START + timedelta(days=n), 100.0) for n in range(0, 300, 10)]
    for root in drawn(line(DA, points, title="t", summary="s")):
        months = [each for each in root.findall("text") if "26" in (each.text or "")]
        assert len(months) >= 2
        places = [float(each.get("x", 0)) for each in months]
        assert min(b - a for a, b in itertools.pairwise(places)) > 55


OUTLOOKS = {
    "a country": (8_000_000_000.0, date(2045, 6, 1), date(2043, 1, 1), date(2049, 1, 1)),
    "no upper bound": (8_000_000_000.0, date(2045, 6, 1), date(2031, 1, 1), None),
    "a range without end": (8e9, date(2045, 6, 1), date(2030, 1, 1), date(9000, 1, 1)),
    "nothing is drawn": (727_272_728.0, None, None, None),
    "too little to tell": (727_272_728.0, date(2090, 1, 1), None, None),
    "beyond the horizon": (7e8, None, date(9500, 1, 1), None),
    "it ends today": (0.0, TODAY, TODAY, TODAY),
    "tomorrow": (5.0, TODAY + timedelta(days=1), TODAY, TODAY + timedelta(days=3)),
    "in thousands of years": (7e8, date(8000, 1, 1), date(6000, 1, 1), date(9999, 12, 31)),
}


@pytest.mark.parametrize("case", OUTLOOKS)
def test_a_space_is_drawn_to_its_end_with_its_range(case: str) -> None:
    left, ends, earliest, latest = OUTLOOKS[case]
    past = [(date(2025, 12, 1), left + 4e8), (date(2026, 6, 1), left + 1e8), (TODAY, left)]
    for outlook in (SpaceOutlook(past, ends, earliest, latest), SpaceOutlook(past[-1:], ends, earliest, latest)):
        for root in drawn(projection(DA, outlook, title=HOSTILE, summary="s")):
            assert (root.find("polygon") is not None) == (earliest is not None)
            ahead = [p for p in root.findall("polyline") if p.get("class") == "c-ahead"]
            _, end = ahead[0].get("points", "").split()
            foot = float(root.get("viewBox", "").split()[3]) - NARROW.bottom
            if ends is not None:
                assert abs(float(end.split(",")[1]) - foot) < 1, "the projection ends at zero"
            assert len([t for t in root.findall("text") if re.fullmatch(r"\d{4}|.*2[5-9]", t.text or "")]) >= 1


@given(st.lists(st.tuples(st.floats(0, 1e9), st.booleans()), min_size=1, max_size=350))
def test_every_systems_cover_stands_against_the_rule_the_shortest_first(found: list[tuple[float, bool]]) -> None:
    bars = [CoverBar(f"System {n}", days, estimate) for n, (days, estimate) in enumerate(found)]
    for root in drawn(covers(DA, bars, rule=183, title="t", summary="s")):
        shown = [each for each in root.findall("rect") if each.find("title") is not None]
        assert len(shown) == min(len(bars), 300)
        heights = [float(each.get("height", 0)) for each in shown]
        assert heights == sorted(heights)
        assert all(("skønnet" in each.findtext("title", "")) == (each.get("class") == "c-hatched") for each in shown)
        assert root.find("line[@class='c-rule']") is not None


def test_who_is_late_is_told_apart_by_shape_and_word() -> None:
    rows = [
        VendorPlan("CGI", TODAY + timedelta(days=60), TODAY + timedelta(days=90)),
        VendorPlan("Et firma med et langt navn A/S", TODAY + timedelta(days=700), TODAY + timedelta(days=900)),
        VendorPlan("I dag", TODAY, TODAY),
    ]
    proposed = TODAY + timedelta(days=270)
    for root in drawn(timeline(DA, rows, notice=TODAY, proposed=proposed, title="t", summary="s")):
        assert len(root.findall("g")) == 3
        assert len(list(root.iter("path"))) == 3
        assert len([p for p in root.iter("path") if p.get("class") == "c-late"]) == 1
        assert "for sent" in "".join(root.itertext())


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_neighbours_differ_by_three_to_one_in_both_schemes(scheme: str) -> None:
    dark = CSS.index("@media (prefers-color-scheme: dark)")
    block = CSS[:dark] if scheme == "light" else CSS[dark : CSS.index("\n}\n", dark)]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    parts = [re.search(rf"\.c-part-{n} {{ fill: var\(--([a-z-]+)\)", CSS) for n in (1, 2, 3)]
    one, two, three = (colours[part[1]] for part in parts if part)
    assert contrast(one, two) >= 3
    assert contrast(two, three) >= 3
    assert contrast(three, colours["page"]) >= 3  # the mark on the third, which may stand upon the first
    assert contrast(colours["accent"], colours["page"]) >= 3  # the hatching


def test_parts_have_a_key_and_say_their_figures() -> None:
    names = ["Ukrypteret HTTP", "TLS med nøgle", "TLS med certifikat"]
    stacks = [Stack(f"uge {n}", (118_000.0, 0.0, 1_180_000.0)) for n in range(13)]
    markup = stacked(DA, stacks, names, title="t", summary="s")
    assert markup.count("<li>") == 3
    for root in drawn(markup):
        titles = [each.text for each in root.iter("title")]
        assert "uge 3, TLS med certifikat: 1.180.000" in titles
        assert len(root.findall("circle")) == 13
