"""Every operator's command, run as a process: what it prints, where, and its exit status."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import NPN, npn, one_line_error
from drawing import draw
from npn.config import Settings
from npn.registry.receipts import receipt
from npn.systems.model import ApiKey
from npn.wiring.assembly import build
from npn.wiring.service import Service
from npn.wiring.setup import initialise

KEY = re.compile(r"npn_[a-z0-9-]+_[A-Za-z0-9_-]+\Z")


def keys_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if KEY.match(line)]


@pytest.fixture
def ready(settings: Settings) -> Settings:
    """A database to work on."""
    initialise(settings)
    return settings


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database with nothing in it yet, for commands that change nothing."""
    made = Settings(database=f"sqlite:///{tmp_path_factory.mktemp('empty') / 'npn.db'}")
    initialise(made)
    return made


@pytest.fixture
def at_work(ready: Settings) -> Iterator[Service]:
    """A service that is running meanwhile."""
    service = build(ready)
    yield service
    service.close()


def test_init_prints_the_operators_key_once_alone_on_a_line(settings: Settings) -> None:
    first = npn("admin", "init", on=settings)
    again = npn("admin", "init", on=settings)

    assert (first.status, again.status) == (0, 0)
    assert len(first.lines) == len(keys_in(first.out)) == 1
    assert first.out.startswith("npn_operator_")
    assert "Created" in first.err
    assert again.out == ""
    assert "up to date" in again.err
    shown = npn("admin", "init", "--json", on=settings).json
    assert shown["created"] is False
    assert shown["operator_key"] is None


def test_init_refuses_beside_a_foreign_witness(ready: Settings, tmp_path: Path) -> None:
    ran = npn("admin", "init", "--database", f"sqlite:///{tmp_path / 'new.db'}", "--witness", ready.witness)

    assert ran.status == 2
    assert "another database" in one_line_error(ran)


def test_a_system_is_added_with_its_key_alone_on_a_line(ready: Settings) -> None:
    ran = npn("admin", "system", "add", "Labka II (Århus)", "--vendor", "CSC", "--owner", "Region Midt", on=ready)

    assert ran.status == 0
    assert ran.lines[0] == "labka-ii-aarhus"
    assert keys_in(ran.out) == ran.lines[1:]
    shown = npn("admin", "system", "show", "labka-ii-aarhus", "--json", on=ready).json
    assert shown["environment"] == "test"
    assert len(shown["keys"]) == 1
    secret = ran.lines[1][-20:]  # the secret itself may hold the sign that parts it from the name
    for command in (["list"], ["show", "labka-ii-aarhus"]):
        assert secret not in npn("admin", "system", *command, on=ready).out


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_systems_life(ready: Settings, shared: Path) -> None:
    def system(*arguments: object) -> dict[str, object]:
        ran = npn("admin", "system", *arguments, "--json", on=ready)
        assert ran.status == 0, ran
        return dict(ran.json)

    made = system("add", "Lab", "--vendor", "V", "--owner", "O", "--environment", "production", "--type", "T")
    assert made["environment"] == "production"
    assert system("suspend", "lab", "--reason", "moved")["state"] == "suspended"
    assert system("resume", "lab")["state"] == "active"
    assert KEY.match(str(system("rotate-key", "lab")["key"]))
    assert system("rotate-key", "lab", "--revoke-old")["revoked_old"] is True
    assert system("set-limits", "lab", "--smallest", 5, "--quota", 100, "--quota-days", 7)["quota"] == 100
    assert system("set-limits", "lab", "--no-quota")["quota"] is None
    assert system("set-limits", "lab", "--largest", 50)["smallest_draw"] == 5
    assert system("set-owner", "lab", "Region Syd")["owner"] == "Region Syd"
    system("set-contact", "lab", "--name", "Vagten", "--telephone", "112", "--kind", "on_call")
    assert "Vagten" in npn("admin", "system", "show", "lab", on=ready).out
    register = shared / "data" / "register" / "approved_systems.csv"
    assert len(system("import", register, "--type", "Laboratoriesystemer")["new"]) == 21  # type: ignore[arg-type]  # a list
    listed = npn("admin", "system", "list", "--json", on=ready)
    assert len([json.loads(line) for line in listed.lines]) == 22
    without = npn("admin", "system", "import", register, on=ready)
    assert without.status == 2
    assert "Laboratoriesystemer" in without.out
    assert "--type" in without.err


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_spaces_are_added_and_listed_with_their_use(ready: Settings) -> None:
    options = [
        "--length",
        9,
        "--weights",
        "1,2,3,4,5,6,7,8,9",
        "--modulus",
        7,
        "--remainder",
        3,
        "--environment",
        "test",
    ]
    ran = npn("admin", "space", "add", "nine", *options, "--first", "000000000", "--last", "099999999", on=ready)

    assert ran.status == 0
    rows = [json.loads(line) for line in npn("admin", "space", "list", "--json", on=ready).lines]
    assert [(row["name"], row["share"]) for row in rows] == [("nine", 0), ("production", 0), ("test", 0)]
    assert "SHARE" in npn("admin", "space", "list", on=ready).out
    over = npn("admin", "space", "add", "ten", *options, "--first", "099999999", "--last", "200000000", on=ready)
    assert over.status == 3
    assert "space_overlaps" in one_line_error(over)


