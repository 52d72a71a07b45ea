"""A real nginx in front of the service, configured as the guide says."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from authority import ADDRESS

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "guide" / "transport.md"
SHIPPED = ROOT / "deploy" / "nginx" / "npn.conf"


def installed() -> str | None:
    """Where nginx is."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind((ADDRESS, 0))
        return int(found.getsockname()[1])


def from_the_guide() -> str:
    """The server block as the guide prints it, so that what is read is what is tried."""
    text = GUIDE.read_text("utf-8")
    return text.partition("```nginx\n")[2].partition("```")[0]


def placed(text: str, *changes: tuple[str, str]) -> str:
    """Put this run's addresses and files in the place of the sample's."""
    for said, here in changes:
        assert said in text, said
        text = text.replace(said, here)
    return text


def guides(upstream: str, files: Path, secure: int, plain: int) -> str:
    """The guide's configuration, here."""
    return placed(
        from_the_guide(),
        ("listen 443 ssl", f"listen {ADDRESS}:{secure} ssl"),
        ("listen 80", f"listen {ADDRESS}:{plain}"),
        ("/etc/nginx/npn/", f"{files}/"),
        ("http://127.0.0.1:8000", upstream),
    )


def shipped(upstream: str, files: Path, secure: int, _plain: int) -> str:
    """The configuration that is shipped for deployment, here."""
    text = re.sub(r"^ +server 10\.0\.0\.1[23]:8000 .*\n", "", SHIPPED.read_text("utf-8"), flags=re.MULTILINE)
    return placed(
        text,
        ("listen 443 ssl", f"listen {ADDRESS}:{secure} ssl"),
        ("10.0.0.11:8000", upstream.partition("//")[2]),
        ("/etc/npn/tls/client-ca.pem", f"{files}/ca.pem"),
        ("/etc/npn/tls/", f"{files}/"),
    )


@dataclass(frozen=True)
class Nginx:
    """A proxy: TLS on one port, plain HTTP on another."""

    secure: str
    plain: str


@contextmanager
def nginx(
    program: str, folder: Path, upstream: str, *, files: Path, site: Callable[[str, Path, int, int], str] = guides
) -> Iterator[Nginx]:
    """Run nginx with the guide's configuration, or another; `files` holds server.pem, server.key and ca.pem."""
    for _ in range(5):  # another program may take a free port first
        secure, plain = free_port(), free_port()
        block = site(upstream, files, secure, plain)
        places = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{places}{block}}}\n"
        )
        with subprocess.Popen(
            [program, "-e", str(folder / "error.log"), "-c", str(config)], stderr=subprocess.PIPE, text=True
        ) as process:
            if _listens(process, secure):
                try:
                    yield Nginx(f"https://{ADDRESS}:{secure}", f"http://{ADDRESS}:{plain}")
                finally:
                    process.terminate()
                    process.wait(timeout=30)
                return
    raise AssertionError(f"nginx does not start: {(folder / 'error.log').read_text('utf-8')}")


def _listens(process: subprocess.Popen[str], port: int) -> bool:
    ends = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < ends:
        try:
            socket.create_connection((ADDRESS, port), timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
