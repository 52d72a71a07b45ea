"""Names in the messages: classes are unique, locals are nouns, docstrings state what is returned."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOM = Path(__file__).resolve().parents[2] / "src" / "npn" / "messages"
TREES = {path.relative_to(ROOM): ast.parse(path.read_text("utf-8")) for path in sorted(ROOM.rglob("*.py"))}
NODES = [(path, node) for path, tree in TREES.items() for node in ast.walk(tree)]
VAGUE = frozenset(
    ("found", "made", "told", "said", "known", "shown", "asked", "kept", "each", "those", "mine", "theirs")
)


def test_a_class_name_stands_for_one_class_of_the_room() -> None:
    counts = Counter(node.name for _, node in NODES if isinstance(node, ast.ClassDef))
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_class_is_imported_under_another_name() -> None:
    aliases = [
        (path, alias.name, alias.asname)
        for path, node in NODES
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname and alias.name[:1].isupper()
    ]
    assert aliases == []


def test_locals_and_parameters_name_the_thing_and_end_in_no_underscore() -> None:
    names = [
        *((path, node.id) for path, node in NODES if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)),
        *((path, node.arg) for path, node in NODES if isinstance(node, ast.arg)),
    ]
    assert len(names) > 3000
    assert [(path, name) for path, name in names if name in VAGUE or re.fullmatch(r"\w*[a-z]_", name)] == []


def test_no_docstring_begins_with_give_say_or_tell() -> None:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [(path, ast.get_docstring(node) or "") for path, node in NODES if isinstance(node, documented)]
    assert len(texts) > 800
    assert [(path, text) for path, text in texts if text.startswith(("Give ", "Say ", "Tell "))] == []


def test_no_parameter_is_a_tuple_of_a_few_different_things() -> None:
    parameters = [
        (path, node.arg, ast.unparse(node.annotation))
        for path, node in NODES
        if isinstance(node, ast.arg) and node.annotation is not None
    ]
    assert [found for found in parameters if re.match(r"tuple\[(?!.*\.\.\.\]$)", found[2])] == []


def test_a_third_parameter_is_passed_by_name_and_there_are_seven_at_most() -> None:
    public = {
        ("bulk/run.py", "run"),
        ("views/__init__.py", "view"),
        ("bulk/results.py", "__init__"),
    }  # called so outside
    python = {("bulk/results.py", "__exit__")}
    functions = [(path, node) for path, node in NODES if isinstance(node, ast.FunctionDef)]
    assert len(functions) > 700
    positional = {
        (str(path), node.name)
        for path, node in functions
        if len([a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]) > 2
    }
    assert positional == public | python
    assert [node.name for _, node in functions if len(node.args.args) + len(node.args.kwonlyargs) > 8] == []
