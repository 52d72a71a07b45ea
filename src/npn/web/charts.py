"""Charts, drawn here as SVG: no script, one text alternative each, colours by class so that dark and print work.

A chart never stands alone: the page has its figures in a table too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

from npn.web.texts import Texts

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 12, 16, 34
_INNER_WIDTH, _INNER_HEIGHT = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: what stands under it, and how high it is."""

    label: str
    value: float


class TimedValue(NamedTuple):
    """What was measured when."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line across the chart at a value, with its words."""

    value: float
    label: str


def columns(texts: Texts, bars: Sequence[Bar], *, title: str, summary: str) -> Markup:
    """Draw columns. `title` names the chart, `summary` says in words what it shows."""
    top = _round_up(max((bar.value for bar in bars), default=0.0))
    slot = _INNER_WIDTH / max(len(bars), 1)
    every = math.ceil(len(bars) / 13) or 1
    drawn = []
    for at, bar in enumerate(bars):
        x, y = _LEFT + at * slot, _y(bar.value, top)
        drawn.append(
            Markup('<rect class="c-bar" x="{}" y="{}" width="{}" height="{}"/>').format(
                _figure(x + slot * 0.15), _figure(y), _figure(slot * 0.7), _figure(_HEIGHT - _BOTTOM - y)
            )
        )
        if at % every == 0:
            drawn.append(_text(bar.label, x + slot / 2, _HEIGHT - 12, anchor="middle"))
    return _chart(texts, drawn, top=top, title=title, summary=summary)


def line(
    texts: Texts,
    points: Sequence[TimedValue],
    *,
    title: str,
    summary: str,
    rules: Sequence[Threshold] = (),
) -> Markup:
    """Draw what changed over time, in order, with `rules` across it."""
    highest = max([point.value for point in points] + [rule.value for rule in rules], default=0.0)
    top = _round_up(highest)
    first, last = points[0].at, points[-1].at
    span = max((last - first) / timedelta(seconds=1), 1.0)
    places = [
        f"{_figure(_LEFT + (at - first) / timedelta(seconds=1) / span * _INNER_WIDTH)},{_figure(_y(value, top))}"
        for at, value in points
    ]
    drawn = [Markup('<polyline class="c-line" points="{}"/>').format(" ".join(places))]
    if len(points) == 1:
        drawn.append(Markup('<circle class="c-dot" cx="{}" cy="{}" r="4"/>').format(*places[0].split(",")))
    for rule in rules:
        y = _y(rule.value, top)
        drawn.append(Markup('<line class="c-rule" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            _LEFT, _WIDTH - _RIGHT, _figure(y), _figure(y)
        ))  # fmt: skip
        drawn.append(_text(rule.label, _WIDTH - _RIGHT - 4, y - 5, anchor="end"))
    drawn.append(_text(texts.date(first), _LEFT, _HEIGHT - 12, anchor="start"))
    if last > first:
        drawn.append(_text(texts.date(last), _WIDTH - _RIGHT, _HEIGHT - 12, anchor="end"))
    return _chart(texts, drawn, top=top, title=title, summary=summary)


_KEY = Markup('<svg class="c-key" viewBox="0 0 14 14" aria-hidden="true">')
_KEY_PART = '<rect class="c-part c-part-{}" x="1" y="1" width="12" height="12"/>'


@dataclass(frozen=True, slots=True)
class Stack:
    """One column of several parts, from below: what stands under it, and how high each part is."""

    label: str
    values: tuple[float, ...]


def stacked(texts: Texts, stacks: Sequence[Stack], names: Sequence[str], *, title: str, summary: str) -> Markup:
    """Draw columns of parts, with a key. `names` are the parts', from below; up to three."""
    top = _round_up(max((sum(stack.values) for stack in stacks), default=0.0))
    slot = _INNER_WIDTH / max(len(stacks), 1)
    drawn = []
    for at, stack in enumerate(stacks):
        x, below = _LEFT + at * slot, 0.0
        for part, value in enumerate(stack.values):
            y, foot = _y(below + value, top), _y(below, top)
            below += value
            if value > 0:
                drawn.append(
                    Markup('<rect class="c-part c-part-{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                        part + 1, _figure(x + slot * 0.15), _figure(y), _figure(slot * 0.7), _figure(foot - y)
                    )
                )
        drawn.append(_text(stack.label, x + slot / 2, _HEIGHT - 12, anchor="middle"))
    key = Markup().join(
        Markup("<li>{}{}</svg> {}</li>").format(_KEY, Markup(_KEY_PART).format(part + 1), name)  # noqa: S704  # our own
        for part, name in enumerate(names)
    )
    chart = _chart(texts, drawn, top=top, title=title, summary=summary)
    return Markup('{}<ul class="c-keys">{}</ul>').format(chart, key)


def share(part: float, *, title: str, summary: str) -> Markup:
    """Draw how much of a whole is used, `part` from 0 to 1."""
    used = min(max(part, 0.0), 1.0) * _WIDTH
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {w} 28" aria-label="{title}. {summary}"><title>{title}</title>'
        '<rect class="c-whole" x="0" y="4" width="{w}" height="20"/>'
        '<rect class="c-bar" x="0" y="4" width="{used}" height="20"/></svg>'
    ).format(w=_WIDTH, used=_figure(used), title=title, summary=summary)


def _chart(texts: Texts, drawn: Sequence[Markup], *, top: float, title: str, summary: str) -> Markup:
    axis = []
    for step in range(_STEPS + 1):
        value = top * step / _STEPS
        y = _y(value, top)
        axis.append(Markup('<line class="c-axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            _LEFT, _WIDTH - _RIGHT, _figure(y), _figure(y)
        ))  # fmt: skip
        axis.append(_text(texts.number(value, 0 if top >= _STEPS else 1), _LEFT - 8, y + 4, anchor="end"))
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {} {}" aria-label="{}. {}"><title>{}</title>{}{}</svg>'
    ).format(_WIDTH, _HEIGHT, title, summary, title, Markup().join(axis), Markup().join(drawn))


def _y(value: float, top: float) -> float:
    return _TOP + _INNER_HEIGHT * (1 - min(max(value, 0.0), top) / top)


def _text(words: str, x: float, y: float, *, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(_figure(x), _figure(y), anchor, words)


def _figure(value: float) -> str:
    return f"{value:.1f}"


def _round_up(highest: float) -> float:
    """Return the round figure that the axis ends with: 1, 2, 4 or 8 times a power of ten, at or above the highest."""
    if highest < 1e-6:  # nothing that could be seen
        return float(_STEPS)
    power = 10.0 ** math.floor(math.log10(highest))
    return next(power * step for step in (1, 2, 4, 8, 10) if power * step >= highest * 0.999999)
