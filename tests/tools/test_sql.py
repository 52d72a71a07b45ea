"""The check of where SQL stands sees every way to reach a table."""

import ast
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool("sql")


@pytest.mark.parametrize(
    ("path", "text", "uses"),
    [
        ("stock/cover.py", "import sqlalchemy as sa\ndef f(c: sa.Connection) -> None: ...", []),
        ("stock/cover.py", "import sqlalchemy as sa\nsa.select(1)", ["stock/cover.py: SQLAlchemy"]),
        ("stock/cover.py", "import sqlalchemy\nsqlalchemy.text('')", ["stock/cover.py: SQLAlchemy"]),
        ("stock/cover.py", "import sqlalchemy.exc as e\ne.DBAPIError", ["stock/cover.py: SQLAlchemy"]),
        ("stock/cover.py", "from sqlalchemy import select", ["stock/cover.py: SQLAlchemy"]),
        ("stock/cover.py", "def f():\n    from sqlalchemy.exc import DBAPIError", ["stock/cover.py: SQLAlchemy"]),
        ("stock/store.py", "import sqlalchemy as sa\nsa.select(1)", []),
        ("people/approvals_store.py", "from npn.people.tables import approval", []),
        ("people/approvals.py", "from npn.people.tables import a", ["people/approvals.py: npn.people.tables"]),
        ("people/store.py", "from npn.systems.tables import a", ["people/store.py: npn.systems.tables"]),
        ("people/store.py", "from npn.systems import tables", ["people/store.py: npn.systems.tables"]),
        ("people/store.py", "import npn.systems.tables", ["people/store.py: npn.systems.tables"]),
        ("web/pages/store.py", "from npn.systems.tables import a", ["web/pages/store.py: npn.systems.tables"]),
        ("db/guards.py", "import sqlalchemy as sa\nsa.text('')", []),
    ],
)
def test_every_way_to_reach_a_table_is_seen(tool: ModuleType, path: str, text: str, uses: list[str]) -> None:
    assert list(tool.uses(path, ast.parse(text))) == uses


def test_sql_stands_in_stores(tool: ModuleType) -> None:
    assert tool.main() == 0
