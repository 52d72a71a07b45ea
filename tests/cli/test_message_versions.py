"""`npn message versions` and `--versions` as a user calls them."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.test_message import npn
from tests.messages.test_profiles import PROFILE, as_version

from npn.messages.examples import example
from npn.messages.oioxml.writing import write


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "XQ0132K.txt").write_text(PROFILE.replace("http://rep.oio.dk/medcom.dk/xml/schemas/2019/05/06/", "*"))
    return folder


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "assumed.xml").write_bytes(as_version("XQ0131K", "XQ0132K"))
    (folder / "sound.xml").write_bytes(write(example("XQ0131K")))
    return folder


def test_versions_are_listed_for_people_and_for_programs(profiles: Path) -> None:
    made = npn("versions", "--json", "--versions", profiles)
    rows = {row["name"]: row for row in json.loads(made.stdout)["versions"]}
    assert rows["XQ0132K"]["source"] == str(profiles)
    assert rows["XR0731G"]["assumed"]
    assert b"assumed, read as XR0730G" in npn("versions").stdout


def test_what_is_not_judged_is_not_valid_and_no_error(letters: Path) -> None:
    made = npn("validate", "--json", letters / "assumed.xml")
    document = json.loads(made.stdout)
    assert (made.returncode, document["valid"], document["verdict"]) == (0, False, "not_judged")
    assert b"ikke bed\xc3\xb8mt" in npn("validate", "--lang", "da", letters / "assumed.xml").stdout
    described = json.loads(npn("inspect", "--json", letters / "assumed.xml").stdout)["interchanges"][0]["letters"][0]
    assert (described["known"], described["read_as"]) == (True, "XQ0131K")
    broken = letters / "broken.edi"
    broken.write_bytes(b"UNB+UNOC:3")
    document = json.loads(npn("validate", "--json", broken).stdout)
    assert (document["valid"], document["verdict"]) == (False, "invalid")


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")])
def test_the_folder_holds_for_every_process(letters: Path, profiles: Path, jobs: tuple[str, ...]) -> None:
    """The profile takes the collector away, which the example has: judged by it, the letter is invalid."""
    made = npn("validate", "--json", *jobs, "--versions", profiles, letters)
    verdicts = {Path(line["file"]).name: line["verdict"] for line in map(json.loads, made.stdout.splitlines())}
    assert verdicts == {"assumed.xml": "invalid", "sound.xml": "valid"}
    assert made.returncode == 1


def test_the_folder_can_stand_in_the_environment(
    letters: Path, profiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "NPN_MESSAGE_VERSIONS", str(profiles))
    assert npn("validate", letters / "assumed.xml").returncode == 1


@pytest.mark.parametrize(
    "command", [("inspect",), ("validate",), ("convert", "--to", "xml"), ("view", "--for", "citizen")]
)
def test_a_faulty_file_ends_every_command_with_its_line(
    letters: Path, profiles: Path, command: tuple[str, ...]
) -> None:
    (profiles / "XQ0132K.txt").write_text(PROFILE.replace("in S02", "in S99"))
    made = npn(*command, letters / "sound.xml", "--versions", profiles)
    assert made.returncode == 2
    assert b"XQ0132K.txt, line 6: 0 groups begin with 'S99'" in made.stderr
    assert b"S02" in made.stderr
