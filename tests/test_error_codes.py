"""Every code is declared once, with all that is said of it, is raised somewhere, and stands in the documentation."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from npn.errors import (
    CATALOGUE,
    CatalogueSection,
    Code,
    ConflictError,
    FaultCode,
    InvalidInputError,
    Meaning,
    NpnError,
    RefusedError,
    UnavailableError,
    codes,
    meaning_of,
)
from npn.errors.catalogue import declare
from npn.soap.faults import fault_of
from npn.web.refusals import explained, status_of, text_of_code
from npn.web.texts import texts
from npn.wire.problems import render

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for path in sorted((ROOT / "src" / "npn").rglob("*.py"))
    if not path.is_relative_to(ROOT / "src" / "npn" / "errors" / "codes")
]
NAMES = {name: code for name, code in vars(codes).items() if name.isupper() and code in CATALOGUE}
EVERY = pytest.mark.parametrize("meaning", CATALOGUE.values(), ids=str)
_STATUSES = {400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 421, 422, 429, 431, 500, 501, 503, 507}


def comparison_nodes(tree: ast.AST) -> set[int]:
    """Return the nodes that stand in a comparison: to ask for a code is not to raise it."""
    return {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}


def codes_in(text: str) -> Iterator[str]:
    """Return the names of the codes that a source hands on: in a raise, or in a table for one."""
    tree = ast.parse(text)
    comparisons = comparison_nodes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "codes" and id(node) not in comparisons:
            yield node.attr


def literals(text: str) -> Iterator[str]:
    """Return the texts that a source gives as `code=…`, which must be a name of the catalogue instead."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg == "code" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


@EVERY
def test_a_code_has_all_that_is_said_of_it(meaning: Meaning) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", meaning.code)
    assert meaning.status in _STATUSES
    assert meaning.fault in FaultCode
    assert meaning.title
    assert meaning.meaning
    assert meaning.way_out
    assert meaning.page.en.endswith(".")
    assert meaning.page.da.endswith(".")
    assert meaning.page.en != meaning.page.da
    assert meaning.anchor == f"/docs/problems#{meaning.code}"
    assert NAMES.get(meaning.code.upper()) == meaning.code


def test_every_code_is_raised_somewhere() -> None:
    names = {name for path in SOURCES for name in codes_in(path.read_text("utf-8"))}
    assert set(NAMES) - names == set()


def test_no_code_is_a_text_at_its_raise() -> None:
    assert {code for path in SOURCES for code in literals(path.read_text("utf-8"))} & set(CATALOGUE) == set()


def test_every_code_has_its_row_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", page, re.MULTILINE))
    lacking = [m.code for m in CATALOGUE.values() if f"| `{m.code}` |" not in sections[m.section.value]]
    assert lacking == [], "run `make docs`"
    assert page.count("\n| `") == len(CATALOGUE) + len(FaultCode)


def test_a_code_that_is_not_declared_does_not_pass_the_type_checker(tmp_path: Path) -> None:
    program = tmp_path / "raises.py"
    program.write_text(
        "from npn.errors import ConflictError, codes\n"
        'first = ConflictError("a text", code="space_exists")\n'
        'second = ConflictError("misspelt", code=codes.SPACE_EXIST)\n'
        'third = ConflictError("right", code=codes.SPACE_EXISTS)\n'
    )
    checker = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(program)]
    result = subprocess.run(checker, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line.partition("raises.py:")[2] for line in result.stdout.splitlines() if "raises.py:" in line]
    assert [line.partition(":")[0] for line in lines] == ["2", "3"], result.stdout
    assert "[arg-type]" in lines[0]
    assert "SPACE_EXIST" in lines[1]


def test_a_code_is_declared_once() -> None:
    page = CATALOGUE[codes.CONFLICT].page
    with pytest.raises(ValueError, match="conflict is declared twice"):
        declare("conflict", 409, CatalogueSection.REST, meaning="again", way_out="none", page=page)


def test_a_code_of_another_program_goes_by_its_kind() -> None:
    error = ConflictError("the moon is full", code=Code("moon_full"))
    assert meaning_of(error).status == 409
    assert render(error, request_id="x").status == 409
    assert fault_of(error).code is FaultCode.PROCESSING_PROBLEM
    assert status_of(error) == 409
    assert text_of_code(texts("en"), "moon_full") == ""


@EVERY
def test_every_wire_answers_a_code_with_what_is_declared(meaning: Meaning) -> None:
    error = NpnError("it was so", code=meaning.code)
    assert render(error, request_id="x").status == meaning.status
    assert status_of(error) == meaning.status
    hidden = meaning.status == 500
    assert fault_of(error).code is (FaultCode.PROCESSING_PROBLEM if hidden else meaning.fault)
    assert text_of_code(texts("da"), meaning.code) == meaning.page.da


def test_what_has_no_precise_code_is_said_in_its_own_words_too() -> None:
    error = InvalidInputError("the hours overlap", field="hours")
    assert explained(texts("en"), error) == "The hours overlap."
    assert explained(texts("da"), error) == "Det indtastede er forkert. (The hours overlap.)"


@pytest.mark.parametrize("kind", [RefusedError, UnavailableError, ConflictError, InvalidInputError, NpnError])
def test_every_kind_has_a_code_in_the_catalogue(kind: type[NpnError]) -> None:
    assert kind.code in CATALOGUE
