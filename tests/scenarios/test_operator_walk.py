"""An operator sets the service up by docs/guide/install.md, on a Debian that has nothing yet, entered by chroot."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from postgres import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
ROOT = Path(__file__).parent.parent.parent
WALK = Path(__file__).with_name("operator_walk.sh")
INCLUDED = "python3,python3-venv,postgresql,curl,ca-certificates"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a Debian in it; wheels lie in its /opt/wheels, so that it needs no network."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("needs root and debootstrap (Debian: apt-get install debootstrap)")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so that nothing can be cloned from it")
    folder = tmp_path_factory.mktemp("machine") / "root"
    made = _run("debootstrap", "--variant=minbase", f"--include={INCLUDED}", _codename(), str(folder))
    if made.returncode:
        pytest.skip(f"debootstrap can't make a Debian here: {made.stdout[-300:]}")
    (folder / "dev" / "shm").chmod(0o1777)  # PostgreSQL's; nothing of this machine is mounted there
    asked = "import sys; print(*sys.version_info[:2], sep='.')"
    version = _run("chroot", str(folder), "python3", "-c", asked).stdout.strip()
    clone = folder / "root" / "npn-platform"
    assert _run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)).returncode == 0
    _wheels(folder / "opt" / "wheels", clone, version)
    return folder


def _codename() -> str:
    """The Debian that this is, whose Python is likely the same; elsewhere the stable one."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text("utf-8").splitlines() if "=" in line
    )
    return release.get("VERSION_CODENAME", "stable") if release.get("ID") == "debian" else "stable"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)


def _wheels(into: Path, clone: Path, version: str) -> None:
    """Collect what `pip install` needs, for the Python of that Debian."""
    python = shutil.which(f"python{version}")
    if python is None:
        pytest.skip(f"that Debian has Python {version}, and there is none here to collect its wheels")
    wanted = (f"{clone}[server,postgres]", "hatchling")
    done = _run(python, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(into), *wanted)
    if done.returncode:
        pytest.skip(f"no wheels for Python {version}: {done.stderr[-300:]}")


def test_an_operator_installs_draws_backs_up_and_restores_by_the_documents(machine: Path) -> None:
    shutil.copy(WALK, machine / "root" / WALK.name)
    ports = {"PGPORT": str(free_port()), "NPN_PORT": str(free_port())}
    done = subprocess.run(
        ["chroot", str(machine), "/bin/bash", f"/root/{WALK.name}"],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root", **ports},
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.splitlines()[-1] == "walked"
    assert "Traceback" not in done.stderr
