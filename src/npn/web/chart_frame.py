"""The frame of a chart: its room for two screens, its axes, and how wide words are. Pure geometry.

A chart is drawn twice, for a wide screen and for a phone, and the style shows one of them: text that is scaled with
its drawing can't be read on a phone. The style enlarges the text of narrow windows up to `size`, which is what the
room for it is reckoned with.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zlib import crc32

from babel.dates import format_date
from markupsafe import Markup

from npn.web.texts import Texts, _

_STEPS = 4
_NARROW_CHARACTERS, _WIDE_CHARACTERS = " .,:;'|!()ijltfrI-", "mwMWÆæ@%"


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """A drawing's size and margins. `name` is part of the ids in it, `size` of its largest text."""

    name: str
    width: int
    height: int
    size: int
    left: float = 8
    right: float = 12
    top: float = 18
    bottom: float = 34

    @property
    def inner_width(self) -> float:
        """Return the room for what is drawn."""
        return self.width - self.left - self.right

    @property
    def inner_height(self) -> float:
        """Return the room for what is drawn."""
        return self.height - self.top - self.bottom

    def text_width(self, words: str) -> float:
        """Return about how wide words are, in the widest of the usual fonts."""
        ems = (0.36 if c in _NARROW_CHARACTERS else 0.98 if c in _WIDE_CHARACTERS else 0.65 for c in words)
        return sum(ems) * self.size

    def cut(self, name: str, after: str) -> str:
        """Return a name with what comes after it, the name cut where both have no room."""
        room = self.width - 8 - self.text_width(after)
        while self.text_width(name) > room and len(name) > 4:
            name = f"{name[:-2].rstrip()}…"
        return name + after

    def y(self, value: float, top: float) -> float:
        """Return where a value stands; one beyond the axis stands at its end."""
        return self.top + self.inner_height * (1 - min(max(value, 0.0), top) / top)

    def x(self, share: float) -> float:
        """Return where something stands, `share` of the way from the left."""
        return self.left + self.inner_width * min(max(share, 0.0), 1.0)

    def fill(self) -> str:
        """Return what fills something with hatching."""
        return f"url(#hatch-{self.name})"


WIDE, NARROW = ChartFrame("wide", 1000, 320, 18), ChartFrame("narrow", 340, 280, 16)
Drawing = Callable[[ChartFrame], Markup]
_HATCH = Markup(
    '<defs><pattern id="hatch-{}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="c-hatch-ground" width="7" height="7"/><rect class="c-hatch-line" width="3" height="7"/>'
    "</pattern></defs>"
)


def chart(draw: Drawing, *, title: str, summary: str, height_of: int = 0) -> Markup:
    """Draw a chart for both screens; its text alternative is its title and what it shows in words.

    `height_of`: its height where what is drawn asks for one.
    """
    svgs = []
    for frame in (WIDE, NARROW):
        named = replace(frame, name=f"{frame.name}-{crc32(title.encode()):08x}", height=height_of or frame.height)
        svgs.append(
            Markup(
                '<svg class="chart chart-{kind}" role="img" viewBox="0 0 {width} {height}"'
                ' aria-label="{title}. {summary}">'
                "<title>{title}</title><desc>{summary}</desc>{hatch}{drawn}</svg>"
            ).format(
                kind=frame.name,
                width=named.width,
                height=named.height,
                title=title,
                summary=summary,
                hatch=_HATCH.format(named.name),
                drawn=draw(named),
            )
        )
    return Markup('<div class="chart-box">{}</div>').format(Markup().join(svgs))


def with_axis(texts: Texts, frame: ChartFrame, top: float) -> tuple[ChartFrame, Markup]:
    """Return the frame with room for the labels of its left axis, and the axis."""
    labels = [(top * step / _STEPS, short(texts, top * step / _STEPS, top)) for step in range(_STEPS + 1)]
    frame = replace(frame, left=max(frame.text_width(label) for _value, label in labels) + 14)
    lines = [
        Markup('<line class="c-axis" x1="{}" x2="{}" y1="{}" y2="{}"/>{}').format(
            figure(frame.left),
            figure(frame.width - frame.right),
            figure(frame.y(value, top)),
            figure(frame.y(value, top)),
            words(label, frame.left - 8, frame.y(value, top) + 5, anchor="end"),
        )
        for value, label in labels
    ]
    return frame, Markup().join(lines)


def short(texts: Texts, value: float, top: float) -> str:
    """Write a figure of an axis: in millions where the axis ends there or beyond, in thousands of millions likewise."""
    for size, unit in ((1e9, _("%(figure)s bn")), (1e6, _("%(figure)s m"))):
        if top >= size:
            return texts.gettext(unit) % {"figure": _trimmed(texts, value / size)} if value else "0"
    return _trimmed(texts, value)


def _trimmed(texts: Texts, value: float) -> str:
    digits = next((d for d in (0, 1, 2) if abs(value - round(value, d)) < 1e-9), 2)
    return texts.number(value, digits)


def ticks(texts: Texts, frame: ChartFrame, *, first: date, last: date) -> Iterator[tuple[date, str]]:
    """Yield the months, or the years, that are marked on an axis of time, as many as there is room for."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months <= 30:
        starts = [month_after(first.replace(day=1), n) for n in range(months + 1)]
        labelled = [(day, month_name(texts, day)) for day in starts if first <= day <= last]
        yield from every(labelled, frame, frame.text_width("sept. 26") + 12)
        return
    years = last.year - first.year
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if years / s <= _room(frame))
    for year in range(first.year - first.year % step + step, last.year + 1, step):
        yield date(year, 1, 1), str(year)


def _room(frame: ChartFrame) -> float:
    return max(2.0, frame.inner_width / (frame.text_width("2030") + 18))


def every(items: Sequence[tuple[date, str]], frame: ChartFrame, width: float) -> Iterator[tuple[date, str]]:
    """Yield as many of the labels as there is room for; the others are marked without words."""
    step = max(1, math.ceil(len(items) * width / max(frame.inner_width, 1)))
    for at, (day, label) in enumerate(items):
        yield day, label if at % step == 0 else ""


def month_after(day: date, months: int) -> date:
    """Return the first day of the month that many later."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(min(years, 9999), month + 1, 1)


def month_name(texts: Texts, day: date) -> str:
    """Write a month for an axis: nov. 26."""
    return str(format_date(day, "MMM yy", locale=texts.locale))


def words(text: str, x: float, y: float, *, anchor: str) -> Markup:
    """Write words into a drawing."""
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(figure(x), figure(y), anchor, text)


def ground(frame: ChartFrame, y: float) -> Markup:
    """Draw what a line across the chart stands upon, so that it is seen on columns too."""
    return Markup('<line class="c-ground" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        figure(frame.left), figure(frame.width - frame.right), figure(y), figure(y)
    )


def figure(value: float) -> str:
    """Write a coordinate."""
    return f"{value:.1f}"


def round_up(highest: float) -> float:
    """Return the round figure at or above the highest that the axis ends with: 1, 2, 4, 6 or 8 times a power of ten."""
    if highest < 1e-6:  # nothing that could be seen
        return float(_STEPS)
    power = 10.0 ** math.floor(math.log10(highest))
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if power * step >= highest * 0.999999)
