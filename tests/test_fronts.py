"""Each front lists the services that it uses: all of them are used, and they are what a service has under the name."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from npn.api.services import ApiServices
from npn.http.services import HttpServices
from npn.soap.services import SoapServices
from npn.web.services import WebServices
from npn.wiring.service import Service

SOURCE = Path(__file__).resolve().parent.parent / "src" / "npn"
LISTS = {"http": HttpServices, "api": ApiServices, "soap": SoapServices, "web": WebServices}
FRONTS = [pytest.param(room, services, id=room) for room, services in LISTS.items()]


def in_code(room: str) -> Iterator[ast.Attribute]:
    """What is read of something called `services`: `services.x`, `visit.services.x`, `services_of(request).x`."""
    for path in sorted((SOURCE / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and name_of(node.value) in ("services", "services_of"):
                yield node


def name_of(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def in_templates(room: str) -> set[str]:
    pages = sorted((SOURCE / room).rglob("*.html"))
    return {name for page in pages for name in re.findall(r"\bservices\.(\w+)", page.read_text("utf-8"))}


def type_in_service(name: str) -> object:
    """The type of a service's field, of what a property gives, or of a method."""
    part = inspect.getattr_static(Service, name)
    if isinstance(part, property):
        return get_type_hints(part.fget)["return"]
    if inspect.isfunction(part):
        hints = get_type_hints(part)
        result = hints.pop("return")
        return Callable[[*hints.values()], None if result is type(None) else result]
    return get_type_hints(Service)[name]


@pytest.mark.parametrize(("room", "services"), FRONTS)
def test_a_front_uses_every_service_that_it_lists_and_no_other(room: str, services: type[Any]) -> None:
    names = {field.name for field in fields(services)}
    assert {node.attr for node in in_code(room)} | in_templates(room) == names


@pytest.mark.parametrize(("room", "services"), FRONTS)
def test_what_a_front_lists_is_what_the_service_has_under_that_name(room: str, services: type[Any]) -> None:
    for name, kind in get_type_hints(services).items():
        assert kind == type_in_service(name), f"{room}: {name}"


@pytest.mark.parametrize("room", ["api", "soap", "web"])
def test_a_front_leaves_what_is_http_s_own_alone(room: str) -> None:
    assert not [ast.unparse(node) for node in in_code(room) if "context" in ast.unparse(node.value)]
