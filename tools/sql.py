"""SQL stands in stores, and only its own room's stores use a table.

Stores are `store.py` and `…_store.py`, tables `tables.py`; `npn.db` is below all of it. Any other module knows of
SQLAlchemy the type of a connection, which it passes on. A store publishes as a selection (`NAMES`, `IDS`) what the
stores of other rooms join with. Run by `make check`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src" / "npn"
CONNECTION = "sqlalchemy.Connection"


def uses(path: str, tree: ast.Module) -> Iterator[str]:
    """Yield what a module, by its path below `npn`, uses that it should not: SQLAlchemy, or tables by their module."""
    room, name = path.split("/", maxsplit=1)[0], path.rsplit("/", maxsplit=1)[-1]
    is_store = name == "store.py" or name.endswith("_store.py")
    if room == "db" or name == "tables.py":
        return
    if not is_store and sqlalchemy_names(tree) - {CONNECTION}:
        yield f"{path}: SQLAlchemy"
    for module in imported_tables(tree):
        if not is_store or module.split(".")[1] != room:
            yield f"{path}: {module}"


def sqlalchemy_names(tree: ast.Module) -> set[str]:
    """Return the names of SQLAlchemy that a module uses, each with its module."""
    aliases: dict[str, str] = {}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {alias.asname or "sqlalchemy": alias.name for alias in node.names if is_sqlalchemy(alias.name)}
        elif isinstance(node, ast.ImportFrom) and is_sqlalchemy(node.module or ""):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            names.add(f"{aliases[node.value.id]}.{node.attr}")
    return names


def is_sqlalchemy(module: str) -> bool:
    """Return whether a module is SQLAlchemy's."""
    return module.partition(".")[0] == "sqlalchemy"


def imported_tables(tree: ast.Module) -> set[str]:
    """Return the modules of tables that a module imports, or imports from."""
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    return {module for module in modules if module.startswith("npn.") and module.endswith(".tables")}


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    present: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        present |= set(uses(path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text("utf-8"))))
    sentences = [f"{use}: belongs in a store of the table's own room" for use in sorted(present)]
    print("\n".join(sentences) or "SQL stands in stores")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
