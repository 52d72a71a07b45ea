"""The steps of docs/guide/operations.md, typed as it writes them: nodes copied again, a member replaced, a restore."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from clients import set_up
from deployment import Machinery, inhabited, lacking, machinery
from nodes import AS_USER, Node, patroni
from servers import Server, serving

from command import npn
from npn.config import Settings
from npn.db.sealing import new_key_file
from postgres import installed

pytestmark = pytest.mark.ha


@pytest.fixture(scope="module")
def made() -> Iterator[Machinery]:
    if reason := lacking():
        pytest.skip(reason)
    with machinery() as all_of_it:
        yield all_of_it


def patronictl(made: Machinery, *arguments: str, typed: str = "") -> str:
    """Run it with the first node's configuration; gives what it prints."""
    program = Path(patroni() or "").with_name("patronictl")
    command = [str(program), "-c", str(made.nodes.nodes[0].folder / "patroni.yml"), *arguments]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def etcdctl(made: Machinery, *arguments: str) -> str:
    """Run it against the members that are asked to answer."""
    program = shutil.which("etcdctl")
    if program is None:
        pytest.skip("not installed: etcdctl (Debian: apt-get install etcd-client)")
    where = ("--command-timeout=45s", "--endpoints", made.etcd.hosts.rpartition(",")[0])  # a new leader may be needed
    command = [program, *where, *arguments]
    done = subprocess.run(
        command, env={"ETCDCTL_API": "3", "PATH": "/usr/bin"}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def until_listed(made: Machinery, node: Node, state: str) -> str:
    """Wait until the list shows a node in this state; gives the list."""
    until = time.monotonic() + 120
    while True:
        listed = patronictl(made, "list")
        if any(node.name in line and state in line for line in listed.splitlines()):
            return listed
        assert time.monotonic() < until, listed + (node.folder / "patroni.log").read_text()[-3000:]
        time.sleep(0.5)


def test_a_node_that_can_not_catch_up_is_copied_anew(made: Machinery) -> None:
    with inhabited(made, servers=1) as house:
        lost = made.nodes.whole()["replica"]
        lost.kill()
        shutil.rmtree(lost.folder / "data" / "pg_wal")
        lost.start()
        house.wait_for_draws()
        listed = until_listed(made, lost, "start failed")
        assert "Leader" in listed
        assert "Sync Standby" in listed
        patronictl(made, "reinit", "npn", lost.name, "--force")
        made.nodes.whole()
        house.wait_for_draws()
        assert house.prove() > 40


def test_nothing_is_promoted_while_patroni_is_paused(made: Machinery) -> None:
    with inhabited(made, servers=1) as house:
        leader = made.nodes.whole()["leader"]
        patronictl(made, "pause", "npn", "--wait")
        house.wait_for_draws()
        control(leader, "stop", "--mode", "immediate")
        time.sleep(10)
        assert "leader" not in made.nodes.roles()
        patronictl(made, "resume", "npn", "--wait")
        made.nodes.whole()
        house.wait_for_draws()
        assert house.prove() > 40


def test_a_member_of_etcd_whose_disk_is_gone_is_replaced(made: Machinery) -> None:
    lost = made.etcd.members[-1]
    peer = lost.command[lost.command.index("--initial-advertise-peer-urls") + 1]
    with inhabited(made, servers=1) as house:
        lost.kill()
        shutil.rmtree(made.etcd.folder / lost.name)
        [number] = [line.split(",")[0] for line in etcdctl(made, "member", "list").splitlines() if peer in line]
        etcdctl(made, "member", "remove", number)
        etcdctl(made, "member", "add", lost.name, f"--peer-urls={peer}")
        lost.command[lost.command.index("--initial-cluster-state") + 1] = "existing"
        made.etcd.start()
        made.etcd.members[0].kill()  # the quorum now needs the new one
        house.wait_for_draws()
        made.etcd.start()
        assert house.prove() > 40


def control(node: Node, *arguments: str) -> None:
    """Run pg_ctl on a node's data."""
    program = installed()
    assert program is not None
    command = [*node.prefix, *AS_USER, str(program / "pg_ctl"), "-D", str(node.folder / "data"), "-w", *arguments]
    log = node.folder / "pg_ctl.log"
    with log.open("a") as said:
        done = subprocess.run(command, stdout=said, stderr=said, check=False, timeout=240, cwd=node.folder)
    assert done.returncode == 0, log.read_text()[-3000:]


def base_backup(made: Machinery, node: Node) -> Path:
    programs, backup = installed(), made.folder / "archive" / "base"
    assert programs is not None
    address = f"host={node.host} port={node.port} user=replicator password=change-me-too"
    command = [*AS_USER, str(programs / "pg_basebackup"), "-d", address, "-D", str(backup)]
    subprocess.run([*command, "--checkpoint=fast", "--wal-method=stream"], check=True, cwd=made.folder)
    return backup


def put_back(made: Machinery, node: Node, backup: Path) -> None:
    """Put the base backup in place of a node's data, to be rolled forward as far as the archive goes."""
    data = node.folder / "data"
    shutil.copytree(backup, data)
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write(
            f"restore_command = 'cp {made.folder}/archive/%f %p'\nrecovery_target_timeline = 'latest'\n"
            "recovery_target_action = 'promote'\n"
        )
    (data / "recovery.signal").touch()
    if AS_USER:
        for path in (data, *data.rglob("*")):
            shutil.chown(path, "postgres", "postgres")
    data.chmod(0o700)


def clear_socket_lock(node: Node) -> None:
    """Remove the lock beside the socket where the process that it names is no PostgreSQL that runs: it was killed."""
    for lock in node.folder.glob(".s.PGSQL.*.lock"):
        command = ["ps", "-o", "stat=,comm=", "-p", lock.read_text().split()[0]]
        state, _, name = subprocess.run(command, check=False, capture_output=True, text=True).stdout.partition(" ")
        if state.startswith("Z") or "postgres" not in name:
            lock.unlink()


def until_archived(node: Node) -> None:
    """Have the segment that is being written finished, and wait until it is in the archive."""
    with psycopg.connect(node.url("postgres"), autocommit=True) as connection:
        (name,) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or ("",)
        until = time.monotonic() + 60
        while (connection.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone() or ("",))[0] != name:
            assert time.monotonic() < until
            time.sleep(0.2)


def test_a_cluster_lost_whole_is_restored_and_draws_on_after_recovery(made: Machinery, tmp_path: Path) -> None:
    made.nodes.run("CREATE DATABASE restored ENCODING 'UTF8' TEMPLATE template0")
    new_key_file(tmp_path / "npn.secrets")
    settings = Settings(
        database=made.nodes.url("restored"),
        witness=made.etcd.witness("restored"),
        secrets_key_file=str(tmp_path / "npn.secrets"),
    )
    (key,) = set_up(settings)
    with serving(settings, tmp_path) as (server,):
        leader = made.nodes.whole()["leader"]
        backup = base_backup(made, leader)
        archived = drawn(server, key, "a")
        until_archived(leader)
        lost = drawn(server, key, "b")
        assert server.stop() == 0
        for node in made.nodes.nodes:
            node.kill()
            shutil.rmtree(node.folder / "data")

        put_back(made, leader, backup)
        clear_socket_lock(leader)
        control(leader, "start")
        until = time.monotonic() + 120
        with psycopg.connect(leader.url("postgres"), autocommit=True) as connection:
            while connection.execute("SELECT pg_is_in_recovery()").fetchone() != (False,):
                assert time.monotonic() < until
                time.sleep(0.2)
        control(leader, "stop")
        while "Leader" in patronictl(made, "list"):
            time.sleep(1)  # its lease
        patronictl(made, "remove", "npn", typed="npn\nYes I am aware\n")
        leader.start()
        made.nodes.wait("leader")
        made.nodes.start()
        made.nodes.whole()

        server.start()
        answer = server.draw(key, "new")
        assert (answer.status_code, answer.json()["code"]) == (503, "witness_behind")
        done = npn("recover", "--yes", on=settings)
        assert done.status == 0, done
        after = drawn(server, key, "new")
        assert int(after["first"]) > int(lost["last"])
        assert drawn(server, key, "a") == archived
        assert server.get(f"/v1/numbers/{lost['first']}", key).json()["state"] == "withheld"


def drawn(server: Server, key: str, request_id: str) -> dict[str, str]:
    answer = server.draw(key, request_id, {"count": 100})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, str] = answer.json()
    return found
