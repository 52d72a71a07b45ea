"""Charts: well-formed, escaped, named in words, and every value within the drawing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from npn.web.charts import Bar, Threshold, TimedValue, columns, line, share
from npn.web.texts import texts

START = datetime(2026, 1, 1, tzinfo=UTC)
HOSTILE = "\"><script>&'"
VALUES = st.floats(0, 10**18)


def drawn(markup: str) -> etree._Element:
    root = etree.fromstring(f'<x xmlns:svg="s">{markup}</x>'.encode())[0]
    assert root.get("role") == "img"
    assert root.get("aria-label")
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for each in root.iter():
        for name, most in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height), ("y2", height)):
            assert 0 <= float(each.get(name, 0)) <= most
    return root


@given(st.lists(VALUES, max_size=60))
def test_columns_stay_within_the_drawing(values: list[float]) -> None:
    bars = [Bar(HOSTILE, value) for value in values]
    root = drawn(columns(texts("da"), bars, title=HOSTILE, summary=HOSTILE))
    assert len(root.findall("rect[@class='c-bar']")) == len(values)
    assert root.find("script") is None


@given(st.lists(VALUES, min_size=1, max_size=60), VALUES)
def test_a_line_stays_within_the_drawing(values: list[float], rule: float) -> None:
    points = [TimedValue(START + timedelta(days=n), value) for n, value in enumerate(values)]
    root = drawn(line(texts("en"), points, title="t", summary="s", rules=(Threshold(rule, HOSTILE),)))
    shown = root.find("polyline")
    assert shown is not None
    places = [tuple(map(float, place.split(","))) for place in shown.get("points", "").split()]
    assert len(places) == len(values)
    assert all(0 <= x <= 720 and 0 <= y <= 260 for x, y in places)
    assert places == sorted(places, key=lambda place: place[0])


@given(st.floats(-1, 2))
def test_a_share_is_never_more_than_the_whole(part: float) -> None:
    whole, used = drawn(share(part, title="t", summary="s")).findall("rect")
    assert 0 <= float(used.get("width", "")) <= float(whole.get("width", ""))


def test_the_axis_ends_with_a_round_figure_above_the_highest() -> None:
    root = drawn(columns(texts("da"), [Bar("a", 3_113_896.0)], title="t", summary="s"))
    assert "4.000.000" in [each.text for each in root.findall("text")]
