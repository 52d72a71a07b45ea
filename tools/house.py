"""The figures of the house: how long, how tangled, how it speaks. `make house` prints them.

Counts are of `src`. Complexity and import cycles are those of `tools/complexity.py` and `tools/cycles.py`. A participle
is a past participle as the name of a local variable; a tic is a turn of `tools/english.py`.
"""

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from complexity import above_limit, complexity, functions
from cycles import child_imports, cycles, module_imports
from english import PARTICIPLES, tics

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "npn"
SAME_LINES = 6


Source = tuple[Path, str, ast.Module]


def modules() -> list[Source]:
    """Return every source file with its text and its tree, migrations left out: they are frozen."""
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if "versions" not in path.parts]
    return [(path, text := path.read_text("utf-8"), ast.parse(text)) for path in paths]


def room_of(path: Path) -> str:
    """Return the room a file stands in."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def function_lengths(tree: ast.Module) -> Iterator[int]:
    """Return the lines of every function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def local_names(tree: ast.Module) -> Iterator[str]:
    """Return the name of every assignment to a plain name, loop variables and `with … as` among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def repeated_blocks(files: list[Source]) -> int:
    """Return how many runs of six lines of code stand in two places or more."""
    places: Counter[tuple[str, ...]] = Counter()
    for _, text, _ in files:
        lines = [line for line in (raw.strip() for raw in text.splitlines()) if len(line) > 3 and line[0] != "#"]
        windows = {tuple(lines[i : i + SAME_LINES]) for i in range(len(lines) - SAME_LINES + 1)}
        places.update(window for window in windows if not all("import" in line for line in window))
    return sum(times > 1 for times in places.values())


def class_names(files: list[Source]) -> dict[str, list[str]]:
    """Return the rooms in which each class name is declared, once for each declaration."""
    names: dict[str, list[str]] = {}
    for path, _, tree in files:
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names.setdefault(node.name, []).append(room_of(path))
    return names


def print_functions(files: list[Source]) -> None:
    """Print lengths and complexity."""
    lengths = sorted(length for *_, tree in files for length in function_lengths(tree))
    figures = [complexity(function) for *_, tree in files for _, function in functions(tree)]
    print(f"files                      {len(files)}, longest {max(text.count(chr(10)) for _, text, _ in files)} lines")
    print(
        f"function lines             median {statistics.median(lengths):.0f}, "
        f"p90 {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}"
    )
    print(f"complexity                 mean {statistics.mean(figures):.1f}, above 10: {sum(v > 10 for v in figures)}")
    print(f"functions above 15         {len(above_limit())}")


def print_names(files: list[Source]) -> None:
    """Print how names and texts are."""
    names = Counter(name for *_, tree in files for name in local_names(tree))
    participles = sum(times for name, times in names.items() if name in PARTICIPLES)
    twice = {name: rooms for name, rooms in class_names(files).items() if len(rooms) > 1 and not name.startswith("_")}
    within = sorted(name for name, rooms in twice.items() if max(Counter(rooms).values()) > 1)
    turns = Counter(turn for path, *_ in files for _, turn in tics(path))
    print(f"participles as names       {100 * participles / names.total():.1f} % of {names.total()} assignments")
    print(f"class names twice          {len(twice)} in the house, within a room {len(within)}: {', '.join(within)}")
    print(f"tics of English            {turns.total()}: {turns.most_common(8)}")
    print(f"runs of six lines repeated {repeated_blocks(files)}")


def main() -> None:
    """Print the figures."""
    files = modules()
    print_functions(files)
    print_names(files)
    imports = module_imports()
    circles = [*cycles(imports), *cycles(child_imports(imports))]
    print(f"import cycles              {len(circles)}")
    for circle in circles:
        print(f"  {', '.join(circle)}")


if __name__ == "__main__":
    main()
