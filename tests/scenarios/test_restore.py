"""A database set back to an older state: draws stop, reads go on, `npn recover` mends it, no number twice."""

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from backups import Backups, Postgres, Sqlite
from clients import set_up
from servers import Server, serving

from command import npn
from npn.config import Settings

Document = dict[str, str]


@pytest.fixture(params=["sqlite", "postgresql"])
def backups(request: pytest.FixtureRequest, tmp_path: Path) -> Backups:
    witness = str(tmp_path / "witness" / "npn.witness")
    if request.param == "sqlite":
        return Sqlite(Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=witness), tmp_path)
    cluster = request.getfixturevalue("postgres")
    return Postgres(Settings(database=cluster.new_database(), witness=witness), tmp_path, cluster)


def drawn(server: Server, key: str, *request_ids: str) -> list[Document]:
    """Draw 100 for each request id; all must be granted."""
    answers = [server.draw(key, request_id, {"count": 100}) for request_id in request_ids]
    assert {answer.status_code for answer in answers} <= {200, 201}, [answer.text for answer in answers]
    return [answer.json() for answer in answers]


def disjoint(series: Sequence[Document]) -> bool:
    by_id = {one["id"]: (int(one["first"]), int(one["last"])) for one in series}
    ranges = sorted(by_id.values())
    return all(last < first for (_, last), (first, _) in pairwise(ranges))


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and answer.json()["code"] == "witness_behind"


def recovered(settings: Settings) -> None:
    done = npn("recover", "--yes", on=settings)
    assert done.status == 0, done


def verified(settings: Settings, folder: Path) -> None:
    exported = folder / "ledger.jsonl"
    exported.unlink(missing_ok=True)
    assert npn("ledger", "export", exported, on=settings).status == 0
    done = npn("ledger", "verify", exported)
    assert done.status == 0, done


def test_a_restored_backup_draws_only_after_recovery_and_receipts_bring_series_back(
    backups: Backups, tmp_path: Path
) -> None:
    settings = backups.settings
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,):
        kept = drawn(server, key, "a", "b")
        backup = backups.take("before")
        lost = drawn(server, key, "c", "d", "e")
        receipt = tmp_path / "receipt"
        receipt.write_text(server.get(f"/v1/receipts/{lost[1]['id']}", key).text)
        assert server.stop() == 0
        backups.restore(backup)

        server.start()
        assert refused(server.draw(key, "new"))
        assert refused(server.draw(key, "a")), "even a repeat, for what else may differ nobody knows"
        assert server.get("/readyz").status_code == 503
        assert server.get(f"/v1/numbers/{kept[0]['first']}", key).json()["state"] == "granted"
        listed = server.get("/v1/series", key)
        assert listed.status_code == 200, listed.text
        assert listed.json()["items"] == kept[::-1]
        for path in (
            f"/v1/series/{kept[0]['id']}",
            f"/v1/series/{kept[0]['id']}/numbers",
            f"/v1/receipts/{kept[0]['id']}",
        ):
            assert server.get(path, key).status_code == 200, path
        shown = npn("recover", "--json", on=settings)
        assert (shown.status, shown.json["recovered"]) == (1, False)
        assert refused(server.draw(key, "new")), "showing is not recovering"

        recovered(settings)  # while the server runs
        new = drawn(server, key, "new", "more")
        assert int(new[0]["first"]) > int(lost[-1]["last"])
        assert disjoint([*kept, *lost, *new])
        assert drawn(server, key, "a") == kept[:1]
        for series in lost:
            assert server.get(f"/v1/numbers/{series['first']}", key).json()["state"] == "withheld"

        done = npn("admin", "reregister", receipt, on=settings)
        assert done.status == 0, done
        back = drawn(server, key, "d")[0]
        stable = ("id", "first", "last", "size", "usable", "drawn_at")
        assert [back[name] for name in stable] == [lost[1][name] for name in stable]
        assert server.get(f"/v1/numbers/{lost[0]['first']}", key).json()["state"] == "withheld"
        server.wait_for("/readyz", 200)
    verified(settings, tmp_path)


