"""The check for import cycles sees them at every depth, under TYPE_CHECKING too, and its list only shrinks."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    return load_tool("cycles")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "ringed"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith("ringed")]:
        del sys.modules[name]


def test_a_cycle_closed_under_type_checking_is_a_cycle(tool: ModuleType, package: Path) -> None:
    (package / "one" / "a.py").write_text("from ringed.one import b\n")
    (package / "one" / "b.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ringed.one.a import x\n"
    )
    assert tool.findings(tool.module_imports("ringed")) == [
        "import cycle: ringed.one.a <-> ringed.one.b",
    ]


def test_packages_that_import_each_other_are_a_cycle_though_no_modules_do(tool: ModuleType, package: Path) -> None:
    (package / "one" / "a.py").write_text("from ringed.two import b\n")
    (package / "one" / "c.py").touch()
    (package / "two" / "b.py").touch()
    (package / "two" / "d.py").write_text("from ringed.one import c\n")
    assert tool.findings(tool.module_imports("ringed")) == ["import cycle: ringed.one <-> ringed.two"]


def test_there_is_no_cycle(tool: ModuleType) -> None:
    assert tool.findings(tool.module_imports()) == []
