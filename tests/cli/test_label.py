"""`npn label` as a user runs it: files, exit statuses, and nothing written where anything is wrong."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from command import npn
from house import House, populated
from npn.config import Settings
from running import NPN, running


def test_labels_are_written_and_said_to_be_read_back(tmp_path: Path) -> None:
    for form, magic in (("pdf", b"%PDF"), ("svg", b"<svg"), ("png", b"\x89PNG"), ("zpl", b"^XA")):
        path = tmp_path / f"label.{form}"
        ran = npn("label", "1000 000 015", "--dpi", "203", "--text", "Ærø\n1. dec.", "--text", "Blod", "-o", path)
        assert (ran.status, ran.out) == (0, "")
        assert ran.err == f"1 page of tube-50x25 at 203 dpi, every symbol read back: {path}\n"
        assert path.read_bytes().startswith(magic)
    assert len(list(tmp_path.iterdir())) == 4


def test_several_pages_of_pictures_have_numbers_and_copies_are_pages(tmp_path: Path) -> None:
    ran = npn(
        "label",
        "-",
        "--copies",
        "2",
        "--design",
        "cassette",
        "-o",
        tmp_path / "l.png",
        stdin="1000000015\n\n9900000003\n",
    )
    assert ran.status == 0, ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"l-{page}.png" for page in (1, 2, 3, 4)]


def test_without_a_file_the_pdf_goes_to_standard_output() -> None:
    done = subprocess.run([NPN, "label", "1000000015"], capture_output=True, check=True, timeout=60)
    assert done.stdout.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["1000000015", "1000000016"], 1, "'1000000016' fails the check of npn10 [not_usable]"),
        (["1000000016", "--scheme", "10:1,1,1,1,1,1,1,1,1,1:8"], 0, "read back"),
        (["1000000016", "--any"], 0, "read back"),
        (["12x45", "--any"], 2, "'12x45' can't be printed"),
        (["1000000015", "1000-000-015"], 2, "'1000000015' was given twice (NUMBER)"),
        (["1000000015", "--design", "nothing"], 2, "there is no design 'nothing' (design) [label_design_unknown]"),
        (["1000000015", "--text", "a\nb\nc\nd\ne"], 2, "5 lines of text for tube-50x25, which has 4 text zones"),
        (["1000000015", "--text", "x" * 60], 2, "the person has 60 characters"),
        (["1000000015", "--text", "\u3042"], 2, "the font of labels has no"),
        (["1000000015", "--series", "s"], 2, "Give either numbers or --series."),
        (["--design", "cassette"], 2, "Give either numbers or --series."),
        (["--series", "s"], 2, "--series needs NPN_URL"),
        (["1000000015", "--dpi", "250"], 2, "'250' is not one of"),
        (["1" * 18, "--any", "--design", "tube-45x22"], 2, "39.1 mm at 3 dots of 300 dpi (0.254 mm)"),
    ],
)  # fmt: skip
def test_nothing_is_written_where_anything_is_wrong(
    arguments: list[str], status: int, said: str, tmp_path: Path
) -> None:
    ran = npn("label", *arguments, "-o", tmp_path / "label.zpl")
    assert said in ran.err
    assert ran.status == status
    assert len(list(tmp_path.iterdir())) == (status == 0)


@pytest.mark.parametrize(
    ("name", "said"), [("label.doc", "label.doc does not say what to write (output)"), ("none/label.pdf", "[system]")]
)
def test_a_file_that_can_not_be_written_is_refused(name: str, said: str, tmp_path: Path) -> None:
    ran = npn("label", "1000000015", "-o", tmp_path / name)
    assert (ran.status, said in ran.err) == (2, True)


def test_a_sheet_is_no_label_for_a_label_printer(tmp_path: Path) -> None:
    ran = npn("label", "1000000015", "--design", "emergency-form", "-o", tmp_path / "form.zpl")
    assert (ran.status, "210 mm wide, and label printers take 168 mm at most" in ran.err) == (2, True)


def test_the_designs_are_listed() -> None:
    designs = npn("label", "designs", "--json").json["designs"]
    assert {"name": "tube-50x25", "width": 50.0, "height": 25.0, "dpi": 300}.items() <= designs[4].items()
    assert designs[4]["symbols"] == ["code128", "datamatrix"]
    listed = npn("label", "designs")
    assert [line.split()[0] for line in listed.lines[1:]] == [design["name"] for design in designs]


def test_a_proof_measures_and_reads_damaged_labels(tmp_path: Path) -> None:
    ran = npn("label", "proof", "--design", "slide", "--count", "3", "--json", "-o", tmp_path / "proof.pdf")
    assert ran.status == 0, ran.err
    assert (ran.json["design"], ran.json["numbers"], ran.json["measures"][0]["deviation"]) == ("slide", 3, 0)
    assert (tmp_path / "proof.pdf").read_bytes().startswith(b"%PDF")
    shown = npn("label", "proof", "--design", "slide", "--count", "3", "--dpi", "600")
    assert "Measured on the finished page, in mm:" in shown.lines
    refused = npn("label", "proof", "-o", tmp_path / "proof.png")
    assert (refused.status, refused.out) == (2, "")


def test_the_labels_of_a_series_come_from_the_service(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    keys = populated(settings)
    with running(settings, tmp_path) as server:
        house = House(server, settings, keys)
        known = {**os.environ, "NPN_URL": house.server.url, "NPN_KEY": house.keys["labka"]}

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run([NPN, *arguments], capture_output=True, text=True, timeout=60, check=False, env=known)

        series = json.loads(run("draw", "3", "--usable", "--json").stdout)
        printed = run("label", "--series", series["id"], "-o", str(tmp_path / "labels.zpl"))
        assert printed.returncode == 0, printed.stderr
        assert (tmp_path / "labels.zpl").read_bytes().count(b"^XA") == 3
        unknown = run("label", "--series", "nothing", "-o", str(tmp_path / "other.zpl"))
        assert (unknown.returncode, (tmp_path / "other.zpl").exists()) == (3, False)