def test_a_backup_is_sound_until_one_draw_was_made_after_it(backups: Backups, tmp_path: Path) -> None:
    (key,) = set_up(backups.settings)
    with serving(backups.settings, tmp_path) as (server,):
        known = drawn(server, key, "a")
        assert server.stop() == 0
        backups.restore(backups.take("same"))
        done = npn("recover", "--yes", on=backups.settings)
        assert (done.status, "Recovered" in done.out) == (0, False), "there is nothing to recover"
        server.start()
        known += drawn(server, key, "b")
        backup = backups.take("moment")
        known += drawn(server, key, "c")
        assert server.stop() == 0
        backups.restore(backup)
        server.start()
        assert refused(server.draw(key, "d"))
        done = npn("recover", "--yes", on=backups.settings)
        assert done.status == 0, done
        assert "forgotten 1 ledger entries" in done.out, "what else was forgotten has to be done again by hand"
        assert disjoint([*known, *drawn(server, key, "d")])


def test_the_whole_database_replaced_under_two_running_servers(backups: Backups, tmp_path: Path) -> None:
    (key,) = set_up(backups.settings)
    with serving(backups.settings, tmp_path, processes=2) as servers:
        kept = drawn(servers[0], key, "a") + drawn(servers[1], key, "b")
        backup = backups.take("before")
        lost = drawn(servers[0], key, "c") + drawn(servers[1], key, "d")
        backups.replace(backup)
        for server in servers:
            assert server.draw(key, "e").status_code == 503
        for server in servers:
            answer = server.draw(key, "e")
            assert refused(answer), answer.text
            assert server.get("/readyz").status_code == 503
            assert server.get(f"/v1/numbers/{kept[0]['first']}", key).json()["state"] == "granted"
        recovered(backups.settings)
        new = drawn(servers[0], key, "e", "f") + drawn(servers[1], key, "e", "g")
        assert disjoint([*kept, *lost, *new])
    verified(backups.settings, tmp_path)


def test_a_backup_copied_over_the_open_file_gives_no_number_twice(tmp_path: Path) -> None:
    """The worst that can be done to SQLite: the old file under the new WAL. It may break; it may not repeat."""
    backups = Sqlite(
        Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "witness" / "npn.witness")),
        tmp_path,
    )
    (key,) = set_up(backups.settings)
    with serving(backups.settings, tmp_path) as (server,):
        known = drawn(server, key, *(f"a{n}" for n in range(40)))
        backup = backups.take("before")
        known += drawn(server, key, *(f"b{n}" for n in range(40)))
        backups.overwrite(backup)
        for n in range(40):
            answer = server.draw(key, f"c{n}", {"count": 100})
            assert answer.status_code in (201, 503), answer.text
            known += [answer.json()] if answer.status_code == 201 else []
        server.kill()
        backups.restore(backup)
        server.start()
        assert refused(server.draw(key, "d"))
        recovered(backups.settings)
        known += drawn(server, key, "d")
        assert disjoint(known)
    verified(backups.settings, tmp_path)


def test_database_and_witness_set_back_together_under_a_running_server_are_found_out(
    backups: Backups, tmp_path: Path
) -> None:
    """A snapshot of the whole disk put back: only the process that granted the numbers can still know."""
    (key,) = set_up(backups.settings)
    witness = Path(backups.settings.witness)
    with serving(backups.settings, tmp_path) as (server,):
        drawn(server, key, "a")
        backup, beside = backups.take("before"), tmp_path / "witness.backup"
        shutil.copy(witness, beside)
        drawn(server, key, "b")
        backups.replace(backup)
        shutil.copy(beside, witness)
        answers = [server.draw(key, "c") for _ in range(2)]
        assert refused(answers[1]), answers[1].text
