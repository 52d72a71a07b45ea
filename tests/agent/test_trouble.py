"""Disk full, read-only, damaged, wrong key, wrong clock, an older service: each a clear message and a way out."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from agent_process import agent, settings
from laboratory import Laboratory
from npn.agent import Pool, PoolRefusedError, PoolWriteError
from npn.agent.agent import Agent, backoff
from npn.agent.mock import MockService
from npn.agent.settings import read_settings, verify
from npn.agent.upstream.client import ServiceClient, ServiceDoubtError, ServiceRefusalError
from npn.errors import ConfigurationError, RefusedError, UnavailableError


def test_a_full_disk_hands_out_what_is_in_memory_then_says_so_then_goes_on(laboratory: Laboratory) -> None:
    with laboratory.open(chunk=5) as pool:
        laboratory.stock(pool)
        handed = [pool.take()]
        (pages,) = pool.store.connection.execute("PRAGMA page_count").fetchone()
        pool.store.connection.execute("CREATE TABLE filler (x BLOB)")
        pool.store.connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(PoolWriteError, match="full"), pool.change() as change:
            change.execute("INSERT INTO filler VALUES (zeroblob(100000))")
        pool.store.connection.execute("PRAGMA max_page_count = 1073741823")
        handed += pool.take_many(99)
        assert len(set(handed)) == 100


def test_a_mark_that_can_not_be_written_hands_out_nothing(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fdatasync", full)
        with pytest.raises(PoolWriteError, match=r"mark .* No space left"):
            pool.take()
        monkeypatch.undo()
        assert len(set(pool.take_many(100))) == 100
        assert pool.status().lost == 0


def test_a_read_only_pool_is_refused_with_the_way_out(laboratory: Laboratory) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
    # Permissions don't bind root, so there the capability to pass over them is taken away.
    bound = () if os.getuid() else ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
    code = f"from npn.agent import Pool; Pool.open({str(laboratory.path)!r})"
    for path in laboratory.folder.iterdir():
        path.chmod(0o444)
    laboratory.folder.chmod(0o555)
    try:
        done = subprocess.run([*bound, sys.executable, "-c", code], capture_output=True, text=True, check=False)
    finally:
        laboratory.folder.chmod(0o755)
    assert "PoolWriteError: can't write" in done.stderr


@pytest.mark.parametrize("damage", ["header", "pages", "cursor", "text", "foreign"])
def test_a_damaged_pool_hands_out_nothing(laboratory: Laboratory, damage: str) -> None:
    with laboratory.open() as pool:
        laboratory.stock(pool)
        pool.take()
    content = bytearray(laboratory.path.read_bytes())
    if damage == "header":
        content[:16] = b"not SQLite at all"[:16]
    elif damage == "pages":
        content[4096:] = os.urandom(len(content) - 4096)
    elif damage == "text":
        content = bytearray(b"hello")
    laboratory.path.write_bytes(content)
    if damage == "cursor":  # a flipped bit that SQLite itself can't see
        with sqlite3.connect(laboratory.path) as database:
            database.execute("UPDATE series SET next = next - 8")
        database.close()
    if damage == "foreign":
        laboratory.path.unlink()
        with sqlite3.connect(laboratory.path) as database:
            database.execute("CREATE TABLE something_else (x)")
        database.close()
    with pytest.raises(PoolRefusedError) as caught:
        laboratory.open()
    assert caught.value.code == "pool_damaged"


def test_a_pool_of_a_newer_agent_is_left_alone(laboratory: Laboratory) -> None:
    laboratory.open().close()
    with sqlite3.connect(laboratory.path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(PoolRefusedError, match="newer agent"):
        laboratory.open()


def test_a_wrong_key_is_told_in_the_services_words(laboratory: Laboratory, service: MockService) -> None:
    with laboratory.open() as pool:
        refill = laboratory.refill(pool)
        service.registry.keys.clear()
        service.registry.keys["npn_other_x"] = "other"
        with pytest.raises(ServiceRefusalError, match="unknown or no longer in force"):
            refill.round()


def test_an_older_service_without_stock_reports_and_receipts_still_gives_numbers(
    laboratory: Laboratory, service: MockService
) -> None:
    service.registry.lacking = [("PUT", "/v1/stock"), ("GET", "/v1/receipts")]
    with laboratory.open() as pool:
        outcome = laboratory.refill(pool).round()
        assert (outcome.drawn, len(outcome.lacking)) == (100, 2)
        assert pool.free() == 100
        with pool.reading() as log:
            assert "PUT /v1/stock" in str(log.fact("lacking"))


def test_an_answer_that_is_no_services_leaves_the_outcome_open() -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="<html>please sign in</html>", request=request)

    client = ServiceClient("http://127.0.0.1:1", "k", transport=httpx.MockTransport(page))
    with pytest.raises(ServiceDoubtError, match="not a Me") as caught:
        client.me()
    assert caught.value.code == "answer_not_understood"


def test_clocks_are_compared_and_nothing_depends_on_them(laboratory: Laboratory, service: MockService) -> None:
    def late(request: httpx.Request) -> httpx.Response:
        reply = service.answer(
            request.method, request.url.raw_path.decode(), dict(request.headers), body=request.read()
        )
        assert reply is not None
        return httpx.Response(
            reply.status, content=reply.body, headers={**reply.headers, "Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
        )

    client = ServiceClient("http://127.0.0.1:1", service.key, transport=httpx.MockTransport(late))
    client.me()
    assert client.clock_skew is not None
    assert client.clock_skew < -(10**9)


def test_backoff_doubles_has_jitter_and_a_limit() -> None:
    away = UnavailableError("away", retry_after=0)
    waits = [backoff(n, away) for n in range(1, 30)]
    assert waits[0] <= 1
    assert max(waits) <= 900
    assert len({round(backoff(9, away), 6) for _ in range(20)}) > 10
    assert backoff(1, UnavailableError("busy", retry_after=77)) == 77
    assert backoff(1, RefusedError("no", code="system_suspended")) >= 15


# settings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ('key = "k"', "url", "url is not set"),
        ('url = "http://npn.example.dk"\nkey = "k"', "url", "no https"),
        ('url = "ftp://x"\nkey = "k"', "url", "not an address"),
        ('url = "https://x"', "key_file", "no key"),
        ('url = "https://x"\nkey = "k"\nkey_file = "f"', "key", "both"),
        ('url = "https://x"\nkey_file = "absent"', "key_file", "can't read"),
        ('url = "https://x"\nkey = "k"\nchunk = 0', "chunk", "at least 1"),
        ('url = "https://x"\nkey = "k"\nlisten = "0.0.0.0:80"', "listen", "loopback"),
        ('url = "https://x"\nkey = "k"\nlisten = "unix:"', "listen", "loopback"),
        (f'url = "https://x"\nkey = "k"\nlisten = "unix:{"x" * 120}"', "listen", "longer than"),
        ('url = "https://x"\nkey = "k"\nalarm_after = "x"', "alarm_after", "not a time"),
        ('url = "https://x"\nkey = "k"\ncolour = "red"', "", "unknown field `colour`"),
        ('url = "https://x"\nkey = "k"\nfolder = "/"', "folder", "unknown key"),
        ('url = "https://x"\nkey = "k"\non_clone = "go"', "", "on_clone"),
        ('url = "https://x"\nkey = "k"\n[stock]\nmin_draw = "1"', "", "stock.min_draw"),
        ('url = "https://x"\nkey = "k"\n[stock]\ntarget_days = 10', "stock.target_days", "reorder_days = 150"),
        ("url = ", "", "not TOML"),
    ],
)
def test_settings_that_can_not_work_name_the_key(tmp_path: Path, text: str, field: str, words: str) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=words) as caught:
        verify(read_settings(path, {}))
    assert caught.value.field == field


def test_a_key_that_slipped_under_the_table_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text('url = "https://x"\nkey = "k"\n[stock]\nmin_draw = 5\nlisten = "unix:a.sock"\n')
    with pytest.raises(ConfigurationError) as caught:
        read_settings(path, {})
    assert "come before any table" in caught.value.hint


def test_http_is_for_loopback_or_those_who_say_so(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    for line in ('url = "http://127.0.0.1:8000"', 'url = "http://[::1]:1"', 'url = "http://x"\nallow_http = true'):
        path.write_text(f'{line}\nkey = "k"\n')
        verify(read_settings(path, {}))


def test_paths_are_taken_from_the_files_folder_and_gaps_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text('database = "data/agent.db"\n')
    found = read_settings(path, {"NPN_URL": "https://x", "NPN_KEY": "k"})
    assert found.database_path == tmp_path / "data" / "agent.db"
    assert found.listening == tmp_path / "agent.sock"
    assert (found.url, found.read_key()) == ("https://x", "k")


def test_a_policy_that_can_not_work_ends_the_start_with_exit_status_2(tmp_path: Path) -> None:
    with MockService() as service:
        config = settings(tmp_path, service.url, service.key, stock="target_days = 100")
        done = agent("run", config=config)
    assert done.returncode == 2
    assert "100 - 150 = -50" in done.stderr
    assert "stock.target_days" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_changed_policy_is_held_against_what_was_learnt_an_unchanged_one_never_stops_a_laboratory(
    tmp_path: Path,
) -> None:
    from datetime import date, timedelta  # noqa: PLC0415  # only here

    with MockService() as service:
        config = read_settings(settings(tmp_path, service.url, service.key, stock="max_draw = 2000"), {})
        Agent.open(config).close()
        with Pool.open(config.database_path) as pool, pool.change() as change:
            for n in range(1, 60):
                pool.logbook.note_use(change, date.today() - timedelta(days=n), 20)  # noqa: DTZ011  # as the pool does
        with Agent.open(config) as unchanged:
            assert [alarm.code for alarm in unchanged.condition().alarms] == ["policy"]
        changed = read_settings(settings(tmp_path, service.url, service.key, stock="max_draw = 2001"), {})
        with pytest.raises(ConfigurationError, match="2001"):
            Agent.open(changed)
