"""What is built from the sources holds what runs: the documents that the site shows lie inside the package."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
from importlib.resources import files
from npn.documents.library import library
import npn
print(npn.__file__)
print(sorted(document.path for document in library().documents.values()))
print(len(library().find("owner", "en").source))
print(all(files("npn.web").joinpath("statements", f"privacy.{language}.md").is_file() for language in ("da", "en")))
"""


def built(folder: Path, target: str, where: Path) -> Path:
    """Build a package from a folder, without network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(where)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return next(where.glob("*.tar.gz" if target == "sdist" else "*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip lays it out: a wheel that was built from the sdist, unpacked."""
    where = tmp_path_factory.mktemp("dist")
    with tarfile.open(built(ROOT, "sdist", where)) as archive:
        archive.extractall(where / "source", filter="data")
    (source,) = (where / "source").iterdir()
    with zipfile.ZipFile(built(source, "wheel", where)) as archive:
        archive.extractall(where / "site")  # noqa: S202  # our own
    return where / "site"


def test_a_package_built_from_the_sdist_has_every_document(installed: Path) -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, cwd=installed, env={"PYTHONPATH": str(installed)}, check=True, capture_output=True, text=True
    )
    file, paths, length, statements = done.stdout.splitlines()
    assert Path(file).is_relative_to(installed)
    written = [p.relative_to(ROOT / "docs").as_posix() for p in sorted((ROOT / "docs").rglob("*.md"))]
    assert eval(paths) == sorted(set(written) - {"README.md", "reference/errors.md"})  # noqa: S307  # our own list
    assert int(length) > 1000
    assert statements == "True"
