"""A real etcd for the tests: one member or several, each its own process that can be frozen, killed, started."""

import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from postgres import free_port


@dataclass
class Member:
    """One member and its process."""

    name: str
    folder: Path
    command: list[str]
    client: int
    host: str = "127.0.0.1"
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)


@dataclass
class Etcd:
    """All members. `scheme` is http or https."""

    folder: Path
    members: list[Member] = field(default_factory=list)
    scheme: str = "http"
    ca: str = ""

    @property
    def hosts(self) -> str:
        return ",".join(f"{member.host}:{member.client}" for member in self.members)

    def witness(self, key: str, account: str = "") -> str:
        """Return the address of a witness kept here."""
        at = f"{account}@" if account else ""
        if self.scheme == "https":
            return f"etcds://{at}{self.hosts}/{key}?ca={self.ca}"
        return f"etcd://{at}{self.hosts}/{key}"

    def ask(self, path: str, body: Mapping[str, object], *, member: int = 0, token: str = "") -> httpx.Response:
        url = f"{self.scheme}://{self.members[member].host}:{self.members[member].client}{path}"
        headers = {"Authorization": token} if token else {}
        return httpx.post(url, json=body, headers=headers, timeout=10, trust_env=False, verify=self._trust())

    def _trust(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=self.ca) if self.ca else False

    def start(self) -> None:
        for member in self.members:
            if member.process is None:
                member.start()
        self.wait_until_sound()

    def wait_until_sound(self, seconds: float = 60) -> None:
        """Wait until every member that runs answers a linearizable read."""
        until = time.monotonic() + seconds
        for number, member in enumerate(self.members):
            while member.process is not None:
                try:
                    if self.ask("/v3/kv/range", {"key": "YQ=="}, member=number).status_code in (200, 400, 401):
                        break
                except httpx.HTTPError:
                    pass
                assert time.monotonic() < until, (self.folder / f"{member.name}.log").read_text()[-2000:]
                time.sleep(0.1)

    def kill(self) -> None:
        for member in self.members:
            member.kill()


def installed() -> str | None:
    """Find the server's program."""
    return shutil.which("etcd")


@contextmanager
def etcd(
    members: int = 1,
    *,
    certificate: tuple[Path, Path, Path] | None = None,
    machines: Sequence[tuple[str, tuple[str, ...]]] = (),
) -> Iterator[Etcd]:
    """Start so many members on free ports; `certificate`: its file, its key's, its authority's, for TLS.

    `machines`: for each member an address and the command prefix that puts it on its own machine.
    """
    program = installed()
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="npn-etcd-"))
    made = Etcd(folder, scheme="https" if certificate else "http", ca=str(certificate[2]) if certificate else "")
    ports = [(free_port(), free_port()) for _ in range(members)]
    where = machines or [("127.0.0.1", ())] * members
    cluster = ",".join(f"m{n}=http://{where[n][0]}:{peer}" for n, (_, peer) in enumerate(ports))
    tls = ["--cert-file", str(certificate[0]), "--key-file", str(certificate[1])] if certificate else []
    for n, (client, peer) in enumerate(ports):
        host, prefix = where[n]
        address, among = f"{made.scheme}://{host}:{client}", f"http://{host}:{peer}"
        command = [
            *prefix, program, "--name", f"m{n}", "--data-dir", str(folder / f"m{n}"), "--log-level", "error",
            "--listen-client-urls", address, "--advertise-client-urls", address,
            "--listen-peer-urls", among, "--initial-advertise-peer-urls", among,
            "--initial-cluster", cluster, "--initial-cluster-state", "new", "--initial-cluster-token", folder.name,
            *tls,
        ]  # fmt: skip
        made.members.append(Member(f"m{n}", folder, command, client, host))
    try:
        made.start()
        yield made
    finally:
        made.kill()
        shutil.rmtree(folder, ignore_errors=True)
