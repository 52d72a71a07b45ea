"""The forgeries that once verified, one by one: each is refused by both verifiers, or named."""

import json
from datetime import timedelta
from typing import Any

import pytest

from forging import (
    AT,
    Forger,
    Told,
    account,
    approved,
    dated,
    granted,
    head_after,
    imported,
    proposed,
    recovered,
    released,
)
from ledger.test_again import (
    ADOPTED,
    BACK,
    FIRST,
    GIVEN,
    POLICY,
    SERIES,
    UPPER,
    again,
    agreed,
    fails,
    given_back,
    holds,
    regrant,
    wish,
)
from ledger.test_again import forger as forger  # noqa: PLC0414  # a fixture
from ledger.test_again import start as start  # noqa: PLC0414  # a fixture
from ledger.test_rules import taken_back

LATER = AT.replace(year=2099)


def test_a_regrant_of_the_year_2099(forger: Forger, start: list[Told]) -> None:
    early = given_back(until="2036-12-01T08:00:00Z")
    told = [*start, *early, *agreed(*UPPER), dated(regrant(*UPPER), LATER), again(*UPPER)]
    fails(forger.write(told), "later than the checkpoint")
    accepted = ("clock_accepted", {"newest": "2099-11-23T08:00:00.000000Z", "reason": "known", "by": "admin:root"})
    fails(forger.write([*told, ADOPTED, accepted]), "later than the checkpoint")


def test_a_quarantine_that_ended_before_its_release(forger: Forger, start: list[Told]) -> None:
    fails(forger.write([*start, *given_back(until="1989-11-23T08:00:00Z"), *GIVEN[2:]]), "ends before its release")


def test_a_quarantine_of_a_second(forger: Forger, start: list[Told]) -> None:
    at_once = given_back(at=AT, until="2026-11-23T08:00:00Z")
    fails(forger.write([*start, *at_once, ADOPTED, POLICY, *GIVEN[2:]]), "less than 365 days")
    fails(forger.write([*start, ADOPTED, POLICY, *at_once, *GIVEN[2:]]), "3650 days after")
    holds(
        forger.write([*start, *at_once, *GIVEN[2:]]),
        "numbers granted again after a quarantine of less than 365 days: 1",
    )


def test_a_second_regrant_back_to_the_first_holder(forger: Forger, start: list[Told]) -> None:
    second, other = "s" + "2" * 20, "r" + "1" * 20
    told = [
        *start,
        *GIVEN,
        again(*UPPER, series=second),
        dated(
            released(*UPPER, series=second, system="other", quarantine_until="2024-12-01T08:00:00Z"),
            AT - timedelta(900),
        ),
        proposed("a2", "regrant", wish(*UPPER, second)),
        approved("a2"),
        regrant(*UPPER, regrant=other, series=second, approval="a2"),
        again(*UPPER, regrant=other, system="lab", series="s" + "3" * 20, request_id="x"),
    ]
    fails(forger.write(told), "which had them")


def test_a_series_older_than_a_rebuilt_witness(forger: Forger, start: list[Told]) -> None:
    before = [*start, *BACK]
    rebuilt = ("witness_rebuilt", {"by": "admin:root", **head_after(forger, before)})
    fails(forger.write([*before, rebuilt, *GIVEN[2:]]), "older than a recovery")


def by(proposer: str, approver: str) -> list[Told]:
    return [
        *BACK,
        proposed("a1", "regrant", wish(*UPPER), by=f"account:{proposer}"),
        approved("a1", by=f"account:{approver}"),
        regrant(*UPPER, by=f"account:{proposer}, account:{approver}"),
    ]


SUSPENDED: dict[str, Any] = {"account": "b", "role": "operator", "organisation": None, "state": "suspended"}


