"""The check of complexity counts what a reader must hold in mind, and its list only shrinks."""

import ast
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool("complexity")


@pytest.mark.parametrize(
    ("body", "figure"),
    [
        ("return 1", 1),
        ("return a if b else c", 2),
        ("return a or b or c", 3),
        ("return [x for x in a if x if x > 1]", 4),
        ("return {x: y for x in a for y in x}", 3),
        ("for x in a:\n        pass\n    else:\n        pass", 3),
        ("try:\n        a()\n    except KeyError:\n        pass\n    except ValueError:\n        pass", 3),
        ("with a:\n        return 1", 1),
        ("def inner():\n        return a and b\n    return inner", 2),
        ("match a:\n        case 1:\n            pass\n        case 2:\n            pass", 3),
    ],
)
def test_conditions_count_in_comprehensions_and_inner_functions_too(tool: ModuleType, body: str, figure: int) -> None:
    ((name, function),) = tool.functions(ast.parse(f"def f(a, b, c):\n    {body}\n"))
    assert (name, tool.complexity(function)) == ("f", figure)


def test_a_method_is_named_with_its_class(tool: ModuleType) -> None:
    text = "class A:\n    class B:\n        async def f(self): ...\nif True:\n    def g(): ...\n"
    assert [name for name, _ in tool.functions(ast.parse(text))] == ["A.B.f", "g"]


def test_no_function_is_above_the_limit(tool: ModuleType) -> None:
    assert tool.above_limit() == {}
