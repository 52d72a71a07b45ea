"""No import cycles, at any depth: neither between modules nor between the children of any package.

Imports under TYPE_CHECKING count: a reader follows them too. Run by `make check`.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

import grimp

PACKAGE = "npn"

Graph = Mapping[str, Iterable[str]]
Cycle = tuple[str, ...]


def module_imports(package: str = PACKAGE) -> dict[str, set[str]]:
    """Return what each module of a package imports of it directly."""
    graph = grimp.build_graph(package, exclude_type_checking_imports=False, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def child_imports(imports: Graph) -> dict[str, set[str]]:
    """Return which modules or packages import which sibling, each import lifted to where the two paths part."""
    children: dict[str, set[str]] = {}
    for importer, targets in imports.items():
        for target in targets:
            pair = parting(importer, target)
            if pair is not None:
                children.setdefault(pair[0], set()).add(pair[1])
    return children


def parting(one: str, other: str) -> tuple[str, str] | None:
    """Return the two siblings below which two modules lie; None where one module lies in the other."""
    ours, theirs = one.split("."), other.split(".")
    depth = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), None)
    return None if depth is None else (".".join(ours[: depth + 1]), ".".join(theirs[: depth + 1]))


def cycles(imports: Graph) -> Iterator[Cycle]:
    """Yield the members of each strongly connected component that has more than one, sorted."""
    reach = {node: reachable(node, imports) for node in imports}
    done: set[str] = set()
    for node in sorted(imports):
        members = {other for other in reach[node] if other in reach and node in reach[other]}
        if node not in done and len(members) > 1:
            yield tuple(sorted(members))
        done |= members


def reachable(start: str, imports: Graph) -> set[str]:
    """Return every module that can be reached from one, by one import or more."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in imports.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def findings(imports: Graph) -> list[str]:
    """Return a sentence for each cycle."""
    present = {*cycles(imports), *cycles(child_imports(imports))}
    return [f"import cycle: {' <-> '.join(cycle)}" for cycle in sorted(present)]


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    imports = module_imports()
    sentences = findings(imports)
    print("\n".join(sentences) or f"no import cycle among {len(imports)} modules")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
