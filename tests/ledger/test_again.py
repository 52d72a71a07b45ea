"""Numbers granted again, and what two people must agree on: every rule broken by a ledger that is otherwise whole."""

from datetime import datetime, timedelta
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
    organisation,
    proposed,
    recovered,
    released,
    space,
    system,
)
from npn.numbers.scheme import NPN10
from npn.proof.verify import NotProvedError, verify
from second_verifier import verify_many

FIRST = 1_000_000_000
SERIES = f"s{FIRST:020x}"
REGRANT = "r" + "0" * 20
BEFORE = AT - timedelta(days=4000)
ADOPTED: Told = ("rules_adopted", {"rules": 2, "by": "init"})
POLICY: Told = ("quarantine_policy_set", {"days": 3650, "by": "init"})


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger()


@pytest.fixture
def start(forger: Forger) -> list[Told]:
    """Two operators made by the shell, four systems."""
    return [
        space(),
        forger.key_added,
        organisation("vendor", "V"),
        organisation("owner", "O"),
        *(system(name) for name in ("lab", "other", "third", "fourth")),
        account("a"),
        account("b"),
    ]


def fails(lines: list[bytes], reason: str) -> None:
    """Insist that both verifiers refuse a ledger, ours for this reason."""
    with pytest.raises(NotProvedError, match=reason):
        verify(lines)
    assert verify_many([lines])[0]["verified"] is False


def holds(lines: list[bytes], *remarks: str, again: int = 0) -> None:
    """Insist that both verifiers prove a ledger, and say the same of it."""
    found = verify(lines)
    assert (found.remarks, found.totals.again) == (remarks, again)
    (other,) = verify_many([lines])
    assert (other["verified"], tuple(other["remarks"]), other["numbers_granted_again"]) == (True, remarks, again)


def given_back(first: int = FIRST + 500, at: datetime = BEFORE, until: str = "2025-12-01T08:00:00Z") -> list[Told]:
    grant = granted(FIRST, FIRST + 999, 91)
    return [grant, dated(released(first, FIRST + 999, quarantine_until=until), at)]


def wish(first: int, last: int, series: str = SERIES) -> dict[str, object]:
    return {"series": series, "first": str(first), "last": str(last)}


def agreed(first: int, last: int, **changed: Any) -> list[Told]:
    return [proposed("a1", "regrant", wish(first, last), **changed), approved("a1")]


def regrant(first: int, last: int, **changed: object) -> Told:
    data: dict[str, Any] = {
        "regrant": REGRANT,
        "series": SERIES,
        "space": "production",
        "first": str(first),
        "last": str(last),
        "approval": "a1",
        "by": "account:a, account:b",
    }
    return "regrant_approved", data | changed


def again(first: int, last: int, **changed: object) -> Told:
    more = {"system": "other", "regrant": REGRANT, **changed}
    return granted(first, last, NPN10.count(first, last), **more)


def asked(told: list[Told], **changed: object) -> list[Told]:
    """Change the proposal that comes first."""
    return [(told[0][0], told[0][1] | changed), *told[1:]]


BACK = given_back()
UPPER = (FIRST + 500, FIRST + 999)
GIVEN = [*BACK, *agreed(*UPPER), regrant(*UPPER)]


def test_numbers_granted_again_as_two_people_agreed_verify(forger: Forger, start: list[Told]) -> None:
    drawn = [again(FIRST + 500, FIRST + 699), again(FIRST + 700, FIRST + 999, request_id="x")]
    holds(forger.write([*start, *GIVEN, *drawn]), again=500)


