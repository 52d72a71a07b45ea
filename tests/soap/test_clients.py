"""The sample clients of docs/guide/legacy, run for real: over HTTP with a password, over TLS with a certificate."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from office import Office

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "legacy"
TIMEOUT = 120


@pytest.fixture(params=["http", "tls"])
def served(request: pytest.FixtureRequest) -> Office:
    found: Office = request.getfixturevalue("secure" if request.param == "tls" else "plain")
    return found


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """node-soap as package-lock.json has it, in a cache folder that outlives the run."""
    npm = needed("npm", "Debian: apt-get install npm")
    lock = (GUIDE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "npn-tests"
    folder = cache / f"node-soap-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "node_modules" / "soap").is_dir():
        making = tmp_path_factory.mktemp("node")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(GUIDE / name, making)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=making,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"node-soap can't be had from the npm registry: {done.stderr[-300:]}")
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(making, folder, dirs_exist_ok=True)
    return folder / "node_modules"


def needed(program: str, way: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed ({way})")
    return found


def check(served: Office, command: list[str], **environment: str) -> None:
    """Run a client: it draws, repeats, looks up, releases and is refused."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        command,
        env={**inherited, **served.environment(), **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = [line.split() for line in done.stdout.splitlines()]
    assert [words[0] for words in said] == ["drawn", "repeated", "found", "released", "refused"], done.stdout
    drawn, repeated, found, released, refused = (words[1:] for words in said)
    assert drawn == repeated
    assert int(drawn[1]) - int(drawn[0]) == 9
    assert (found, released) == (["granted", "Labka"], ["released"])
    assert refused == ["processing_problem", "count_too_small"]


def check_refused(served: Office, command: list[str], **environment: str) -> None:
    """Run a client whose password is wrong: it tells the fault and ends with an error, without an exception's trace."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        command,
        env={**inherited, **served.environment(), **environment, "NPN_SECRET": "wrong"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 1, done.stderr + done.stdout
    assert done.stdout == ""
    assert done.stderr.startswith("refused: invalid_username_password"), done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_zeep(served: Office) -> None:
    check(served, [sys.executable, str(GUIDE / "client.py")])
    check_refused(served, [sys.executable, str(GUIDE / "client.py")])


def test_curl(served: Office) -> None:
    needed("curl", "Debian: apt-get install curl")
    check(served, ["bash", str(GUIDE / "client.sh")])
    check_refused(served, ["bash", str(GUIDE / "client.sh")])


def test_node_soap(served: Office, node_modules: Path) -> None:
    node = needed("node", "Debian: apt-get install nodejs")
    check(served, [node, str(GUIDE / "client.js")], NODE_PATH=str(node_modules))
    check_refused(served, [node, str(GUIDE / "client.js")], NODE_PATH=str(node_modules))


def test_php_soap_client(served: Office) -> None:
    php = needed("php", "Debian: apt-get install php-cli php-soap")
    modules = subprocess.run([php, "-m"], capture_output=True, text=True, check=True).stdout
    if "soap" not in modules:
        pytest.skip("php has no SOAP extension (Debian: apt-get install php-soap)")
    check(served, [php, str(GUIDE / "client.php")])
    check_refused(served, [php, str(GUIDE / "client.php")])


def test_java(served: Office) -> None:
    java = needed("java", "Debian: apt-get install default-jdk-headless")
    needed("javac", "Debian: apt-get install default-jdk-headless")
    check(served, [java, str(GUIDE / "NpnClient.java")])
    check_refused(served, [java, str(GUIDE / "NpnClient.java")])


@pytest.mark.parametrize("level", ["3", "4"])
def test_java_signs_an_id_card(served: Office, level: str) -> None:
    java = needed("java", "Debian: apt-get install default-jdk-headless")
    needed("javac", "Debian: apt-get install default-jdk-headless")
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    signing = {"NPN_P12": str(served.folder / "client.p12"), "NPN_P12_PASSWORD": "changeit", "NPN_LEVEL": level}
    environment = {**inherited, **served.environment(), **signing}
    command = [java, str(GUIDE / "SignedClient.java")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("drawn "), done.stdout
    wrong = {**environment, "NPN_LEVEL": "2"}
    refused = subprocess.run(command, env=wrong, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert (refused.returncode, refused.stdout, refused.stderr[:9]) == (1, "", "refused: ")
