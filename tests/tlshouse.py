"""A real `npn serve` with TLS, client certificates and a revocation list; curl and openssl as its callers."""

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from authority import Authority, Issued
from npn.config import Settings
from npn.systems.model import Environment
from npn.wiring.assembly import build
from npn.wiring.service import Service
from prepared import initialised
from running import Running, running

CURL = ("curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60")
SYSTEMS = ("labka", "bcc", "mads")


@dataclass(frozen=True)
class Answer:
    """What curl got: its own exit status, the HTTP status, the headers, the body."""

    exit: int
    status: int
    headers: dict[str, str]
    body: bytes
    said: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def curl(url: str, folder: Path, *options: str) -> Answer:
    """Call with curl; the body and the headers come back through files."""
    body, head = folder / f"{uuid.uuid4().hex}.body", folder / f"{uuid.uuid4().hex}.head"
    done = subprocess.run(
        [*CURL, "--output", str(body), "--dump-header", str(head), "--write-out", "%{http_code}", *options, url],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = head.read_text("latin-1").splitlines() if head.exists() else []
    headers: dict[str, str] = {}
    for line in lines:
        key, found, value = line.partition(": ")
        if found:
            headers[key.lower()] = f"{headers[key.lower()]}, {value}" if key.lower() in headers else value
    content = body.read_bytes() if body.exists() else b""
    return Answer(done.returncode, int(done.stdout or 0), headers, content, done.stderr)


@dataclass
class TlsHouse:
    """The server, and the certificates by what they are."""

    server: Running
    folder: Path
    settings: Settings
    authority: Authority
    keys: dict[str, str]
    issued: dict[str, Issued]

    def curl(self, path: str, *options: str, by: str = "") -> Answer:
        """Call over TLS, with the certificate of that name."""
        shown = ["--cert", str(self.folder / f"{by}.pem"), "--key", str(self.folder / f"{by}.key")] if by else []
        return curl(f"{self.server.url}{path}", self.folder, "--cacert", str(self.folder / "ca.pem"), *shown, *options)

    def draw(self, *, by: str = "", key: str = "") -> Answer:
        more = ("--header", f"Authorization: Bearer {key}") if key else ()
        return self.curl("/v1/series", *drawing(), *more, by=by)

    def revoke(self, *names: str) -> None:
        self.authority.revoked += [self.issued[each].certificate for each in names]
        replace(self.folder / "authority.crl", self.authority.crl())

    @contextmanager
    def service(self) -> Iterator[Service]:
        """The service in this process, beside the one that runs."""
        made = build(self.settings)
        try:
            yield made
        finally:
            made.close()


def drawing(request_id: str = "", count: int = 10) -> tuple[str, ...]:
    """Curl's options for a draw."""
    headers = (
        "--header",
        "Content-Type: application/json",
        "--header",
        f"Idempotency-Key: {request_id or uuid.uuid4()}",
    )
    return (*headers, "--data", json.dumps({"count": count}))


def replace(path: Path, content: bytes) -> None:
    """Put a file in place of another, as a careful program does."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    beside.rename(path)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for a condition."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.2)


def connect(settings: Settings) -> dict[str, str]:
    """Make the database and its systems; give their keys, the operator's too."""
    done = initialised(settings)
    service = build(settings)
    try:
        keys = {"operator": str(done.operator_key)}
        for each in SYSTEMS:
            _, key = service.systems.add(by="t", name=each, vendor="V", owner="O", environment=Environment.PRODUCTION)
            keys[each] = str(key)
        return keys
    finally:
        service.close()


def certificates(authority: Authority, folder: Path) -> dict[str, Issued]:
    """Issue what the tests need, bound or not, and write it beside the authority's own."""
    foreign = Authority("Foreign authority")
    issued = {
        "server": authority.server(),
        "labka": authority.client("labka"),
        "labka-next": authority.client("labka"),
        "bcc": authority.client("bcc"),
        "bcc-next": authority.client("bcc"),
        "stranger": authority.client("stranger"),
        "expired": authority.client("mads", days=(-20, -2)),
        "foreign": foreign.client("bcc"),
    }
    for stem, each in issued.items():
        each.write(folder, stem)
    (folder / "ca.pem").write_bytes(authority.pem)
    (folder / "authority.crl").write_bytes(authority.crl())
    return issued


def bind(settings: Settings, issued: dict[str, Issued]) -> None:
    """Bind labka and mads by fingerprint, bcc by subject and issuer."""
    service = build(settings)
    try:
        service.certificates.bind("labka", issued["labka"].pem, by="t")
        service.certificates.bind("mads", issued["expired"].pem, by="t")
        service.clients.bind_subject("bcc", issued["bcc"].pem, by="t")
    finally:
        service.close()


@contextmanager
def tls_house(folder: Path) -> Iterator[TlsHouse]:
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    keys, authority = connect(settings), Authority()
    issued = certificates(authority, folder)
    bind(settings, issued)
    files = {"--tls-cert": "server.pem", "--tls-key": "server.key", "--client-ca": "ca.pem"}
    options = [part for option, file in files.items() for part in (option, str(folder / file))]
    with running(settings, folder, *options, toml={"client_crls": [str(folder / "authority.crl")]}) as server:
        yield TlsHouse(server, folder, settings, authority, keys, issued)
        assert '"failure"' not in server.log.read_text("utf-8")