def test_an_import_is_all_or_nothing_and_lists_every_conflict(ready: Settings, tmp_path: Path) -> None:
    npn("admin", "system", "add", "Lab", "--vendor", "V", "--owner", "O", "--environment", "production", on=ready)
    header = "space,system,first,last,drawn_at\n"
    good, file = "production,lab,1000000000,1000000999,2020-01-02\n", tmp_path / "ranges.csv"
    file.write_text(header + good + "production,lab,1000000500,1000001000,2020-01-02\nmoon,lab,1,2,2020-01-02\n")

    refused = npn("admin", "import", file, on=ready)
    assert refused.status == 3
    assert "line 3" in refused.err
    assert "line 4" in refused.err
    assert "import_conflict" in one_line_error(refused)
    piped = npn("admin", "import", "-", "--json", on=ready, stdin=header + good)
    assert piped.json == {"imported": 1, "conflicts": []}
    again = npn("admin", "import", "-", "--json", on=ready, stdin=header + good)
    assert again.status == 3
    assert len(again.json["conflicts"]) == 1
    assert npn("admin", "import", "-", on=ready, stdin="a,b\n1,2\n").status == 2


def test_the_ledger_is_exported_beside_a_running_service_and_proved(at_work: Service, tmp_path: Path) -> None:
    ready, file, jwks = at_work.settings, tmp_path / "ledger.jsonl", tmp_path / "jwks.json"
    assert npn("admin", "key", "rotate", on=ready).status == 0
    assert len(keys_in(npn("admin", "operator", "rotate-key", on=ready).out)) == 1
    exported = npn("ledger", "export", file, on=ready)
    assert exported.status == 0
    again = npn("ledger", "export", file, on=ready)
    assert (again.status, bool(one_line_error(again))) == (2, True)
    assert "--force" in again.err
    assert npn("ledger", "export", file, "--force", on=ready).status == 0
    piped = npn("ledger", "export", "-", on=ready)

    proved = npn("ledger", "verify", file, "--json")
    assert proved.status == 0
    assert proved.json["verified"] is True
    assert npn("ledger", "verify", "-", stdin=piped.out).status == 0
    last = json.loads(file.read_text().splitlines()[-3])
    assert last["type"] == "signing_key_added"
    jwks.write_text(json.dumps({"keys": [last["data"]["jwk"]]}))
    assert "no number was given twice" in npn("ledger", "verify", file, "--jwks", jwks).out

    file.write_text(file.read_text().replace('"1000000000"', '"1000000001"', 1))
    broken = npn("ledger", "verify", file)
    assert broken.status == 1
    assert "line 1: the entry's hash" in broken.out
    assert npn("ledger", "verify", file, "--json").json["line"] == 1
    assert npn("ledger", "verify", tmp_path / "none").status == 2
    jwks.write_text("{}")
    assert npn("ledger", "verify", file, "--jwks", jwks).status == 2


