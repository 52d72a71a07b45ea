"""No function above complexity 15, counted as radon does: conditions inside comprehensions count too.

A function begins at 1. Each branch, loop, handler, assertion, case, conditional expression and comprehension adds
one, as do each `if` of a comprehension, each `else` of a loop or `try`, and each `and` or `or`. Unlike radon's, the
figure includes the functions inside a function, where conditions could be hidden.
Run by `make check`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LIMIT = 15
ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "bench", "tools")

Function = ast.FunctionDef | ast.AsyncFunctionDef
ONE_EACH = (ast.If, ast.IfExp, ast.Assert, ast.match_case)
LOOPS = (ast.For, ast.AsyncFor, ast.While)


def complexity(function: Function) -> int:
    """Return the cyclomatic complexity of a function, with the functions in it."""
    return 1 + sum(branches(node) for child in function.body for node in ast.walk(child))


def branches(node: ast.AST) -> int:
    """Return how many branches a node adds by itself."""
    if isinstance(node, LOOPS):
        return 1 + bool(node.orelse)
    if isinstance(node, ast.Try | ast.TryStar):
        return len(node.handlers) + bool(node.orelse)
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return 1 if isinstance(node, ONE_EACH) else 0


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield the functions of a module and the methods of its classes, by their qualified names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.stmt):
            yield from functions(node, prefix)


def above_limit() -> dict[str, int]:
    """Return every function above the limit, as `path: name`, with its complexity."""
    figures = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name, function in functions(ast.parse(path.read_text("utf-8"))):
                if complexity(function) > LIMIT:
                    figures[f"{path.relative_to(ROOT)}: {name}"] = complexity(function)
    return figures


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    over = [f"{name}: complexity {figure}, {LIMIT} at most" for name, figure in above_limit().items()]
    print("\n".join(over) or f"no function above complexity {LIMIT}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
