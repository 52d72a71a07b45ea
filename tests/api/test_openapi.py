"""The document and the pages: complete, true, and made of the same tables as the answers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from house import House
from npn import wire
from npn.api.handlers import HANDLERS
from npn.errors import codes
from npn.numbers.suggest import Mistake
from npn.reference import examples
from npn.reference.openapi import document
from npn.reference.operations import OPERATIONS
from npn.registry.model import RangeKind
from npn.wire.problems import TABLE

ROOT = Path(__file__).parent.parent.parent
_NOT_LISTED = {"/openapi.json"}


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
        for room in ("api", "db", "ledger", "registry", "stock", "people", "systems", "numbers", "cli", "web", "wire")
        for path in (ROOT / "src" / "npn" / room).rglob("*.py")
        for name in re.findall(r"\bcodes\.([A-Z_]+)", path.read_text("utf-8"))
        for code in (str(getattr(codes, name)),)
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
    docs, problems = (house.ask("GET", path, by="").text for path in ("/docs/api", "/docs/problems"))
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in docs
        assert f"<code>{operation.path}</code>" in docs
    for code, meaning in TABLE.items():
        assert f'id="{code}"' in problems
        assert meaning.way_out
    for page in (docs, problems):
        assert "<script" not in page
        assert not re.search(r'(src|href)="https?:', page)


def test_the_wire_has_no_document_that_the_service_does_not_describe() -> None:
    schemas = document()["components"]["schemas"]  # type: ignore[index]  # a nested document
    assert set(wire.__all__) <= set(schemas)


# for generators of typed clients, which are run in test_typed_clients.py
def parts(node: object) -> Iterator[dict[str, object]]:
    """Every object of the document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from parts(value)
    elif isinstance(node, list):
        for value in node:
            yield from parts(value)


def schemas() -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    """The components' schemas."""
    components = document()["components"]
    assert isinstance(components, dict)
    found: dict[str, dict[str, dict[str, dict[str, object]]]] = components["schemas"]
    return found


def test_no_schema_says_by_one_of_what_generators_drop() -> None:
    assert [node for node in parts(schemas()) if "oneOf" in node or "allOf" in node] == []
    draw = schemas()["DrawRequest"]
    assert set(draw["properties"]) == {"count", "usable", "space", "purpose"}
    assert "exactly one" in str(draw["description"])


def test_every_time_of_a_document_is_declared_as_one() -> None:
    for name in wire.__all__:
        kind = msgspec.inspect.type_info(getattr(wire, name))
        assert isinstance(kind, msgspec.inspect.StructType)
        for member in kind.fields:
            options = member.type.types if isinstance(member.type, msgspec.inspect.UnionType) else (member.type,)
            if any(isinstance(option, msgspec.inspect.DateTimeType) for option in options):
                assert "date-time" in str(schemas()[name]["properties"][member.encode_name]), (name, member.name)


def test_every_list_of_values_has_a_type() -> None:
    assert [node for node in parts(schemas()) if isinstance(node.get("enum"), list) and "type" not in node] == []


def test_codes_events_and_mistakes_are_lists_of_values() -> None:
    assert schemas()["Problem"]["properties"]["code"]["enum"] == sorted(TABLE)
    events = {kind.value for kind in RangeKind} | {"released", "given_free"}
    assert set(schemas()["HistoryEntry"]["properties"]["event"]["enum"]) == events  # type: ignore[call-overload]  # a list
    assert schemas()["Suggestion"]["properties"]["mistake"]["enum"] == list(get_args(Mistake))


def test_every_answer_can_be_had_in_a_form_that_generators_read() -> None:
    for operation in OPERATIONS:
        for reply in operation.replies:
            assert any(form.split("/")[-1] == "json" or form.startswith("text/") for form in reply.forms), (
                operation.name
            )


def test_a_receipt_can_be_had_as_plain_text(house: House) -> None:
    drawn = house.drawn(5)
    jose = house.ask("GET", drawn["receipt"], headers={"Accept": "application/jose"})
    plain = house.ask("GET", drawn["receipt"], headers={"Accept": "text/plain"})
    assert jose.text == plain.text
    assert (jose.headers["content-type"], plain.headers["content-type"][:10]) == ("application/jose", "text/plain")


def test_no_hint_sends_the_reader_to_itself() -> None:
    for code, meaning in TABLE.items():
        assert not re.search(r"\bthe (hint\b|detail says)", meaning.way_out, re.IGNORECASE), code
