"""PostgreSQL nodes under Patroni, from the sample configuration that we ship, as an ordinary user."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from postgres import free_port, installed

SAMPLE = Path(__file__).parent.parent.parent / "deploy" / "patroni" / "patroni.yml"
_INSTALLED = ("/opt/npn-patroni/bin/patroni", str(Path(__file__).parents[2] / ".venv-patroni" / "bin" / "patroni"))
AS_USER = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()
_DO = httpx.Client(timeout=5, trust_env=False)


OLDEST = (4, 1)  # 3.0 let a thawed node take the lead back, and with it draws that had been acknowledged


def patroni() -> str | None:
    """Find a Patroni that is new enough: the one `make patroni` installs, or the machine's own."""
    for found in (os.environ.get("NPN_PATRONI"), *_INSTALLED, shutil.which("patroni")):
        if found and Path(found).exists() and _version(found) >= OLDEST:
            return found
    return None


@cache
def _version(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    return tuple(int(part) for part in re.findall(r"[0-9]+", told)[:2])


@dataclass
class Node:
    """One node: its Patroni, and the PostgreSQL that Patroni starts. `prefix` puts it on its own machine."""

    name: str
    host: str
    folder: Path
    prefix: tuple[str, ...] = ()
    port: int = 0
    rest: int = 0
    process: subprocess.Popen[bytes] | None = None

    def configure(self, etcd_hosts: str, archive: Path, **dynamic: object) -> None:
        """Write the node's configuration: the sample, with this node's names, addresses and folders."""
        programs = installed()
        assert programs is not None
        self.port, self.rest = self.port or free_port(), self.rest or free_port()
        told: dict[str, Any] = yaml.safe_load(SAMPLE.read_text("utf-8"))
        told["name"] = self.name
        told["restapi"] = {"listen": f"{self.host}:{self.rest}", "connect_address": f"{self.host}:{self.rest}"}
        told["etcd3"] = {"hosts": etcd_hosts.split(",")}
        told["bootstrap"]["dcs"] |= dynamic
        parameters = told["bootstrap"]["dcs"]["postgresql"]["parameters"]
        parameters["archive_command"] = parameters["archive_command"].replace("/archive/", f"{archive}/")
        told["postgresql"] |= {
            "listen": f"{self.host}:{self.port}",
            "connect_address": f"{self.host}:{self.port}",
            "data_dir": str(self.folder / "data"),
            "bin_dir": str(programs),
            "pgpass": str(self.folder / "pgpass"),
            "pg_hba": ["local all all trust", "host all all 0.0.0.0/0 trust", "host replication all 0.0.0.0/0 trust"],
            "parameters": {"unix_socket_directories": str(self.folder)},
        }
        (self.folder / "patroni.yml").write_text(json.dumps(told))

    def start(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        program = patroni()
        assert program is not None
        with (self.folder / "patroni.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, *AS_USER, program, str(self.folder / "patroni.yml")],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    def postgres(self) -> list[int]:
        """The postmaster and its children; empty where it is not there."""
        try:
            first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return []
        told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], check=False, capture_output=True, text=True)
        return [first, *map(int, told.stdout.split())] if Path(f"/proc/{first}").exists() else []

    def whole(self) -> list[int]:
        """Patroni and PostgreSQL."""
        return [*([self.process.pid] if self.process is not None else []), *self.postgres()]

    def send(self, pids: list[int], number: signal.Signals) -> None:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """Lose the node whole."""
        pids = self.whole()
        self.send(pids, signal.SIGCONT)
        self.send(pids, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(30)
            self.process = None

    def receivers(self) -> list[int]:
        """The processes that receive the write-ahead log from the primary."""
        found = []
        for pid in self.postgres()[1:]:
            with contextlib.suppress(OSError):
                if b"walreceiver" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"


@dataclass
class Nodes:
    """All nodes of one Patroni cluster."""

    nodes: list[Node]

    def url(self, database: str) -> str:
        hosts = ",".join(f"{node.host}:{node.port}" for node in self.nodes)
        return f"postgresql://postgres@{hosts}/{database}"

    def start(self) -> None:
        for node in self.nodes:
            node.start()

    def roles(self) -> dict[str, Node]:
        """Who is `leader`, `sync_standby` and `replica` now, of those that run and stream, as any of them says."""
        for node in self.nodes:
            with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
                members = _DO.get(f"http://{node.host}:{node.rest}/cluster").json()["members"]
                by_name = {each.name: each for each in self.nodes}
                return {m["role"]: by_name[m["name"]] for m in members if m["state"] in ("running", "streaming")}
        return {}

    def wait(self, *roles: str, seconds: float = 240) -> dict[str, Node]:
        """Wait until these roles are all filled and the leader takes writes."""
        until = time.monotonic() + seconds
        while True:
            found = self.roles()
            if all(role in found for role in roles) and self._takes_writes(found["leader"]):
                return found
            assert time.monotonic() < until, f"no {roles} but {found}: {self._logs()}"
            time.sleep(0.3)

    def whole(self) -> dict[str, Node]:
        """Wait until nothing is amiss: a leader, a synchronous standby, a replica."""
        return self.wait("leader", "sync_standby", *(["replica"] if len(self.nodes) > 2 else []))

    def _takes_writes(self, node: Node) -> bool:
        with contextlib.suppress(psycopg.Error), psycopg.connect(node.url("postgres"), connect_timeout=3) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            return row is not None and row[0] is False
        return False

    def _logs(self) -> str:
        return "\n".join((node.folder / "patroni.log").read_text()[-1500:] for node in self.nodes)

    def run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), target_session_attrs="read-write", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]  # a literal of the suite's own

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()
