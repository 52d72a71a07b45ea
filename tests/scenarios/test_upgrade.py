"""The upgrade that takes one stop: nobody may be at work, nothing old grants afterwards, and a crash is no harm."""

import contextlib
import importlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from servers import Server, serving

from command import npn, one_line_error
from drawing import add, draw
from npn.config import Settings
from npn.db import Database
from npn.db.migrate import newest, oldest_able
from npn.errors import UnavailableError
from npn.ledger.export import export
from npn.ledger.witness import FileWitness
from npn.proof.verify import verify
from npn.systems.store import has_operator
from npn.wiring.assembly import build
from npn.wiring.setup import initialise
from older import at_revision
from postgres import free_port

OLD = "2fbdefb"  # the last commit before database and witness knew each other
ROOT = Path(__file__).parent.parent.parent
STEPS = (
    ("npn.db.roles", "make_role"),
    ("npn.wiring.setup", "upgrade"),
    ("npn.ledger.pairing", "_give_identity"),
    ("npn.ledger.pairing", "_complete"),
    ("npn.wiring.setup", "_first_operator"),
)
CUT_SHORT = """
import importlib, os, signal, sys
from npn.config import Settings
from npn.wiring.setup import initialise

module, name, moment, database, witness = sys.argv[1:]
place = importlib.import_module(module)
step = getattr(place, name)

def killed(*args, **kwargs):
    if moment == "after":
        step(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(place, name, killed)
initialise(Settings(database=database, witness=witness))
"""


@pytest.fixture(scope="module")
def older_program(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The program of an earlier commit, from this repository's own history: what to put before `npn`."""
    wanted = ["git", "-C", str(ROOT), "archive", OLD, "src/npn"]
    done = subprocess.run(wanted, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"the history holds no commit {OLD}: a shallow clone")
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return ("env", f"PYTHONPATH={folder / 'src'}")


def totals(settings: Settings) -> tuple[int, int]:
    """The numbers granted and the entries, of a ledger that verifies."""
    service = build(settings)
    lines: list[bytes] = []
    try:
        export(service.database, lines.append)
    finally:
        service.close()
    return verify(lines).totals.granted, len(lines)


def scalar(settings: Settings, query: str) -> object:
    database = Database(settings.database)
    try:
        with database.read() as connection:
            return connection.scalar(sa.text(query))
    finally:
        database.close()


def test_a_forgotten_older_server_grants_nothing_and_clients_that_repeat_lose_nothing(
    settings: Settings, tmp_path: Path, older_program: tuple[str, ...]
) -> None:
    assert npn("admin", "init", on=settings, prefix=older_program).status == 0
    added = npn(
        "admin", "system", "add", "lab", "--vendor", "V", "--owner", "O", "--environment", "production",
        on=settings, prefix=older_program,
    )  # fmt: skip
    key = added.lines[-1]
    witness = Path(settings.witness)
    with serving(settings, tmp_path, prefix=older_program) as (old,):
        kept = old.draw(key, "before").json()
        early = npn("admin", "init", on=settings)
        assert early.status == 2, early
        assert "servers_running" in one_line_error(early)
        assert "--servers-are-stopped" in early.err
        assert old.draw(key, "still").status_code == 201, "and nothing was changed"
        before = witness.read_bytes()

        assert npn("admin", "init", "--servers-are-stopped", on=settings).status == 0
        assert json.loads(witness.read_bytes())["identity"]
        assert old.draw(key, "meanwhile").status_code == 503

        after = witness.read_bytes()
        witness.write_bytes(before)  # as if the old server's witness were another file
        knows = scalar(settings, "SELECT length FROM ledger_head")
        asked = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=old.url, headers=asked, timeout=30) as client:
            answers = [
                client.post("/v1/series", json={"count": 10}, headers={"Idempotency-Key": "meanwhile"}),
                client.post(f"/v1/series/{kept['id']}/release", json={}),
            ]
        assert all(answer.status_code >= 500 for answer in answers), answers
        assert scalar(settings, "SELECT length FROM ledger_head") == knows
        elsewhere = Settings(database=settings.database, witness=str(tmp_path / "w2"))
        shutil.copy(witness, elsewhere.witness)
        assert npn("recover", "--yes", on=elsewhere, prefix=older_program).status == 2
        assert scalar(settings, "SELECT length FROM ledger_head") == knows
        assert npn("admin", "init", on=settings).status == 4, "the old witness is not taken for the new one"
        witness.write_bytes(after)
        assert old.stop() == 0
        old.prefix = ()
        old.start()
        old.wait_for("/readyz", 200)
        again = old.draw(key, "before").json()
        assert (again["first"], again["last"]) == (kept["first"], kept["last"])
        assert old.draw(key, "meanwhile").status_code == 201
        assert old.draw(key, "still").status_code == 200
    assert totals(settings)[0] == 30


