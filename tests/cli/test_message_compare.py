"""`npn message compare` as a tester of an intermediary calls it."""

import json
from pathlib import Path

import pytest
from tests.cli.test_message import npn

from npn.messages import write
from npn.messages.examples import example
from npn.messages.examples.samples import changed

CPR = "Patient/CivilRegistrationNumber"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    first, second = tmp_path / "before.edi", tmp_path / "after.xml"
    first.write_bytes(write(example("XR0231M"), "edifact"))
    second.write_bytes(write(example("XR0231M"), "xml"))
    return str(first), str(second)


def test_exit_status_says_whether_they_differ(pair: tuple[str, str], tmp_path: Path) -> None:
    first, second = pair
    assert npn("compare", first, first).returncode == 0
    Path(second).write_bytes(write(changed("XR0231M", {"Patient/PersonSurnameName": "Øvergaard"}), "xml"))
    answer = npn("compare", first, second, "--lang", "da")
    assert answer.returncode == 1
    assert "Patient: Efternavn" in answer.stdout.decode()
    assert "B  Øvergaard   [linje 2]" in answer.stdout.decode()
    nothing = tmp_path / "nothing.xml"
    nothing.write_bytes(b"nothing")
    unread = npn("compare", str(nothing), str(nothing))
    assert unread.returncode == 1
    assert b"not compared" in unread.stderr


def test_json_has_every_difference_with_both_places(pair: tuple[str, str]) -> None:
    first, second = pair
    Path(second).write_bytes(write(changed("XR0231M", {CPR: "2512484908"}), "xml"))
    answer = npn("compare", first, second, "--json")
    document = json.loads(answer.stdout)
    assert (answer.returncode, document["differs"]) == (1, True)
    assert (document["first_file"], document["second_file"]) == (first, second)
    (difference,) = [each for each in document["letters"][0]["differences"] if each["path"] == CPR]
    assert difference["relation"] == "changed"
    assert difference["first"] == difference["second"] == "251248-****"
    assert difference["first_place"]["segment"] > 1
    assert difference["second_place"]["path"].endswith(CPR)
    assert "2512484908" not in answer.stdout.decode()
    assert "they differ in what is hidden" in npn("compare", first, second).stdout.decode()
