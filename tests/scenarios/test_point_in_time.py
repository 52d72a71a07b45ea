"""A base backup and the archived write-ahead log, restored to a moment: as docs/guide/operations.md tells it.

The witness refuses, `npn recover` skips ahead, and receipts bring the forgotten series back.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from clients import set_up
from servers import Server, serving

from command import npn
from npn.config import Settings
from postgres import Cluster, cluster, installed
from standby import copied

Document = dict[str, str]


@pytest.fixture
def archiving() -> Iterator[tuple[Cluster, Path]]:
    """A server that archives its write-ahead log into a folder."""
    programs = installed()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with cluster(programs) as made:
        archive = made.folder / "archive"
        archive.mkdir()
        if made.run_as:
            shutil.chown(archive, "postgres", "postgres")
        command = (
            f"test ! -f {archive}/%f && cp %p {archive}/.%f && sync {archive}/.%f && mv {archive}/.%f {archive}/%f"
        )
        made.run("ALTER SYSTEM SET archive_mode = 'on'")
        made.run(f"ALTER SYSTEM SET archive_command = '{command}'")
        made.stop()
        made.start()
        yield made, archive


def drawn(server: Server, key: str, *request_ids: str) -> list[Document]:
    answers = [server.draw(key, request_id, {"count": 100}) for request_id in request_ids]
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
    return [answer.json() for answer in answers]


def now(of: Cluster) -> str:
    with psycopg.connect(of.url("postgres")) as connection:
        (moment,) = connection.execute("SELECT clock_timestamp()::text").fetchone() or ("",)
        return str(moment)


def restored(source: Cluster, base: Cluster, archive: Path, moment: str) -> Cluster:
    """Put the base backup in the place of the source, and roll it forward to the moment."""
    data = base.folder / "data"
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(
            f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{moment}'\n"
            "recovery_target_action = 'promote'\narchive_mode = 'off'\n"
        )
    (data / "recovery.signal").touch()
    if base.run_as:
        shutil.chown(data / "recovery.signal", "postgres", "postgres")
    made = replace(base, port=source.port)
    made.start()
    until = time.monotonic() + 60
    with psycopg.connect(made.url("postgres"), autocommit=True) as connection:
        while connection.execute("SELECT pg_is_in_recovery()").fetchone() != (False,):
            assert time.monotonic() < until
            time.sleep(0.1)
    return made


def test_restored_to_a_moment_it_draws_only_after_recovery(archiving: tuple[Cluster, Path], tmp_path: Path) -> None:
    source, archive = archiving
    settings = Settings(database=source.new_database(), witness=str(tmp_path / "npn.witness"))
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,):
        before = drawn(server, key, "a")
        base = copied(source, "--wal-method=stream")
        archived = drawn(server, key, "b")
        moment = now(source)
        time.sleep(0.2)
        lost = drawn(server, key, "c", "d")
        receipts = tmp_path / "receipts"
        receipts.write_text("".join(server.get(f"/v1/receipts/{one['id']}", key).text + "\n" for one in lost))
        source.run("SELECT pg_switch_wal()")
        assert server.stop() == 0
        source.stop()  # which archives what is left
        made = restored(source, base, archive, moment)
        try:
            server.start()
            answer = server.draw(key, "new")
            assert (answer.status_code, answer.json()["code"]) == (503, "witness_behind")
            assert server.get(f"/v1/numbers/{archived[0]['first']}", key).json()["state"] == "granted"

            done = npn("recover", "--yes", on=settings)
            assert done.status == 0, done
            after = drawn(server, key, "new")
            assert int(after[0]["first"]) > int(lost[-1]["last"])
            assert server.get(f"/v1/numbers/{lost[0]['first']}", key).json()["state"] == "withheld"
            done = npn("admin", "reregister", receipts, on=settings)
            assert done.status == 0, done
            assert server.get(f"/v1/numbers/{lost[0]['first']}", key).json()["state"] == "granted"
            assert drawn(server, key, "a", "b") == before + archived
            exported = tmp_path / "ledger.jsonl"
            assert npn("ledger", "export", exported, on=settings).status == 0
            assert npn("ledger", "verify", exported).status == 0
        finally:
            made.stop("immediate")
            shutil.rmtree(made.folder, ignore_errors=True)
            source.start()
