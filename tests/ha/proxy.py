"""nginx with TLS in front of the servers, from the sample that we ship, as an ordinary user."""

import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from postgres import free_port

SAMPLE = Path(__file__).parent.parent.parent / "deploy" / "nginx" / "npn.conf"


def installed() -> str | None:
    """Find the program; Debian keeps it where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that signs itself."""
    cert, key = folder / "server.pem", folder / "server.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    more = ["-days", "2", "-subj", "/CN=npn", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *more, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


def site(ports: Sequence[int], port: int, cert: Path, key: Path) -> str:
    """The sample with this run's addresses and files put in."""
    text = SAMPLE.read_text("utf-8")
    servers = "\n".join(f"    server 127.0.0.1:{each} max_fails=1 fail_timeout=2s;" for each in ports)
    text, found = re.subn(r"(?:    server 10\.[0-9.]+:8000 [^\n]*\n)+", f"{servers}\n", text)
    assert found == 1
    for sample, ours in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/npn/tls/server.pem", str(cert)),
        ("/etc/npn/tls/server.key", str(key)),
        ("/etc/npn/tls/client-ca.pem", str(cert)),
    ):
        assert sample in text
        text = text.replace(sample, ours)
    return text


def configuration(folder: Path, body: str) -> str:
    """Nginx whole, with nothing outside the folder."""
    kept = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ access_log off; {kept}\n{body}\n}}\n"
    )


@contextmanager
def nginx(ports: Sequence[int], folder: Path) -> Iterator[tuple[str, Path]]:
    """Run it in front of these ports; gives its address and the certificate to trust."""
    folder.mkdir()
    cert, key = certificate(folder)
    port = free_port()
    written = folder / "nginx.conf"
    written.write_text(configuration(folder, site(ports, port, cert, key)))
    program = installed()
    assert program is not None
    with (folder / "out.log").open("w") as log:
        process = subprocess.Popen([program, "-c", str(written), "-p", str(folder)], stdout=log, stderr=log)
    try:
        _wait(f"https://127.0.0.1:{port}", cert, folder)
        yield f"https://127.0.0.1:{port}", cert
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, cert: Path, folder: Path) -> None:

    trust = ssl.create_default_context(cafile=str(cert))
    until = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"{url}/healthz", verify=trust, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < until, (folder / "out.log").read_text() + (folder / "error.log").read_text()
        time.sleep(0.1)
