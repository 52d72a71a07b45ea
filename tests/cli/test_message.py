"""`npn message` as a user calls it: files in, lines or JSON out, exit statuses as promised."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from tests.messages.letters import least

from npn.messages import Syntax, convert
from npn.messages.examples import example
from npn.messages.oioxml.writing import write


def npn(*arguments: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command."""
    call = [sys.executable, "-c", "from npn.cli import main; main()", "message", *map(str, arguments)]
    return subprocess.run(call, input=data, capture_output=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a requisition in XML, an answer in EDIFACT and a broken one below."""
    flag = {"RequisitionInformation/Sample/RequesterSampleIdentifier": "1000000015"}
    (tmp_path / "requisition.xml").write_bytes(write(least("XQ0131K", dict(flag))))
    (tmp_path / "answer.edi").write_bytes(convert(example("XR0231M"), Syntax.EDIFACT).data or b"")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "broken.xml").write_bytes(b"<Emessage>")
    return tmp_path


def test_inspect_says_what_it_is(folder: Path) -> None:
    made = npn("inspect", "--json", folder / "requisition.xml", folder / "answer.edi")
    assert made.returncode == 0
    first, second = map(json.loads, made.stdout.splitlines())
    letter = first["interchanges"][0]["letters"][0]
    assert (letter["type"], letter["version"], letter["kind"]) == ("XREQ01", "XQ0131K", "requisition")
    assert letter["sample_numbers"][0] == {
        "number": "1000000015",
        "role": "RequesterSampleIdentifier",
        "flagged_npn": False,
        "npn": True,
        "scheme": "npn10",
        "looks_like": "npn",
        "en": "NPN (npn10)",
        "da": "NPN (npn10)",
    }
    assert second["interchanges"][0]["syntax"] == "edifact"


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_inspect_says_no_where_it_shows_an_error(folder: Path, form: tuple[str, ...]) -> None:
    answer = folder / "answer.edi"
    assert npn("inspect", *form, answer).returncode == 0
    data = answer.read_bytes()
    answer.write_bytes(data.replace(b"UNT+", b"UNT+9", 1))
    made = npn("inspect", *form, answer)
    assert made.returncode == 1
    assert b"edifact.unt-count" in made.stdout + made.stderr


@pytest.mark.parametrize("name", [b"pr\xf8ve", b"\xff\xfe", b"l\xe6ge \xc3\xb8"])
def test_a_file_whose_name_is_not_utf_8_is_named_and_the_others_are_done(folder: Path, name: bytes) -> None:
    shown = name.decode("utf-8", "backslashreplace")
    odd = folder / os.fsdecode(name + b".edi")
    odd.write_bytes((folder / "answer.edi").read_bytes())
    documents = [json.loads(line) for line in npn("validate", "--json", folder).stdout.splitlines()]
    assert {Path(each["file"]).name: each["valid"] for each in documents} == {
        f"{shown}.edi": True,
        "requisition.xml": True,
        "answer.edi": True,
        "broken.xml": False,
    }
    assert json.loads(npn("validate", "--json", odd).stdout)["valid"] is True
    results = folder / "results"
    assert npn("validate", folder, "--results", results).returncode == 1
    assert len(results.read_bytes().splitlines()) == len(documents)
    made = npn("convert", "--to", "xml", folder, "-o", folder / "out")
    assert made.returncode == 1, made.stderr
    assert {path.name for path in (folder / "out").rglob("*.xml")} >= {f"{shown}.xml", "answer.xml"}


def test_validate_takes_directories_and_says_no(folder: Path) -> None:
    made = npn("validate", "--json", folder)
    assert made.returncode == 1
    verdicts = {Path(each["file"]).name: each["valid"] for each in map(json.loads, made.stdout.splitlines())}
    assert verdicts == {"requisition.xml": True, "answer.edi": True, "broken.xml": False}


def test_validate_shows_the_place_and_speaks_danish(folder: Path) -> None:
    made = npn("validate", "--lang", "da", folder / "below" / "broken.xml")
    assert b"broken.xml:1:" in made.stdout
    assert "ikke gyldig XML: den slutter, før alle elementer er lukket" in made.stdout.decode()


def test_validate_reads_standard_input(folder: Path) -> None:
    made = npn("validate", "-", data=(folder / "answer.edi").read_bytes())
    assert made.returncode == 0


def test_convert_goes_there_and_back(folder: Path) -> None:
    there = npn("convert", folder / "answer.edi", "--to", "xml", "-o", folder / "answer.xml")
    assert there.returncode == 0
    back = npn("convert", folder / "answer.xml", "--to", "edifact")
    assert back.stdout == (folder / "answer.edi").read_bytes()


def test_convert_stops_at_errors_unless_forced_and_reports_losses(folder: Path) -> None:
    letter = least("XQ0131K", {"Requests/RequestedAnalysis/Analysis/AnalysisCodeType": "mds"})
    (folder / "mds.xml").write_bytes(write(letter))
    stopped = npn(
        "convert", folder / "mds.xml", "--to", "edifact", "-o", folder / "out.edi", "--report", folder / "report.json"
    )
    assert stopped.returncode == 1
    assert not (folder / "out.edi").exists()
    report = json.loads((folder / "report.json").read_bytes())
    assert (report["written"], [each["rule"] for each in report["errors"]]) == (False, ["mapping.no-code"])
    assert {each["rule"] for each in report["losses"]} >= {"loss.dropped"}
    forced = npn("convert", folder / "mds.xml", "--to", "edifact", "-o", folder / "out.edi", "--force")
    assert forced.returncode == 0
    assert (folder / "out.edi").exists()


def test_a_folder_is_converted_into_a_folder(folder: Path) -> None:
    answer = (folder / "answer.edi").read_bytes()
    (folder / "below" / "two.edi").write_bytes(answer * 2)
    (folder / "below" / "broken.xml").unlink()
    out, report = folder.parent / f"{folder.name}-xml", folder.parent / f"{folder.name}.jsonl"
    there = npn("convert", folder, "--to", "xml", "-o", out, "--report", report, "--jobs", "2")
    assert there.returncode == 0, there.stderr
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.xml")) == [
        *("answer.xml", "below/two-1.xml", "below/two-2.xml", "requisition.xml")
    ]
    lines = [json.loads(line) for line in report.read_bytes().splitlines()]
    assert [len(line["interchanges"]) for line in lines] == [1, 1, 2]
    back = npn("convert", out / "below" / "two-2.xml", "--to", "edifact")
    assert back.stdout == answer


def test_several_interchanges_need_a_folder_to_be_converted_into(folder: Path) -> None:
    two = (folder / "answer.edi").read_bytes() * 2
    refused = npn("convert", "-", "--to", "xml", data=two)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert b"give a folder behind -o" in refused.stderr
    assert npn("convert", "-", "--to", "xml", "-o", f"{folder}/out/", data=two).returncode == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["message-1.xml", "message-2.xml"]


def test_one_that_fails_in_a_folder_is_named_and_the_others_are_converted(folder: Path) -> None:
    made = npn("convert", folder, "--to", "xml", "-o", folder / "out", "--lang", "da")
    assert made.returncode == 1
    assert b"broken.xml: not converted, " in made.stderr
    assert (folder / "out" / "answer.xml").exists()


@pytest.mark.parametrize("to", ["edifact", "xml"])
@pytest.mark.parametrize("what", ["no-form", "unknown", "text"])
def test_force_writes_nothing_where_no_letter_survives(tmp_path: Path, what: str, to: str) -> None:
    answer = convert(example("XR0231M"), Syntax.EDIFACT).data or b""
    data = {
        "no-form": write(example("XR0532M")) if to == "edifact" else b"<nothing",
        "unknown": answer.replace(b"R0231M", b"R0299M"),
        "text": b"Kaere laboratorium",
    }[what]
    (tmp_path / "in").write_bytes(data)
    made = npn(
        "convert", tmp_path / "in", "--to", to, "--force", "-o", tmp_path / "out", "--report", tmp_path / "report"
    )
    assert made.returncode == 1
    assert not (tmp_path / "out").exists()
    assert b"no letter can be written" in made.stderr
    report = json.loads((tmp_path / "report").read_bytes())
    assert "mapping.no-letter" in [each["rule"] for each in report["errors"]]
    assert not report["written"]


@pytest.mark.parametrize(
    "arguments", [("validate", "nowhere.xml"), ("convert", ".", "--to", "xml"), ("convert", "x", "--to", "pdf")]
)
def test_wrong_calls_are_told_in_one_line(arguments: tuple[str, ...]) -> None:
    made = npn(*arguments)
    assert made.returncode == 2
    assert made.stderr.startswith(b"Error: ")
    assert b"Traceback" not in made.stderr


def test_validate_gives_a_build_server_its_form(folder: Path) -> None:
    made = npn("validate", "--format", "junit", folder)
    assert made.returncode == 1
    suites = fromstring(made.stdout)  # noqa: S314  # our own
    by_name = {Path(suite.get("name", "")).name: int(suite.get("failures", "")) for suite in suites}
    assert by_name == {"requisition.xml": 0, "answer.edi": 0, "broken.xml": 1}
    assert suites.find(".//failure").get("type") == "xml.syntax"  # type: ignore[union-attr]  # it is there
    assert npn("validate", "--format", "junit", folder / "answer.edi").returncode == 0
    as_json = [npn("validate", *form, folder / "answer.edi").stdout for form in (["--json"], ["--format", "json"])]
    assert as_json[0] == as_json[1]
