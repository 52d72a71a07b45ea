"""Turns of phrase that this project does not use, in names, docstrings and texts; run by `make check`.

The reader is a vendor's developer, an auditor or the next engineer, often not English. What is found is named with
its place; a line that quotes such a turn on purpose says so with `# english: <reason>`.
"""

import ast
import re
from collections.abc import Iterator

PARTICIPLES = frozenset(
    {
        *("found", "made", "told", "said", "known", "kept", "asked", "given", "taken", "seen", "shown", "held"),
        *("chosen", "done", "each", "those", "heard", "meant", "brought", "written", "begun", "gone", "tried"),
    }
)
_OPENINGS = re.compile(r"^(Give|Gives|Say|Says|Tell|Tells)\b")
_TURNS = re.compile(
    r"\b(so many|anew|all the same|of its own|takes? it that|(?:is|are) told of|is none|h[eo]ld against|"
    r"holds? to(?= be)|foretold|parted by|takes? the place of|not good any more)\b"
)


def tics(text: str) -> Iterator[tuple[int, str]]:
    """Return line and turn of every tic in a file's docstrings, comments and texts."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            docstring = ast.get_docstring(node)
            if docstring and (match := _OPENINGS.match(docstring)):
                yield getattr(node, "lineno", 1), match[0]
    for number, line in enumerate(text.splitlines(), 1):
        if "# english:" not in line:
            for match in _TURNS.finditer(line):
                yield number, match[0]