def test_clients_that_repeat_see_one_pause(settings: Settings, tmp_path: Path, older_program: tuple[str, ...]) -> None:
    assert npn("admin", "init", on=settings, prefix=older_program).status == 0
    added = npn(
        "admin", "system", "add", "lab", "--vendor", "V", "--owner", "O", "--environment", "production",
        on=settings, prefix=older_program,
    )  # fmt: skip
    key, stop = added.lines[-1], threading.Event()
    granted: dict[str, str] = {}

    def client(url: str) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            until = time.monotonic() + 60
            while time.monotonic() < until:
                try:
                    answer = httpx.post(
                        f"{url}/v1/series",
                        json={"count": 10},
                        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"r{number}"},
                        timeout=20,
                    )
                except httpx.HTTPError:
                    answer = None
                if answer is not None and answer.status_code in (200, 201):
                    granted[f"r{number}"] = answer.json()["first"]
                    break
                time.sleep(0.05)

    with serving(settings, tmp_path, prefix=older_program) as (server,):
        thread = threading.Thread(target=client, args=(server.url,))
        thread.start()
        try:
            until = time.monotonic() + 30
            while len(granted) < 10 and time.monotonic() < until:
                time.sleep(0.02)
            assert server.stop() == 0
            assert npn("admin", "init", on=settings).status == 0
            server.prefix = ()
            server.start()
            there = len(granted)
            while len(granted) < there + 10 and time.monotonic() < until + 60:
                time.sleep(0.02)
        finally:
            stop.set()
            thread.join()
    assert len({*granted.values()}) == len(granted) >= 20
    assert totals(settings)[0] == 10 * len(granted)


ENTRY = (
    "INSERT INTO ledger (seq, at, type, data, previous, hash) SELECT length + 1, '2026-01-01T00:00:00.000000Z',"
    " 'series_released', '{}', hash, :hash FROM ledger_head"
)
OLD_BATCHES = {
    "what every change of an older program ends with": (
        ENTRY,
        "UPDATE ledger_head SET length = length + 1, hash = :hash",
    ),
    "one that names what it does not know": (
        "UPDATE ledger_head SET length = length + 1, hash = :hash, writer = '0014', written = length + 1",
    ),
    "one that moves nothing but the witness": ("UPDATE ledger_head SET witness = :hash, writer = '0014'",),
}


@pytest.mark.parametrize("statements", OLD_BATCHES.values(), ids=OLD_BATCHES)
def test_no_change_of_an_older_program_passes_the_database(settings: Settings, statements: tuple[str, ...]) -> None:
    initialise(settings)
    before = totals(settings)
    database = Database(settings.database)
    with pytest.raises((UnavailableError, sa.exc.IntegrityError)):
        _run(database, statements)
    database.close()
    assert totals(settings) == before


def _run(database: Database, statements: tuple[str, ...]) -> None:
    with database.write() as connection:
        for statement in statements:
            connection.execute(sa.text(statement), {"hash": "f" * 64})