WRONG: dict[str, tuple[list[Told], str]] = {
    "no proposal": ([*BACK, regrant(*UPPER)], "no proposal was made"),
    "twice": ([*GIVEN, regrant(*UPPER, regrant="r" + "1" * 20)], "or it was used before"),
    "other numbers": ([*BACK, *agreed(FIRST + 600, FIRST + 999), regrant(*UPPER)], "about other numbers"),
    "another kind": ([*BACK, *asked(agreed(*UPPER), kind="limits"), regrant(*UPPER)], "no proposal"),
    "by one": ([*BACK, *agreed(*UPPER), regrant(*UPPER, by="account:a")], "not made and approved by"),
    "by text": ([*BACK, *agreed(*UPPER), regrant(*UPPER, by="a and b")], "not made and approved by"),
    "the other way round": (
        [*BACK, *agreed(*UPPER), regrant(*UPPER, by="account:b, account:a")],
        "no proposal was made",
    ),
    "still held": ([*BACK, *agreed(FIRST + 400, FIRST + 999), regrant(FIRST + 400, FIRST + 999)], "still holds"),
    "in quarantine": ([*given_back(until="2036-11-20T08:00:00Z"), *GIVEN[2:]], "in quarantine"),
    "nothing approved": ([*BACK, again(FIRST + 500, FIRST + 599)], "was never approved"),
    "not at its cursor": ([*GIVEN, again(FIRST + 501, FIRST + 599)], "does not start at the cursor"),
    "past its end": ([*GIVEN, again(FIRST + 500, FIRST + 1000)], "or leaves it"),
    "the same holder": ([*GIVEN, again(FIRST + 500, FIRST + 599, system="lab")], "which had them"),
    "with jumps": (
        [*GIVEN, again(FIRST + 500, FIRST + 599, skipped=[{"first": str(FIRST + 1000), "last": str(FIRST + 1000)}])],
        "skips nothing",
    ),
    "the same numbers again": (
        [
            *GIVEN,
            again(FIRST + 500, FIRST + 599),
            again(FIRST + 500, FIRST + 599, request_id="x", series="s" + "2" * 20),
        ],
        "does not start at the cursor",
    ),
    "as if they were new": ([*GIVEN, granted(FIRST + 500, FIRST + 599, 9, system="other")], "the cursor of production"),
    "a wish that is nonsense": ([*BACK, *asked(agreed(0, 0), wish="nonsense"), regrant(*UPPER)], "no JSON"),
    "a wish that is deep": ([*BACK, *asked(agreed(0, 0), wish="[" * 4000), regrant(*UPPER)], "no JSON"),
    "a wish with blanks": ([*asked(agreed(*UPPER), wish='{"days": 1}')], "not an object in canonical form"),
    "a wish that is a list": ([*asked(agreed(*UPPER), wish="[]")], "not an object in canonical form"),
    "a wish with a doubled member": ([*asked(agreed(*UPPER), wish='{"days":1,"days":2}')], "stands twice"),
    "a wish with a fraction": ([*asked(agreed(*UPPER), wish='{"days":1.0}')], "not a whole number"),
}


@pytest.mark.parametrize("case", WRONG)
def test_numbers_granted_again_against_the_rules_fail(forger: Forger, start: list[Told], case: str) -> None:
    told, reason = WRONG[case]
    fails(forger.write([*start, *told]), reason)


def test_no_former_holder_is_ever_given_them_again(forger: Forger, start: list[Told]) -> None:
    second = "s" + "2" * 20
    other = "r" + "1" * 20
    told = [
        *start,
        *GIVEN,
        again(*UPPER, series=second),
        dated(released(*UPPER, series=second, system="other", quarantine_until="2024-12-01T08:00:00Z"), BEFORE),
        proposed("a2", "regrant", wish(*UPPER, second)),
        approved("a2"),
        regrant(*UPPER, regrant=other, series=second, approval="a2"),
    ]
    more = {"request_id": "x", "series": "s" + "3" * 20, "regrant": other}
    for former in ("lab", "other"):
        fails(forger.write([*told, again(*UPPER, system=former, **more)]), "which had them")
    holds(forger.write([*told, again(*UPPER, system="third", **more)]), again=1000)


def test_a_recovery_or_a_new_witness_leaves_nothing_to_be_granted_again(forger: Forger, start: list[Told]) -> None:
    before = [*start, *GIVEN, again(FIRST + 500, FIRST + 599)]
    head = head_after(forger, before)
    rebuilt = ("witness_rebuilt", {"by": "admin:root", **head})
    for told in (recovered(FIRST + 1000, FIRST + 1100, [(FIRST + 1000, FIRST + 1099)], head), rebuilt):
        holds(forger.write([*before, told]), again=100)
        fails(
            forger.write([*before, told, again(FIRST + 600, FIRST + 699, request_id="x")]),
            "does not start at the cursor",
        )


def test_after_a_recovery_or_with_a_new_witness_nothing_older_is_granted_again(
    forger: Forger, start: list[Told]
) -> None:
    before = [*start, *BACK]
    head = head_after(forger, before)
    rebuilt = ("witness_rebuilt", {"by": "admin:root", **head})
    for told in (recovered(FIRST + 1000, FIRST + 1100, [(FIRST + 1000, FIRST + 1099)], head), rebuilt):
        fails(forger.write([*before, told, *GIVEN[2:]]), "older than a recovery")


SHORT = "numbers granted again after a quarantine of less than 365 days: 1"


