"""Every rule of the proof, broken by a ledger that is otherwise whole: chained, counted and signed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import npn
from forging import (
    Forger,
    Told,
    granted,
    head_after,
    imported,
    organisation,
    recovered,
    released,
    space,
    system,
)
from npn.ledger.events import SigningKeyAdded
from npn.proof import Rules
from npn.proof.kinds import KINDS
from npn.proof.verify import NotProvedError, verify

SOURCE = Path(npn.__file__).parent

FIRST = 1_000_000_000


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger()


@pytest.fixture
def start(forger: Forger) -> list[Told]:
    """A ledger to build on: a space, a key, three systems."""
    return [
        space(),
        forger.key_added,
        organisation("vendor", "V"),
        organisation("owner", "O"),
        system("lab"),
        system("other"),
        system("trial", "test"),
    ]


GOOD: list[Told] = [
    granted(FIRST, FIRST + 999, 91),
    imported(FIRST + 1500, FIRST + 1999),
    granted(
        FIRST + 2000,
        FIRST + 2999,
        91,
        skipped=[{"first": str(FIRST + 1000), "last": str(FIRST + 1999)}],
    ),
    released(FIRST + 900, FIRST + 999),
    released(FIRST + 500, FIRST + 899),
]


def listed(day: str) -> Told:
    return ("standard_list_imported", {"list": "a" * 64, "as_of": day, "rows": 1, "systems": 1, "by": "t"})


def named_product(product: str) -> Told:
    return ("product_named", {"product": product, "name": "P", "vendor": "V", "by": "t"})


def installed(product: str, owner: str | None = None) -> Told:
    return ("installation_set", {"installation": "i", "product": product, "owner": owner, "release": "", "by": "t"})


def without(told: Told, *names: str) -> Told:
    return told[0], {name: value for name, value in told[1].items() if name not in names}


def test_a_hand_written_ledger_that_keeps_the_rules_verifies(forger: Forger, start: list[Told]) -> None:
    found = verify(forger.write([*start, *GOOD]))

    assert (found.totals.series, found.totals.granted, found.totals.usable) == (2, 2000, 182)
    assert (found.totals.released, found.totals.imported) == (500, 500)


BROKEN: dict[str, tuple[list[Told], str]] = {
    "a type nobody knows": ([("series_given_away", {})], 'no event of type "series_given_away"'),
    "a member too many": ([granted(FIRST, FIRST, 0, colour="red")], "colour"),
    "a member too few": ([without(granted(FIRST, FIRST, 0), "usable")], "usable"),
    "a figure as a number": ([granted(FIRST, FIRST, 0, usable=0)], "usable"),
    "a figure with a leading zero": ([granted(FIRST, FIRST, 0, usable="00")], "usable"),
    "an unknown space": ([granted(FIRST, FIRST, 0, space="moon")], "the space moon was never added"),
    "an unknown system": ([granted(FIRST, FIRST, 0, system="ghost")], "the system ghost was never added"),
    "the wrong environment": ([granted(FIRST, FIRST, 0, system="trial")], "trial is a system of test"),
    "the same numbers twice": (
        [granted(FIRST, FIRST + 99, 9), granted(FIRST, FIRST + 99, 9, series="s" + "f" * 20, request_id="x")],
        "the cursor of production stood at 1000000100",
    ),
    "numbers an import holds": (
        [imported(FIRST + 50, FIRST + 59), granted(FIRST, FIRST + 99, 9)],
        "overlaps 1000000050 to 1000000059 of entry 8",
    ),
    "an import over a series": (
        [granted(FIRST, FIRST + 99, 9), imported(FIRST + 99, FIRST + 100)],
        "overlaps 1000000000 to 1000000099 of entry 8",
    ),
    "an import over an import": (
        [imported(FIRST + 5, FIRST + 9), imported(FIRST + 1, FIRST + 20)],
        "overlaps 1000000005 to 1000000009",
    ),
    "numbers left out before a series": ([granted(FIRST + 1, FIRST + 1, 0)], "starts at 1000000001"),
    "a jump over nothing": (
        [granted(FIRST + 10, FIRST + 19, 1, skipped=[{"first": str(FIRST), "last": str(FIRST + 9)}])],
        "not up to a range in use",
    ),
    "a jump that stops inside a range": (
        [
            imported(FIRST + 5, FIRST + 20),
            granted(FIRST + 10, FIRST + 19, 1, skipped=[{"first": str(FIRST), "last": str(FIRST + 9)}]),
        ],
        "not up to a range in use",
    ),
    "a series backwards": ([granted(FIRST + 9, FIRST, 0)], "ends before it starts"),
    "past the end of the space": (
        [imported(8_999_999_990, 8_999_999_999), imported(8_999_999_999, 9_000_000_000)],
        "leaves its space",
    ),
    "numbers of another length": ([imported(100000, 100001)], "10 digits"),
    "a wrong count of usable numbers": ([granted(FIRST, FIRST + 999, 92)], "usable is 92, but 91 numbers"),
    "a request id twice": (
        [granted(FIRST, FIRST, 0), granted(FIRST + 1, FIRST + 1, 0, request_id=f"r{FIRST}")],
        "was granted before",
    ),
    "a series id twice": (
        [granted(FIRST, FIRST, 0), granted(FIRST + 1, FIRST + 1, 0, series=f"s{FIRST:020x}")],
        "is not new",
    ),
    "a suspended system's draw": (
        [("system_suspended", {"system": "lab", "by": "t", "reason": ""}), granted(FIRST, FIRST, 0)],
        "was suspended and yet",
    ),
    "a suspension of the suspended": (
        [("system_suspended", {"system": "lab", "by": "t", "reason": ""})] * 2,
        "suspended already",
    ),
    "a resumption of the active": ([("system_resumed", {"system": "lab", "by": "t", "reason": ""})], "active already"),
    "a release of nothing": ([released(FIRST, FIRST)], "was never granted"),
    "another's release": ([*GOOD[:1], released(FIRST, FIRST + 999, system="other")], "which belongs to lab"),
    "a release before the series": (
        [*GOOD[:3], released(FIRST + 1999, FIRST + 2999, series=f"s{FIRST + 2000:020x}")],
        "starts before the series",
    ),
    "a release past the series": ([*GOOD[:1], released(FIRST + 900, FIRST + 1000)], "ends at 1000001000"),
    "a release of the middle": ([*GOOD[:1], released(FIRST + 900, FIRST + 998)], "ends at 1000000998"),
    "the same release twice": ([*GOOD, released(FIRST + 900, FIRST + 999)], "still held"),
    "a release over another": ([*GOOD, released(FIRST + 400, FIRST + 599)], "still held"),
    "a system twice": ([system("lab")], "there already"),
    "a system called operator": ([system("operator")], "there already"),
    "an organisation twice": ([organisation("vendor", "V")], "there already"),
    "a vendor never added": (
        [("system_added", {**system("new")[1], "vendor": "W"})],
        "the vendor 'W' was never added",
    ),
    "a third key at once": ([("key_added", {"holder": "lab", "by": "t", "ended": 0})] * 3, "more than 2 keys"),
    "more keys ended than there were": ([("key_added", {"holder": "lab", "by": "t", "ended": 1})], "more than it had"),
    "a space over another": ([space("second", "8999999999", "9999999999")], "overlaps the space production"),
    "a space twice": ([space()], "there already"),
    "a scheme that is none": ([space("s", "100000", "200000", length=6, weights=[1])], "weights"),
    "a space of another length": ([space("s", "100000", "200000")], "10 digits"),
    "limits the wrong way round": (
        [
            (
                "system_limits_set",
                {
                    "system": "lab",
                    "by": "t",
                    "smallest_draw": "2",
                    "largest_draw": "1",
                    "quota": None,
                    "quota_days": None,
                },
            )
        ],
        "below the smallest",
    ),
    "leaving a list it is not on": (
        [("system_left_list", {"system": "lab", "source": "medcom-register", "by": "t"})],
        "is not on",
    ),
    "a list before the newest": (
        [listed("2026-02-01"), listed("2026-01-31")],
        "was imported after that of 2026-02-01",
    ),
    "a version that ends before it begins": (
        [
            (
                "standard_version_set",
                {
                    "standard": "RPT02",
                    "version": "R0231M",
                    "valid_from": "2026-02-01",
                    "phase_out_from": None,
                    "valid_to": "2026-01-31",
                    "by": "t",
                },
            )
        ],
        "not in their order",
    ),
    "a release of a product never named": (
        [("product_released", {"product": "p", "version": "1", "released_on": "2026-01-01", "by": "t"})],
        "was never named",
    ),
    "a fault of a release that is not there": (
        [
            named_product("p"),
            ("product_fault_noted", {"product": "p", "version": "1", "severity": "minor", "mended_in": "", "by": "t"}),
        ],
        "has no release 1",
    ),
    "an installation of another product": (
        [named_product("p"), named_product("q"), installed("p"), installed("q")],
        "is of another product",
    ),
    "an installation of an owner never added": (
        [named_product("p"), installed("p", owner="owner-x")],
        "there is no owner",
    ),
    "a capability of no installation": (
        [
            (
                "capability_set",
                {
                    "installation": "i",
                    "standard": "RPT02",
                    "version": "R0231M",
                    "direction": "send",
                    "able": "yes",
                    "since": "2026-01-01",
                    "by": "t",
                },
            )
        ],
        "was never added",
    ),
    "an owner never added": ([("system_owner_set", {"system": "lab", "owner": "X", "by": "t"})], "was never added"),
    "another vendor never added": (
        [("system_vendor_set", {"system": "lab", "vendor": "X", "by": "t"})],
        "was never added",
    ),
    "a name that is another's": (
        [organisation("vendor", "W"), ("organisation_renamed", {"organisation": "vendor-w", "name": "V", "by": "t"})],
        "is, or was, that of vendor-v",
    ),
    "a name that was another's": (
        [
            ("organisation_renamed", {"organisation": "vendor-v", "name": "VV", "by": "t"}),
            organisation("vendor", "V"),
        ],
        "is there already",
    ),
    "an owner by the name it had": (
        [
            ("organisation_renamed", {"organisation": "owner-o", "name": "OO", "by": "t"}),
            ("system_owner_set", {"system": "lab", "owner": "O", "by": "t"}),
        ],
        "has another name",
    ),
    "a merge of an owner into a vendor": (
        [("organisation_merged", {"organisation": "owner-o", "into": "vendor-v", "systems": 3, "by": "t"})],
        "can't be merged",
    ),
    "a merge into itself": (
        [("organisation_merged", {"organisation": "owner-o", "into": "owner-o", "systems": 3, "by": "t"})],
        "can't be merged",
    ),
    "a merge in which a system is lost": (
        [
            organisation("vendor", "W"),
            ("organisation_merged", {"organisation": "vendor-v", "into": "vendor-w", "systems": 2, "by": "t"}),
        ],
        "had 3 systems",
    ),
    "a merge of what was merged": (
        [
            organisation("vendor", "W"),
            *[("organisation_merged", {"organisation": "vendor-v", "into": "vendor-w", "systems": 3, "by": "t"})] * 2,
        ],
        "there is no organisation 'vendor-v'",
    ),
    "an organisation closed over its systems": (
        [("organisation_closed", {"organisation": "owner-o", "by": "t"})],
        "was its own",
    ),
    "a region closed over its owners' systems": (
        [
            organisation("region", "R"),
            ("organisation_region_set", {"organisation": "owner-o", "region": "region-r", "by": "t"}),
            ("organisation_closed", {"organisation": "region-r", "by": "t"}),
        ],
        "was its own",
    ),
    "a system of a closed owner": (
        [
            organisation("owner", "P"),
            ("organisation_closed", {"organisation": "owner-p", "by": "t"}),
            ("system_owner_set", {"system": "lab", "owner": "P", "by": "t"}),
        ],
        "was closed",
    ),
    "reopening what is open": ([("organisation_reopened", {"organisation": "owner-o", "by": "t"})], "was not closed"),
    "a draw by a closed system": (
        [("system_closed", {"system": "lab", "by": "t", "reason": "gone"}), granted(FIRST, FIRST + 999, 91)],
        "and yet was granted a series",
    ),
    "a key for a closed system": (
        [
            ("system_closed", {"system": "lab", "by": "t", "reason": "gone"}),
            ("key_added", {"holder": "lab", "ended": 0, "by": "t"}),
        ],
        "the system lab was closed",
    ),
    "a closed system resumed": (
        [
            ("system_closed", {"system": "lab", "by": "t", "reason": "gone"}),
            ("system_resumed", {"system": "lab", "by": "t", "reason": ""}),
        ],
        "the system lab was closed",
    ),
    "a system closed under its certificate": (
        [
            ("certificate_bound", {"system": "lab", "certificate": "a" * 64, "by": "t"}),
            ("system_closed", {"system": "lab", "by": "t", "reason": "gone"}),
        ],
        "while a certificate stood for it",
    ),
    "a pool of nobody's": ([("pool_rejoined", {"pool": "p", "system": "ghost"})], "was never added"),
    "a rebuilt witness of another head": (
        [("witness_rebuilt", {"by": "t", "length": 3, "hash": "a" * 64})],
        "another head",
    ),
    "a recovery of another head": (
        [recovered(FIRST, FIRST + 10, [(FIRST, FIRST + 9)], {"length": 1, "hash": "a" * 64})],
        "another head",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_its_line(name: str, forger: Forger, start: list[Told]) -> None:
    wrong, words = BROKEN[name]
    told = [*start, *wrong]

    with pytest.raises(NotProvedError) as caught:
        verify(forger.write(told))

    assert words in caught.value.reason
    assert caught.value.line == len(told)


def recovery(forger: Forger, told: list[Told], move: tuple[int, int], *parts: tuple[int, int]) -> list[Told]:
    return [*told, recovered(*move, parts, head_after(forger, told))]


def test_a_recovery_that_withholds_what_it_skips_verifies(forger: Forger, start: list[Told]) -> None:
    told = [*start, imported(FIRST + 5, FIRST + 9)]
    told = recovery(forger, told, (FIRST, FIRST + 20), (FIRST, FIRST + 4), (FIRST + 10, FIRST + 19))
    told.append(granted(FIRST + 20, FIRST + 29, 1))

    assert verify(forger.write(told)).totals.withheld == 15


@pytest.mark.parametrize(
    ("move", "parts", "words"),
    [
        ((FIRST, FIRST + 20), [(FIRST, FIRST + 18)], "without withholding"),
        ((FIRST, FIRST + 20), [(FIRST + 1, FIRST + 19)], "without withholding"),
        ((FIRST + 5, FIRST + 20), [(FIRST + 5, FIRST + 19)], "wrongly"),
        ((FIRST, FIRST), [], "wrongly"),
        ((FIRST, 9_000_000_001), [(FIRST, 8_999_999_999)], "wrongly"),
        ((FIRST, FIRST + 20), [(FIRST, FIRST + 19), (FIRST + 19, FIRST + 30)], "overlaps"),
    ],
)
def test_a_recovery_that_forgets_numbers_fails(
    start: list[Told], move: tuple[int, int], parts: list[tuple[int, int]], words: str
) -> None:
    forger = Forger()
    told = [*start[:1], forger.key_added, *start[2:]]
    with pytest.raises(NotProvedError, match=words):
        verify(forger.write(recovery(forger, told, move, *parts)))


def taken_back(**changed: object) -> Told:
    data: dict[str, Any] = {
        **granted(FIRST + 10, FIRST + 19, 1)[1],
        "drawn_at": "2026-11-23T07:00:00.000000Z",
        "withheld": f"w{FIRST:020x}",
        "left": [
            {"range": "w" + "a" * 20, "first": str(FIRST), "last": str(FIRST + 9)},
            {"range": "w" + "b" * 20, "first": str(FIRST + 20), "last": str(FIRST + 99)},
        ],
        "receipt_seq": 8,
        "receipt_hash": "c" * 64,
        "by": "t",
    }
    return "series_re_registered", data | changed


def test_a_series_comes_back_into_its_withheld_range(forger: Forger, start: list[Told]) -> None:
    told = [*recovery(forger, start, (FIRST, FIRST + 100), (FIRST, FIRST + 99)), taken_back()]
    told.append(released(FIRST + 15, FIRST + 19, series=f"s{FIRST + 10:020x}"))

    totals = verify(forger.write(told)).totals

    assert (totals.series, totals.withheld, totals.released) == (1, 90, 5)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"withheld": "w" + "9" * 20}, "is not withheld"),
        ({"left": []}, "does not fit"),
        ({"first": str(FIRST + 99), "last": str(FIRST + 108), "usable": "1"}, "leaves the withheld range"),
        ({"usable": "7"}, "usable is 7"),
        ({"system": "trial"}, "a system of test"),
        ({"system": "ghost"}, "never added"),
    ],
)
def test_a_series_can_not_be_taken_back_otherwise(
    forger: Forger, start: list[Told], changed: dict[str, object], words: str
) -> None:
    told = [*recovery(forger, start, (FIRST, FIRST + 100), (FIRST, FIRST + 99)), taken_back(**changed)]

    with pytest.raises(NotProvedError, match=words):
        verify(forger.write(told))


def test_a_series_is_taken_back_once(forger: Forger, start: list[Told]) -> None:
    told = [*recovery(forger, start, (FIRST, FIRST + 100), (FIRST, FIRST + 99)), taken_back(), taken_back()]

    with pytest.raises(NotProvedError, match="is not withheld"):
        verify(forger.write(told))


@pytest.mark.parametrize(
    ("checkpoint", "words"),
    [
        ({"length": 6}, "entries are missing or too many"),
        ({"head": "a" * 64}, "of another ledger"),
        ({"at": "yesterday"}, "not of its form"),
        ({"database": "mine"}, "not of its form"),
        ({"more": 1}, "not of its form"),
    ],
)
def test_a_signed_checkpoint_that_says_something_else_fails(
    forger: Forger, start: list[Told], checkpoint: dict[str, object], words: str
) -> None:
    with pytest.raises(NotProvedError, match=words):
        verify(forger.write(start, **checkpoint))


def test_a_forged_ledger_passes_only_where_no_key_is_pinned(forger: Forger, start: list[Told]) -> None:
    real = Forger()
    honest = real.write([*start[:1], real.key_added, *start[2:], granted(FIRST, FIRST + 9, 1)])
    keys: list[dict[str, Any]] = [real.jwk]

    def give_more(told: Told) -> Told:
        return granted(FIRST, FIRST + 99, 9) if told[0] == "series_granted" else told

    forged = forger.rewrite(honest, give_more)

    assert verify(honest, keys=keys).pinned
    assert verify(forged).totals.granted == 100
    with pytest.raises(NotProvedError, match="not signed with a pinned key") as caught:
        verify(forged, keys=keys)
    assert caught.value.line == len(forged)


def test_only_the_newest_key_signs_a_checkpoint(forger: Forger, start: list[Told]) -> None:
    newer = Forger()

    with pytest.raises(NotProvedError, match="not signed with the chain's current key"):
        verify(forger.write([*start, newer.key_added]))
    assert verify(newer.write([*start, newer.key_added])).kid == newer.kid


@pytest.mark.parametrize(
    "change",
    [
        lambda data: {**data, "kid": "A" * 43},
        lambda data: {**data, "jwk": {**data["jwk"], "x": "A" * 43}},
        lambda data: {**data, "jwk": {**data["jwk"], "d": "A" * 43}},
        lambda data: {**data, "jwk": {**data["jwk"], "crv": "X25519"}},
    ],
)
def test_a_signing_key_that_is_not_what_it_says_fails(
    forger: Forger, start: list[Told], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    kind, data = forger.key_added
    with pytest.raises(NotProvedError):
        verify(forger.write([*start[:1], (kind, change(data))]))


def test_a_ledger_without_a_key_can_not_be_signed(forger: Forger) -> None:
    with pytest.raises(NotProvedError, match="key that is not known"):
        verify(forger.write([]))


def test_every_event_has_a_rule_or_is_checked_with_the_chain(forger: Forger) -> None:
    assert set(KINDS.values()) - set(Rules()._handlers) == {SigningKeyAdded}
    assert set(Rules()._handlers) <= set(KINDS.values()), "name the room's events.py in src/npn/proof/kinds.py"


def test_the_proof_knows_the_events_of_every_room() -> None:
    rooms = {path.parent.name for path in SOURCE.glob("*/events.py")}
    known = {shape.__module__.split(".")[1] for shape in KINDS.values()}
    assert rooms - known == set(), "name their events.py in src/npn/proof/kinds.py"
