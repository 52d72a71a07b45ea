"""What happens where only part of the platform is installed: the extra that is missing is named, exit status 2."""

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from npn.cli.extras import BRINGS

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "tests" / "ledger" / "fixtures" / "2fbdefb-whole.jsonl"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = {
    name: [re.split(r"[\s\[>;=]", line)[0] for line in lines]
    for name, lines in PROJECT["optional-dependencies"].items()
    if name != "dev"
}
MODULES = {
    "argon2-cffi": "argon2",
    "markdown-it-py": "markdown_it",
    "prometheus-client": "prometheus_client",
    "pillow": "PIL",
    "zint-bindings": "zint",
    "zxing-cpp": "zxingcpp",
}
MOST_MEGABYTES = 45  # of the base install
WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
from npn.cli import main
main()
"""


def run_without(missing: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `npn` as if these packages were not installed."""
    command = [sys.executable, "-c", WITHOUT.format(missing=missing), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def modules_of(*extras: str) -> set[str]:
    return {MODULES.get(name, name) for extra in extras for name in EXTRAS[extra]}


BASE = modules_of(*EXTRAS)


def test_every_package_of_an_extra_is_known_with_all_its_extras() -> None:
    known: dict[str, set[str]] = {}
    for extra in EXTRAS:
        for module in modules_of(extra):
            known.setdefault(module, set()).add(extra)
    assert known == {module: set(extras) for module, extras in BRINGS.items()}


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["serve"], "server"),
        (["admin", "init"], "server"),
        (["admin", "system", "list"], "server"),
        (["admin", "account", "list"], "server"),
        (["recover"], "server"),
        (["ledger", "export", "x"], "server"),
        (["ledger", "verify", str(EXAMPLE)], "verify"),
        (["message", "inspect", str(EXAMPLE)], "messages"),
        (["message", "validate", str(EXAMPLE)], "messages"),
        (["label", "1000000015", "-o", "label.pdf"], "labels"),
        (["label", "designs"], "labels"),
        (["agent", "print", "--design", "cassette", "--count", "1", "-o", "label.pdf"], "labels"),
        (["label", "proof"], "labels"),
    ],
    ids=" ".join,
)
def test_with_the_base_alone_a_command_names_the_extra_that_it_needs(
    arguments: list[str], extra: str, tmp_path: Path
) -> None:
    ran = run_without(BASE, *arguments)
    assert ran.returncode == 2, ran.stderr
    first, hint = ran.stderr.splitlines()
    assert re.fullmatch(r"Error: this needs the package \w+, which is not installed \[not_installed\]", first)
    assert hint == f"Hint: pip install npn-platform[{extra}]"


@pytest.mark.parametrize("arguments", [["check", "1000000015"], ["numbers", "1000000000", "1000000100"], ["--help"]])
def test_what_the_base_alone_does_is_done(arguments: list[str]) -> None:
    ran = run_without(BASE, *arguments)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_ledger_is_proved_without_any_database(tmp_path: Path) -> None:
    ran = run_without(BASE - modules_of("verify"), "ledger", "verify", str(EXAMPLE))
    assert (ran.returncode, ran.stdout.splitlines()[0][:21]) == (0, "The ledger verifies: ")


def test_a_server_without_the_client_of_postgresql_names_it() -> None:
    ran = run_without({"psycopg"}, "serve", "--database", "postgresql://localhost/none")
    assert ran.returncode == 2, ran.stderr
    assert "npn-platform[postgres]" in ran.stderr


def test_a_cluster_without_dask_names_it(tmp_path: Path) -> None:
    ran = run_without({"distributed"}, "message", "validate", "--cluster", "tcp://127.0.0.1:1", str(EXAMPLE))
    assert ran.returncode == 2, ran.stderr
    assert "npn-platform[cluster]" in ran.stderr


@pytest.mark.slow
def test_a_base_install_is_small_and_a_ledger_is_proved_with_one_extra(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    npn = tmp_path / "venv" / "bin" / "npn"

    def install(what: str) -> None:
        subprocess.run([python, "-m", "pip", "install", "--quiet", what], check=True, timeout=600)

    def size() -> float:
        site = tmp_path / "venv" / "lib"
        return sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) / 1e6

    before = size()
    install(str(ROOT))
    installed = size() - before
    assert installed < MOST_MEGABYTES
    refused = subprocess.run([npn, "ledger", "verify", EXAMPLE], capture_output=True, text=True, check=False)
    assert (refused.returncode, "npn-platform[verify]" in refused.stderr) == (2, True)
    install(f"{ROOT}[verify]")
    proved = subprocess.run([npn, "ledger", "verify", EXAMPLE], capture_output=True, text=True, check=False)
    assert proved.returncode == 0, proved.stderr
    listed = subprocess.run([python, "-m", "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert "SQLAlchemy" not in listed
