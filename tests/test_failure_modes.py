"""The table of failure modes can't lag: every failure is there, and every test it names."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "failure-modes.md").read_text("utf-8")
ISSUANCE = (ROOT / "docs" / "issuance.md").read_text("utf-8")


def functions(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def test_every_failure_is_held_by_tests() -> None:
    rows = re.findall(r"^\| (F\d+) \|.*\|([^|]*)\|$", PAGE, flags=re.MULTILINE)
    assert [number for number, _ in rows] == [f"F{n}" for n in (*range(1, 31), 34, 35)]  # 31 to 33 are of messages
    assert all("::test_" in held for _, held in rows)


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 30
    missing = [(file, name) for file, name in named if name not in functions(ROOT / file)]
    assert not missing


def test_every_file_that_the_steps_of_a_draw_name_exists() -> None:
    named = set(re.findall(r"`((?:\w+/)+\w+\.\w+)`", ISSUANCE))
    assert len(named) >= 10
    assert [
        file for file in sorted(named) if not any((root / file).exists() for root in (ROOT, ROOT / "src" / "npn"))
    ] == []


def test_every_step_of_a_draw_names_code_that_exists() -> None:
    named = re.findall(r"`((?:api|db|ledger|registry)/\w+\.py)` `(?:\w+\.)?(\w+)`", ISSUANCE)
    assert len(named) >= 10
    missing = [(file, name) for file, name in named if name not in functions(ROOT / "src" / "npn" / file)]
    assert not missing
