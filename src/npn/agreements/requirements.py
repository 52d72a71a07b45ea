"""The requirements the platform can see, each checked against what is seen: met, not met or unknown, with evidence.

A requirement's figures (`days=183`) come from the text. One that is not in `SEEN`, or that can't be told from what is
seen, is known only by how somebody showed it. What is seen to be broken is broken, whatever was shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from npn.agreements.model import Exemption, Language
from npn.agreements.sight import Sight
from npn.agreements.text import Section
from npn.agreements.wording import SENTENCES, every_months, frozen_months
from npn.pools.model import PoolState
from npn.stock.cover import REPORT_HOLDS, RULE_DAYS, Source
from npn.systems.certificates import in_validity
from npn.systems.model import ContactKind

FRESH = REPORT_HOLDS  # how old a stock report or an agent's contact may be

Figures = Mapping[str, int]


class Verdict(StrEnum):
    """Whether a requirement is met."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict and its evidence: a sentence's name, and what stands in it."""

    verdict: Verdict
    sentence: str
    values: Mapping[str, object]

    def told(self, language: Language) -> str:
        """Return the evidence."""
        values = {
            name: _TELLERS[name](value, language) if name in _TELLERS else _shown(value, language)
            for name, value in self.values.items()
        }
        return SENTENCES[self.sentence][language].format(**values)


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement of a text, checked against one system. `number` is its section in the text.

    `exempt`: the system need not meet it before a day to come; the verdict says how it is met anyway.
    """

    requirement: str
    number: str
    seen: Seen
    exempt: Exemption | None = None

    @property
    def verdict(self) -> Verdict:
        """Return the verdict."""
        return self.seen.verdict


def check(section: Section, sight: Sight) -> Check:
    """Hold a system against one requirement."""
    judge = SEEN.get(section.name)
    found = judge(sight, section.figures) if judge else Seen(Verdict.UNKNOWN, "not_visible", {})
    if found.verdict is Verdict.UNKNOWN:
        found = _as_shown(section.name, sight) or found
    exempt = (sight.exempt or {}).get(section.name)
    holds = exempt is not None and exempt.until > sight.at.date()
    return Check(section.name, section.number, found, exempt if holds else None)


def _as_shown(name: str, sight: Sight) -> Seen | None:
    said = (sight.shown or {}).get(name)
    if said is None:
        return None
    values = {"how": said.how, "on": said.shown_on, "by": said.recorded_by, "until": said.expires_on}
    if said.expires_on is not None and said.expires_on <= sight.at.date():
        return Seen(Verdict.UNKNOWN, "shown_expired", values)
    return Seen(Verdict.MET if said.met else Verdict.NOT_MET, "shown" if said.met else "shown_not", values)


def use_npn(sight: Sight, _figures: Figures) -> Seen:
    """Draws, and sends no answers onward about samples with other numbers."""
    onward = [other for other in sight.others if other.sends_onward]
    if onward:
        return Seen(Verdict.NOT_MET, "use_npn_onward", {"places": "; ".join(other.place for other in onward)})
    if sight.drawn_at is None or sight.at - sight.drawn_at > timedelta(days=365):
        return Seen(Verdict.UNKNOWN, "use_npn_no_draw", {})
    return Seen(Verdict.MET, "use_npn_draws", {"on": sight.drawn_at.date(), "places": len(sight.others)})


def stock(sight: Sight, figures: Figures) -> Seen:
    """Reports a stock that lasts long enough; an estimate from draws tells too little to say either."""
    cover, days = sight.cover, figures.get("days", RULE_DAYS)
    if cover is None or cover.source is Source.UNKNOWN or cover.free is None:
        return Seen(Verdict.UNKNOWN, "stock_unreported", {})
    values = {"free": cover.free, "days": days, "on": None if cover.as_of is None else cover.as_of.date()}
    if cover.source is Source.ESTIMATED:
        lasts = None if cover.days is None else int(cover.days)
        return Seen(Verdict.UNKNOWN, "stock_estimated", {**values, "cover": lasts})
    if cover.days is None:
        return Seen(Verdict.MET if cover.free else Verdict.UNKNOWN, "stock_unused", values)
    verdict = Verdict.MET if cover.days >= days else Verdict.NOT_MET
    return Seen(verdict, "stock_cover", {**values, "cover": int(cover.days)})


def modulus(sight: Sight, _figures: Figures) -> Seen:
    """Counts in usable numbers: through our agent, or in stock reports that can be true."""
    agents = [p for p in sight.pools if p.state is PoolState.ACTIVE and sight.at - p.contact_at <= FRESH]
    if agents:
        latest = max(pool.contact_at for pool in agents)
        return Seen(Verdict.MET, "modulus_agent", {"on": latest.date()})
    report = sight.report
    if report is None or sight.at - report.as_of > FRESH:
        return Seen(Verdict.UNKNOWN, "modulus_unseen", {})
    values = {"free": report.free, "usable": sight.usable, "on": report.as_of.date()}
    if report.free > sight.usable:
        return Seen(Verdict.NOT_MET, "modulus_too_many", values)
    return Seen(Verdict.MET, "modulus_reported", values)


def contacts(sight: Sight, figures: Figures) -> Seen:
    """Has every kind of contact, each confirmed lately."""
    known, days = sight.contacts or {}, figures.get("days", 365)
    missing = [kind.value for kind in ContactKind if kind not in known]
    if missing:
        return Seen(Verdict.NOT_MET, "contacts_missing", {"kinds": missing})
    stale = [kind.value for kind in ContactKind if sight.at - known[kind] > timedelta(days=days)]
    oldest = min(known[kind] for kind in ContactKind).date()
    if stale:
        return Seen(Verdict.NOT_MET, "contacts_stale", {"kinds": stale, "on": oldest})
    return Seen(Verdict.MET, "contacts_fresh", {"on": oldest})


def https(sight: Sight, figures: Figures) -> Seen:
    """Calls, and only over HTTPS, within the days that count."""
    calls, days = sight.calls, figures.get("days", 30)
    if calls is None or not (calls.plain or calls.encrypted):
        return Seen(Verdict.UNKNOWN, "https_no_calls", {"days": days})
    if calls.plain:
        last = None if calls.last_plain is None else calls.last_plain.date()
        return Seen(Verdict.NOT_MET, "https_plain", {"plain": calls.plain, "days": days, "on": last})
    return Seen(Verdict.MET, "https_only", {"encrypted": calls.encrypted, "days": days})


def certificate(sight: Sight, figures: Figures) -> Seen:
    """Has a certificate bound that is valid, and for a while yet."""
    if not sight.certificates:
        return Seen(Verdict.NOT_MET, "certificate_none", {})
    valid = [each for each in sight.certificates if in_validity(each, sight.at)]
    until = max(each.not_after for each in valid or sight.certificates)
    days = figures.get("days", 0)
    if not valid:
        return Seen(Verdict.NOT_MET, "certificate_invalid", {"on": until.date()})
    if until - sight.at < timedelta(days=days):
        return Seen(Verdict.NOT_MET, "certificate_short", {"on": until.date(), "days": days})
    return Seen(Verdict.MET, "certificate_valid", {"on": until.date()})


def notice(sight: Sight, _figures: Figures) -> Seen:
    """The vendor's release rhythm is stated, so that notices can be placed."""
    if sight.rhythm is None:
        return Seen(Verdict.UNKNOWN, "notice_unstated", {"vendor": sight.system.vendor})
    every, freeze = sight.rhythm.every_months, sight.rhythm.freeze_months
    values = {"vendor": sight.system.vendor, "on": sight.rhythm.first_release, "every": every, "freeze": freeze}
    return Seen(Verdict.MET, "notice_stated", values)


SEEN: Mapping[str, Callable[[Sight, Figures], Seen]] = {
    "use_npn": use_npn,
    "stock": stock,
    "modulus": modulus,
    "contacts": contacts,
    "https": https,
    "certificate": certificate,
    "notice": notice,
}

_KINDS = {
    ContactKind.TECHNICAL: {Language.DANISH: "teknisk kontakt", Language.ENGLISH: "technical contact"},
    ContactKind.ADMINISTRATIVE: {Language.DANISH: "administrativ kontakt", Language.ENGLISH: "administrative contact"},
    ContactKind.ON_CALL: {Language.DANISH: "døgnvagt", Language.ENGLISH: "on-call contact"},
}


_TELLERS: Mapping[str, Callable[..., str]] = {"every": every_months, "freeze": frozen_months}


def _shown(value: object, language: Language) -> str:
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}" if language is Language.DANISH else value.isoformat()
    if isinstance(value, int):
        return f"{value:,}".replace(",", "." if language is Language.DANISH else ",")
    if isinstance(value, list):
        return ", ".join(_KINDS[kind][language] for kind in value)
    return str(value)