@pytest.mark.parametrize(
    "case",
    [
        ([], "x", "y", "never added"),
        ([], "a", "y", "never added"),
        ([account(x, role="vendor", organisation="vendor-v") for x in "vw"], "v", "w", "not an active operator's"),
        ([account("v", role="vendor", organisation="vendor-v")], "a", "v", "not an active operator's"),
        ([("account_changed", {**SUSPENDED, "by": "admin:root"})], "a", "b", "not an active operator's"),
        ([("account_changed", {**SUSPENDED, "by": "admin:root"})], "b", "a", "not an active operator's"),
        ([account("c", by="account:a")], "a", "c", "may be the proposer's own"),
        ([account("c", by="account:a")], "c", "a", "may be the proposer's own"),
    ],
)
def test_two_people_who_are_none(forger: Forger, start: list[Told], case: tuple[list[Told], str, str, str]) -> None:
    before, proposer, approver, reason = case
    fails(forger.write([*start, *before, *by(proposer, approver)]), reason)


@pytest.mark.parametrize("length", [0, 3, 9, 10])
def test_a_recovery_whose_witness_knew_no_more(forger: Forger, start: list[Told], length: int) -> None:
    head = head_after(forger, start)
    assert head["length"] == 10
    huge = recovered(FIRST, FIRST + 6_999_999_990, [(FIRST, FIRST + 6_999_999_989)], head)
    witness = {"length": length, "hash": "a" * 64}
    fails(forger.write([*start, (huge[0], {**huge[1], "witness": witness})]), "no more than the 10 of the database")
    idle = (huge[0], {**huge[1], "witness": witness, "cursors": [], "withheld": []})
    holds(forger.write([*start, idle]))  # it knew other entries: a recovery that is made again after a crash
    known = {"length": length, "hash": json.loads(forger.write(start)[length - 1])["hash"] if length else "0" * 64}
    idle = (huge[0], {**idle[1], "witness": known})
    remark = "under the older rules: recoveries in which the witness knew no more than the database: 1"
    holds(forger.write([*start, idle]), remark)
    ruled = [*start, ADOPTED]
    later = (idle[0], {**idle[1], "database": head_after(forger, ruled)})
    fails(forger.write([*ruled, later]), "no more than the 11 of the database")


@pytest.mark.parametrize(
    ("seq", "right"), [(1, False), (10, False), (11, True), (99, True), (100, False), (10**12, False)]
)
def test_a_receipt_is_of_the_time_that_was_lost(forger: Forger, start: list[Told], seq: int, right: bool) -> None:  # noqa: FBT001
    told = [*start, recovered(FIRST, FIRST + 100, [(FIRST, FIRST + 99)], head_after(forger, start))]
    lines = forger.write([*told, taken_back(receipt_seq=seq)])
    holds(lines) if right else fails(lines, "what was lost are the entries 11 to 99")


def test_a_receipt_brings_one_series_back(forger: Forger, start: list[Told]) -> None:
    told = [*start, recovered(FIRST, FIRST + 100, [(FIRST, FIRST + 99)], head_after(forger, start))]
    both = [taken_back(receipt_seq=50), taken_back_beside(receipt_seq=50)]
    fails(forger.write([*told, *both]), "brought a series back before")


def taken_back_beside(**changed: object) -> Told:
    """Take another series back, into what is left above the first one."""
    beside = {"series": "s" + "f" * 20, "first": str(FIRST + 20), "last": str(FIRST + 99), "usable": "7"}
    return taken_back(**beside, request_id="x", withheld="w" + "b" * 20, left=[], **changed)


def with_ledgers_before(start: list[Told], forger: Forger, **members: object) -> list[Told]:
    """A recovery after the rules were adopted, whose witness knew entry 9 as another than this ledger has."""
    ruled = [*start, ADOPTED]
    kind, data = recovered(FIRST, FIRST + 100, [(FIRST, FIRST + 99)], head_after(forger, ruled))
    return [*ruled, (kind, {**data, "witness": {"length": 9, "hash": "a" * 64}, **members})]


