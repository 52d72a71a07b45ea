"""`npn message bridge`, `bridge-cases` and `bridge-check` as a certifying body calls them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.test_message import npn
from tests.messages.bridges import intermediary
from tests.messages.test_profiles import as_version, with_element

PROFILE = """# The region's description of 0132
version XQ0132K
base XQ0131K
namespace http://rep.oio.dk/medcom.dk/xml/schemas/2019/05/06/
edifact MEDREQ Q0132K REQ01
  in S02
    ? DTM+ALD:{R/AnswerWanted|minute}:203
changes
  after RequisitionInformation/CarbonCopyReceiver
    AnswerWanted[0..1]: DateTime
"""
BRIDGE = """# The region's bridge
bridge XQ0132K XQ0131K
lines
  fold RequisitionInformation/AnswerWanted into RequisitionInformation/Comments as Answer wanted {Date} {Time}
    administrative The wish is kept as text. / Ønsket bevares som tekst.
"""
FOUND_AT = {
    "drops_the_physician": ("missing", "Physician"),
    "cuts_long_names": ("changed", "PersonSurnameName"),
    "exchanges_streets": ("changed", "StreetName"),
    "forgets_the_flag": ("missing", "SampleIdentifierType"),
    "keeps_the_first_analysis_only": ("missing", "RequestedAnalysis"),
    "breaks_danish_letters": ("changed", "OrganisationName"),
    "invents_a_specialty": ("invented", "UnitName"),
    "makes_everything_routine": ("changed", "ResultPriority"),
    "moves_the_sampling_by_an_hour": ("changed", "Time"),
    "turns_the_analyses_round": ("changed", "RequestedAnalysis"),
    "rounds_numbers": ("changed", "Numerical"),
    "forgets_the_wish": ("missing", "Comments"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile, its bridge, and the cases that are generated for them."""
    folder = tmp_path_factory.mktemp("bridges")
    (folder / "profiles").mkdir()
    (folder / "profiles" / "XQ0132K.txt").write_text(PROFILE)
    (folder / "profiles" / "to-0131.txt").write_text(BRIDGE)
    made = npn(
        "bridge-cases",
        "--from",
        "XQ0132K",
        "--to",
        "XQ0131K",
        "-o",
        folder / "cases",
        "--versions",
        folder / "profiles",
    )
    assert made.returncode == 0, made.stderr
    return folder


def checked(folder: Path, fault: str) -> tuple[int, set[tuple[str, str]]]:
    """What bridge-check says of the intermediary with one fault: kind and element of each difference."""
    out = folder / (fault or "sound")
    script = Path(intermediary.__file__)
    subprocess.run([sys.executable, script, folder / "cases" / "xml", out, *filter(None, (fault,))], check=True)
    made = npn("bridge-check", folder / "cases" / "xml", out, "--json", "--versions", folder / "profiles")
    documents = [json.loads(line) for line in made.stdout.splitlines()]
    assert len(documents) == len(list((folder / "cases" / "xml").iterdir()))
    differences = [difference for document in documents for difference in document["differences"]]
    assert all(difference["place"]["line"] for difference in differences)
    return made.returncode, {(entry["kind"], entry["path"].rpartition("/")[2]) for entry in differences}


def test_the_cases_cover_the_profile_and_something_made_up(folder: Path) -> None:
    names = {path.name for path in (folder / "cases").rglob("*.*")}
    assert {"least.xml", "all.xml", "only-RequisitionInformation.AnswerWanted.xml", "all.edi"} <= names
    assert {"unknown-element.xml", "unknown-segment.edi"} <= names


def test_an_intermediary_that_converts_rightly_passes(folder: Path) -> None:
    assert checked(folder, "") == (0, set())


@pytest.mark.parametrize("fault", FOUND_AT)
def test_each_planted_fault_is_found_and_named(folder: Path, fault: str) -> None:
    status, differences = checked(folder, fault)
    assert status == 1
    assert FOUND_AT[fault] in differences
    assert len(differences) <= 3


def test_there_are_twelve_planted_faults() -> None:
    assert len(intermediary.FAULTS) == len(FOUND_AT) == 12


def test_a_message_that_is_missing_or_not_renamed_is_found(folder: Path) -> None:
    before, after = folder / "cases" / "xml", folder / "not-renamed"
    after.mkdir()
    (after / "least.xml").write_bytes((before / "least.xml").read_bytes())
    made = npn("bridge-check", before, after, "--versions", folder / "profiles", "--lang", "da")
    assert made.returncode == 1
    assert "all.xml: missing: meddelelsen mangler" in made.stdout.decode()
    assert "least.xml" in made.stdout.decode()
    assert "skulle være 'XQ0131K'" in made.stdout.decode()


