"""Never twice: threads and processes take through the socket while the agent is killed, again and again."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import local_client
from agent_process import AgentProcess, settings
from local_client import LocalClient
from npn.agent.mock import MockService
from npn.agent.stock.pool import Pool
from npn.numbers.scheme import NPN10

CHUNK = 50
THREADS, PROCESSES = 10, 4


@pytest.mark.parametrize("kills", [15, pytest.param(500, marks=(pytest.mark.slow, pytest.mark.timeout(0)))])
def test_every_number_leaves_the_agent_once_while_it_is_killed_again_and_again(tmp_path: Path, kills: int) -> None:
    with MockService() as service:
        config = settings(
            tmp_path, service.url, service.key, more=f"chunk = {CHUNK}", stock="min_draw = 400000\nmax_draw = 500000"
        )
        handed = _take_while_killing(tmp_path, config, kills)
        granted = list(service.registry.series)
    assert len(handed) > kills * 20
    assert len(handed) == len(set(handed))
    ranges = [(int(s.first), int(s.last)) for s in granted]
    assert all(NPN10.is_usable(n) and any(a <= n <= b for a, b in ranges) for n in map(int, handed))
    with Pool.open(tmp_path / "agent.db", chunk=CHUNK) as pool:
        status = pool.status()
        assert status.lost <= kills * CHUNK
        in_pool = sum(s.scheme.count(s.first, s.last) for s in status.series)
        vanished = in_pool - status.free - status.arrived - len(handed)
        in_flight = 3 * THREADS + 2 * PROCESSES  # answers that were under way when the agent was killed
        assert 0 <= vanished <= kills * (CHUNK + in_flight)
        assert not set(pool.take_many(min(status.free, 1000))) & set(handed)


def _take_while_killing(folder: Path, config: Path, kills: int) -> list[str]:
    """All numbers that any client received."""
    lots = random.Random(kills)
    socket, done = folder / "agent.sock", threading.Event()
    mine: list[list[str]] = [[] for _ in range(THREADS)]

    def client(numbers: list[str]) -> None:
        local = LocalClient(socket)
        while not done.is_set():
            numbers += local.take(1 + len(numbers) % 3)
            time.sleep(0.001)  # ten threads shall not starve the agent on a small machine
        local.close()

    threads = [threading.Thread(target=client, args=(numbers,)) for numbers in mine]
    files = [folder / f"taken-{n}" for n in range(PROCESSES)]
    processes = [subprocess.Popen([sys.executable, local_client.__file__, str(socket), str(file)]) for file in files]
    try:
        for thread in threads:
            thread.start()
        for _ in range(kills):
            running = AgentProcess(config)
            time.sleep(lots.uniform(0.05, 0.6))
            running.kill()
        with AgentProcess(config):
            time.sleep(0.3)
    finally:
        done.set()
        for thread in threads:
            thread.join()
        for process in processes:
            process.kill()
            process.wait()
    written = [line for file in files if file.exists() for line in file.read_text().splitlines() if len(line) == 10]
    return [number for numbers in mine for number in numbers] + written
