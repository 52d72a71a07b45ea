"""The pool hands out each number once, keeps what it must, and has one owner."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from laboratory import Laboratory, power_cut
from npn.agent import Pool, PoolInUseError, PoolRefusedError, PoolWriteError, TooFewNumbersError
from npn.agent.mock import MockService
from npn.agent.stock.mark import Mark, MarkFile
from npn.errors import InvalidInputError
from npn.numbers.scheme import NPN10


def test_numbers_come_out_once_in_order_and_usable(pool: Pool, laboratory: Laboratory) -> None:
    numbers = [pool.take() for _ in range(100)]
    assert numbers == sorted(set(numbers))
    assert all(laboratory.granted(number) for number in numbers)


def test_an_empty_pool_says_so_and_when_to_ask_again(pool: Pool) -> None:
    pool.take_many(100)
    with pytest.raises(TooFewNumbersError, match="0 usable numbers left") as caught:
        pool.take()
    assert caught.value.retry_after > 0


def test_take_many_gives_all_or_none(pool: Pool) -> None:
    pool.take()
    with pytest.raises(TooFewNumbersError):
        pool.take_many(100)
    assert len(set(pool.take_many(99))) == 99


@pytest.mark.parametrize("count", [0, -1, 100_001])
def test_an_impossible_count_is_refused_by_name(pool: Pool, count: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pool.take_many(count)
    assert caught.value.field == "count"


def test_take_many_waits_for_stock_to_arrive(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        taken: list[str] = []
        waiter = threading.Thread(target=lambda: taken.extend(pool.take_many(5, wait=20)))
        waiter.start()
        laboratory.stock(pool)
        waiter.join()
        assert len(taken) == 5


def test_a_clean_close_gives_the_rest_of_the_chunk_back(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        first = pool.take()
    with laboratory.open() as pool:
        assert NPN10.next(int(first) + 1) == int(pool.take())
        assert pool.status().lost == 0
        assert pool.status().free == 98


def test_a_crash_loses_a_chunk_at_most_and_books_it(laboratory: Laboratory) -> None:
    pool = laboratory.open(chunk=3)
    laboratory.stock(pool)
    handed = {pool.take() for _ in range(4)}
    power_cut(pool)
    with laboratory.open(chunk=3) as pool:
        status = pool.status()
        assert [gap.reason for gap in status.gaps] == ["crash"]
        assert status.gaps[0].at_most == status.lost <= 3
        rest = {pool.take() for _ in range(status.free)}
    assert not rest & handed
    assert len(rest) + len(handed) >= 100 - 3


def test_numbers_in_memory_are_given_back_also_where_only_unusable_ones_follow(laboratory: Laboratory) -> None:
    with laboratory.open(chunk=50) as pool:
        laboratory.stock(pool, 22)
        (series,) = pool.series()
        following = series.scheme.nth(series.first, 21)
        assert following is not None
        laboratory.refill(pool).release(series.id, str(following - 1))  # 20 usable ones, then some that are not
        pool.take_many(18)
        pool._reserve(2)
        pool._reserve(0)
    with laboratory.open() as pool:
        assert (pool.free(), pool.status().lost) == (2, 0)


def test_reserving_ahead_of_a_small_stock_asks_for_nothing(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool, 15)
        pool.take()
        pool._running_low.set()
        pool.reserve_ahead(wait=0)
        assert (pool.free(), len(pool._ready)) == (14, 0)


def test_what_is_reserved_but_has_no_mark_is_given_back_as_soon_as_the_disk_allows(laboratory: Laboratory) -> None:
    with laboratory.open(chunk=3) as pool:
        laboratory.stock(pool)
        pool.take()
        laboratory.disk.fuse.full_after = 1  # the pool can be written once more, then neither mark nor pool
        with pytest.raises(PoolWriteError):
            pool.take_many(5)
        assert "No space left" in pool.trouble
        laboratory.disk.fuse.full_after = None
        assert len(set(pool.take_many(5))) == 5
        assert pool.trouble == ""
        assert pool.free() == 94
    with laboratory.open() as pool:
        assert (pool.free(), pool.status().lost) == (94, 0)


def test_what_was_handed_out_before_the_last_change_is_no_crashs_loss(laboratory: Laboratory) -> None:
    pool = laboratory.open(chunk=3)
    laboratory.stock(pool)
    pool.take_many(40)
    pool.note_use()
    power_cut(pool)
    with laboratory.open() as pool:
        assert (pool.status().lost, pool.free()) == (0, 60)


def test_a_small_stock_is_not_reserved_whole(laboratory: Laboratory) -> None:
    pool = laboratory.open(chunk=500)
    laboratory.stock(pool)
    pool.take()
    power_cut(pool)
    with laboratory.open() as pool:
        assert pool.status().lost == 5  # a twentieth of 100


def test_threads_share_a_pool_without_repeats(pool: Pool) -> None:
    taken: list[list[str]] = [[] for _ in range(10)]
    threads = [
        threading.Thread(target=lambda mine: mine.extend(pool.take() for _ in range(10)), args=(mine,))
        for mine in taken
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({number for mine in taken for number in mine}) == 100


def test_several_series_are_handed_out_oldest_first(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        for _ in range(3):
            laboratory.stock(pool, 30)
            pool.take_many(1)
        numbers = pool.take_many(pool.free())
        assert numbers == sorted(numbers)
        assert all(laboratory.granted(number) for number in numbers)


def test_use_is_counted_by_day(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        pool.take_many(33)
    with laboratory.open() as pool, pool.reading() as log:
        assert [day.taken for day in log.use()] == [33]
        assert pool.status().handed_out == 33


# returned numbers -----------------------------------------------------------------------------------


def test_returned_numbers_are_recorded_and_never_come_back(pool: Pool) -> None:
    numbers = pool.take_many(5)
    assert pool.give_back(numbers[1:4]) == 3
    assert pool.give_back(numbers[1:4]) == 0
    assert pool.status().returned == 3
    assert not set(pool.take_many(95)) & set(numbers)


@pytest.mark.parametrize("number", ["1000000008", "9000000000", "100000001", "\uff11000000015", "", "x" * 9999])
def test_only_numbers_of_this_pool_are_taken_back_and_none_otherwise(pool: Pool, number: str) -> None:
    mine = pool.take()
    with pytest.raises(InvalidInputError) as caught:
        pool.give_back([mine, number])
    assert caught.value.field == "numbers"
    assert pool.status().returned == 0


def test_a_number_still_in_the_pool_is_not_taken_back(pool: Pool) -> None:
    after = NPN10.next(int(pool.take()) + 1)
    with pytest.raises(InvalidInputError):
        pool.give_back([str(after)])


# one owner ------------------------------------------------------------------------------------------


def test_a_second_opening_in_the_process_is_refused(pool: Pool, laboratory: Laboratory) -> None:
    with pytest.raises(PoolInUseError, match=str(os.getpid())):
        laboratory.open()


def test_a_second_process_is_refused_with_the_owners_id(pool: Pool) -> None:
    code = f"from npn.agent import Pool; Pool.open({str(pool.path)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert f"in use by process {os.getpid()}" in done.stderr


def test_a_link_to_the_pool_is_the_same_pool(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(pool.path)
    with pytest.raises(PoolInUseError):
        Pool.open(tmp_path / "other.db")


def test_the_lock_falls_with_its_owner(laboratory: Laboratory) -> None:
    code = f"import os; from npn.agent import Pool; Pool.open({str(laboratory.path)!r}); os._exit(9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    with laboratory.open() as pool:
        assert pool.free() == 0


def test_a_deleted_lock_file_lets_two_in_but_never_repeats(laboratory: Laboratory) -> None:
    older = laboratory.open()
    laboratory.stock(older)
    handed = [older.take()]
    older._ownership.path.unlink()
    code = (
        f"from npn.agent import Pool\nwith Pool.open({str(laboratory.path)!r}, chunk=10) as pool:\n"
        "    print('\\n'.join(pool.take_many(20)))"
    )
    newer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    handed += older.take_many(len(older._ready))
    with pytest.raises(PoolRefusedError, match="another owner"):
        older.take()
    assert not set(handed) & set(newer)
    power_cut(older)


def _child(pool: Pool, answers: "multiprocessing.Queue[str]") -> None:
    try:
        answers.put(pool.take())
    except PoolRefusedError as error:
        answers.put(error.message)
    pool.close()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking with threads is the point
def test_a_pool_used_after_a_fork_raises_in_the_child_and_works_in_the_parent(pool: Pool) -> None:
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[str] = context.Queue()
    pool.take()
    child = context.Process(target=_child, args=(pool, answers))
    child.start()
    assert "forked child" in answers.get(timeout=20)
    child.join()
    assert len({pool.take() for _ in range(99)}) == 99


def test_a_closed_pool_hands_out_nothing(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        pool.take()
    with pytest.raises(PoolRefusedError, match="closed"):
        pool.take()
    pool.close()


# the mark outside -----------------------------------------------------------------------------------


def test_a_restored_pool_file_is_refused(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    yesterday = laboratory.path.read_bytes()
    with laboratory.open() as pool:
        pool.take()
    laboratory.path.write_bytes(yesterday)
    with pytest.raises(PoolRefusedError, match="older than what has been used") as caught:
        laboratory.open()
    assert caught.value.code == "pool_restored"
    assert "npn agent reset" in caught.value.hint


def test_a_pool_with_another_pools_mark_is_refused(
    laboratory: Laboratory, service: MockService, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Laboratory(tmp_path / "other", service)
    for lab in (laboratory, other):
        with lab.open() as pool:
            lab.stock(pool)
    other.path.with_name("agent.db.mark").write_bytes(laboratory.path.with_name("agent.db.mark").read_bytes())
    with pytest.raises(PoolRefusedError, match="restored or replaced"):
        other.open()


def test_a_used_pool_without_its_mark_counts_as_a_copy(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        handed = pool.take_many(10)
    laboratory.path.with_name("agent.db.mark").unlink()
    with laboratory.open() as pool:
        assert pool.free() == 0
        assert "without its mark" in str(pool.status().alarm)
        laboratory.stock(pool)
        assert not set(pool.take_many(100)) & set(handed)


def test_a_used_pool_without_its_mark_stops_where_a_person_must_decide(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    laboratory.path.with_name("agent.db.mark").unlink()
    with pytest.raises(PoolRefusedError) as caught:
        laboratory.open(on_clone="stop")
    assert caught.value.code == "mark_missing"


def test_a_torn_write_of_the_mark_leaves_the_one_before(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    path = laboratory.path.with_name("agent.db.mark")
    content = bytearray(path.read_bytes())
    newest = max((0, 512), key=lambda at: int(content[at : at + 512].split()[3]))
    content[newest + 20 : newest + 60] = b"\0" * 40
    path.write_bytes(content)
    with laboratory.open() as pool:
        assert pool.free() == 100


def test_the_newest_mark_is_never_written_over(tmp_path: Path) -> None:
    marks = MarkFile(tmp_path / "mark")
    for generation in (1, 2, 4, 6, 7, 9):
        marks.advance(Mark("p", generation))
        kept = sorted(int(line.split()[3]) for line in (tmp_path / "mark").read_text().split("\n") if line.strip())
        assert kept[-1] == generation
        if generation == 4:  # another process goes on
            marks.close()
            marks = MarkFile(tmp_path / "mark")
    assert kept == [7, 9]


def test_a_pool_file_with_two_names_is_refused(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    (laboratory.folder / "backup.db").hardlink_to(laboratory.path)
    with pytest.raises(PoolRefusedError) as caught:
        Pool.open(laboratory.path)
    assert caught.value.code == "pool_linked"


def test_a_mark_removed_while_the_pool_is_open_is_made_anew(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        laboratory.path.with_name("agent.db.mark").unlink()
        pool.take()
    with laboratory.open() as pool:
        assert pool.free() == 99


# size and speed -------------------------------------------------------------------------------------


def test_ten_million_numbers_in_stock_open_at_once_and_take_no_room(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.service.registry.largest_draw = 10**9
        laboratory.stock(pool, 10_000_000)
    began = time.perf_counter()
    with laboratory.open() as pool:
        assert pool.free() == 10_000_000
        assert time.perf_counter() - began < 1
    assert laboratory.path.stat().st_size < 200_000


def test_paths_may_be_text_or_path(tmp_path: Path) -> None:
    with Pool.open(str(tmp_path / "a.db")) as first, Pool.open(tmp_path / "b.db", mark=tmp_path / "m") as second:
        assert first.free() == second.free() == 0
    assert (tmp_path / "m").exists()
