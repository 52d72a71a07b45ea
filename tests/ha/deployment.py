"""Everything at once: three machines with PostgreSQL under Patroni and etcd, three servers, nginx, sixteen clients."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import proof
import proxy
from clients import set_up
from machines import Network, network
from nodes import Node, Nodes, patroni
from servers import Server, serving

import etcd as etcds
import postgres
from npn.config import Settings
from npn.db.sealing import new_key_file

CLIENTS = 16


def lacking() -> str:
    """What is not installed; empty where all is."""
    wanted = {
        "postgresql": postgres.installed(),
        "etcd-server": etcds.installed(),
        "patroni": patroni(),
        "nginx": proxy.installed(),
        "openssl": shutil.which("openssl"),
    }
    names = [name for name, found in wanted.items() if found is None]
    others = " ".join(name for name in names if name != "patroni")
    ways = [f"Debian: apt-get install {others}"] if others else []
    ways += ["Patroni 4.1 or newer: make patroni"] if "patroni" in names else []
    return f"not installed: {', '.join(names)} ({'; '.join(ways)})" if names else ""


@dataclass
class Machinery:
    """The machines, and what keeps the truth on them."""

    folder: Path
    network: Network
    etcd: etcds.Etcd
    nodes: Nodes


@contextmanager
def machinery(*, nodes: int = 3, members: int = 3, namespaces: bool = False, **dynamic: object) -> Iterator[Machinery]:
    """Start etcd and PostgreSQL under Patroni; `dynamic` overrides settings of Patroni's sample."""
    folder = Path(tempfile.mkdtemp(prefix="npn-ha-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        net = stack.enter_context(network(max(nodes, members), namespaces=namespaces))
        where = [(machine.host, machine.prefix) for machine in net.machines[:members]]
        numbered = list(enumerate(net.machines[:nodes]))
        kept = stack.enter_context(etcds.etcd(members, machines=where))
        made = Nodes([Node(f"node{n}", at.host, _own(folder, f"node{n}"), at.prefix) for n, at in numbered])
        archive = _own(folder, "archive")
        for node in made.nodes:
            node.configure(kept.hosts, archive, **dynamic)
        stack.callback(made.kill)
        made.nodes[0].start()  # it becomes the leader; the others copy it
        made.wait("leader")
        made.start()
        made.whole() if nodes > 1 else made.wait("leader")
        yield Machinery(folder, net, kept, made)


def _own(folder: Path, name: str) -> Path:
    """Make a folder that PostgreSQL may write."""
    made = folder / name
    made.mkdir()
    if postgres.is_root():
        shutil.chown(made, "postgres", "postgres")
    return made


@dataclass
class House:
    """The service on the machinery, and what its clients were told so far."""

    machinery: Machinery
    settings: Settings
    folder: Path
    servers: list[Server]
    keys: list[str]
    load: subprocess.Popen[str]

    def told(self) -> list[proof.Line]:
        return proof.lines(self.folder / "told.jsonl")

    def acknowledged(self) -> int:
        return len(self.told())

    def wait_for_draws(self, more: int = 40, seconds: float = 240) -> None:
        """Wait until so many more draws were acknowledged, by each way."""
        until, before = time.monotonic() + seconds, {way: self._by(way) for way in ("direct", "nginx")}
        while not all(self._by(way) >= count + more // 2 for way, count in before.items()):
            assert self.load.poll() is None, "the clients gave up"
            assert time.monotonic() < until, f"draws did not go on: {self._logs()}"
            time.sleep(0.2)

    def _by(self, way: str) -> int:
        return sum(line["way"] == way and "id" in line for line in self.told())

    def _logs(self) -> str:
        return "\n".join(server.log.read_text()[-800:] for server in self.servers)

    def prove(self) -> int:
        """All that must hold, checked against everything that was told so far."""
        told = self.told()
        checked = proof.prove(told, self.settings, self.folder)
        keys = {f"c-{n}": self.keys[n % len(self.keys)] for n in range(CLIENTS)}
        proof.repeated(told, [server.url for server in self.servers], keys)
        return checked


@contextmanager
def inhabited(made: Machinery, *, servers: int = 3, pause: float = 0.05) -> Iterator[House]:
    """Set a new database up, serve it, and let the clients in: half of them straight, half through nginx and TLS."""
    name = f"npn_{uuid.uuid4().hex[:10]}"
    made.nodes.run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    folder = made.folder / name
    folder.mkdir()
    key = folder / "npn.secrets"
    new_key_file(key)
    settings = Settings(database=made.nodes.url(name), witness=made.etcd.witness(name), secrets_key_file=str(key))
    keys = set_up(settings, systems=4)
    with (
        serving(settings, folder, processes=servers) as running,
        proxy.nginx([server.port for server in running], folder / "nginx") as (secure, cert),
        (folder / "load.log").open("w") as log,
    ):
        plan = {
            "name": "c", "clients": CLIENTS, "urls": [server.url for server in running], "secure": [secure],
            "ca": str(cert), "keys": keys, "pause": pause, "out": str(folder / "told.jsonl"),
        }  # fmt: skip
        (folder / "told.jsonl").touch()
        program = [sys.executable, str(Path(__file__).with_name("load.py"))]
        load = subprocess.Popen(program, stdin=subprocess.PIPE, stderr=log, text=True)
        assert load.stdin is not None
        try:
            load.stdin.write(json.dumps(plan) + "\n")
            load.stdin.flush()
            house = House(made, settings, folder, running, keys, load)
            house.wait_for_draws()
            yield house
            load.stdin.close()
            assert load.wait(330) == 0, (folder / "load.log").read_text()
        finally:
            load.stdin.close()
            load.kill()
            load.wait()