class CutShortError(BaseException):
    """The end of a process, as far as what it leaves behind is concerned."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=[name for _, name in STEPS])
def test_an_init_cut_short_at_any_step_is_completed_by_running_it_again(
    settings: Settings, tmp_path: Path, step: tuple[str, str], moment: str
) -> None:
    lab = at_revision(settings, "0014")
    new = Settings(database=f"{settings.database}.new", witness=str(tmp_path / "new.witness"))
    for each in (settings, new) if settings.database.startswith("sqlite") else (settings,):
        with pytest.MonkeyPatch.context() as patched:
            _cut_short(patched, *step, moment)
            with contextlib.suppress(CutShortError):
                initialise(each)
        initialise(each)
        _is_whole(each)
    service = build(settings)
    try:
        assert draw(service, lab, 10).first == 1000001000
        assert draw(service, lab, 1000, request_id="old").size == 1000
    finally:
        service.close()


def _cut_short(patched: pytest.MonkeyPatch, module: str, name: str, moment: str) -> None:
    place = importlib.import_module(module)
    step = getattr(place, name)

    def ended(*arguments: object, **named: object) -> None:
        if moment == "after":
            step(*arguments, **named)
        raise CutShortError

    patched.setattr(place, name, ended)


def _is_whole(settings: Settings) -> None:
    service = build(settings)
    try:
        known = FileWitness(Path(settings.witness)).read()
        assert known == service.ledger.state()
        assert known.identity
        assert {space.name for space in service.registry.spaces()} >= {"production", "test"}
        with service.database.read() as connection:
            assert has_operator(connection)
    finally:
        service.close()


@pytest.mark.parametrize("name", ["_give_identity", "_complete"])
def test_an_init_killed_between_its_last_steps_is_completed_by_running_it_again(settings: Settings, name: str) -> None:
    at_revision(settings, "0014")
    arguments = ["npn.ledger.pairing", name, "after", settings.database, settings.witness]
    killed = subprocess.run([sys.executable, "-c", CUT_SHORT, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert npn("admin", "init", on=settings).status == 0
    _is_whole(settings)


def test_the_witness_gets_its_identity_last(settings: Settings) -> None:
    at_revision(settings, "0014")
    place = [settings.database, settings.witness]
    subprocess.run([sys.executable, "-c", CUT_SHORT, "npn.ledger.pairing", "_complete", "before", *place], check=False)
    assert FileWitness(Path(settings.witness)).read().identity == ""
    assert scalar(settings, "SELECT witness FROM ledger_head") != ""
    service = build(settings, key_is_lost=True)  # its secrets are in clear still
    with pytest.raises(UnavailableError) as caught:
        service.ledger.settle()
    service.close()
    assert caught.value.code == "witness_wrong"


@pytest.fixture
def at_work(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database open and does nothing."""
    at_revision(settings, "0014")
    program = (
        "import sys\nfrom npn.db import Database\n"
        "database = Database(sys.argv[1])\n"
        "import sqlalchemy as sa\n"
        "with database.read() as connection: connection.scalar(sa.text('SELECT 1 FROM ledger_head'))\n"
        "print('open', flush=True)\nsys.stdin.read()\ndatabase.close()\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", program, settings.database], stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_init_waits_for_whoever_works_on_the_database(settings: Settings, at_work: subprocess.Popen[str]) -> None:
    refused = npn("admin", "init", on=settings)
    assert refused.status == 2, refused
    assert "servers_running" in one_line_error(refused)
    if settings.database.startswith("sqlite"):
        assert f"process {at_work.pid}" in refused.err
    assert scalar(settings, "SELECT version_num FROM alembic_version") == "0014"
    at_work.communicate()
    assert npn("admin", "init", on=settings).status == 0


def test_init_takes_an_operators_word_for_it(settings: Settings, at_work: subprocess.Popen[str]) -> None:
    assert npn("admin", "init", "--servers-are-stopped", on=settings).status == 0
    assert at_work.poll() is None
    assert npn("admin", "init", on=settings).status == 0, "and asks nobody where there is nothing to do"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_a_process_that_can_not_be_seen_is_asked_about_too(tmp_path: Path) -> None:
    """Its files are another user's and are not shown: SQLite itself knows that somebody has the file open."""
    tmp_path.parent.chmod(0o755)
    folder = Path("/tmp") / f"npn-{tmp_path.name}-{os.getpid()}"  # noqa: S108  # where another user may come
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    try:
        at_revision(settings, "0014")
        for file in folder.iterdir():
            file.chmod(0o666)
        other = sqlite3.connect(folder / "npn.db")
        other.execute("SELECT * FROM ledger_head").fetchall()
        program = (
            "import sys\nfrom npn.db import Database\nfrom npn.db.others import refuse_others\n"
            "from npn.errors import NpnError\n"
            "try:\n  refuse_others(Database(sys.argv[1]), what='x')\n"
            "except NpnError as error: print(error.code, error)\n"
        )
        nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        ran = subprocess.run(
            [*nobody, sys.executable, "-c", program, settings.database], capture_output=True, text=True, check=False
        )
        if "Permission denied" in ran.stderr or "ModuleNotFound" in ran.stderr:
            pytest.skip("the program can't be read by another user here")
        assert "servers_running" in ran.stdout, ran
        assert "may not see" in ran.stdout
        other.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_running_server_draws_no_more_once_the_schema_is_not_its_own(settings: Settings, tmp_path: Path) -> None:
    initialise(settings)
    service = build(settings)
    lab = add(service)
    service.close()
    server = Server(settings, free_port(), tmp_path / "log")
    server.start()
    try:
        key = str(lab[1])
        made = server.draw(key, "before").json()
        owner = Database(settings.database, as_owner=True)
        with owner.write() as connection:
            connection.execute(sa.text("UPDATE schema_compatibility SET compatible_since = '9999'"))
        owner.close()
        length = scalar(settings, "SELECT length FROM ledger_head")
        headers = {"Authorization": f"Bearer {key}"}
        answers = [
            server.draw(key, "after"),
            server.draw(key, "before"),
            httpx.post(f"{server.url}/v1/series/{made['id']}/release", json={}, headers=headers, timeout=20),
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "schema_outdated"), answer.text
        assert server.get(f"/v1/series/{made['id']}", key).status_code == 200
        assert scalar(settings, "SELECT length FROM ledger_head") == length
    finally:
        server.kill()


def test_the_newest_schema_says_whose_programs_may_write_it(settings: Settings) -> None:
    initialise(settings)
    assert scalar(settings, "SELECT compatible_since FROM schema_compatibility") == oldest_able() >= "0016"
    assert oldest_able() <= newest()
