"""Charts of what is to come: how long number spaces and stocks last, and who can be ready when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from markupsafe import Markup

from npn.web.chart_frame import ChartFrame, chart, figure, ground, round_up, ticks, with_axis, words
from npn.web.texts import Texts, _

_LONGEST = 400  # days of cover that are told apart
_MOST = 300  # systems in a chart
_AHEAD = timedelta(days=3650)  # shown of a space that does not end


@dataclass(frozen=True, slots=True)
class SpaceOutlook:
    """The numbers of a space left on each day, oldest first, and when it ends; `latest` None: nobody knows."""

    left: Sequence[tuple[date, float]]
    ends: date | None
    earliest: date | None
    latest: date | None


def projection(texts: Texts, outlook: SpaceOutlook, *, title: str, summary: str) -> Markup:
    """Draw how many numbers are left, to the end of the space, with the range in which the end lies."""
    today, left = outlook.left[-1]
    first, last = outlook.left[0][0], _last_day(outlook, today)
    top = round_up(max(value for _day, value in outlook.left))

    def draw(frame: ChartFrame) -> Markup:
        frame, axis = with_axis(texts, frame, top)
        days = max((last - first).days, 1)

        def place(day: date, value: float) -> str:
            return f"{figure(frame.x((day - first).days / days))},{figure(frame.y(value, top))}"

        drawn = [axis]
        if outlook.earliest is not None:
            at_last = _left_on(last, outlook.latest, today=today, left=left)
            corners = [place(today, left), place(outlook.earliest, 0)]
            corners += [place(last, 0), place(last, at_last)] if outlook.latest is None or outlook.latest > last else []
            corners += [place(outlook.latest, 0)] if outlook.latest is not None and outlook.latest <= last else []
            band = Markup('<polygon class="c-band" points="{}" fill="{}"><title>{}</title></polygon>')
            drawn.append(band.format(" ".join(corners), frame.fill(), texts.gettext(_("The range of the forecast"))))
        past = " ".join(place(day, value) for day, value in outlook.left)
        drawn.append(Markup('<polyline class="c-line" points="{}"/>').format(past))
        end = last if outlook.ends is None else min(outlook.ends, last)
        ahead = f"{place(today, left)} {place(end, _left_on(end, outlook.ends, today=today, left=left))}"
        drawn.append(Markup('<polyline class="c-ahead" points="{}"/>').format(ahead))
        drawn.append(_today(texts, frame, (today - first).days / days))
        drawn += [
            _mark(frame, (day - first).days / days, label) for day, label in ticks(texts, frame, first=first, last=last)
        ]
        return Markup().join(drawn)

    return chart(draw, title=title, summary=summary)


def _last_day(outlook: SpaceOutlook, today: date) -> date:
    """Return where the axis ends: a little after the latest end, but never far beyond the end that is expected."""
    if outlook.ends is None:
        return _later(today, _AHEAD)
    span = max(outlook.ends - today, timedelta(days=30))
    latest = outlook.latest or _later(today, span * 2)
    return max(min(max(latest, outlook.ends), _later(today, span * 2)), _later(today, timedelta(days=35)))


def _later(day: date, by: timedelta) -> date:
    return date.fromordinal(min(day.toordinal() + by.days, date.max.toordinal()))


def _left_on(day: date, ends: date | None, *, today: date, left: float) -> float:
    """Return the numbers left on a day, where they are used evenly until `ends`; all of them where they never end."""
    if ends is None:
        return left
    span = (ends - today).days
    return left * max(0.0, 1 - (day - today).days / span) if span > 0 else 0.0


def _today(texts: Texts, frame: ChartFrame, share: float) -> Markup:
    x = frame.x(share)
    return Markup('<line class="c-now" x1="{}" x2="{}" y1="{}" y2="{}"><title>{}</title></line>').format(
        figure(x), figure(x), figure(frame.top), figure(frame.height - frame.bottom), texts.gettext(_("today"))
    )


def _mark(frame: ChartFrame, share: float, label: str) -> Markup:
    x, foot = frame.x(share), frame.height - frame.bottom
    half = frame.text_width(label) / 2
    mark = Markup('<line class="c-tick" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        figure(x), figure(x), figure(foot), figure(foot + 6)
    )
    at = min(max(x, half), frame.width - half)
    return mark + (words(label, at, frame.height - 12, anchor="middle") if label else Markup())


@dataclass(frozen=True, slots=True)
class CoverBar:
    """A system's cover in days; an estimate is hatched."""

    name: str
    days: float
    is_estimate: bool


