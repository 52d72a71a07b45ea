"""What can happen to machines, done on purpose: each fault is done, lasts, and is repaired."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from deployment import House
from nodes import Node

LEASE = 20.0  # seconds: `ttl` of the sample configuration


@dataclass(frozen=True)
class Fault:
    """One kind of fault. `draws_go_on`: before it is repaired; else after."""

    name: str
    title: str
    do: Callable[[House], Callable[[], None]]
    draws_go_on: bool = True
    needs_cables: bool = False


def kill_postgres(house: House) -> Callable[[], None]:
    """Its processes only; Patroni lives and promotes another at once."""
    leader = _leader(house)
    leader.send(leader.postgres(), signal.SIGKILL)
    return lambda: None  # Patroni starts it again


def kill_node(house: House) -> Callable[[], None]:
    leader = _leader(house)
    leader.kill()
    return leader.start


def freeze_node(house: House) -> Callable[[], None]:
    """Longer than the lease: another is promoted, and then the old primary wakes up and knows nothing of it."""
    leader = _leader(house)
    stopped = leader.whole()
    leader.send(stopped, signal.SIGSTOP)
    time.sleep(LEASE + 8)
    return lambda: leader.send(list(reversed(stopped)), signal.SIGCONT)


def lose_standby(house: House) -> Callable[[], None]:
    """The one without which nothing is acknowledged; another takes its place."""
    standby = house.machinery.nodes.whole()["sync_standby"]
    standby.kill()
    return standby.start


def promote_laggard(house: House) -> Callable[[], None]:
    """Both standbys stop receiving, draws go on as far as they may, the primary is lost, a standby is promoted."""
    roles = house.machinery.nodes.whole()
    stalled = [(roles[role], roles[role].receivers()) for role in ("sync_standby", "replica")]
    for node, pids in stalled:
        node.send(pids, signal.SIGSTOP)
    time.sleep(3)
    roles["leader"].kill()
    for node, pids in stalled:
        node.send(pids, signal.SIGCONT)
    return roles["leader"].start


def lose_etcd_member(house: House) -> Callable[[], None]:
    """Whichever comes next; the leader among them in its turn."""
    members = house.machinery.etcd.members
    member = members[house.acknowledged() % len(members)]
    member.kill()
    return house.machinery.etcd.start


def lose_etcd_quorum(house: House) -> Callable[[], None]:
    for member in house.machinery.etcd.members[:2]:
        member.kill()
    time.sleep(12)
    return house.machinery.etcd.start


def kill_server(house: House) -> Callable[[], None]:
    server = house.servers[house.acknowledged() % len(house.servers)]
    server.kill()
    return server.start


def cut_network(house: House) -> Callable[[], None]:
    """The primary's machine, with its member of etcd, loses everybody: packets vanish, nobody is told."""
    leader = _leader(house)
    machine = next(each for each in house.machinery.network.machines if each.host == leader.host)
    machine.pull()
    time.sleep(LEASE + 8)
    return machine.plug


def _leader(house: House) -> Node:
    return house.machinery.nodes.whole()["leader"]


FAULTS = (
    Fault("postgres", "SIGKILL of PostgreSQL on the primary, Patroni lives", kill_postgres),
    Fault("node", "SIGKILL of the primary's whole node, Patroni too", kill_node),
    Fault("frozen", "SIGSTOP of the primary's node past its lease, then SIGCONT", freeze_node),
    Fault("standby", "the synchronous standby lost", lose_standby),
    Fault("laggard", "both standbys' receivers stalled, the primary lost, a standby promoted", promote_laggard),
    Fault("member", "one member of etcd lost", lose_etcd_member),
    Fault("quorum", "etcd's quorum lost for 12 s", lose_etcd_quorum, draws_go_on=False),
    Fault("server", "SIGKILL of one `npn serve`", kill_server),
    Fault("network", "the primary's machine cut off from all others past its lease", cut_network, needs_cables=True),
)
