"""One process apart, as the server holds it: started clean, given one job at a time, killed when it passes a limit."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

from npn.message_jobs.frames import SIZE, BrokenFrameError, JobHead, ReplyHead, framed, head_size, parse_reply
from npn.message_jobs.model import JobLimits, MessageJob

COMMAND = (sys.executable, "-I", "-m", "npn.message_worker")
VERSIONS = "--versions"  # followed by the operator's folder
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "RAYON_NUM_THREADS": "1", "TZ": "Europe/Copenhagen"}
_PIECE = 256 << 10  # bytes written at a time: what waits in front of a pipe is a copy
_GONE = (EOFError, ConnectionError, BrokenFrameError)


class WorkerGoneError(Exception):
    """The process ended, or wrote something other than an answer."""


class JobWorker:
    """A worker process. It has three pipes' ends and nothing else of the server's: no socket, file or variable."""

    def __init__(self, process: Process) -> None:
        """`process` is started; whoever holds the worker kills it."""
        self._process = process

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @classmethod
    async def start(cls, limits: JobLimits, command: Sequence[str] = COMMAND) -> "JobWorker":
        """Start a process and wait until it is ready. Raises WorkerGoneError, OSError."""
        numbers = (f"{limits.seconds:g}", str(limits.bytes), str(limits.jobs), str(limits.growth))
        process = await asyncio.create_subprocess_exec(
            *command, *numbers, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_ENVIRONMENT, cwd=os.sep,
            start_new_session=True,
        )  # fmt: skip
        worker = cls(process)
        try:
            await worker._read()
        except BaseException:
            await worker.end()
            raise
        return worker

    async def do(self, job: MessageJob) -> tuple[ReplyHead, tuple[bytes, ...]]:
        """Have a job done. Raises WorkerGoneError; whoever stops waiting must kill it."""
        head = JobHead(job.kind, dict(job.options), [len(part) for part in job.parts])
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  # as it was started
        try:
            for part in framed(head, job.parts):
                for start in range(0, len(part), _PIECE):
                    pipe.write(bytes(memoryview(part)[start : start + _PIECE]))
                    await pipe.drain()
        except ConnectionError as error:
            raise WorkerGoneError from error
        return await self._read()

    async def _read(self) -> tuple[ReplyHead, tuple[bytes, ...]]:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101  # as it was started
        try:
            head = parse_reply(await pipe.readexactly(head_size(await pipe.readexactly(SIZE.size))))
            return head, tuple([await pipe.readexactly(size) for size in head.parts])
        except _GONE as error:
            raise WorkerGoneError from error

    async def end(self) -> None:
        """Kill it, and wait until nothing is left of it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.stdout is not None:
            await self._process.stdout.read()
        await self._process.wait()
