"""How many numbers a laboratory needs: asked by anybody, answered with the simulator that `npn simulate` runs."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from markupsafe import Markup

from npn.allowance import Allowance
from npn.errors import RefusedError, codes
from npn.http.answers import Answer
from npn.instants import danish_day, start_of_day
from npn.limits import Buckets
from npn.replenishment.needs import (
    OUTAGE_DAY,
    STOCK_DAYS,
    NeedsRun,
    NumberNeeds,
    OwnSystem,
    TrapVerdict,
    in_series,
    run,
    verdict_of,
)
from npn.replenishment.simulate import PATTERNS, Pattern, Trigger, totals
from npn.web import charts
from npn.web.forms import REQUIRED, Choice, Field, Form
from npn.web.routes import get
from npn.web.rules import public
from npn.web.sign_in_limits import network
from npn.web.texts import _
from npn.web.visit import Visit

LEAST, MOST = 0.01, 1_000_000.0
_LARGEST = Allowance().largest_draw
_MOST_NUMBERS = 10**10
_PATTERNS: Mapping[str, Pattern] = {pattern: pattern for pattern in PATTERNS}
_TRIGGERS: Mapping[str, Trigger] = {"level": "level", "crossing": "crossing"}
_FIELDS = (
    Field("samples", _("Samples a day, on average"), hint=_("All days counted. A decimal is fine."), largest=20),
    Field(
        "pattern",
        _("How the days differ"),
        kind="select",
        choices=(
            Choice("constant", _("All days alike")),
            Choice("weekday", _("Few samples at weekends")),
            Choice("winter", _("Few at weekends, half as many again in winter")),
            Choice("outbreak", _("Few at weekends, and an outbreak: ten times as many for six weeks")),
        ),
    ),
    Field(
        "safety",
        _("Safety, per cent"),
        kind="number",
        hint=_("Added to the samples, for what you don't know yet. 0 to 300."),
        required=False,
        largest=300,
    ),
    Field(
        "outage",
        _("An outage to survive, days"),
        kind="number",
        hint=_("So long the service can't be reached. 0 to 300."),
        required=False,
        largest=300,
    ),
)
_OWN = (
    Field(
        "point",
        _("It draws when this many usable numbers are left"),
        kind="number",
        hint=_("The reorder point."),
        required=False,
        largest=_MOST_NUMBERS,
    ),
    Field(
        "size",
        _("It then draws this many usable numbers"),
        kind="number",
        required=False,
        smallest=1,
        largest=_MOST_NUMBERS,
    ),
    Field(
        "trigger",
        _("When it looks"),
        kind="select",
        required=False,
        choices=(
            Choice("level", _("Every night, as long as too few are left")),
            Choice("crossing", _("Once, when the stock falls past the point")),
        ),
    ),
)
_OWN_NAMES = frozenset(entry.name for entry in _OWN)
_PAGE = "stock/numbers_needed.html"
_VERDICTS: Mapping[TrapVerdict, tuple[str, str]] = {
    "never_catches_up": (
        "bad",
        _("A draw is less than a day's use: the system never catches up, and runs out in the end."),
    ),
    "stuck_after_outage": (
        "bad",
        _(
            "A trap: one draw is not more than the reorder point and a day's use together. When the stock has fallen "
            "far, after an outage for instance, one draw does not lift it above the point, so it never falls past it "
            "again, and the system stops drawing. Draw more at a time, lower the point, or let the system look every "
            "night."
        ),
    ),
    "below_agreed_stock": (
        "warn",
        _("It works, but reorder point and draw together are less than six months' stock, which is agreed."),
    ),
    "sound": ("good", _("Reorder point and draw fit together, and reach six months' stock.")),
}
_OUT_OF_BOUNDS = _("Write a number from 0.01 to 1,000,000.")
_SHAPE = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class NeedsQuestion:
    """What was asked, as it is reckoned with."""

    samples: float
    pattern: Pattern
    safety: int
    outage: int
    own: OwnSystem | None = None

    @property
    def needs(self) -> NumberNeeds:
        """Return what follows from it."""
        return NumberNeeds(self.samples * (1 + self.safety / 100), _LARGEST, self.pattern)


@dataclass(frozen=True, slots=True)
class NeedsAnswer:
    """Two runs of a year: as is recommended, and of a system of one's own, or one that draws once."""

    recommended: NeedsRun
    other: NeedsRun


@dataclass(slots=True)
class SimulationQueue:
    """Of one application: one thread for what takes some tenths of a second, and how often an address may ask."""

    buckets: Buckets = field(default_factory=lambda: Buckets(capacity=20, rate=0.5))
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="npn-needs"))
    waiting: int = 0

    async def answer(self, question: NeedsQuestion, asker: str) -> NeedsAnswer:
        """Run the question. Raises RefusedError `rate_limited` where this address, or everybody, asks too much."""
        seconds = self.buckets.take(asker)
        if seconds or self.waiting >= 8:
            raise RefusedError("too many questions at once", code=codes.RATE_LIMITED, retry_after=seconds or 5)
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self.thread.submit(_answer, question))
        finally:
            self.waiting -= 1


