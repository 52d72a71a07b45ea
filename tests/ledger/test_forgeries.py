"""Forgeries made mechanically from honest ledgers: each is refused by both verifiers, or changes nothing they say."""

import random
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ledger.lives import lived
from ledger.mutations import Honest, Mutation
from moved_clock import library
from npn.ledger.events import Event
from npn.proof.kinds import KINDS
from npn.proof.verify import NotProvedError, verify
from second_verifier import verify_many

FIXTURES = Path(__file__).parent / "fixtures"
SAMPLE = 300
BATCH = 400
_REORDERED = {(), ("at",), ("type",), ("data",)}  # of two entries that know nothing of each other


@cache
def honest(name: str) -> Honest:
    if name.startswith("2fbdefb"):
        return Honest((FIXTURES / f"{name}.jsonl").read_bytes().splitlines(keepends=True))
    if library() is None:
        pytest.skip("libfaketime is not installed (Debian: apt-get install faketime)")
    with tempfile.TemporaryDirectory() as folder:
        return Honest(lived(name, Path(folder)))


NAMES = [*sorted(path.stem for path in FIXTURES.glob("*.jsonl")), "whole", "odd", "parted"]


def proved(lines: list[bytes]) -> dict[str, Any]:
    """Verify a ledger; return what the second verifier returns of it."""
    try:
        found = verify(lines)
    except NotProvedError as error:
        return {"verified": False, "line": error.line}
    return {
        "verified": True,
        "entries": found.entries,
        "numbers_granted": found.totals.granted,
        "numbers_granted_again": found.totals.again,
        "remarks": list(found.remarks),
    }


def sums(lines: list[bytes]) -> dict[str, int]:
    """Return the sums that only the first verifier makes."""
    totals = verify(lines).totals
    names = ("series", "usable", "released", "imported", "withheld", "recoveries")
    return {name: getattr(totals, name) for name in names}


def judged(ledger: Honest, mutations: list[Mutation]) -> Iterator[str]:
    """Return of which mutations the verifiers say what they must not."""
    before, summed = proved(ledger.lines), sums(ledger.lines)
    for start in range(0, len(mutations), BATCH):
        batch = mutations[start : start + BATCH]
        forged = [ledger.forged(mutation) for mutation in batch]
        for mutation, lines, answer in zip(batch, forged, verify_many(forged), strict=True):
            found = proved(lines)
            other = {name: answer.get(name) for name in found}
            what = f"{mutation} ({ledger.type_of(mutation)}, {mutation.value!r})"
            if found != other:
                yield f"{what}: {found} and {other}"
            elif found["verified"]:
                same = _plain(found, mutation) == _plain(before, mutation) and sums(lines) == summed
                if not may_pass(ledger, mutation, same=same, named=len(found["remarks"]) > len(before["remarks"])):
                    yield f"{what}: accepted, {'nothing' if same else 'something'} else is said"


def _plain(found: dict[str, Any], mutation: Mutation) -> dict[str, Any]:
    """Return what is compared: the order of a suspension and a release is in the remarks, and in nothing else."""
    return {name: value for name, value in found.items() if name != "remarks" or mutation.path not in _REORDERED}


def may_pass(ledger: Honest, mutation: Mutation, *, same: bool, named: bool) -> bool:
    """Whether a mutation may be accepted: what is said is the same or names it, and the member is listed."""
    path = mutation.path
    if path in _REORDERED or path[0] == "checkpoint":
        return same and (path in _REORDERED or path[1] in ("at", "database"))
    shape = KINDS[ledger.type_of(mutation)]
    member = str(path[1])
    return named or (same and member in {*Event.free, *shape.free}) or (not same and member in shape.summed)


@pytest.mark.parametrize("name", NAMES)
def test_honest_ledgers_verify_with_both_verifiers(name: str) -> None:
    lines = honest(name).lines
    (other,) = verify_many([lines])
    found = proved(lines)
    assert found["verified"]
    assert found == {member: other[member] for member in found}


def test_the_honest_ledgers_hold_every_kind_of_event() -> None:
    kinds = {value["type"] for name in NAMES for value in honest(name).values[:-1]}
    assert kinds == set(KINDS)


def test_every_listed_member_is_a_member() -> None:
    for kind, shape in KINDS.items():
        assert {*shape.free, *shape.summed} <= {*shape.__struct_fields__, *Event.free}, kind


def test_a_sample_of_all_forgeries_is_refused_or_says_the_same() -> None:
    everything = [(name, mutation) for name in NAMES for mutation in honest(name).mutations()]
    sample = random.Random().sample(everything, SAMPLE)
    for name in NAMES:
        assert not list(judged(honest(name), [mutation for of, mutation in sample if of == name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_all_forgeries_are_refused_or_say_the_same(name: str) -> None:
    assert not list(judged(honest(name), list(honest(name).mutations())))
