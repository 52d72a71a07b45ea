"""Machines of one's own on one machine: network namespaces on a bridge, whose cables can be pulled."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Machine:
    """An address, and the command prefix that runs a program there. On the one machine there is: none."""

    host: str = "127.0.0.1"
    prefix: tuple[str, ...] = ()
    cable: str = ""

    def pull(self) -> None:
        """Cut it off from everybody: packets are dropped, nobody is told."""
        _do("ip", "link", "set", self.cable, "down")

    def plug(self) -> None:
        """Connect it again."""
        _do("ip", "link", "set", self.cable, "up")


@dataclass
class Refusal:
    """Why there are no namespaces here."""

    reason: str = ""


@dataclass
class Network:
    """Some machines; `why_not` says why they have no cables of their own."""

    machines: list[Machine] = field(default_factory=list)
    why_not: str = ""


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@contextmanager
def network(count: int, *, namespaces: bool) -> Iterator[Network]:
    """So many machines in namespaces where that is wanted and permitted; else so many names for this one."""
    plain = [Machine() for _ in range(count)]
    if not namespaces:
        yield Network(plain, "namespaces were not asked for")
        return
    if shutil.which("ip") is None or os.geteuid() != 0:
        yield Network(plain, "network namespaces take root and iproute2")
        return
    mark = f"{os.getpid() % 10000:04d}"
    names = [f"npn{mark}-{n}" for n in range(count)]
    try:
        try:
            made = _built(mark, names)
        except subprocess.CalledProcessError as error:
            yield Network(plain, f"network namespaces are not permitted here: {error.stderr.strip()}")
        else:
            yield Network(made)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", f"npnbr{mark}"], check=False, capture_output=True)


def _built(mark: str, names: Sequence[str]) -> list[Machine]:
    net = f"10.{200 + int(mark) % 50}.{int(mark) % 250}"
    bridge = f"npnbr{mark}"
    _do("ip", "link", "add", bridge, "type", "bridge")
    _do("ip", "addr", "add", f"{net}.254/24", "dev", bridge)
    _do("ip", "link", "set", bridge, "up")
    made = []
    for n, name in enumerate(names):
        cable, plug = f"npnc{mark}{n}", f"npnp{mark}{n}"
        _do("ip", "netns", "add", name)
        _do("ip", "link", "add", cable, "type", "veth", "peer", "name", plug, "netns", name)
        _do("ip", "link", "set", cable, "master", bridge, "up")
        _do("ip", "-n", name, "addr", "add", f"{net}.{n + 1}/24", "dev", plug)
        _do("ip", "-n", name, "link", "set", plug, "up")
        _do("ip", "-n", name, "link", "set", "lo", "up")
        made.append(Machine(f"{net}.{n + 1}", ("ip", "netns", "exec", name), cable))
    return made
