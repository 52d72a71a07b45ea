"""`npn message numbers`, `--scheme` and the service's own schemes, as a user calls them."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.messages.letters import least

from npn.cli import cli
from npn.cli.messages.rules import check_of
from npn.errors import InvalidInputError
from npn.messages.oioxml.writing import write
from npn.registry.first_spaces import Wish
from running_service import RealService

NUMBER = "RequisitionInformation/Sample/RequesterSampleIdentifier"
FLAG = {"RequisitionInformation/Sample/SampleIdentifierType": "nationaltproevenummer"}
LONG = "95100000809965"


def run(*arguments: object) -> tuple[int, str, str]:
    made = CliRunner().invoke(cli, ["message", *map(str, arguments)], standalone_mode=False)
    if made.exception:
        raise made.exception
    return made.return_value or 0, made.stdout, made.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Requisitions of two months: an NPN of either length, a local number, a mistyped one, a hostile name."""
    letters = {
        "short": {NUMBER: "1000000015"},
        "long": {NUMBER: LONG},
        "local": {NUMBER: "24-123456"},
        "april": {NUMBER: "1000000016", "Letter/Authorisation/Date": "2024-04-01"},
        "formula": {NUMBER: "1000000015", "Sender/OrganisationName": "=HYPERLINK(1)"},
    }
    for name, changes in letters.items():
        day = {"Letter/Authorisation/Date": "2024-03-04"}
        (tmp_path / f"{name}.xml").write_bytes(write(least("XQ0131K", {**day, **FLAG, **changes})))
    return tmp_path


def test_the_report_says_where_npn_is_not_used(folder: Path) -> None:
    status, out, _ = run("numbers", folder, "--json")
    document = json.loads(out)
    assert status == 0
    assert document["total"]["letters"] == 5
    assert [row["month"] for row in document["rows"] if row["name"] != "=HYPERLINK(1)"] == ["2024-03", "2024-04"]
    march = next(row for row in document["rows"] if row["month"] == "2024-03" and row["letters"] == 3)
    assert (march["npn"], march["local"], march["both"], march["none"]) == (2, 1, 0, 0)
    only_short = json.loads(run("numbers", folder, "--json", "--scheme", "npn10")[1])["total"]
    assert only_short["local"] == document["total"]["local"] + 1


def test_the_table_and_the_csv_say_the_same_and_no_cell_is_a_formula(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("numbers", folder, "--csv")[1])))
    assert sum(int(row["letters"]) for row in rows) == 5
    assert [row["name"] for row in rows if "HYPERLINK" in row["name"]] == ["'=HYPERLINK(1)"]
    table = run("numbers", folder, "--lang", "da", "--jobs", "1")[1].splitlines()
    assert table[0].split()[:2] == ["AFSENDER", "NAVN"]
    assert len(table) == len(rows) + 2
    assert table[-1].split()[0] == "alle"


def test_a_file_without_a_letter_is_named(folder: Path) -> None:
    (folder / "no.edi").write_bytes(b"nothing")
    status, out, said = run("numbers", folder, "--json")
    assert status == 1
    assert "1 file(s) hold no letter" in said
    assert json.loads(out)["unreadable"] == [str(folder / "no.edi")]


def test_csv_and_json_exclude_each_other(folder: Path) -> None:
    with pytest.raises(InvalidInputError):
        run("numbers", folder, "--json", "--csv")


def test_inspect_names_each_number_as_what_it_looks_like(folder: Path) -> None:
    out = run("inspect", folder / "long.xml")[1]
    assert f"{LONG} (RequesterSampleIdentifier): flagged NPN, usable as NPN (npn14)" in out
    danish = run("inspect", folder / "local.xml", "--lang", "da")[1]
    assert "24-123456 (RequesterSampleIdentifier): markeret som NPN" in danish
    (numbers,) = [
        letter["sample_numbers"]
        for interchange in json.loads(run("inspect", folder / "long.xml", "--json")[1])["interchanges"]
        for letter in interchange["letters"]
    ]
    assert {"number": LONG, "npn": True, "scheme": "npn14", "looks_like": "npn"}.items() <= numbers[0].items()
    other = json.loads(run("inspect", folder / "long.xml", "--json", "--scheme", "npn10")[1])
    assert not other["interchanges"][0]["letters"][0]["sample_numbers"][0]["npn"]


def test_the_schemes_that_are_named_decide_and_several_may_be(folder: Path) -> None:
    assert run("validate", folder / "long.xml", "--rules", "npn")[0] == 0
    assert run("validate", folder / "april.xml", "--rules", "npn")[0] == 0
    assert run("validate", folder / "april.xml", "--rules", "npn", "--scheme", "npn10")[0] == 1
    assert run("validate", folder / "long.xml", "--rules", "npn", "--scheme", "npn10")[0] == 1
    both = ("--scheme", "npn10", "--scheme", "14:2,7,6,5,4,3,2,7,6,5,4,3,2,1")
    for name in ("long", "short"):
        assert run("validate", folder / f"{name}.xml", "--rules", "npn", *both)[0] == 0


def test_a_scheme_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        run("validate", folder, "--scheme", "npn12")
    assert "npn14" in caught.value.hint


def test_the_services_own_schemes_count_where_it_is_asked(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service of fourteen digits: a flagged number of ten is of no scheme, one of fourteen was never issued."""
    service = RealService(tmp_path_factory.mktemp("service"), first=Wish(scheme="npn14"))
    with service.running() as url:
        monkeypatch.setenv("NPN_URL", url)
        monkeypatch.setenv("NPN_KEY", service.key)
        check_of.cache_clear()
        out = run("inspect", folder / "short.xml", folder / "long.xml", "--service", "--json")[1]
        documents = [json.loads(line) for line in out.splitlines() if line.startswith("{")]  # the service logs here too
        flagged = [document["interchanges"][0]["letters"][0]["sample_numbers"][0] for document in documents]
        assert [number["npn"] for number in flagged] == [False, True]
        status, out, _ = run("validate", folder / "short.xml", "--service", "--rules", "npn")
        assert (status, "npn14 with 14 digits" in out) == (1, True)
        assert "assumed" not in out
        status, out, _ = run("validate", folder / "long.xml", "--service", "--rules", "npn")
        assert "was never issued" in out
        check_of.cache_clear()
        status, out, _ = run("validate", folder / "short.xml", "--service", "--rules", "npn", "--scheme", "npn10")
        assert "was never issued" in out
        check_of.cache_clear()
