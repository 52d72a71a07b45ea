"""The style budget: how long a file and a function may be, how many parameters and of what kind.

A line that needs an exception says so with its reason: `# budget: <reason>` on the `def` line or, for a
file, on one of its first ten lines. Run by `make check`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 600
FUNCTION_LINES = 50
PARAMETERS = 7  # of a function of the sources, whatever way they are given
POSITIONAL = 3  # those after are given by name; tests and fixtures may take one more
POSITIONAL_IN_TESTS = 4
ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "bench", "tools")


def excused(line: str) -> bool:
    """Whether the line carries an exception with a reason."""
    _, mark, reason = line.partition("# budget:")
    return bool(mark) and len(reason.split()) >= 3


def function_findings(path: Path, tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """Return which functions are too long or take too many positional parameters."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or excused(lines[node.lineno - 1]):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, {FUNCTION_LINES} at most"
        if "cli" not in path.parts:  # a command's parameters are its options
            yield from (f"{path}:{node.lineno}: {node.name}: {what}" for what in parameter_findings(path, node))


def parameter_findings(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Return what is wrong with a function's parameters: too many, too many by place, pairs and rows without names."""
    by_place = [a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]
    every = [*by_place, *node.args.kwonlyargs]
    is_test = any("fixture" in ast.dump(d) for d in node.decorator_list) or node.name.startswith("test_")
    of_sources = path.parts[0] == "src" and "versions" not in path.parts  # migrations are frozen
    most = POSITIONAL if of_sources else POSITIONAL_IN_TESTS
    if len(by_place) > most and not is_test:
        yield f"{len(by_place)} positional parameters, not {most}"
    if len(every) > PARAMETERS and of_sources:
        yield f"{len(every)} parameters, not {PARAMETERS}"
    for parameter in every if of_sources else ():
        if is_anonymous(parameter.annotation):
            yield f"{parameter.arg} is a tuple without names: a dataclass, or its parts by name"


def is_anonymous(annotation: ast.expr | None) -> bool:
    """Whether a parameter's type is a tuple of a fixed number of parts that have no names."""
    for node in ast.walk(annotation) if annotation else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "tuple":
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            variadic = any(isinstance(part, ast.Constant) and part.value is Ellipsis for part in parts)
            return not variadic and node is annotation
    return False


def findings(path: Path) -> Iterator[str]:
    """Everything in one file that is over the budget."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    shown = path.relative_to(ROOT)
    if len(lines) > FILE_LINES and not any(excused(line) for line in lines[:10]):
        yield f"{shown}: {len(lines)} lines, {FILE_LINES} at most"
    yield from function_findings(shown, ast.parse(text), lines)


def main() -> int:
    """Print what is over the budget; 1 if anything is."""
    paths = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))]
    found = [line for path in paths for line in findings(path)]
    code = sum(len(p.read_text("utf-8").splitlines()) for p in paths if p.relative_to(ROOT).parts[0] == "src")
    test = sum(len(p.read_text("utf-8").splitlines()) for p in paths if p.relative_to(ROOT).parts[0] == "tests")
    print(
        "\n".join(found)
        or f"style budget kept: {len(paths)} files, {test / max(code, 1):.2f} lines of test a line of code"
    )
    return 1 if found or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
