"""Turns of phrase that this project does not use, in names, docstrings and texts; run by `make check`.

The reader is a vendor's developer, an auditor or the next engineer, often not English. What is found is named with
its place; a line that quotes such a turn on purpose says so with `# english: <reason>`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "npn"

PARTICIPLES = frozenset(
    {
        *("found", "made", "told", "said", "known", "kept", "asked", "given", "taken", "seen", "shown", "held"),
        *("chosen", "done", "each", "those", "heard", "meant", "brought", "written", "begun", "gone", "tried"),
    }
)
_OPENINGS = re.compile(r"^(Give|Gives|Say|Says|Tell|Tells)\b")
_TURNS = re.compile(
    r"\b(so many|anew|all the same|of its own|takes? it that|(?:is|are) told of|(?<!there )is none|h[eo]ld against|"
    r"holds? to(?= be)|foretold|parted by|takes? the place of|not good any more|(?:this|that) is no(?! longer| such))\b"
)

_SOURCES = (
    *(("src/npn", pattern) for pattern in ("*.py", "*.html")),
    *((folder, pattern) for folder in ("bench", "tools") for pattern in ("*.py", "*.md")),
    *((folder, "*.md") for folder in ("docs", "deploy", "changes")),
)


def tics(path: Path) -> Iterator[tuple[int, str]]:
    """Return line and turn of every tic in a file's docstrings, comments, texts and local names."""
    text = path.read_text("utf-8")
    tree = ast.parse(text if path.suffix == ".py" else "")
    if SOURCE in path.parents:
        yield from participles(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            docstring = ast.get_docstring(node)
            if docstring and (match := _OPENINGS.match(docstring)):
                yield getattr(node, "lineno", 1), match[0]
    for number, line in enumerate(text.splitlines(), 1):
        if "# english:" not in line:
            prose = line if path.suffix == ".py" else line.replace("is none", "")  # a test of the template language
            for match in _TURNS.finditer(prose):
                yield number, match[0]


def participles(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return line and name of every local variable that is a past participle; members of a class may be."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in PARTICIPLES:
                    yield node.lineno, node.id


def findings() -> list[str]:
    """Return a sentence for every tic of the sources and of the pages; the list above names its own turns."""
    sentences = []
    for path in sources():
        shown = path.relative_to(ROOT)
        sentences += [f"{shown}:{line}: {turn!r}{_way_out(turn)}" for line, turn in tics(path)]
    return sentences


def _way_out(turn: str) -> str:
    if turn in PARTICIPLES:
        return " names a local variable: name the thing, not that it was found"
    return ": say it plainly, or give a reason with `# english: <reason>`"


def sources() -> list[Path]:
    """Return the files whose English is checked: programs, pages and documents; migrations are frozen."""
    paths = [path for folder, pattern in _SOURCES for path in sorted((ROOT / folder).rglob(pattern))]
    paths += [ROOT / name for name in ("README.md", "CONTRIBUTING.md")]
    return [path for path in paths if "versions" not in path.parts and path != Path(__file__).resolve()]


def main() -> int:
    """Print every tic; 1 if there is one."""
    sentences = findings()
    print("\n".join(sentences) or "plain English: no turn of the list")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