def covers(texts: Texts, bars: Sequence[CoverBar], *, rule: float, title: str, summary: str) -> Markup:
    """Draw each system's cover in days against the rule, the shortest first; a very long one is cut."""
    bars_drawn = sorted(bars, key=lambda bar: (bar.days, bar.name))[:_MOST]
    top = float(_LONGEST if max((bar.days for bar in bars_drawn), default=0.0) > _LONGEST / 2 else _LONGEST / 2)

    def draw(frame: ChartFrame) -> Markup:
        frame, axis = with_axis(texts, frame, top)
        slot = frame.inner_width / max(len(bars_drawn), 1)
        drawn = [axis]
        for at, bar in enumerate(bars_drawn):
            y = frame.y(bar.days, top)
            estimated = texts.gettext(_("%(name)s: %(days)s days, estimated"))
            tooltip = estimated if bar.is_estimate else texts.gettext(_("%(name)s: %(days)s days"))
            fill = Markup(' fill="{}"').format(frame.fill()) if bar.is_estimate else Markup()
            drawn.append(
                Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"{}><title>{}</title></rect>').format(
                    "c-hatched" if bar.is_estimate else "c-bar",
                    figure(frame.left + at * slot + slot * 0.1),
                    figure(y),
                    figure(min(slot * 0.8, 40)),
                    figure(max(frame.height - frame.bottom - y, 1)),
                    fill,
                    tooltip % {"name": bar.name, "days": texts.number(bar.days)},
                )
            )
        return Markup().join([*drawn, _across(texts, frame, rule=rule, top=top)])

    return chart(draw, title=title, summary=summary)


def _across(texts: Texts, frame: ChartFrame, *, rule: float, top: float) -> Markup:
    y = frame.y(rule, top)
    label = texts.gettext(_("six months (%(days)s days)")) % {"days": texts.number(rule)}
    return Markup('{}<line class="c-rule" x1="{}" x2="{}" y1="{}" y2="{}"/>{}').format(
        ground(frame, y),
        figure(frame.left),
        figure(frame.width - frame.right),
        figure(y),
        figure(y),
        words(label, frame.left + 6, y - 6, anchor="start"),
    )


@dataclass(frozen=True, slots=True)
class VendorPlan:
    """When a vendor has finished a change, and when it is released; the time between is its code freeze."""

    vendor: str
    finished: date
    released: date


_ROW = 40


def timeline(
    texts: Texts, rows: Sequence[VendorPlan], *, notice: date, proposed: date, title: str, summary: str
) -> Markup:
    """Draw each vendor's work, freeze and release from the day of notice on, and the proposed day across them."""
    last = max([row.released for row in rows] + [proposed]) + timedelta(days=14)
    days = max((last - notice).days, 1)

    def share(day: date) -> float:
        return (day - notice).days / days

    def draw(frame: ChartFrame) -> Markup:
        frame = replace(frame, top=26)
        drawn = [_mark(frame, share(day), label) for day, label in ticks(texts, frame, first=notice, last=last)]
        for at, row in enumerate(rows):
            y = frame.top + at * _ROW
            finished, released = frame.x(share(row.finished)), frame.x(share(row.released))
            late = row.released > proposed
            state = texts.gettext(_("too late")) if late else texts.gettext(_("in time"))
            tooltip = f"{row.vendor}: {texts.day(row.finished)} \N{EN DASH} {texts.day(row.released)}, {state}"
            drawn.append(words(frame.cut(row.vendor, f" ({state})"), frame.left, y + 13, anchor="start"))
            bars = Markup(
                '<g><title>{}</title><rect class="c-bar" x="{}" y="{}" width="{}" height="14"/>'
                '<rect class="c-hatched" x="{}" y="{}" width="{}" height="14" fill="{}"/>{}</g>'
            )
            drawn.append(
                bars.format(
                    tooltip,
                    figure(frame.left),
                    figure(y + 19), figure(max(finished - frame.left, 1)), figure(finished),
                    figure(y + 19), figure(max(released - finished, 1)), frame.fill(),
                    _release(released, y + 26, is_late=late),
                )
            )  # fmt: skip
        x = frame.x(share(proposed))
        drawn.append(
            Markup('<line class="c-rule" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                figure(x), figure(x), figure(frame.top - 4), figure(frame.height - frame.bottom)
            )
        )
        label = texts.gettext(_("proposed: %(day)s")) % {"day": texts.day(proposed)}
        half = frame.text_width(label) / 2
        drawn.append(words(label, min(max(x, half), frame.width - half), 16, anchor="middle"))
        return Markup().join(drawn)

    return chart(draw, title=title, summary=summary, height_of=60 + _ROW * len(rows))


def _release(x: float, y: float, *, is_late: bool) -> Markup:
    """Draw a release: a filled diamond in time, a cross too late."""
    if is_late:
        return Markup('<path class="c-late" d="M{} {}l12 12m0 -12l-12 12"/>').format(figure(x - 6), figure(y - 6))
    return Markup('<path class="c-release" d="M{} {}l8 8l-8 8l-8 -8z"/>').format(figure(x), figure(y - 8))
