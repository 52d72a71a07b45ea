"""The figures of the house: how long, how tangled, how it speaks. `make house` prints them.

Counts are of `src`. Complexity is counted as radon does, comprehensions included; an import cycle counts imports for
type checking too. A participle is a past participle as the name of a local variable; a tic is a turn of
`tools/english.py`.
"""

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp
from radon.complexity import cc_visit
from radon.visitors import Class

from english import PARTICIPLES, tics

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "npn"
SAME_LINES = 6


def modules() -> list[tuple[Path, str, ast.Module]]:
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


def complexities(text: str) -> Iterator[tuple[str, int]]:
    """Return every function's name and complexity, those inside classes and functions among them."""
    for block in cc_visit(text):
        if isinstance(block, Class):
            continue  # its methods are listed besides
        yield block.fullname, block.complexity
        yield from ((inner.fullname, inner.complexity) for inner in block.closures)


def local_names(tree: ast.Module) -> Iterator[str]:
    """Return the name of every assignment to a plain name, loop variables and `with … as` among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def repeated_blocks(files: list[tuple[Path, str, ast.Module]]) -> int:
    """Return how many runs of six lines of code stand in two places or more."""
    places: Counter[tuple[str, ...]] = Counter()
    for _, text, _ in files:
        lines = [line for line in (raw.strip() for raw in text.splitlines()) if len(line) > 3 and line[0] != "#"]
        windows = {tuple(lines[i : i + SAME_LINES]) for i in range(len(lines) - SAME_LINES + 1)}
        places.update(window for window in windows if not all("import" in line for line in window))
    return sum(times > 1 for times in places.values())


def cycles() -> list[list[str]]:
    """Return the groups of modules that import one another in a circle."""
    graph = grimp.build_graph("npn", exclude_type_checking_imports=False, cache_dir=None)
    arrows = {module: sorted(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    return [sorted(group) for group in strongly_connected(arrows) if len(group) > 1]


def strongly_connected(arrows: dict[str, list[str]]) -> list[set[str]]:
    """Return the strongly connected components (Kosaraju's algorithm)."""
    order: list[str] = []
    seen: set[str] = set()
    for start in arrows:
        _walk(arrows, start, seen, order)
    back: dict[str, list[str]] = {module: [] for module in arrows}
    for module, imports in arrows.items():
        for target in imports:
            back[target].append(module)
    components, seen = [], set()
    for start in reversed(order):
        if start not in seen:
            component: list[str] = []
            _walk(back, start, seen, component)
            components.append(set(component))
    return components


def _walk(arrows: dict[str, list[str]], start: str, seen: set[str], order: list[str]) -> None:
    """Visit depth first what can be reached; `order` gets each module once everything behind it was visited."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(arrows[start]))]
    while stack:
        module, targets = stack[-1]
        target = next((name for name in targets if name not in seen), None)
        if target is None:
            order.append(module)
            stack.pop()
        else:
            seen.add(target)
            stack.append((target, iter(arrows[target])))


def class_names(files: list[tuple[Path, str, ast.Module]]) -> dict[str, list[str]]:
    """Return the rooms in which each class name is declared, once for each declaration."""
    names: dict[str, list[str]] = {}
    for path, _, tree in files:
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names.setdefault(node.name, []).append(room_of(path))
    return names


def main() -> None:
    """Print the figures."""
    files = modules()
    lengths = sorted(length for *_, tree in files for length in function_lengths(tree))
    hard = [(path, name, value) for path, text, _ in files for name, value in complexities(text) if value > 15]
    every = [value for _, text, _ in files for _, value in complexities(text)]
    names = Counter(name for *_, tree in files for name in local_names(tree))
    participles = sum(times for name, times in names.items() if name in PARTICIPLES)
    classes = class_names(files)
    twice = {name: rooms for name, rooms in classes.items() if len(rooms) > 1 and not name.startswith("_")}
    within = [name for name, rooms in twice.items() if max(Counter(rooms).values()) > 1]
    turns = [(path, line, text) for path, text_, _ in files for line, text in tics(text_)]
    print(f"files                      {len(files)}, longest {max(text.count(chr(10)) for _, text, _ in files)} lines")
    print(
        f"function lines             median {statistics.median(lengths):.0f}, "
        f"p90 {lengths[len(lengths) * 9 // 10]}, longest {lengths[-1]}"
    )
    print(f"complexity                 mean {statistics.mean(every):.1f}, above 10: {sum(v > 10 for v in every)}")
    print(f"functions above 15         {len(hard)}")
    for path, name, value in sorted(hard, key=lambda item: -item[2]):
        print(f"  {value:3} {path.relative_to(ROOT)} {name}")
    print(f"participles as names       {100 * participles / names.total():.1f} % of {names.total()} assignments")
    print(f"class names twice          {len(twice)} exported in the house, within a room {len(within)}: {within[:20]}")
    print(f"tics of English            {len(turns)}: {Counter(text for *_, text in turns).most_common(8)}")
    print(f"runs of six lines repeated {repeated_blocks(files)}")
    circles = cycles()
    print(f"import cycles              {len(circles)}")
    for group in circles:
        print(f"  {', '.join(group)}")


if __name__ == "__main__":
    main()