@pytest.mark.parametrize(
    ("seq", "right"), [(5, False), (6, True), (9, True), (11, True), (20, True), (21, False), (10**12, False)]
)
def test_a_receipt_may_be_of_a_ledger_that_the_witness_followed_before(
    forger: Forger,
    start: list[Told],
    seq: int,
    right: bool,  # noqa: FBT001
) -> None:
    told = with_ledgers_before(start, forger, shared=5, longest=20)
    lines = forger.write([*told, taken_back(receipt_seq=seq)])
    holds(lines) if right else fails(lines, "what was lost are the entries 6 to 20")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "no more than the 11 of the database"),
        ({"longest": 20}, "no more than the 11 of the database"),
        ({"shared": 9}, "no more than the 11 of the database"),
        ({"shared": 10, "longest": 20}, "no more than the 11 of the database"),
        ({"shared": 11}, "would not have been lost"),
        ({"shared": 10**9}, "would not have been lost"),
        ({"shared": 5, "longest": 5}, "would not have been lost"),
        ({"longest": 11}, "would not have been lost"),
        ({"shared": -1}, "not of its form"),
        ({"longest": None}, "not of its form"),
    ],
)
def test_ledgers_before_are_named_only_where_they_were_lost(
    forger: Forger, start: list[Told], members: dict[str, object], reason: str
) -> None:
    fails(forger.write(with_ledgers_before(start, forger, **members)), reason)


def test_what_the_witness_knew_of_this_very_ledger_is_no_loss(forger: Forger, start: list[Told]) -> None:
    known = {"length": 9, "hash": json.loads(forger.write(start)[8])["hash"]}
    fails(forger.write(with_ledgers_before(start, forger, shared=5, witness=known)), "no more than the 11")


def test_an_older_ledger_is_recovered_by_a_newer_program_before_it_adopts_the_rules(
    forger: Forger, start: list[Told]
) -> None:
    kind, data = recovered(FIRST, FIRST + 100, [(FIRST, FIRST + 99)], head_after(forger, start))
    holds(forger.write([*start, (kind, {**data, "shared": 5})]))


def test_a_receipt_of_each_of_several_ledgers_may_be_of_one_place_and_is_used_once(
    forger: Forger, start: list[Told]
) -> None:
    first, second = taken_back(receipt_seq=15), taken_back_beside(receipt_seq=15)
    both = [*with_ledgers_before(start, forger, shared=5, longest=20), first]
    other = (second[0], {**second[1], "receipt_hash": "9" * 64})
    holds(forger.write([*both, other]))
    fails(forger.write([*both, (second[0], {**second[1], "receipt_hash": first[1]["receipt_hash"]})]), "back before")


def test_a_recovery_withholds_nothing_on_both_sides_of_its_cursor(forger: Forger, start: list[Told]) -> None:
    head = head_after(forger, start)
    fails(forger.write([*start, recovered(FIRST, FIRST + 99, [(FIRST, FIRST + 99)], head)]), "both sides of the cursor")
    holds(forger.write([*start, recovered(FIRST, FIRST + 99, [(FIRST, FIRST + 98), (FIRST + 99, FIRST + 200)], head)]))


@pytest.mark.parametrize(
    "empty",
    [{"skipped": []}, {"by": ""}, {"regrant": None}, {"claimed": ""}, {"skipped": None}],
    ids=json.dumps,
)
def test_an_optional_member_that_is_empty(forger: Forger, start: list[Told], empty: dict[str, object]) -> None:
    fails(forger.write([*start, granted(FIRST, FIRST + 999, 91, **empty)]), "not of its form|is not one account")


def test_empty_members_of_every_event(forger: Forger, start: list[Told]) -> None:
    for told in (account("c", approval=None), account("c", claimed=""), released(FIRST, FIRST + 999, by="")):
        fails(forger.write([*start, granted(FIRST, FIRST + 999, 91), told]), "not of its form")
    policy = ("quarantine_policy_set", {"days": 365, "by": "init", "approval": None})
    fails(forger.write([*start, ADOPTED, policy]), "not of its form")


SYSTEM: dict[str, Any] = {"system": "lab", "by": "t"}