def test_a_short_quarantine_is_named_before_there_is_a_policy_and_wrong_after(
    forger: Forger, start: list[Told]
) -> None:
    short = given_back(at=AT - timedelta(days=364), until="2025-12-01T08:00:00Z")
    holds(forger.write([*start, *short, *GIVEN[2:]]), SHORT)
    fails(forger.write([*start, *short, ADOPTED, POLICY, *GIVEN[2:]]), "less than 365 days before")
    holds(forger.write([*start, *BACK, ADOPTED, POLICY, *GIVEN[2:]]))


def test_the_policy_in_force_holds_for_each_release_and_takes_two_people_to_change(
    forger: Forger, start: list[Told]
) -> None:
    ruled = [*start, ADOPTED, POLICY, granted(FIRST, FIRST + 999, 91)]
    for until, right in (
        ("2036-11-20T08:00:00Z", True),
        ("2036-11-20T07:59:59Z", True),
        ("2036-11-20T07:59:58Z", False),
    ):
        told = [*ruled, released(FIRST + 500, FIRST + 999, quarantine_until=until)]
        holds(forger.write(told)) if right else fails(forger.write(told), "3650 days after")
    change: dict[str, object] = {"days": 365, "by": "account:a, account:b", "approval": "q1"}
    two = [proposed("q1", "quarantine", {"days": 365}), approved("q1")]
    year = released(FIRST + 500, FIRST + 999, quarantine_until="2027-11-23T08:00:00Z")
    holds(forger.write([*ruled, *two, ("quarantine_policy_set", change), year]))
    for wrong, reason in (
        ({**change, "days": 366}, "another quarantine"),
        ({"days": 365, "by": "init"}, "without two people"),
        ({"days": 365, "by": "account:a, account:b"}, "without two people"),
        ({**change, "approval": "q2"}, "no proposal q2"),
        ({**change, "by": "admin:root"}, "not made and approved"),
    ):
        fails(forger.write([*ruled, *two, ("quarantine_policy_set", wrong)]), reason)
    fails(forger.write([*ruled, *two, *[("quarantine_policy_set", change)] * 2]), "used before")


PAIR = {"account": "c", "act": "make"}
TIED = "under the older rules: approvals by an account that may be the proposer's own: 1"
LONE = "under the older rules: operators made, promoted, reset or activated again by one person: 1"
LIMITS = {"system": "lab", "smallest_draw": 1, "largest_draw": 10**17, "quota": None, "quota_days": None}


def limited(**changed: object) -> Told:
    data = {"system": "lab", "smallest_draw": "1", "largest_draw": str(10**17), "quota": None, "quota_days": None}
    return "system_limits_set", {**data, "by": "account:a, account:b", **changed}


def test_limits_by_two_people_are_those_that_they_agreed_on(forger: Forger, start: list[Told]) -> None:
    two = [*start, proposed("l1", "limits", LIMITS), approved("l1")]
    holds(forger.write([*two, limited(), limited()]))  # carried out again after a crash
    fails(forger.write([*two, limited(largest_draw="5")]), "no proposal of these limits")
    fails(forger.write([*start, limited()]), "no proposal was made and approved")


def tie(kind: str) -> list[Told]:
    """Let account:a make, promote, reset or change account:c."""
    outsider = [account("c", role="auditor")]
    change = {"account": "c", "organisation": None, "by": "account:a", "role": "operator", "state": "active"}
    return {
        "made": [account("c", by="account:a")],
        "reset": [account("c"), ("account_credential_set", {"account": "c", "credential": "link", "by": "account:a"})],
        "promoted": [*outsider, ("account_changed", change)],
        "suspended and back": [
            account("c"),
            ("account_changed", {**change, "state": "suspended"}),
            ("account_changed", change),
        ],
        "two steps": [
            account("d", role="auditor", by="account:a"),
            ("account_changed", {**change, "account": "d", "by": "account:b"}),
            account("c", by="account:d"),
        ],
    }[kind]


@pytest.mark.parametrize("kind", ["made", "reset", "promoted", "suspended and back", "two steps"])
def test_who_the_proposer_may_be_approves_nothing(forger: Forger, start: list[Told], kind: str) -> None:
    told = [*start, *tie(kind), proposed("l1", "limits", LIMITS), approved("l1", by="account:c")]
    assert any(remark.startswith(TIED[:-1]) for remark in verify(forger.write(told)).remarks)
    turned = [*start, *tie(kind), proposed("l1", "limits", LIMITS, by="account:c"), approved("l1", by="account:a")]
    assert any(remark.startswith(TIED[:-1]) for remark in verify(forger.write(turned)).remarks)
    back = [*start, *BACK, *tie(kind), proposed("a1", "regrant", wish(*UPPER)), approved("a1", by="account:c")]
    fails(forger.write([*back, regrant(*UPPER, by="account:a, account:c")]), "may be the proposer's own")


