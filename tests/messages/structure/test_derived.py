"""The structure of every version is what MedCom's schema says, type by type; the tool that derives it is run here."""

import runpy
import sys
from pathlib import Path

import pytest
from tests.messages.generator import ALL_VERSIONS
from tests.messages.letters import least
from tests.messages.schemas import MEDCOM, NEEDS_SHARED, schema_accepts

from npn.messages import Severity, read, validate, versions
from npn.messages.oioxml.writing import write

pytestmark = NEEDS_SHARED
ROOT = Path(__file__).resolve().parents[3]
CIVIL = "Patient/CivilRegistrationNumber"


def derived(folder: Path, letter: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What the tool prints for a letter of a schema."""
    monkeypatch.setattr(sys, "argv", ["derive_version.py", str(folder), letter])
    runpy.run_path(str(ROOT / "tools" / "derive_version.py"), run_name="__main__")
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ALL_VERSIONS)
def test_the_data_of_a_version_are_what_the_tool_derives_from_the_schema(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = versions.version(name)
    folder = MEDCOM / "schemas" / "/".join(version.namespace.strip("/").split("/")[-3:])
    text = (ROOT / "src/npn/messages/versions" / f"{name}.txt").read_text("utf-8")
    structure = text[text.index("structure\n") :].partition("\nedifact ")[0]
    assert structure.strip() == derived(folder, version.letter, capsys, monkeypatch).strip()


# A replacement number's day is the day of birth plus 60: no date, and yet what hospitals send every day.
@pytest.mark.parametrize("number", ["6101901234", "9112551234", "0000000000", "9999999999"])
@pytest.mark.parametrize("name", [name for name in ALL_VERSIONS if not name.startswith("XC")])
def test_a_replacement_number_is_sound_as_in_the_schema(name: str, number: str) -> None:
    data = write(least(name, {CIVIL: number}))
    assert schema_accepts(data, versions.version(name).namespace)
    errors = [each for each in validate(read(data), rules=()) if each.severity is Severity.ERROR]
    assert [each for each in errors if each.rule.startswith("structure")] == []