def test_backup_restore_recover_and_take_back_by_receipt(tmp_path: Path) -> None:
    ready = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    initialise(ready)
    added = npn("admin", "system", "add", "Lab", "--vendor", "V", "--owner", "O", on=ready)
    key = ApiKey.parse(added.lines[1])
    assert key is not None
    assert npn("admin", "backup", tmp_path / "backup.db", on=ready).status == 0
    assert npn("admin", "backup", tmp_path / "backup.db", on=ready).status == 2
    service = build(ready)
    lab = (service.systems.get("lab"), key)
    (tmp_path / "receipt").write_text(receipt(service.database, draw(service, lab, 100)))
    service.close()
    assert npn("recover", on=ready).status == 0
    shutil.copy(tmp_path / "backup.db", tmp_path / "npn.db")

    assert npn("recover", "--json", on=ready).status == 1
    asked = npn("recover", on=ready, stdin="n\n")
    assert asked.status == 1
    assert "9000000000 to 9000000099" in asked.out
    assert npn("recover", on=ready).status == 1
    assert npn("recover", on=ready, stdin="y\n").status == 0
    assert npn("recover", "--yes", "--json", on=ready).json["sound"] is True
    back = npn("admin", "reregister", tmp_path / "receipt", "--json", on=ready)
    assert back.json["first"] == "9000000000"
    (tmp_path / "receipt").write_text("a.b.c\n")
    assert npn("admin", "reregister", tmp_path / "receipt", on=ready).status == 3


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_lost_witness_is_rebuilt_only_when_asked(ready: Settings) -> None:
    assert npn("recover", "--rebuild-witness", "--yes", on=ready).status == 3
    Path(ready.witness).unlink()
    lost = npn("recover", "--yes", on=ready)
    assert lost.status == 4
    assert "witness_missing" in one_line_error(lost)
    assert npn("recover", "--rebuild-witness", "--yes", on=ready).status == 0
    assert npn("recover", on=ready).status == 0


def test_a_postgresql_is_backed_up_by_its_own_tools(postgres: object, tmp_path: Path) -> None:
    ran = npn("admin", "backup", tmp_path / "b", "--database", "postgresql://nobody@127.0.0.1:1/none")
    assert ran.status == 2
    assert "pg_dump" in ran.err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["admin", "system", "show", "ghost"], 3),
        (["admin", "system", "suspend", "ghost"], 3),
        (["admin", "system", "rotate-key", "operator"], 3),
        (["admin", "system", "add", "\u202e", "--vendor", "V", "--owner", "O"], 2),
        (["admin", "system", "add", "A"], 2),
        (["admin", "system", "set-limits", "ghost"], 2),
        (["admin", "space", "add", "s", "--length", "5", "--weights", "1", "--first", "1", "--last", "2"], 2),
        (["admin", "space", "add", "s", "--length", "6", "--weights", "x", "--first", "1", "--last", "2"], 2),
        (["admin", "backup", "/nowhere/at/all"], 2),
        (["ledger", "export", "/nowhere/at/all"], 2),
        (["admin", "system", "list", "--database", "mysql://x"], 2),
        (["admin", "system", "list", "--database", "sqlite:////nowhere/npn.db"], 2),
        (["admin", "system", "list", "--database", "postgresql://nobody@127.0.0.1:1/none", "--witness", "w"], 4),
        (["admin", "init", "--database", "sqlite:////proc/x/npn.db"], 2),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_hint(empty: Settings, arguments: list[str], status: int) -> None:
    ran = npn(*arguments, on=empty)

    assert ran.status == status, ran
    assert one_line_error(ran)
    assert "Traceback" not in ran.err


def test_commands_work_while_others_write(at_work: Service) -> None:
    """Four at once beside a service: the same locks order them all."""
    environment = os.environ | {"NPN_DATABASE": at_work.settings.database, "NPN_WITNESS": at_work.settings.witness}
    command = [NPN, "admin", "system", "add", "Same name", "--vendor", "V", "--owner", "O"]
    racers = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = [racer.communicate(timeout=60) for racer in racers]

    assert [racer.returncode for racer in racers] == [0] * 4, outputs
    ids = sorted(out.splitlines()[0] for out, _ in outputs)
    assert ids == ["same-name", "same-name-2", "same-name-3", "same-name-4"]
    at_work.ledger.check()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_an_export_that_is_stopped_leaves_nothing(ready: Settings, tmp_path: Path) -> None:
    environment = os.environ | {"NPN_DATABASE": ready.database, "NPN_WITNESS": ready.witness}
    running = subprocess.Popen(
        [NPN, "ledger", "export", str(tmp_path / "l")], env=environment, stderr=subprocess.DEVNULL
    )
    running.send_signal(signal.SIGINT)
    running.wait(60)

    assert (tmp_path / "l").exists() == (running.returncode == 0)
    assert not (tmp_path / "l.part").exists()