def test_somebody_else_s_word_makes_an_account_a_person_of_its_own(forger: Forger, start: list[Told]) -> None:
    made = [*start, account("c", by="account:a"), ADOPTED]
    asked_for = [proposed("l1", "limits", LIMITS), approved("l1", by="account:c")]
    fails(forger.write([*made, *asked_for]), "may be the proposer's own")
    for voucher in ("account:b", "admin:root", "init"):
        vouched = ("account_vouched", {"account": "c", "reason": "known", "by": voucher})
        holds(forger.write([*made, vouched, *asked_for]), LONE)
        fails(forger.write([*start, vouched]), "never added|before any rules")
    for voucher, reason in (
        ("account:a", "may be the same"),
        ("account:c", "may be the same"),
        ("somebody", "not the name"),
    ):
        vouched = ("account_vouched", {"account": "c", "reason": "known", "by": voucher})
        fails(forger.write([*made, vouched]), reason)


def test_a_change_ties_for_thirty_days_whoever_vouches(forger: Forger, start: list[Told]) -> None:
    vouched = ("account_vouched", {"account": "b", "reason": "known", "by": "admin:root"})
    for days, right in ((29, False), (30, True)):
        changed = dated(("account_email_changed", {"account": "b", "by": "account:a"}), AT - timedelta(days=days))
        told = [*start, ADOPTED, changed, vouched, proposed("l1", "limits", LIMITS), approved("l1")]
        holds(forger.write(told)) if right else fails(forger.write(told), "may be the proposer's own")


def test_operators_take_two_people_once_two_were_active(forger: Forger, start: list[Told]) -> None:
    link = ("account_credential_set", {"account": "c", "credential": "link", "by": "account:a"})
    lone = [account("c", by="account:a"), link]
    holds(forger.write([*start, *lone]), LONE)
    fails(forger.write([*start, ADOPTED, *lone]), "by account:a alone")
    holds(forger.write([*start[:-1], ADOPTED, *lone]))  # there was one operator alone
    holds(forger.write([*start, ADOPTED, account("c", by="account:a", role="auditor"), link]))
    two = {"by": "account:a, account:b", "approval": "o1"}
    both = [proposed("o1", "operator", PAIR), approved("o1")]
    linked = ("account_credential_set", {"account": "c", "credential": "link", **two})
    holds(forger.write([*start, ADOPTED, *both, account("c", **two), linked]))
    fails(forger.write([*start, ADOPTED, *both, account("d", **two)]), "not about the account d")
    fails(forger.write([*start, *both, account("c", **two)]), "before any rules")
    fails(forger.write([*start, ADOPTED, *both, account("c", **two), linked, linked]), "used before")
    fails(forger.write([*start, ADOPTED, account("c", **two)]), "no proposal was made")


def test_a_reset_and_an_activation_take_two_people_and_are_done_once(forger: Forger, start: list[Told]) -> None:
    two = {"by": "account:a, account:b", "approval": "o1"}
    link: dict[str, Any] = {"account": "c", "credential": "link"}
    change: dict[str, Any] = {"account": "c", "role": "operator", "organisation": None, "state": "active"}
    for act, event in (("reset", ("account_credential_set", link)), ("reactivate", ("account_changed", change))):
        before = [*start, account("c"), ADOPTED]
        if act == "reactivate":
            before.append(("account_changed", {**change, "state": "suspended", "by": "account:a"}))
        both = [proposed("o1", "operator", {"account": "c", "act": act}), approved("o1")]
        holds(forger.write([*before, *both, (event[0], {**event[1], **two})]))
        holds(forger.write([*before, (event[0], {**event[1], "by": "admin:root"})]))
        fails(forger.write([*before, (event[0], {**event[1], "by": "account:a"})]), "by account:a alone")
        once: Told = (event[0], {**event[1], **two})
        suspended: Told = ("account_changed", {**change, "state": "suspended", "by": "account:a"})
        again = [once, suspended, once] if act == "reactivate" else [once, once]
        fails(forger.write([*before, *both, *again]), "used before")


