"""The document and the pages: complete, true, and made of the same tables as the answers."""

import re
from pathlib import Path

import msgspec
import pytest

from house import House
from npn import wire
from npn.api import examples
from npn.api.app import HANDLERS
from npn.api.openapi import document
from npn.api.operations import OPERATIONS
from npn.wire.problems import TABLE

ROOT = Path(__file__).parent.parent.parent
_NOT_LISTED = {"/docs", "/docs/problems", "/docs/transport", "/openapi.json"}


def test_every_handler_is_an_operation_and_the_reverse() -> None:
    handlers = {
        (method, re.sub(r":str\}", "}", path))
        for handler in HANDLERS
        for path in handler.paths
        for method in handler.http_methods  # type: ignore[attr-defined]  # all of them are HTTP handlers
        if path not in _NOT_LISTED and method not in ("HEAD", "OPTIONS")
    }
    assert handlers == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_operation_has_examples_descriptions_and_its_problems() -> None:
    paths = document()["paths"]
    assert isinstance(paths, dict)
    for methods in paths.values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]
            assert "500" in operation["responses"]
            for status, response in operation["responses"].items():
                assert "X-Request-Id" in response["headers"]
                for content in response["content"].values():
                    assert content.get("examples") or content.get("example") is not None, status
            if "security" not in operation:
                assert "401" in operation["responses"]


def test_every_code_is_declared_by_some_operation() -> None:
    declared = {code for operation in OPERATIONS for code in operation.problems}
    of_every_address = {"method_not_allowed"}
    assert set(TABLE) - declared - of_every_address == {"invalid_input", "unavailable"}  # no code of their own


def test_every_code_that_the_service_raises_is_explained() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8")
    raised = {
        code
        for room in ("api", "db", "ledger", "registry", "stock", "people", "systems", "numbers", "cli", "web")
        for path in (ROOT / "src" / "npn" / room).rglob("*.py")
        for code in re.findall(r'\bcode = "([a-z_]+)"|\bcode="([a-z_]+)"', path.read_text("utf-8"))
        for code in code
        if code
    }
    assert raised
    assert {code for code in raised if f"`{code}`" not in page} == set()


@pytest.mark.parametrize("name", ["SERIES", "RELEASED", "PAGE", "NUMBER", "STOCK", "ME"])
def test_the_examples_are_documents_of_the_wire(name: str) -> None:
    value = getattr(examples, name)
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value
    assert isinstance(value, msgspec.Struct)


def test_the_pages_are_served_without_script_and_from_nowhere_else(house: House) -> None:
    assert house.ask("GET", "/openapi.json", by="").json() == msgspec.json.decode(msgspec.json.encode(document()))
    docs, problems = (house.ask("GET", path, by="").text for path in ("/docs", "/docs/problems"))
    for operation in OPERATIONS:
        assert f"{operation.method} {operation.path}" in docs
    for code, meaning in TABLE.items():
        assert f'id="{code}"' in problems
        assert meaning.way_out
    for page in (docs, problems):
        assert "<script" not in page
        assert not re.search(r'(src|href)="https?:', page)


def test_the_wire_has_no_document_that_the_service_does_not_describe() -> None:
    schemas = document()["components"]["schemas"]  # type: ignore[index]  # a nested document
    assert set(wire.__all__) <= set(schemas)
