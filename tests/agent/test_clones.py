"""Copies and restored files: found at start or at the next contact; what copies share is handed out no more."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from laboratory import Laboratory, power_cut
from npn.agent import Pool, PoolRefusedError
from npn.agent.condition import not_running
from npn.agent.errors import ClonedError
from npn.agent.mock import MockService
from npn.agent.settings import AgentSettings
from npn.agent.stock import reset
from npn.errors import RefusedError


def copy(laboratory: Laboratory, folder: Path) -> Laboratory:
    """Pool file and mark, as a person or a backup would copy them."""
    folder.mkdir(exist_ok=True)
    for name in ("agent.db", "agent.db.mark"):
        shutil.copy(laboratory.folder / name, folder / name)
    return Laboratory(folder, laboratory.service)


@contextmanager
def both(laboratory: Laboratory, folder: Path) -> Iterator[tuple[Pool, Pool, Laboratory]]:
    """A stocked pool and its copy, both open."""
    with laboratory.open() as pool:
        laboratory.stock(pool)
        pool.take_many(10)
    other = copy(laboratory, folder)
    with ExitStack() as stack:
        yield stack.enter_context(laboratory.open()), stack.enter_context(other.open()), other


def test_both_copies_withhold_what_they_share_and_go_on_with_new_stock(
    laboratory: Laboratory, tmp_path: Path, service: MockService
) -> None:
    with both(laboratory, tmp_path / "copy") as (original, clone, other):
        shared = {number.id for number in original.series()}
        laboratory.refill(original).round()  # the original speaks first: accepted
        other.refill(clone).round()  # the copy is found, withholds, and draws under a new identity
        laboratory.refill(original).round()  # the original is told at its next contact
        first = set(original.take_many(original.free()))
        second = set(clone.take_many(clone.free()))
        assert len(first) == len(second) == 100
        assert not first & second
        for pool in (original, clone):
            assert "copy of this pool" in str(pool.status().alarm)
            assert {gap.reason for gap in pool.status().gaps} == {"cloned"}
            assert all(s.state == "withheld" for s in pool.series() if s.id in shared)
    assert sum(pool.contested for pool in service.registry.pools.values()) == 1


def test_the_chunk_in_memory_is_withheld_too(laboratory: Laboratory, tmp_path: Path) -> None:
    with both(laboratory, tmp_path / "copy") as (original, clone, other):
        before = original.take()
        laboratory.refill(original).round()
        clone.take()
        assert len(clone._ready) > 0
        other.refill(clone).round()
        new = clone.take()
        assert int(new) > max(s.last for s in clone.series() if s.state == "withheld")
        assert before != new


def test_on_clone_stop_waits_for_a_person(laboratory: Laboratory, tmp_path: Path) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    other = copy(laboratory, tmp_path / "copy")
    with laboratory.open() as pool:
        laboratory.refill(pool).round()
    with other.open(on_clone="stop") as clone:
        with pytest.raises(ClonedError):
            other.refill(clone).round()
        assert clone.free() == 0
        with pytest.raises(RefusedError, match="stopped"):
            other.refill(clone).round()
        assert clone.status().stopped
    reset.carry_out(other.path)
    with other.open(on_clone="stop") as clone:
        assert other.refill(clone).round().drawn == 100


def test_a_pool_and_its_mark_restored_together_are_found_at_the_next_contact(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    yesterday = copy(laboratory, tmp_path / "backup")
    with laboratory.open() as pool:
        handed = set(pool.take_many(40))
        laboratory.refill(pool).round()
    for name in ("agent.db", "agent.db.mark"):
        shutil.copy(yesterday.folder / name, laboratory.folder / name)
    with laboratory.open() as pool:
        laboratory.refill(pool).round()
        assert not set(pool.take_many(100)) & handed


def test_a_restored_pool_is_set_right_by_a_reset_and_repeats_nothing(laboratory: Laboratory, tmp_path: Path) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    yesterday = laboratory.path.read_bytes()
    with laboratory.open() as pool:
        handed = set(pool.take_many(40))
    laboratory.path.write_bytes(yesterday)
    with pytest.raises(PoolRefusedError):
        laboratory.open()
    planned = reset.plan(laboratory.path)
    assert (planned.withhold, planned.new_identity) == (100, True)
    assert "older than its mark" in planned.reasons[0]
    reset.carry_out(laboratory.path)
    with laboratory.open() as pool:
        assert pool.free() == 0
        laboratory.refill(pool).round()
        assert not set(pool.take_many(100)) & handed
    laboratory.path.write_bytes(yesterday)
    with pytest.raises(PoolRefusedError):
        laboratory.open()


def test_two_copies_with_the_same_draw_under_way_never_share_its_series(
    laboratory: Laboratory, tmp_path: Path, service: MockService
) -> None:
    """The idempotent repeat gives both the same series; the contact after it lets one of them through."""
    pool = laboratory.open()
    transfers = laboratory.refill(pool).transfers
    transfers.intent(100, None)
    transfers.contact()
    pool.close()
    other = copy(laboratory, tmp_path / "copy")
    with laboratory.open() as original, other.open() as clone:
        first, second = laboratory.refill(original), other.refill(clone)
        for refill in (first, second):  # both repeat the same id with the same pair: both are answered
            me = refill._client.me()
            with refill.pool.reading() as log:
                intent = log.pending_request()
            assert intent is not None
            refill._draw(intent, me, [])
        assert original.series()[0].id == clone.series()[0].id
        assert original.free() == clone.free() == 0
        first.round()
        second.round()
        first.round()
        one, two = set(original.take_many(original.free())), set(clone.take_many(clone.free()))
        assert one
        assert two
        assert not one & two


def test_request_ids_under_way_are_given_up_when_a_clone_is_found(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        transfers = laboratory.refill(pool).transfers
        intent = transfers.intent(70, None)
        transfers.cloned("another copy")
        laboratory.refill(pool).round()
        with pool.reading() as log:
            old = log.request(intent.request_id)
        assert old is not None
        assert old.state == "abandoned"
        assert intent.request_id not in {s.request_id for s in service.registry.series}


def test_a_killed_agent_that_found_a_clone_finds_it_again(laboratory: Laboratory, tmp_path: Path) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    other = copy(laboratory, tmp_path / "copy")
    with laboratory.open() as pool:
        laboratory.refill(pool).round()
        handed = set(pool.take_many(20))
    clone = other.open()
    refill = other.refill(clone)
    refill.transfers.cloned = lambda _: power_cut(clone)  # type: ignore[method-assign]  # killed before it is written
    with pytest.raises(ClonedError):
        refill._contact(refill._client.series)
    with other.open() as clone:
        other.refill(clone).round()
        assert not set(clone.take_many(100)) & handed


def test_a_key_of_another_system_does_not_take_a_pool_over(laboratory: Laboratory, service: MockService) -> None:
    service.registry.keys["npn_lab-2_x"] = "lab-2"
    with laboratory.open() as pool:
        laboratory.stock(pool)
        service.registry.keys.pop(service.key)
        laboratory.refill(pool).round()
        assert all(s.system == "lab-2" for s in service.registry.series[1:])
        assert pool.status().withheld == 1


def test_a_pair_that_was_in_the_file_opens_nothing_since_a_copy_may_use_it_too(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    """The series has arrived and the pair for the next contact is written; now the files are copied."""
    pool = laboratory.open()
    refill = laboratory.refill(pool)
    me = refill._client.me()
    refill._draw(refill.transfers.intent(100, None), me, [])
    refill.transfers.contact()
    power_cut(pool)
    other = copy(laboratory, tmp_path / "copy")
    with laboratory.open() as one, other.open() as two:
        assert one.status().arrived == two.status().arrived == 100
        laboratory.refill(one).round()
        other.refill(two).round()
        laboratory.refill(one).round()
        first, second = set(one.take_many(one.free())), set(two.take_many(two.free()))
        assert first
        assert second
        assert not first & second


def test_looking_at_a_pool_without_its_mark_withholds_nothing(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    mark = laboratory.path.with_name("agent.db.mark")
    kept = mark.read_bytes()
    mark.unlink()
    settings = AgentSettings(url="http://127.0.0.1:1", key="k", database=str(laboratory.path))
    before = sorted(path.name for path in laboratory.folder.iterdir())
    condition = not_running(settings)
    assert (condition.severity, condition.free) == ("critical", 100)
    assert condition.alarms[0].code == "mark_missing"
    assert sorted(path.name for path in laboratory.folder.iterdir()) == before
    mark.write_bytes(kept)
    with laboratory.open() as pool:
        assert pool.free() == 100
