"""`npn ledger verify`, and the second verifier as somebody runs it: what both say, and how they end."""

import json
import subprocess
from pathlib import Path

import pytest

from command import npn, one_line_error
from npn.proof.kinds import KINDS
from second_verifier import SCRIPT, node

FIXTURES = Path(__file__).parent.parent / "ledger" / "fixtures"
WHOLE, CARELESS = FIXTURES / "2fbdefb-whole.jsonl", FIXTURES / "2fbdefb-careless.jsonl"


def second(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [node(), str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_numbers_granted_again_are_counted_and_never_called_given_once() -> None:
    ran = npn("ledger", "verify", WHOLE)
    assert ran.status == 0
    assert "numbers granted again  1850" in ran.out
    assert "given twice" not in ran.out
    document = npn("ledger", "verify", WHOLE, "--json").json
    assert {name: document[name] for name in ("verified", "entries", "numbers_granted", "numbers_granted_again")} == {
        "verified": True,
        "entries": 151,
        "numbers_granted": 5361,
        "numbers_granted_again": 1850,
    }
    assert document["remarks"] == []


def test_what_an_older_program_could_do_is_named() -> None:
    ran = npn("ledger", "verify", CARELESS)
    assert ran.status == 0
    assert "Note: under the older rules: releases by a suspended system: 1." in ran.lines
    assert len(npn("ledger", "verify", CARELESS, "--json").json["remarks"]) == 4


def test_an_export_is_checked_against_an_older_one(tmp_path: Path) -> None:
    lines = WHOLE.read_bytes().splitlines(keepends=True)
    older, other = tmp_path / "older.jsonl", tmp_path / "other.jsonl"
    older.write_bytes(b"".join([*lines[:20], lines[-1]]))
    other.write_bytes(b"".join([*lines[:19], lines[20], lines[-1]]))
    assert npn("ledger", "verify", WHOLE, "--extends", older).status == 0
    ran = npn("ledger", "verify", WHOLE, "--extends", other)
    assert ran.status == 1
    assert "line 20: the older export holds another entry here" in ran.out
    assert npn("ledger", "verify", WHOLE, "--extends", other, "--json").json["verified"] is False
    assert npn("ledger", "verify", WHOLE, "--extends", CARELESS).status == 1
    missing = npn("ledger", "verify", WHOLE, "--extends", tmp_path / "none")
    assert missing.status == 2
    one_line_error(missing)


@pytest.mark.parametrize("file", [WHOLE, CARELESS])
def test_the_second_verifier_says_it_in_one_line(file: Path) -> None:
    ran = second(file)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(ran.stdout.splitlines()) == 1
    assert ran.stdout.startswith("The ledger verifies: ")


def test_the_second_verifier_ends_with_one_where_a_ledger_does_not_verify(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(WHOLE.read_bytes().replace(b'"kind":"vendor"', b'"kind":"vendoR"', 1))
    ran = second(broken)
    assert ran.returncode == 1
    assert ran.stdout.startswith("The ledger does not verify: line ")
    assert len(ran.stdout.splitlines()) == 1
    broken.write_bytes(b"")
    assert second(broken).returncode == 1
    assert second(tmp_path / "none").returncode == 2
    assert second().returncode == 2


def test_both_verifiers_know_the_same_events() -> None:
    script = f"import {{ EVENTS }} from {json.dumps(SCRIPT.as_uri())}; console.log(JSON.stringify(Object.keys(EVENTS)))"
    command = [node(), "--input-type=module", "-e", script]
    known = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert set(json.loads(known)) == set(KINDS)


def test_the_format_s_own_example_verifies_with_both(tmp_path: Path) -> None:
    text = (SCRIPT.parent.parent / "ledger.md").read_text("utf-8")
    example = tmp_path / "example.jsonl"
    shown = [line for line in text.splitlines() if line.startswith(('{"seq":', '{"checkpoint":'))]
    example.write_text("".join(f"{line}\n" for line in shown), "utf-8")
    assert npn("ledger", "verify", example).status == 0
    assert second(example).returncode == 0