def test_edifact_is_compared_with_what_edifact_carries(folder: Path) -> None:
    before, after = folder / "cases" / "edifact", folder / "edifact-out"
    after.mkdir()
    for path in before.glob("*.edi"):
        made = npn(
            "bridge", path, "--to", "Q0131K", "-o", after / path.name, "--versions", folder / "profiles",
            "--consent", "Segment:*", "--report", after / f"{path.stem}.json",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        break
    path = next(after.glob("*.edi"))
    made = npn("bridge-check", before / path.name, path, "--versions", folder / "profiles")
    assert made.returncode == 0, made.stdout


# --- one message ----------------------------------------------------------------------------------------------


def test_what_a_bridge_does_not_name_is_refused_and_let_through_by_consent(tmp_path: Path) -> None:
    data = with_element(as_version("XQ0131K", "XQ0132K"), "Patient", "<Ekstra>abc</Ekstra>")
    (tmp_path / "in.xml").write_bytes(data)
    made = npn(
        "bridge", tmp_path / "in.xml", "--to", "XQ0131K", "--report", tmp_path / "r.json", "-o", tmp_path / "o.xml"
    )
    assert made.returncode == 1
    assert not (tmp_path / "o.xml").exists()
    assert b"Ekstra is lost: the bridge does not say what becomes of it [bridge.unnamed]" in made.stderr
    (loss,) = json.loads((tmp_path / "r.json").read_bytes())["losses"]
    assert (loss["rule"], loss["what"], loss["weight"], loss["consented"]) == (
        "Ekstra",
        "unnamed",
        "lost_to_reader",
        False,
    )
    made = npn("bridge", tmp_path / "in.xml", "--to", "XQ0131K", "--consent", "Ekstra", "-o", tmp_path / "o.xml")
    assert made.returncode == 0
    assert b"Ekstra" not in (tmp_path / "o.xml").read_bytes()
    assert npn("validate", tmp_path / "o.xml").returncode == 0


def test_a_bridge_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.xml").write_bytes(as_version("XQ0131K", "XQ0132K"))
    made = npn("bridge", tmp_path / "in.xml", "--to", "XR0131K", "--lang", "da")
    assert made.returncode == 1
    assert "der er ingen bro fra XQ0132K til XR0131K" in made.stderr.decode()
    assert npn("bridge", tmp_path / "in.xml", "--to", "XQ0999K").returncode == 2


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (BRIDGE.replace("  fold", "  fould"), 4, "keep, drop, fold"),
        (BRIDGE.replace(" into ", " onto "), 4, "fold PATH into PATH"),
        (BRIDGE.replace("    administrative", "    unimportant"), 5, "lost_to_reader"),
        (BRIDGE.replace(" / Ønsket bevares som tekst.", ""), 5, "Dansk"),
        (BRIDGE.replace("bridge XQ0132K XQ0131K", "bridge XQ0132K"), 2, "two ends"),
        (BRIDGE.replace("XQ0131K", "XQ0999K"), 1, "there is no version 'XQ0999K'"),
        (BRIDGE.replace("lines", "rows"), 3, "known are bridge"),
    ],
)
def test_a_faulty_bridge_is_named_with_its_line(tmp_path: Path, text: str, line: int, word: str) -> None:
    (tmp_path / "b.txt").write_text(text)
    made = npn("versions", "--versions", tmp_path)
    assert made.returncode == 2
    assert f"b.txt, line {line}: " in made.stderr.decode()
    assert word in made.stderr.decode()


LINES = """bridge XQ0132K XQ0131K
lines
  drop Sender/Ekstra
    administrative Nobody reads it. / Ingen læser det.
  refuse Receiver/Ekstra
    lost_to_reader It changes who answers. / Det ændrer, hvem der svarer.
  keep Requests/RequestedAnalysis/ResultPriority
    codes straks = fremskyndet
    administrative The receiver knows no straks. / Modtageren kender ikke straks.
  constant RequisitionInformation/CarbonCopyReceiver = Dr. {/Sender/Identifier} when Sender/Ekstra is abc | def
    administrative Who sends so wants a copy. / Den, der sender sådan, vil have en kopi.
"""


def crossed(
    tmp_path: Path, *extra: tuple[str, str], consent: str = "nothing"
) -> tuple[int, list[dict[str, object]], bytes]:
    """Take a 0132 with elements before others over the operator's lines."""
    data = as_version("XQ0131K", "XQ0132K")
    data = re.sub(rb"<CarbonCopyReceiver>.*?</CarbonCopyReceiver>", b"", data)
    data = data.replace(b"<ResultPriority>rutine", b"<ResultPriority>straks", 1)
    for before, element in extra:
        data = with_element(data, before, element)
    (tmp_path / "bridge.txt").write_text(LINES)
    (tmp_path / "in.xml").write_bytes(data)
    out, report = tmp_path / "out.xml", tmp_path / "report.json"
    made = npn(
        "bridge", tmp_path / "in.xml", "--to", "XQ0131K", "-o", out, "--report", report, "--consent", consent,
        "--versions", tmp_path,
    )  # fmt: skip
    return made.returncode, json.loads(report.read_bytes())["losses"], out.read_bytes() if out.exists() else b""


def test_an_operators_lines_drop_recode_and_set(tmp_path: Path) -> None:
    status, losses, out = crossed(tmp_path, ("ReplyTo", "<Ekstra>def</Ekstra>"))
    assert (status, b"Ekstra" in out) == (0, False)
    whats = {str(loss["rule"]): (loss["what"], loss["weight"]) for loss in losses}
    assert whats["Sender/Ekstra"] == ("drop", "administrative")
    assert whats["RequisitionInformation/CarbonCopyReceiver"] == ("constant", "administrative")
    assert out.count(b"<ResultPriority>fremskyndet") == 2
    assert b"<CarbonCopyReceiver>Dr. " in out
    status, losses, _ = crossed(tmp_path, ("ReplyTo", "<Ekstra>other</Ekstra>"))
    assert {loss["what"] for loss in losses} == {"drop"}


def test_what_a_line_refuses_no_consent_lets_through_and_an_empty_one_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "bridge.txt").write_text(LINES)
    full = as_version("XQ0131K", "XQ0132K").replace(b"</Receiver>", b"<Ekstra>x</Ekstra></Receiver>", 1)
    for content, status in ((full, 1), (full.replace(b">x</Ekstra>", b"> </Ekstra>"), 0)):
        (tmp_path / "in.xml").write_bytes(content)
        made = npn("bridge", tmp_path / "in.xml", "--to", "XQ0131K", "--consent", "*", "--versions", tmp_path)
        assert made.returncode == status
        assert (b"Ekstra is refused: It changes who answers." in made.stderr) == bool(status)
