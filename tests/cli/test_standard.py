"""`npn admin standard` and `npn standard`: a list in, questions out, in the contract's words."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.standards.lists import SENDS_NEW, SENDS_OLD, TAKES_OLD, Listed, csv_of

from command import npn, one_line_error
from npn.systems.register import COLUMNS
from npn.wiring.service import Service

MATRIX = ["system", "vendor", "system_type", "installation", "version", "direction", "state", "features", "since"]
SYSTEMS = [
    Listed("MADS", "Region Midtjylland"),
    Listed("Clinisys", "SSI", cells=(SENDS_OLD, (*SENDS_NEW[:2], "Tester"))),
    Listed("Novax", "Novax", "Lægesystemer", (TAKES_OLD, (*TAKES_OLD[:2], "Ikke Godkendt"))),
]
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "list.csv"
    file.write_text(csv_of(SYSTEMS), encoding="utf-8")
    return file


def imported(service: Service, file: Path, *more: object) -> object:
    return npn("admin", "standard", "import", file, "--as-of", "2026-07-09", *more, "--json", on=service.settings).json


def test_import_says_what_the_contract_says(service: Service, file: Path) -> None:
    tried = imported(service, file, "--dry-run")
    done = imported(service, file)
    assert tried == {**done, "dry_run": True}  # type: ignore[dict-item]
    assert done == {
        "dry_run": False,
        "as_of": "2026-07-09",
        "rows": 6,
        "systems": 3,
        "vendors": 3,
        "new": [
            {"system": "Clinisys", "vendor": "SSI"},
            {"system": "MADS", "vendor": "Region Midtjylland"},
            {"system": "Novax", "vendor": "Novax"},
        ],
        **{name: [] for name in ("changed", "gone", "back", "renamed", "unclear", "unread")},
        "duplicates": 1,
        "duplicates_without_type": 1,
        "contradictory": [
            {
                "system": "Novax",
                "standard": "RPT02",
                "version": "R0231M",
                "direction": "receive",
                "states": ["no", "yes"],
            }
        ],
    }


def test_list_in_windows_1252_is_read_as_it_was_meant(service: Service, file: Path) -> None:
    before = imported(service, file)
    file.write_bytes(csv_of(SYSTEMS).encode("cp1252"))
    again = imported(service, file)
    assert again["new"] == again["renamed"] == again["changed"] == []  # type: ignore[index]
    assert before["rows"] == again["rows"]  # type: ignore[index]


def test_export_gives_the_file_again_and_json_the_whole(service: Service, file: Path, tmp_path: Path) -> None:
    imported(service, file)
    out, whole = tmp_path / "out.csv", tmp_path / "out.json"
    for target in (out, whole):
        assert npn("admin", "standard", "export", "-o", target, on=service.settings).status == 0
    assert out.read_text("utf-8") == file.read_text("utf-8")
    document = json.loads(whole.read_text("utf-8"))
    assert list(document["listed"][0]) == list(COLUMNS)
    assert [len(one["items"]) for one in document["capabilities"]] == [3, 2]
    refused = npn("admin", "standard", "export", "-o", tmp_path / "out.doc", on=service.settings)
    assert refused.status == 2


def test_matrix_is_a_line_each_and_csv_has_the_same_names(service: Service, file: Path) -> None:
    imported(service, file)
    lines = [json.loads(line) for line in npn("standard", "matrix", "RPT02", "--json", on=service.settings).lines]
    assert [list(line)[:9] for line in lines] == [MATRIX] * 3
    assert [(line["system"], line["direction"], line["state"]) for line in lines] == [
        ("Clinisys", "send", "yes"),
        ("MADS", "send", "yes"),
        ("Novax", "receive", "contradictory"),
    ]
    assert {name: lines[0]["evidence"][name] for name in ("kind", "by", "at")} == {
        "kind": "listed_approval",
        "by": "MedCom",
        "at": "2026-07-09",
    }
    text = npn("standard", "matrix", "RPT02", "--csv", on=service.settings).out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0])[:10] == [*MATRIX, "evidence"]
    assert [row["state"] for row in rows] == [line["state"] for line in lines]
    assert npn("standard", "matrix", "RPT02", "--csv", "--json", on=service.settings).status == 2


def test_blockers_are_named_and_the_status_says_whether_there_are_any(service: Service, file: Path) -> None:
    imported(service, file)
    asked = ("standard", "blockers", "--retire", "RPT02/R0231M", "--for", "XRPT05/XR0532M")
    found = npn(*asked, "--json", on=service.settings)
    assert found.status == 1
    assert found.json == {
        "retire": "RPT02/R0231M",
        "for": "XRPT05/XR0532M",
        "as_of": "2026-07-09",
        "senders": [{"system": "Clinisys", "vendor": "SSI", "state": "testing"}],
        "receivers": [],
        "clear": False,
    }
    file.write_text(csv_of(SYSTEMS[:1]), encoding="utf-8")
    imported(service, file)
    assert npn(*asked, on=service.settings).status == 0
    unknown = npn("standard", "blockers", "--retire", "RPT02/R9", "--for", "XRPT05", on=service.settings)
    assert unknown.status == 3
    assert "unknown_standard" in one_line_error(unknown)


def test_questions_are_answered_in_names(service: Service, file: Path) -> None:
    imported(service, file)
    who = npn("standard", "who", "--sends", "R0231M", "--not-approved-for", "XR0532M", "--json", on=service.settings)
    assert [(row["system"], row["state"], row["not_approved_for"]) for row in map(json.loads, who.lines)] == [
        ("Clinisys", "testing", "XRPT05/XR0532M")
    ]
    for wrong in (("who",), ("who", "--sends", "RPT02", "--takes-more-than", 20), ("who", "--takes-more-than", 20)):
        assert npn("standard", *wrong, on=service.settings).status == 2
    assert npn("standard", "list").status == 2


def test_what_an_installation_takes_is_recorded_and_shown(service: Service, file: Path) -> None:
    imported(service, file)
    on = service.settings
    assert (
        npn("admin", "release", "add", "novax", "9.1", "--date", "2026-02-01", "--equivalent", "9.1a", on=on).status
        == 0
    )
    fault = ("admin", "fault", "add", "novax/9.1", "--severity", "serious", "--mended-in", "9.2")
    assert npn(*fault, on=on).status == 0
    made = npn("admin", "installation", "add", "novax", "--release", "9.1", "--region", "Nord", "--json", on=on).json
    said = ("--feature", "max_results=50", "--evidence", "test of 3 May", "--by", "Region Nord", "--from", "2026-05-03")
    done = npn("admin", "capability", "set", made["id"], "XR0532M", "receive", "yes", *said, on=on)
    assert (done.status, done.err) == (0, "")

    (line,) = npn("standard", "matrix", "XRPT05", "--region", "Nord", "--json", on=on).lines
    shown = json.loads(line)
    assert (shown["installation"], shown["state"], shown["features"]) == (made["id"], "yes", {"max_results": "50"})
    assert (shown["since"], shown["disagreement"]) == ("2026-05-03", "in_use_not_approved")
    assert shown["evidence"]["note"] == "test of 3 May"
    more = npn("standard", "who", "--takes-more-than", 20, "--of", "XRPT05", "--json", on=on)
    assert [json.loads(each)["installation"] for each in more.lines] == [made["id"]]
    (product,) = [
        p for p in map(json.loads, npn("admin", "product", "list", "--json", on=on).lines) if p["id"] == "novax"
    ]
    assert product["releases"] == [{"version": "9.1", "date": "2026-02-01", "equivalent": ["9.1a"]}]
    assert product["faults"] == [{"version": "9.1", "severity": "serious", "mended_in": "9.2"}]
    (listed,) = npn("admin", "installation", "list", "--json", on=on).lines
    assert json.loads(listed)["region"] == "Nord"


def test_diff_and_show_tell_what_changed_and_what_the_toolkit_knows(service: Service, file: Path) -> None:
    imported(service, file)
    file.write_text(csv_of([SYSTEMS[0], SYSTEMS[1].but(cells=(SENDS_OLD, SENDS_NEW))]), encoding="utf-8")
    assert npn("admin", "standard", "import", file, "--as-of", "2026-07-10", on=service.settings).status == 0
    diff = npn("standard", "diff", "XRPT05", "--since", "2026-07-09", "--json", on=service.settings)
    assert [(row["change"], row["system"], row["after"]) for row in map(json.loads, diff.lines)] == [
        ("changed", "Clinisys", "yes")
    ]
    shown = npn("standard", "show", "XRPT05", "--json", on=service.settings).json
    assert [(one["version"], one["senders"], one["toolkit"]) for one in shown["versions"]] == [("XR0532M", 2, True)]
    set_ = ("admin", "standard", "set", "XRPT05/XR0532M", "--valid-from", "2018-01-01", "--feature", "max_results=20")
    assert npn(*set_, on=service.settings).status == 0
    (version,) = npn("standard", "show", "XRPT05", "--json", on=service.settings).json["versions"]
    assert (version["valid_from"], version["features"]) == ("2018-01-01", {"max_results": "20"})
