"""The processes apart: what they have and have not, what ends them, who waits, who is refused."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from house import populated
from npn.config import Settings
from npn.errors import InvalidInputError, RefusedError, UnavailableError
from npn.message_jobs.admission import JobAdmission
from npn.message_jobs.model import JobLimits, JobRequester, MessageJob
from npn.message_jobs.pool import MessageJobs
from npn.messages import write
from npn.messages.examples import example
from running import running

SENT = write(example("XR0131K"), "edifact")
INSPECT = MessageJob("inspect", {}, (SENT,))
SLOW = MessageJob("validate", {}, (SENT * 300,))  # some seconds of work
LONG = SENT.replace(b"GIS+N'", b"GIS+N'" * 400_000, 1)  # one message, which is read as a whole: much memory


@contextlib.asynccontextmanager
async def pool(workers: int = 1, **limits: float) -> AsyncIterator[MessageJobs]:
    jobs = MessageJobs(workers, limits=JobLimits(**{"patience": 20.0, **limits}))  # type: ignore[arg-type]  # numbers
    try:
        yield jobs
    finally:
        await jobs.stop()


async def pid(jobs: MessageJobs) -> int:
    return (await jobs._slots[0].worker()).pid


def links(number: int, name: str) -> set[str]:
    return {str(path.readlink()) for path in Path(f"/proc/{number}").glob(name)}


def of_process(number: int, name: str) -> str:
    return Path(f"/proc/{number}/{name}").read_text("utf-8")


def is_alive(number: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return " Z " not in of_process(number, "stat")
    return False


def test_a_worker_has_three_pipes_little_memory_and_nothing_of_the_servers() -> None:
    async def look() -> None:
        with socket.create_server(("127.0.0.1", 0)):  # a socket as the server has
            async with pool() as jobs:
                await jobs.run(INSPECT)
                worker = await pid(jobs)
                open_files = links(worker, "fd/*")
                assert {name.partition(":")[0] for name in open_files} == {"pipe", "/dev/null"}
                limits = {
                    line[:26].strip(): line[26:].split()[:2] for line in of_process(worker, "limits").splitlines()
                }
                assert limits["Max address space"] == [str(512 << 20)] * 2
                assert limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
                assert os.getpriority(os.PRIO_PROCESS, worker) == 19
                environment = of_process(worker, "environ")
                assert {entry.partition("=")[0] for entry in environment.split("\0") if entry} == {
                    "LC_ALL", "MALLOC_ARENA_MAX", "RAYON_NUM_THREADS", "TZ",
                }  # fmt: skip
                assert links(worker, "cwd") == {"/"}

    asyncio.run(look())


def test_a_worker_loads_nothing_that_could_reach_the_database_or_serve() -> None:
    rooms = ("npn.db", "npn.ledger", "npn.config", "npn.http", "npn.web")
    text = (
        "import npn.message_worker.process, sys; print([m for m in sys.modules if "
        f"m in ('sqlalchemy', 'litestar', 'socketserver') or m.startswith({rooms})])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_job_that_takes_too_long_is_ended_and_the_next_one_is_done() -> None:
    async def ask() -> None:
        async with pool(seconds=0.4) as jobs:
            before = await pid(jobs)
            started = time.monotonic()
            with pytest.raises(InvalidInputError, match=r"0\.4 seconds") as refused:
                await jobs.run(SLOW)
            assert refused.value.code == "message_took_too_long"
            assert time.monotonic() - started < 2
            assert json.loads((await jobs.run(INSPECT)).body)["file"] == "-"
            assert await pid(jobs) != before
            assert not is_alive(before)

    asyncio.run(ask())


def test_a_job_that_needs_too_much_memory_is_refused_and_the_next_one_is_done() -> None:
    async def ask() -> None:
        async with pool(bytes=150 << 20) as jobs:
            before = await pid(jobs)
            with pytest.raises(InvalidInputError) as refused:
                await jobs.run(MessageJob("inspect", {}, (LONG,)))
            assert refused.value.code == "message_used_too_much_memory"
            await jobs.run(INSPECT)
            assert await pid(jobs) != before

    asyncio.run(ask())


def test_a_worker_that_dies_is_replaced() -> None:
    async def ask() -> None:
        async with pool() as jobs:
            await jobs.run(INSPECT)
            before = await pid(jobs)
            running_job = asyncio.create_task(jobs.run(SLOW))
            await asyncio.sleep(0.2)
            os.kill(before, signal.SIGSEGV)
            with pytest.raises(InvalidInputError):
                await running_job
            await jobs.run(INSPECT)

    asyncio.run(ask())


def test_a_worker_is_renewed_after_its_jobs_and_when_it_has_grown() -> None:
    async def ask(jobs_each: int, growth: int) -> int:
        async with pool(jobs=jobs_each, growth=growth) as jobs:
            numbers = []
            for _ in range(4):
                numbers.append(await pid(jobs))
                await jobs.run(INSPECT)
            return len(set(numbers))

    assert asyncio.run(ask(200, 16 << 20)) == 1
    assert asyncio.run(ask(2, 16 << 20)) == 2
    assert asyncio.run(ask(200, -(1 << 30))) == 4


def test_so_many_wait_and_no_more() -> None:
    async def ask() -> None:
        async with pool(queue=3) as jobs:
            await jobs.run(INSPECT)
            first = asyncio.create_task(jobs.run(SLOW))
            await asyncio.sleep(0.1)
            waiting = [asyncio.create_task(jobs.run(INSPECT)) for _ in range(3)]
            await asyncio.sleep(0.1)
            with pytest.raises(UnavailableError) as refused:
                await jobs.run(INSPECT)
            assert (refused.value.code, refused.value.retry_after) == ("messages_busy", 20)
            await asyncio.gather(first, *waiting)
            await jobs.run(INSPECT)

    asyncio.run(ask())


def test_nobody_waits_longer_than_patience_lasts() -> None:
    async def ask() -> None:
        async with pool(seconds=5.0) as jobs:
            await jobs.run(INSPECT)
            first = asyncio.create_task(jobs.run(SLOW))
            await asyncio.sleep(0.1)
            jobs.limits = JobLimits(patience=0.2)
            with pytest.raises(UnavailableError):
                await jobs.run(INSPECT)
            jobs.limits = JobLimits(patience=20.0)
            await first
            await jobs.run(INSPECT)

    asyncio.run(ask())


def test_whoever_leaves_ends_the_work_and_frees_the_place() -> None:
    async def ask() -> None:
        async with pool() as jobs:
            before = await pid(jobs)
            leaving = asyncio.create_task(jobs.run(SLOW))
            await asyncio.sleep(0.2)
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            await jobs.run(INSPECT)
            assert not is_alive(before)

    asyncio.run(ask())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_server(tmp_path: Path, how: signal.Signals) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'npn.db'}", witness=str(tmp_path / "npn.witness"))
    populated(settings)
    with running(settings, tmp_path) as server, server.client() as client:
        head = {"Content-Type": "application/edifact"}
        assert client.post("/v1/messages/inspect", content=SENT, headers=head).status_code == 200
        children = of_process(server.process.pid, f"task/{server.process.pid}/children").split()
        (worker,) = [int(child) for child in children if "npn.message_worker" in of_process(int(child), "cmdline")]
        server.stop(how)
        until = time.monotonic() + 5
        while is_alive(worker) and time.monotonic() < until:
            time.sleep(0.05)
        assert not is_alive(worker)
        assert '"level": "error"' not in server.log.read_text("utf-8")


def test_an_address_may_ask_thirty_times_a_minute_and_two_at_a_time() -> None:
    admission, requester = JobAdmission(clock=lambda: 0.0), JobRequester.at("192.0.2.7")
    with (
        admission.admitted(requester),
        admission.admitted(requester),
        pytest.raises(RefusedError),
        admission.admitted(requester),
    ):
        pass
    for _ in range(28):
        with admission.admitted(requester):
            pass
    with pytest.raises(RefusedError) as refused, admission.admitted(requester):
        pass
    assert refused.value.code == "rate_limited"
    with admission.admitted(JobRequester.at("192.0.2.8")):
        pass


def test_one_that_is_known_may_ask_three_hundred_times_however_many_at_once() -> None:
    admission, requester = JobAdmission(clock=lambda: 0.0), JobRequester("system:labka", known=True)
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(admission.admitted(requester))
        with pytest.raises(RefusedError):
            stack.enter_context(admission.admitted(requester))


def test_of_ipv6_the_network_is_counted_and_a_mapped_address_is_ipv4s() -> None:
    assert JobRequester.at("2001:db8:1:2:3::4") == JobRequester.at("2001:db8:1:2:ffff::1")
    assert JobRequester.at("2001:db8:1:2:3::4") != JobRequester.at("2001:db8:1:3::4")
    assert JobRequester.at("::ffff:192.0.2.7") == JobRequester.at("192.0.2.7")
