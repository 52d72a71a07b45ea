"""The style budget: how long a file and a function may be, how many positional parameters.

A line that needs an exception says so with its reason: `# budget: <reason>` on the `def` line or, for a
file, on one of its first ten lines. Run by `make check`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 600
FUNCTION_LINES = 50
POSITIONAL = 4
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
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]
        excepted = any("fixture" in ast.dump(d) for d in node.decorator_list) or node.name.startswith("test_")
        if len(names) > POSITIONAL and not excepted and "cli" not in path.parts:
            yield f"{path}:{node.lineno}: {node.name}: {len(names)} positional parameters, not {POSITIONAL}"


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
