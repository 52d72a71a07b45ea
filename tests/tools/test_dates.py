"""The check that dates are written in one place sees every way to write one, and its list only shrinks."""

import ast
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool("dates")


@pytest.mark.parametrize(
    "text",
    [
        "x = at.strftime('%H')",
        "x = self.clock().isoformat()",
        "x = f'{at:%Y-%m-%d}'",
        "x = f'{row.at:%d.%m}'",
        "x = tx.at.date()",
        "x = f'since {refuse_from}'",
        "x = f'until {found.until}'",
        "x = f'on {ends}'",
        "from zoneinfo import ZoneInfo",
        "from babel.dates import format_date",
    ],
)
def test_every_way_to_write_a_date_is_seen(tool: ModuleType, text: str) -> None:
    assert list(tool.uses("stock/cover.py", ast.parse(text)))
    assert not list(tool.uses("instants.py", ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "x = f'{iso_day(ends)}'",
        "day = iso_day(ends)\nx = f'{day}'",
        "x = dt.date(2027, 1, 1)",
        "x = f'{name}: {days:.0f} {share:%}'",
        "x = f'{at!r}'",
    ],
)
def test_what_is_no_date_passes(tool: ModuleType, text: str) -> None:
    assert not list(tool.uses("stock/cover.py", ast.parse(text)))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{{ month.strftime("%m") }}', 1),
        ("{% trans day=plan.cut_off %}It ends on {{ day }}.{% endtrans %}", 1),
        ("{% trans name=system.name,\n   until=respite.until %}{{ name }}{{ until }}{% endtrans %}", 1),
        ("{% trans day=plan.cut_off | day, days=days %}It ends on {{ day }} in {{ days }}.{% endtrans %}", 0),
        ("{{ plan.cut_off | time }}", 0),
    ],
)
def test_templates_write_days_by_filters(tool: ModuleType, text: str, count: int) -> None:
    assert len(list(tool.uses_in_template("a.html", text))) == count


def test_the_sources_pass(tool: ModuleType) -> None:
    assert tool.findings() == []


def test_a_place_that_needs_no_exception_is_named(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tool.ELSEWHERE, "limits.py", "a reason")
    assert tool.findings() == ["limits.py: remove it from ELSEWHERE"]
