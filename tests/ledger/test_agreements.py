"""Every rule of the proof about agreements, broken by a ledger that is otherwise whole."""

from typing import Any

import pytest

from forging import Forger, Told, organisation, space, system
from npn.proof.verify import NotProvedError, verify

DA, EN = "a" * 64, "b" * 64


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger()


def published(version: str = "1.0", **more: Any) -> Told:
    data = {"agreement": "connection", "version": version, "digest_da": DA, "digest_en": EN}
    return "agreement_published", data | {
        "effective_from": "2026-01-01",
        "notice_days": 183,
        "proposal": None,
        "by": "t",
        **more,
    }


def accepted(letter: str = "1", **more: Any) -> Told:
    data = {"acceptance": "a" + letter * 20, "agreement": "connection", "version": "1.0", "digest_da": DA}
    return "agreement_accepted", {**data, "system": "lab", "statement": DA, "by": "t", **more}


def ended(letter: str = "1", **more: Any) -> Told:
    data = {"acceptance": "a" + letter * 20, "system": "lab", "reason": "r", "by": "t"}
    return "agreement_acceptance_ended", {**data, **more}


def dates(**more: Any) -> Told:
    data = {"agreement": "connection", "version": "1.0", "inform_from": None, "warn_from": None}
    return "agreement_dates_set", {**data, "refuse_from": None, "by": "t", **more}


def proposed(revision: int = 1, **more: Any) -> Told:
    data = {"proposal": "2026-1", "agreement": "connection", "version": "2.0", "revision": revision}
    return "agreement_change_proposed", data | {
        "forum": "user_group",
        "digest_da": EN,
        "digest_en": DA,
        "by": "t",
        **more,
    }


def decided(**more: Any) -> Told:
    data = {"proposal": "2026-1", "outcome": "adopted", "decided_on": "2026-02-01", "minutes": "m"}
    return "agreement_change_decided", {**data, "effective_from": "2026-09-01", "by": "t", **more}


def place(event: str, **more: Any) -> Told:
    return event, {"place": "o" + "1" * 20, "system": "lab", "by": "t", **more}


COMMENTED: Told = (
    "agreement_change_commented",
    {"proposal": "2026-1", "section": "4.2", "statement": DA, "by": "t"},
)
NEED: Told = (
    "agreement_change_need_said",
    {"proposal": "2026-1", "system": "lab", "statement": DA, "by": "t"},
)
RESPITE: Told = (
    "agreement_respite_granted",
    {"agreement": "connection", "system": "lab", "until": "2026-03-01", "reason": "r", "by": "t"},
)
SHOWN: Told = (
    "requirement_shown",
    {"system": "lab", "requirement": "modulus", "met": True, "statement": DA, "by": "t"},
)
EXEMPTED: Told = (
    "requirement_exempted",
    {"system": "lab", "requirement": "modulus", "until": "2026-03-01", "reason": "r", "by": "t"},
)
NOTED = place("other_numbers_noted", kind="local_numbers")
SECOND = published("2.0", digest_da=EN, digest_en=DA, effective_from="2026-09-01", proposal="2026-1")

GOOD = [
    published(),
    accepted(),
    ended(),
    accepted("2"),
    dates(warn_from="2026-02-01", refuse_from="2026-03-01"),
    RESPITE,
    SHOWN,
    EXEMPTED,
    NOTED,
    place("other_numbers_ended"),
    proposed(),
    COMMENTED,
    NEED,
    decided(),
    SECOND,
]


def written(forger: Forger, told: list[Told]) -> Any:
    start = [space(), forger.key_added, organisation("vendor", "V"), organisation("owner", "O"), system("lab")]
    return forger.write([*start, *told])


def test_agreements_that_keep_the_rules_verify(forger: Forger) -> None:
    verify(written(forger, GOOD))


BROKEN: dict[str, tuple[list[Told], str]] = {
    "a version that is not later": ([published(), published()], "is not later than those before"),
    "a version that takes effect before": (
        [published(), published("1.1", effective_from="2025-12-31")],
        "before the one it follows",
    ),
    "a version of no proposal": ([published(), SECOND], "not what the proposal 2026-1 was adopted as"),
    "a version of an open proposal": ([published(), proposed(), SECOND], "was adopted as"),
    "another text than was adopted": (
        [published(), proposed(), decided(), published("2.0", effective_from="2026-09-01", proposal="2026-1")],
        "was adopted as",
    ),
    "an acceptance of nothing": ([accepted()], "version 1.0 of the agreement connection was never published"),
    "an acceptance of another text": ([published(), accepted(digest_da=EN)], "another text was accepted"),
    "an acceptance twice": ([published(), accepted(), accepted()], "is there already"),
    "an acceptance by nobody": ([published(), accepted(system="ghost")], "the system ghost was never added"),
    "an end of nothing": ([published(), ended()], "is not in force"),
    "an end twice": ([published(), accepted(), ended(), ended()], "is not in force"),
    "stages out of order": (
        [published(), dates(warn_from="2026-03-01", refuse_from="2026-02-01")],
        "a later stage begins before",
    ),
    "a refusal before the effect": ([published(), dates(refuse_from="2025-12-31")], "refuses before it takes effect"),
    "a respite from nothing": ([RESPITE], "the agreement connection was never published"),
    "an exemption of nobody": ([(EXEMPTED[0], {**EXEMPTED[1], "system": "ghost"})], "the system ghost was never added"),
    "a place noted twice": ([NOTED, NOTED], "is noted already"),
    "a place that ended": ([NOTED, place("other_numbers_ended"), place("other_numbers_ended")], "or has ended"),
    "a proposal that begins late": ([proposed(2)], "begins with draft 2"),
    "a draft left out": ([proposed(), proposed(3)], "can't have this draft"),
    "a draft after the decision": ([published(), proposed(), decided(), SECOND, proposed(2)], "can't have this draft"),
    "a comment on what is decided": (
        [proposed(), decided(outcome="rejected", effective_from=None), COMMENTED],
        "is not open",
    ),
    "a need of what is not there": ([NEED], "is not open"),
    "a decision twice": (
        [proposed(), *[decided(outcome="rejected", effective_from=None)] * 2],
        "is not open",
    ),
    "a rejected change that takes effect": ([proposed(), decided(outcome="rejected")], "does not fit its date"),
    "a day that is none": ([published(effective_from="soon")], "effective_from"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_ledger_that_breaks_a_rule_of_agreements_is_not_proved(forger: Forger, case: str) -> None:
    told, says = BROKEN[case]
    with pytest.raises(NotProvedError, match=says):
        verify(written(forger, told))
