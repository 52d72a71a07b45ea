"""A real nginx in front of the service, configured as the guide says."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from authority import ADDRESS

GUIDE = Path(__file__).parent.parent / "docs" / "guide" / "transport.md"


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


@dataclass(frozen=True)
class Nginx:
    """A proxy: TLS on one port, plain HTTP on another."""

    secure: str
    plain: str


@contextmanager
def nginx(program: str, folder: Path, upstream: str, *, files: Path) -> Iterator[Nginx]:
    """Run nginx with the guide's configuration; `files` holds server.pem, server.key and ca.pem."""
    for _ in range(5):  # another program may take a free port first
        secure, plain = free_port(), free_port()
        block = from_the_guide()
        for said, here in (
            ("listen 443 ssl", f"listen {ADDRESS}:{secure} ssl"),
            ("listen 80", f"listen {ADDRESS}:{plain}"),
            ("/etc/nginx/npn/", f"{files}/"),
            ("http://127.0.0.1:8000", upstream),
        ):
            assert said in block, said
            block = block.replace(said, here)
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
