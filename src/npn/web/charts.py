"""Charts, drawn here as SVG: no script, one text alternative each, colours by class so that dark and print work.

A chart never stands alone: the page has its figures in a table too. What is told apart in one is told apart by more
than its hue: by hatching, or by a contrast of three to one between neighbours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from markupsafe import Markup

from npn.instants import danish_day
from npn.web.chart_frame import ChartFrame, chart, figure, ground, round_up, ticks, with_axis, words
from npn.web.texts import Texts


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: what stands under it, and how high it is. `said`: its words where one points at it.

    `is_partial`: what it counts is not over, as the current month; it is hatched.
    """

    label: str
    value: float
    tooltip: str = ""
    is_partial: bool = False


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
    top = round_up(max((bar.value for bar in bars), default=0.0))

    def draw(frame: ChartFrame) -> Markup:
        frame, axis = with_axis(texts, frame, top)
        slot = frame.inner_width / max(len(bars), 1)
        widest = max((frame.text_width(bar.label) for bar in bars), default=0.0) + 10
        step = max(1, math.ceil(widest / slot))
        drawn = [axis]
        for at, bar in enumerate(bars):
            x, y = frame.left + at * slot, frame.y(bar.value, top)
            tooltip = bar.tooltip or f"{bar.label}: {texts.number(bar.value)}"
            drawn.append(_column(frame, x, y, slot=slot, tooltip=tooltip, is_hatched=bar.is_partial))
            if (len(bars) - 1 - at) % step == 0:  # the last is always named
                drawn.append(_under(frame, bar.label, x + slot / 2))
        return Markup().join(drawn)

    return chart(draw, title=title, summary=summary)


def _column(frame: ChartFrame, x: float, y: float, *, slot: float, tooltip: str, is_hatched: bool) -> Markup:
    fill = Markup(' fill="{}"').format(frame.fill()) if is_hatched else Markup()
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}><title>{}</title></rect>').format(
        "c-hatched" if is_hatched else "c-bar",
        figure(x + slot * 0.12),
        figure(y),
        figure(slot * 0.76),
        figure(max(frame.height - frame.bottom - y, 0.0)),
        fill,
        tooltip,
    )


def _under(frame: ChartFrame, label: str, x: float) -> Markup:
    """Write a label under the axis, within the drawing."""
    half = frame.text_width(label) / 2
    return words(label, min(max(x, half), frame.width - half), frame.height - 12, anchor="middle")


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
    top = round_up(highest)
    first, last = points[0].at, points[-1].at
    span = max((last - first) / timedelta(seconds=1), 1.0)

    def draw(frame: ChartFrame) -> Markup:
        frame, axis = with_axis(texts, frame, top)
        places = [
            Spot(frame.x((at - first) / timedelta(seconds=1) / span), frame.y(value, top)) for at, value in points
        ]
        drawn = [axis, _time_axis(texts, frame, first=first, last=last)]
        drawn += [_rule(frame, rule, top) for rule in rules]
        drawn.append(Markup('<polyline class="c-line" points="{}"/>').format(" ".join(map(_place, places))))
        radius = 3.5 if len(points) <= 60 else 1.5
        for (x, y), point in zip(places, points, strict=True):
            tooltip = f"{texts.date(point.at)}: {texts.number(point.value)}"
            drawn.append(
                Markup('<circle class="c-dot" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                    figure(x), figure(y), radius if len(points) > 1 else 5, tooltip
                )
            )
        return Markup().join(drawn)

    return chart(draw, title=title, summary=summary)


class Spot(NamedTuple):
    """A place in a drawing."""

    x: float
    y: float


def _place(spot: Spot) -> str:
    return f"{figure(spot.x)},{figure(spot.y)}"


def _time_axis(texts: Texts, frame: ChartFrame, *, first: datetime, last: datetime) -> Markup:
    """Mark the months or years; where no month begins, the first day and the last."""
    start, end = danish_day(first), danish_day(last)
    days = max((end - start).days, 1)
    marks = list(ticks(texts, frame, first=start, last=end))
    if len([label for _day, label in marks if label]) < 2:
        ends = words(texts.date(first), frame.left, frame.height - 12, anchor="start")
        return ends + (words(texts.date(last), frame.width - 4, frame.height - 12, anchor="end") if end > start else "")
    return Markup().join(_tick(frame, frame.x((day - start).days / days), label) for day, label in marks)


