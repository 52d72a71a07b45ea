"""Files that people save on Windows, given to the commands that read them."""

import codecs
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from command import NPN, Ran, npn, one_line_error
from npn.config import Settings
from npn.ledger.keys import public_keys
from npn.wiring.assembly import build
from prepared import initialised

HEADER = "space,system,first,last,drawn_at\n"
WAYS: dict[str, Callable[[str], bytes]] = {
    "a byte order mark and CR LF": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
    "UTF-16 and CR LF": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "CR alone": lambda text: text.replace("\n", "\r").encode(),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database with a system."""
    settings = Settings(database=f"sqlite:///{tmp_path_factory.mktemp('house') / 'npn.db'}")
    initialised(settings)
    assert npn("admin", "system", "add", "Lab", "--vendor", "V", "--owner", "O", on=settings).status == 0
    return settings


def imported(house: Settings, content: bytes, folder: Path) -> Ran:
    (folder / "ranges.csv").write_bytes(content)
    return npn("admin", "import", folder / "ranges.csv", "--json", on=house)


@EVERY_WAY
def test_ranges_in_use_are_imported(house: Settings, way: str, tmp_path: Path) -> None:
    first = 9_100_000_000 + 1000 * list(WAYS).index(way)
    row = f"test,lab,{first},{first + 999},2020-01-01\n"
    done = imported(house, WAYS[way](HEADER + row), tmp_path)
    assert done.json == {"imported": 1, "conflicts": []}, done.err


def test_what_is_no_text_or_no_such_table_is_named_with_the_way_out(house: Settings, tmp_path: Path) -> None:
    for content, word in (
        (HEADER.encode() + "test,læge,1,2,2020-01-01".encode("cp1252"), "save it as UTF-8"),
        (HEADER.replace(",", ";").encode(), "semicolons"),
        (b"\0\0\0\0", "save it as UTF-8"),
    ):
        refused = imported(house, content, tmp_path)
        assert (refused.status, word in refused.err) == (2, True), refused.err
        assert "[" in one_line_error(refused)


@EVERY_WAY
def test_pinned_keys_are_read_and_a_ledger_that_was_saved_again_is_named_so(
    house: Settings, way: str, tmp_path: Path
) -> None:
    service = build(house)
    with service.database.read() as connection:
        keys = json.dumps({"keys": list(public_keys(connection))}, indent=1)
    service.close()
    ledger, pinned, again = (tmp_path / name for name in ("ledger.jsonl", "keys.json", "again.jsonl"))
    assert npn("ledger", "export", ledger, on=house).status == 0
    pinned.write_bytes(WAYS[way](keys))
    assert npn("ledger", "verify", ledger, "--jwks", pinned).status == 0
    again.write_bytes(WAYS[way](ledger.read_text("utf-8")))
    told = npn("ledger", "verify", again)
    assert told.status == 1
    if way != "CR alone":  # then it is one line that is no entry
        assert "another program has saved the file again" in told.out


@EVERY_WAY
def test_a_receipt_and_the_text_of_a_case_are_read(house: Settings, way: str, tmp_path: Path) -> None:
    (tmp_path / "receipt.jws").write_bytes(WAYS[way]("eyJh.eyJi.c2ln\n"))
    refused = npn("admin", "reregister", tmp_path / "receipt.jws", on=house)
    assert (refused.status, "1 receipt refused" in refused.err) == (3, True)
    words = "Blåbærgrød: det går galt.\nHver dag.\n"
    command = [NPN, "admin", "case", "open", "Ærgerligt", "--text", "-", "--name", "N", "--email", "n@example.dk"]
    opened = subprocess.run(
        [*command, "--json"],
        input=WAYS[way](words),
        capture_output=True,
        check=True,
        env={**os.environ, "NPN_DATABASE": house.database},
    )
    shown = npn("admin", "case", "show", json.loads(opened.stdout)["number"], "--json", on=house)
    assert words.strip() in [entry["text"].strip() for entry in shown.json["entries"]]
