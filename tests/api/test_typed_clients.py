"""Typed clients made of the served OpenAPI document: generated, type-checked strictly, and run against the service."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house import House

TYPED = Path(__file__).parent / "typed"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "npn-tests"
GENERATOR = "openapi-python-client==0.29.1"
SEEN = "5 {true} {true} {true} 2 count_too_small"  # what both programs print; each writes `true` as its language does
pytestmark = [pytest.mark.timeout(600)]


def ran(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def installed(name: str, making: Path, *commands: tuple[object, ...]) -> Path:
    """What `commands` install in `making`, kept in a folder that outlives the run; the test is skipped without."""
    kept = CACHE / name
    if not kept.is_dir():
        for command in commands:
            done = ran(*command, cwd=making)
            if done.returncode:
                pytest.skip(f"{name} can't be installed here: {done.stderr.strip()[-200:]}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not kept.is_dir():
            shutil.move(making, kept)
    return kept


def described(house: House, folder: Path) -> Path:
    """The document as it is served."""
    path = folder / "openapi.json"
    path.write_bytes(house.ask("GET", "/openapi.json", by="").content)
    return path


def test_a_python_client_has_types_and_works(alone: House, tmp_path: Path) -> None:
    making = tmp_path / "making"
    making.mkdir()
    name = GENERATOR.replace("==", "-")
    kept = installed(name, making, (sys.executable, "-m", "pip", "install", "-q", "--target", making, GENERATOR))
    environment = {"PYTHONPATH": str(kept), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    made = subprocess.run(
        [*command, "--path", described(alone, tmp_path), "--output-path", tmp_path / "npn_client"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    shutil.copy(TYPED / "use_client.py", tmp_path)
    checked = ran(
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--config-file=",
        "use_client.py",
        cwd=tmp_path,
    )
    assert checked.returncode == 0, checked.stdout
    done = subprocess.run(
        [sys.executable, "use_client.py", alone.server.url, alone.keys["labka"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == SEEN.format(true=True), done.stderr


def test_a_typescript_client_has_types_and_works(alone: House, tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm is not installed (Debian: apt-get install npm)")
    making = tmp_path / "making"
    making.mkdir()
    shutil.copy(TYPED / "package.json", making)
    digest = hashlib.sha256((TYPED / "package.json").read_bytes()).hexdigest()[:16]
    install = (npm, "install", "--ignore-scripts", "--no-audit", "--no-fund")
    kept = installed(f"openapi-typescript-{digest}", making, install)
    (tmp_path / "node_modules").symlink_to(kept / "node_modules")
    for file in ("package.json", "use_client.ts"):
        shutil.copy(TYPED / file, tmp_path)
    programs = tmp_path / "node_modules" / ".bin"
    made = ran(programs / "openapi-typescript", described(alone, tmp_path), "-o", "npn.d.ts", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    options = ("--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--lib", "ES2022,DOM")
    where = ("--target", "ES2022", "--module", "NodeNext", "--moduleResolution", "NodeNext")
    checked = ran(programs / "tsc", *options, *where, "use_client.ts", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    done = ran(node, "use_client.js", alone.server.url, alone.keys["labka"], cwd=tmp_path)
    assert done.stdout.strip() == SEEN.format(true="true"), done.stderr