@get("/numbers-needed", public())
async def numbers_needed(visit: Visit) -> Answer:
    """Ask, and answer where something was asked."""
    form = Form.of((*_FIELDS, *_OWN), {"pattern": "weekday", "safety": "0", "outage": "90", "trigger": "level"})
    question = None
    if "samples" in visit.query:
        question = _question(form.read({**form.values, **visit.query}, visit.texts), visit.language)
    if question is None:
        return await visit.page(
            "stock/numbers_needed.html", form=form, own_fields=[f.name for f in _OWN], question=None
        )
    answer = await simulation_queue(visit).answer(question, network(visit))
    return await visit.page(
        _PAGE,
        form=form,
        own_fields=_OWN_NAMES,
        question=question,
        needs=question.needs,
        answer=answer,
        verdict=_VERDICTS[verdict_of(question.needs, question.own)] if question.own else None,
        months=totals(answer.recommended.rows, 30),
        chart=_chart(visit, question, answer.recommended, point=question.needs.point),
        other_chart=_chart(visit, question, answer.other, point=_other(question).point),
        in_series=in_series,
        largest=_LARGEST,
        outage_day=OUTAGE_DAY,
        stock_days=STOCK_DAYS,
    )


def _question(form: Form, language: str) -> NeedsQuestion | None:
    """Read the form; None where it has errors, which then stand beside their fields."""
    samples = amount_of(form["samples"], language)
    if form["samples"] and (samples is None or not LEAST <= samples <= MOST):
        form.errors["samples"] = _OUT_OF_BOUNDS
    for name, other in (("point", "size"), ("size", "point")):
        if form[other] and not form[name]:
            form.errors[name] = REQUIRED
    if form.errors or samples is None:
        return None
    point, size = form.whole("point"), form.whole("size")
    own = None
    if point is not None and size is not None:
        own = OwnSystem(point, size, _TRIGGERS[form["trigger"] or "level"])
    pattern = _PATTERNS[form["pattern"]]
    return NeedsQuestion(samples, pattern, form.whole("safety") or 0, form.whole("outage") or 0, own)


def amount_of(text: str, language: str) -> float | None:
    """Read `1.234,5` in Danish, `1,234.5` in English, and what can mean only one thing in either; else None.

    A mark before three digits that stand last is the thousands' of the language; a lone mark otherwise is a decimal's.
    """
    compact = "".join(text.split())
    thousands, decimal = (".", ",") if language == "da" else (",", ".")
    if re.fullmatch(rf"[0-9]{{1,3}}(?:\{thousands}[0-9]{{3}})+(?:\{decimal}[0-9]+)?", compact):
        compact = compact.replace(thousands, "")
    compact = compact.replace(",", ".")
    return float(compact) if _SHAPE.match(compact) and len(compact) <= 20 else None


def simulation_queue(visit: Visit) -> SimulationQueue:
    """Return the application's one."""
    state = visit.request.app.state
    queue = state.get("simulation_queue")
    if not isinstance(queue, SimulationQueue):
        queue = state.simulation_queue = SimulationQueue()
    return queue


@lru_cache(maxsize=200)
def _answer(question: NeedsQuestion) -> NeedsAnswer:
    needs = question.needs
    recommended = run(needs, outage_days=question.outage)
    other = run(needs, outage_days=question.outage, own=_other(question))
    return NeedsAnswer(recommended, other)


def _other(question: NeedsQuestion) -> OwnSystem:
    """Return the system that is compared: the one that was described, else one that draws once where we would."""
    needs = question.needs
    return question.own or OwnSystem(needs.point, needs.size, "crossing")


def _chart(visit: Visit, question: NeedsQuestion, run_: NeedsRun, *, point: int) -> Markup:
    """Draw the stock of a run, from today on, with six months' stock and the reorder point across it."""
    first = start_of_day(danish_day(datetime.now(UTC)))
    points = [charts.TimedValue(first + timedelta(days=row.day), row.free) for row in run_.rows]
    summary = visit.text(
        _("Lowest %(lowest)s usable numbers, on day %(day)s; none left on %(empty)s days."),
        lowest=visit.texts.number(run_.summary.lowest),
        day=run_.summary.lowest_day + 1,
        empty=run_.summary.empty_days,
    )
    rules = [
        charts.Threshold(question.needs.stock, visit.text(_("six months' stock"))),
        charts.Threshold(point, visit.text(_("reorder point"))),
    ]
    title = visit.text(_("Usable numbers in stock over a year"))
    return charts.line(visit.texts, points, title=title, summary=summary, rules=rules)