def test_what_two_people_agreed_on_is_what_is_done(forger: Forger, start: list[Told]) -> None:
    two: dict[str, Any] = {"by": "account:a, account:b", "approval": "o1"}
    change: dict[str, Any] = {"account": "c", "role": "operator", "organisation": None, "state": "suspended", **two}
    link: dict[str, Any] = {"account": "c", "credential": "link", **two}
    ruled = [*start, account("c", role="auditor"), ADOPTED]
    promote = [*ruled, proposed("o1", "operator", {"account": "c", "act": "promote"}), approved("o1")]
    holds(forger.write([*promote, ("account_changed", {**change, "state": "active"})]))
    fails(forger.write([*promote, ("account_changed", change)]), "did something else")
    fails(forger.write([*promote, ("account_changed", {**change, "role": "auditor"})]), "did something else")
    reset = [*ruled, proposed("o1", "operator", {"account": "c", "act": "reset"}), approved("o1")]
    fails(forger.write([*reset, ("account_credential_set", link)]), "not an active operator's")
    make = [*ruled, proposed("o1", "operator", {"account": "d", "act": "make"}), approved("o1")]
    fails(forger.write([*make, account("d", role="auditor", **two)]), "and d is not one")
    made = [*make, account("d", **two)]
    holds(forger.write([*made, ("account_credential_set", {**link, "account": "d"})]))
    without = {"account": "d", "credential": "link", "by": two["by"]}
    fails(forger.write([*made, ("account_credential_set", without)]), "on another approval than its link")


def test_only_operators_act_on_accounts(forger: Forger, start: list[Told]) -> None:
    before = [*start, account("v", role="auditor")]
    for by in ("account:v", "account:nobody", "somebody", "", "bdmin:root"):
        fails(forger.write([*before, account("c", by=by)]), "active operator|never added|nobody who may act")
    holder = ("account_credential_set", {"account": "v", "credential": "password", "by": "account:a"})
    fails(forger.write([*before, holder]), "password of the account v was set by")


@pytest.mark.parametrize(
    "by",
    [
        "account:a,account:b",
        "account:a,  account:b",
        "Account:a",
        "account: a",
        "account :a",
        "account:a ",
        "account:x",
    ],
)
def test_an_account_has_one_spelling(forger: Forger, start: list[Told], by: str) -> None:
    suspended = ("system_suspended", {"system": "lab", "by": by, "reason": ""})
    fails(forger.write([*start, suspended]), "not the name of one account|never added")


def test_recoveries_by_two_people_are_by_two_operators(forger: Forger, start: list[Told]) -> None:
    before = [*start, account("v", role="auditor"), account("c", by="account:a")]
    head = head_after(forger, before)
    back = recovered(FIRST, FIRST + 10, [(FIRST, FIRST + 9)], head)
    holds(forger.write([*before, (back[0], {**back[1], "by": "account:a, account:b"})]), LONE)
    holds(forger.write([*before, (back[0], {**back[1], "by": "account:a, account:c"})]), TIED, LONE)
    for by in ("account:a", "account:a, account:v", "account:a, account:a"):
        fails(forger.write([*before, (back[0], {**back[1], "by": by})]), "alone|active operator|neither one")


def test_suspended_systems_release_under_the_older_rules_only(forger: Forger, start: list[Told]) -> None:
    told = [granted(FIRST, FIRST + 999, 91), ("system_suspended", {"system": "lab", "by": "t", "reason": ""})]
    told.append(released(FIRST, FIRST + 999))
    holds(forger.write([*start, *told]), "under the older rules: releases by a suspended system: 1")
    fails(forger.write([*start, ADOPTED, *told]), "suspended and yet released")


def test_a_closed_space_grants_nothing_and_a_system_of_production_is_moved_by_two(
    forger: Forger, start: list[Told]
) -> None:
    closed: Told = ("space_closed", {"space": "production", "by": "admin:root"})
    opened: Told = ("space_opened", {"space": "production", "by": "admin:root"})
    default: Told = ("space_default_set", {"space": "production", "environment": "production", "by": "admin:root"})
    drawn = granted(FIRST, FIRST + 999, 91)
    holds(forger.write([*start, default, closed, opened, drawn]))
    fails(forger.write([*start, closed, drawn]), "closed and yet")
    fails(forger.write([*start, closed, closed]), "closed already")
    fails(forger.write([*start, opened]), "open already")
    fails(forger.write([*start, closed, default]), "not an open space")
    fails(forger.write([*start, (default[0], {**default[1], "environment": "test"})]), "not an open space")
    moved = {"system": "lab", "space": "production"}
    two = {"by": "account:a, account:b", "approval": "s1"}
    both = [proposed("s1", "space", moved), approved("s1")]
    holds(forger.write([*start, *both, ("system_space_set", {**moved, **two})]))
    fails(forger.write([*start, ("system_space_set", {**moved, "by": "admin:root"})]), "without two people's approval")
    fails(forger.write([*start, *both, *[("system_space_set", {**moved, **two})] * 2]), "used before")
    fails(forger.write([*start, *both, ("system_space_set", {**moved, **two, "system": "other"})]), "another system")