@pytest.mark.parametrize(
    "told",
    [
        imported(FIRST, FIRST + 9, drawn_at="2026-99-99T99:99:99Z"),
        imported(FIRST, FIRST + 9, drawn_at="2026-02-31T00:00:00Z"),
        imported(FIRST, FIRST + 9, drawn_at="2026-02-01T24:00:00Z"),
        imported(FIRST, FIRST + 9, drawn_at="2026-02-01T23:61:00.000000Z"),
        imported(FIRST, FIRST + 9, drawn_at="2026-02-01T23:59:60Z"),
        imported(FIRST, FIRST + 9, drawn_at="0000-01-01T00:00:00Z"),
        ("sunset_announced", {"cut_off": "2027-13-01T00:00:00Z", "reason": "r", "short_notice": False, "by": "t"}),
        ("transport_exception_granted", {**SYSTEM, "until": "2027-02-29T00:00:00Z", "reason": "r"}),
        ("requirement_exempted", {**SYSTEM, "requirement": "modulus", "until": "2027-02-30", "reason": "r"}),
        ("requirement_exempted", {**SYSTEM, "requirement": "modulus", "until": "0000-02-20", "reason": "r"}),
        ("clock_accepted", {"newest": "2026-11-31T00:00:00Z", "reason": "r", "by": "admin:root"}),
    ],
)
def test_a_time_or_day_that_is_none(forger: Forger, start: list[Told], told: Told) -> None:
    ruled = [ADOPTED] if told[0] == "clock_accepted" else []
    fails(forger.write([*start, *ruled, told]), "is not a valid (instant|day)")


@pytest.mark.parametrize(
    "at",
    [
        "9999-99-99T99:99:99.000000Z",
        "9999-12-31T00:00:00.000000Z",
        "0000-01-01T00:00:00.000000Z",
        "2026-11-23T24:00:00Z",
    ],
)
def test_a_checkpoint_of_no_time(forger: Forger, start: list[Told], at: str) -> None:
    fails(forger.write(start, at=at), "not a valid timestamp")


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00.000000Z", "2026-11-23T07:58:59.999999Z"])
def test_a_checkpoint_before_its_entries(forger: Forger, start: list[Told], at: str) -> None:
    fails(forger.write(start, at=at), "later than the checkpoint by more than a minute")


def test_an_entry_long_after_its_checkpoint(forger: Forger, start: list[Told]) -> None:
    ahead = AT.replace(year=2096)
    told = [*start, dated(granted(FIRST, FIRST + 999, 91), ahead)]
    fails(forger.write(told), "entry 11 is later than the checkpoint")
    accepted: dict[str, Any] = {
        "newest": "2096-11-23T08:00:00.000000Z",
        "reason": "the clock was wrong",
        "by": "admin:root",
    }
    holds(forger.write([*told, ADOPTED, ("clock_accepted", accepted)]))
    fails(forger.write([*told, ("clock_accepted", accepted)]), "before any rules")
    fails(forger.write([*start, ADOPTED, ("clock_accepted", accepted), told[-1]]), "not the latest time")
    early = {**accepted, "newest": "2090-11-23T08:00:00.000000Z"}
    fails(forger.write([*told, ADOPTED, ("clock_accepted", early)]), "not the latest time")
    again_ahead = dated(granted(FIRST + 1000, FIRST + 1999, 91), ahead)
    fails(forger.write([*told, ADOPTED, ("clock_accepted", accepted), again_ahead]), "entry 14 is later")


def test_a_minute_ahead_is_no_wrong_clock(forger: Forger, start: list[Told]) -> None:
    holds(forger.write(start, at="2026-11-23T07:59:00.000000Z"))


def test_numbers_granted_three_times_are_not_called_given_once(forger: Forger, start: list[Told]) -> None:
    second, third = "s" + "2" * 20, "s" + "3" * 20
    told = [*start, granted(FIRST, FIRST + 999, 91)]
    holder, series = "lab", SERIES
    for step, (to, new) in enumerate((("other", second), ("third", third))):
        years = 12 - 5 * step
        back = released(FIRST, FIRST + 999, series=series, system=holder, quarantine_until="2025-12-01T08:00:00Z")
        told += [
            dated(back, AT - timedelta(days=365 * years)),
            proposed(f"a{step}", "regrant", wish(FIRST, FIRST + 999, series)),
            approved(f"a{step}"),
            regrant(FIRST, FIRST + 999, series=series, regrant=f"r{step:020x}", approval=f"a{step}"),
            again(FIRST, FIRST + 999, series=new, system=to, regrant=f"r{step:020x}", request_id=f"x{step}"),
        ]
        holder, series = to, new
    holds(forger.write(told), again=2000)
