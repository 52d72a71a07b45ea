"""A real PostgreSQL for the tests, started from what is installed, one cluster for a test session."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg


@dataclass(frozen=True)
class Cluster:
    """A running server. `run_as` is the command prefix that makes a process its owner's."""

    folder: Path
    port: int
    bin: Path
    run_as: tuple[str, ...]

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def new_name(self) -> str:
        """Return the address of a database that does not exist."""
        return self.url(f"npn_{uuid.uuid4().hex[:12]}")

    def new_database(self) -> str:
        address = self.new_name()
        self.run(f"CREATE DATABASE {address.rpartition('/')[2]}")
        return address

    def run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def control(self, *arguments: str) -> None:
        command = [*self.run_as, str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c max_connections=200"
        self.control("-l", str(self.folder / "log"), "-o", options, "-w", "-t", "60", "start")

    def stop(self, mode: str = "fast") -> None:
        self.control("-w", "-m", mode, "stop")

    def processes(self) -> list[int]:
        """Return the ids of the server's processes, the main one first."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]

    def sessions(self) -> list[int]:
        """Return the ids of the processes that serve clients: not those that vacuum, write or check by themselves."""
        titles = {pid: Path(f"/proc/{pid}/cmdline") for pid in self.processes()}
        return [pid for pid, title in titles.items() if title.exists() and b"127.0.0.1(" in title.read_bytes()]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server's every process."""
        for pid in self.processes():
            with suppress(ProcessLookupError):  # a worker that ended since the list was read
                os.kill(pid, number)


def installed() -> Path | None:
    """Find the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def is_root() -> bool:
    """Whether PostgreSQL, which won't run as root, needs another user."""
    return os.geteuid() == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    """Start a cluster and stop it again. PostgreSQL won't run as root: there it runs as `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="npn-pg-"))
    run_as: tuple[str, ...] = ()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        run_as = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    made = Cluster(folder, free_port(), programs, run_as)
    try:
        command = [
            *run_as,
            str(programs / "initdb"),
            "-D",
            str(folder / "data"),
            "-A",
            "trust",
            "-U",
            "postgres",
        ]
        subprocess.run([*command, "-N", "--locale=C", "--encoding=UTF8"], check=True, capture_output=True, cwd=folder)
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
