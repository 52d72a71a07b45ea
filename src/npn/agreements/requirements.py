"""The requirements the platform can see, each checked against what is observed: met, not met or unknown, with evidence.

A requirement's figures (`days=183`) come from the text. One that is not in `SEEN`, or that can't be told from what is
seen, is known only by how somebody showed it. An observed failure overrides what was shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from npn.agreements.model import Language, RequirementExemption
from npn.agreements.observations import Observation
from npn.agreements.text import Section
from npn.agreements.wording import SENTENCES, every_months, frozen_months
from npn.instants import danish_day, day_in
from npn.pools.model import PoolState
from npn.stock.cover import REPORT_HOLDS, RULE_DAYS, CoverSource
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
class Judgement:
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
    seen: Judgement
    exempt: RequirementExemption | None = None

    @property
    def verdict(self) -> Verdict:
        """Return the verdict."""
        return self.seen.verdict


def check(section: Section, observation: Observation) -> Check:
    """Hold a system against one requirement."""
    judge = SEEN.get(section.name)
    judgement = judge(observation, section.figures) if judge else Judgement(Verdict.UNKNOWN, "not_visible", {})
    if judgement.verdict is Verdict.UNKNOWN:
        judgement = _as_shown(section.name, observation) or judgement
    exempt = (observation.exempt or {}).get(section.name)
    holds = exempt is not None and exempt.until > danish_day(observation.at)
    return Check(section.name, section.number, judgement, exempt if holds else None)


def _as_shown(name: str, observation: Observation) -> Judgement | None:
    evidence = (observation.shown or {}).get(name)
    if evidence is None:
        return None
    values = {"how": evidence.how, "on": evidence.shown_on, "by": evidence.recorded_by, "until": evidence.expires_on}
    if evidence.expires_on is not None and evidence.expires_on <= danish_day(observation.at):
        return Judgement(Verdict.UNKNOWN, "shown_expired", values)
    return Judgement(Verdict.MET if evidence.met else Verdict.NOT_MET, "shown" if evidence.met else "shown_not", values)


def use_npn(observation: Observation, _figures: Figures) -> Judgement:
    """Draws, and sends no answers onward about samples with other numbers."""
    onward = [other for other in observation.others if other.sends_onward]
    if onward:
        return Judgement(Verdict.NOT_MET, "use_npn_onward", {"places": "; ".join(other.place for other in onward)})
    if observation.drawn_at is None or observation.at - observation.drawn_at > timedelta(days=365):
        return Judgement(Verdict.UNKNOWN, "use_npn_no_draw", {})
    return Judgement(
        Verdict.MET, "use_npn_draws", {"on": danish_day(observation.drawn_at), "places": len(observation.others)}
    )


def stock(observation: Observation, figures: Figures) -> Judgement:
    """Reports a stock that lasts long enough; an estimate from draws tells too little to say either."""
    cover, days = observation.cover, figures.get("days", RULE_DAYS)
    if cover is None or cover.source is CoverSource.UNKNOWN or cover.free is None:
        return Judgement(Verdict.UNKNOWN, "stock_unreported", {})
    values = {"free": cover.free, "days": days, "on": None if cover.as_of is None else danish_day(cover.as_of)}
    if cover.source is CoverSource.ESTIMATED:
        return Judgement(Verdict.UNKNOWN, "stock_estimated", {**values, "cover": cover.whole_days})
    if cover.days is None:
        return Judgement(Verdict.MET if cover.free else Verdict.UNKNOWN, "stock_unused", values)
    verdict = Verdict.MET if cover.days >= days else Verdict.NOT_MET
    return Judgement(verdict, "stock_cover", {**values, "cover": cover.whole_days})


def modulus(observation: Observation, _figures: Figures) -> Judgement:
    """Counts in usable numbers: through our agent, or in stock reports that can be true."""
    agents = [p for p in observation.pools if p.state is PoolState.ACTIVE and observation.at - p.contact_at <= FRESH]
    if agents:
        latest = max(pool.contact_at for pool in agents)
        return Judgement(Verdict.MET, "modulus_agent", {"on": danish_day(latest)})
    report = observation.report
    if report is None or observation.at - report.as_of > FRESH:
        return Judgement(Verdict.UNKNOWN, "modulus_unseen", {})
    values = {"free": report.free, "usable": observation.usable, "on": danish_day(report.as_of)}
    if report.free > observation.usable:
        return Judgement(Verdict.NOT_MET, "modulus_too_many", values)
    return Judgement(Verdict.MET, "modulus_reported", values)


def contacts(observation: Observation, figures: Figures) -> Judgement:
    """Has every kind of contact, each confirmed lately."""
    confirmed_at, days = observation.contacts or {}, figures.get("days", 365)
    missing = [kind.value for kind in ContactKind if kind not in confirmed_at]
    if missing:
        return Judgement(Verdict.NOT_MET, "contacts_missing", {"kinds": missing})
    stale = [kind.value for kind in ContactKind if observation.at - confirmed_at[kind] > timedelta(days=days)]
    oldest = danish_day(min(confirmed_at[kind] for kind in ContactKind))
    if stale:
        return Judgement(Verdict.NOT_MET, "contacts_stale", {"kinds": stale, "on": oldest})
    return Judgement(Verdict.MET, "contacts_fresh", {"on": oldest})


def https(observation: Observation, figures: Figures) -> Judgement:
    """Calls, and only over HTTPS, within the days that count."""
    calls, days = observation.calls, figures.get("days", 30)
    if calls is None or not (calls.plain or calls.secure):
        return Judgement(Verdict.UNKNOWN, "https_no_calls", {"days": days})
    if calls.plain:
        last = None if calls.plain_at is None else danish_day(calls.plain_at)
        return Judgement(Verdict.NOT_MET, "https_plain", {"plain": calls.plain, "days": days, "on": last})
    return Judgement(Verdict.MET, "https_only", {"encrypted": calls.secure, "days": days})


def certificate(observation: Observation, figures: Figures) -> Judgement:
    """Has a certificate bound that is valid, and for a while yet."""
    if not observation.certificates:
        return Judgement(Verdict.NOT_MET, "certificate_none", {})
    valid = [candidate for candidate in observation.certificates if in_validity(candidate, observation.at)]
    until = max(candidate.not_after for candidate in valid or observation.certificates)
    days = figures.get("days", 0)
    if not valid:
        return Judgement(Verdict.NOT_MET, "certificate_invalid", {"on": danish_day(until)})
    if until - observation.at < timedelta(days=days):
        return Judgement(Verdict.NOT_MET, "certificate_short", {"on": danish_day(until), "days": days})
    return Judgement(Verdict.MET, "certificate_valid", {"on": danish_day(until)})


def notice(observation: Observation, _figures: Figures) -> Judgement:
    """The vendor's release rhythm is stated, so that notices can be placed."""
    if observation.rhythm is None:
        return Judgement(Verdict.UNKNOWN, "notice_unstated", {"vendor": observation.system.vendor})
    every, freeze = observation.rhythm.every_months, observation.rhythm.freeze_months
    values = {
        "vendor": observation.system.vendor,
        "on": observation.rhythm.first_release,
        "every": every,
        "freeze": freeze,
    }
    return Judgement(Verdict.MET, "notice_stated", values)


SEEN: Mapping[str, Callable[[Observation, Figures], Judgement]] = {
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
        return day_in(language, value)
    if isinstance(value, int):
        return f"{value:,}".replace(",", "." if language is Language.DANISH else ",")
    if isinstance(value, list):
        return ", ".join(_KINDS[kind][language] for kind in value)
    return str(value)