def _tick(frame: ChartFrame, x: float, label: str) -> Markup:
    foot = frame.height - frame.bottom
    mark = Markup('<line class="c-tick" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        figure(x), figure(x), figure(foot), figure(foot + (6 if label else 3))
    )
    return mark + (_under(frame, label, x) if label else Markup())


def _rule(frame: ChartFrame, rule: Threshold, top: float) -> Markup:
    y = frame.y(rule.value, top)
    return Markup('{}<line class="c-rule" x1="{}" x2="{}" y1="{}" y2="{}"/>{}').format(
        ground(frame, y),
        figure(frame.left),
        figure(frame.width - frame.right),
        figure(y),
        figure(y),
        words(rule.label, frame.width - frame.right - 4, max(y - 6, 14), anchor="end"),
    )


@dataclass(frozen=True, slots=True)
class Stack:
    """One column of several parts, from below: what stands under it, and how high each part is."""

    label: str
    values: tuple[float, ...]


_KEY = Markup('<svg class="c-key" viewBox="0 0 14 14" aria-hidden="true">{}</svg>')
_KEY_PART = Markup('<rect class="c-part c-part-{}" x="1" y="1" width="12" height="12"/>')
_DOTS = Markup('<circle class="c-part-mark" cx="7" cy="7" r="2.5"/>')


def stacked(texts: Texts, stacks: Sequence[Stack], names: Sequence[str], *, title: str, summary: str) -> Markup:
    """Draw columns of parts, with a key. `names` are the parts', from below; up to three."""
    top = round_up(max((sum(stack.values) for stack in stacks), default=0.0))

    def draw(frame: ChartFrame) -> Markup:
        frame, axis = with_axis(texts, frame, top)
        slot = frame.inner_width / max(len(stacks), 1)
        widest = max((frame.text_width(stack.label) for stack in stacks), default=0.0) + 10
        step = max(1, math.ceil(widest / slot))
        drawn = [axis]
        for at, stack in enumerate(stacks):
            x = frame.left + at * slot
            drawn.append(_parts(texts, frame, stack, names=names, top=top, x=x, slot=slot))
            if (len(stacks) - 1 - at) % step == 0:
                drawn.append(_under(frame, stack.label, x + slot / 2))
        return Markup().join(drawn)

    key = Markup().join(
        Markup("<li>{} {}</li>").format(_KEY.format(_KEY_PART.format(part + 1) + (_DOTS if part == 2 else "")), name)
        for part, name in enumerate(names)
    )
    return Markup('{}<ul class="c-keys">{}</ul>').format(chart(draw, title=title, summary=summary), key)


def _parts(
    texts: Texts, frame: ChartFrame, stack: Stack, *, names: Sequence[str], top: float, x: float, slot: float
) -> Markup:
    """Draw one column of parts; the third has a mark, so that it differs from the first where they meet."""
    drawn, below = [], 0.0
    for part, value in enumerate(stack.values):
        y, foot = frame.y(below + value, top), frame.y(below, top)
        below += value
        if value <= 0:
            continue
        tooltip = f"{stack.label}, {names[part]}: {texts.number(value)}"
        drawn.append(
            Markup(
                '<rect class="c-part c-part-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
            ).format(part + 1, figure(x + slot * 0.12), figure(y), figure(slot * 0.76), figure(foot - y), tooltip)
        )
        if part == 2 and foot - y > 8:
            mark = Markup('<circle class="c-part-mark" cx="{}" cy="{}" r="3"/>')
            drawn.append(mark.format(figure(x + slot / 2), figure((y + foot) / 2)))
    return Markup().join(drawn)


def share(part: float, *, title: str, summary: str) -> Markup:
    """Draw how much of a whole is used, `part` from 0 to 1."""
    width = 720
    used = min(max(part, 0.0), 1.0) * width
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {w} 28" aria-label="{title}. {summary}"><title>{title}</title>'
        '<desc>{summary}</desc><rect class="c-whole" x="0" y="4" width="{w}" height="20"/>'
        '<rect class="c-bar" x="0" y="4" width="{used}" height="20"/></svg>'
    ).format(w=width, used=figure(used), title=title, summary=summary)
