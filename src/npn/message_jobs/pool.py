"""The pool of worker processes: one job each at a time, the others wait, and what is too much is refused."""

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from npn.errors import InvalidInputError, NpnError, codes
from npn.message_jobs.admission import JobAdmission
from npn.message_jobs.allocation import give_back_large_memory
from npn.message_jobs.frames import ReplyHead
from npn.message_jobs.model import JobLimits, JobResult, MessageJob, busy, took_too_long, used_too_much
from npn.message_jobs.worker import COMMAND, VERSIONS, JobWorker, WorkerGoneError

_log = structlog.get_logger("npn.messages")


class JobSlot:
    """A place for one worker, which is started when first needed and replaced when it is gone."""

    def __init__(self, limits: JobLimits, command: tuple[str, ...]) -> None:
        """No process yet."""
        self._limits = limits
        self._command = command
        self._starting: asyncio.Task[JobWorker] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def prepare(self) -> asyncio.Task[JobWorker]:
        """Return the start of this place's worker, begun now where there is none; a failed one is begun again."""
        task = self._starting
        failed = task is not None and task.done() and (task.cancelled() or task.exception() is not None)
        ended = task is not None and task.done() and not failed and not task.result().is_alive
        if task is None or failed or ended:
            task = self._starting = asyncio.create_task(JobWorker.start(self._limits, self._command))
        return task

    async def worker(self) -> JobWorker:
        """Return a worker that is ready. Raises WorkerGoneError, OSError where it can't be started."""
        return await asyncio.shield(self.prepare())

    def renew(self, worker: JobWorker) -> None:
        """Kill a worker and start another."""
        ending = asyncio.create_task(worker.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        self._starting = None
        self.prepare()

    async def stop(self) -> None:
        """End the worker, also one that is starting."""
        task, self._starting = self._starting, None
        if task is not None:
            if not task.done():
                task.cancel()
            with suppress(asyncio.CancelledError, WorkerGoneError, OSError):
                await (await task).end()
        await asyncio.gather(*self._ending)


class MessageJobs:
    """Has jobs done by worker processes, on the event loop that first asks. Nothing of a job is kept or logged."""

    def __init__(
        self,
        workers: int = 1,
        *,
        limits: JobLimits | None = None,
        command: tuple[str, ...] = COMMAND,
        versions: Path | None = None,
    ) -> None:
        """Take the limits.

        workers   processes at most; the first is started with the first job
        versions  the folder of the operator's versions of messages
        """
        if versions is not None:
            command = (*command, VERSIONS, str(versions.absolute()))
        self.limits = limits or JobLimits()
        self.admission = JobAdmission()
        self._slots = [JobSlot(self.limits, command) for _ in range(workers)]
        self._free: asyncio.LifoQueue[JobSlot] | None = None
        self._waiting = 0
        self._stopped = False

    async def run(self, job: MessageJob) -> JobResult:
        """Have a job done.

        Raises UnavailableError `messages_busy`, InvalidInputError `message_took_too_long`,
        `message_used_too_much_memory` or what the worker says of the options.
        """
        slot, worker = await self._admitted()
        try:
            return await self._done(slot, worker, job)
        finally:
            self._queue.put_nowait(slot)

    @property
    def _queue(self) -> asyncio.LifoQueue[JobSlot]:
        """Return the free places; made on the loop that uses them."""
        if self._free is None:
            give_back_large_memory()
            self._free = asyncio.LifoQueue()
            for slot in self._slots:
                self._free.put_nowait(slot)
        return self._free

    async def _admitted(self) -> tuple[JobSlot, JobWorker]:
        """Wait for a place with a worker that is ready, for a while. Raises UnavailableError `messages_busy`."""
        if self._waiting >= self.limits.queue or self._stopped:
            raise busy(self.limits)
        self._waiting += 1
        slot: JobSlot | None = None
        try:
            async with asyncio.timeout(self.limits.patience):
                slot = await self._queue.get()
                return slot, await slot.worker()
        except BaseException as error:
            if slot is not None:
                self._queue.put_nowait(slot)
            if isinstance(error, TimeoutError):
                raise busy(self.limits) from error
            if isinstance(error, WorkerGoneError | OSError):
                _log.error("message_worker_not_started", error=repr(error))
                raise busy(self.limits) from error
            raise
        finally:
            self._waiting -= 1

    async def _done(self, slot: JobSlot, worker: JobWorker, job: MessageJob) -> JobResult:
        is_sound = False
        try:
            async with asyncio.timeout(self.limits.seconds):
                head, parts = await worker.do(job)
            is_sound = not head.is_last
        except TimeoutError as error:
            raise took_too_long(self.limits) from error
        except WorkerGoneError as error:
            raise busy(self.limits) if self._stopped else used_too_much() from error
        finally:
            if not is_sound and not self._stopped:
                slot.renew(worker)
        return _result(head, parts)

    async def stop(self) -> None:
        """End every worker, whatever it does; what comes later is refused."""
        self._stopped = True
        await asyncio.gather(*(slot.stop() for slot in self._slots))


def _result(head: ReplyHead, parts: tuple[bytes, ...]) -> JobResult:
    if head.outcome == "done":
        return JobResult(head.media_type, parts, head.notes)
    if head.outcome == "refused":
        notes = head.notes
        code = codes.MESSAGE_NOT_FIT if notes["code"] == codes.MESSAGE_NOT_FIT else codes.INVALID_PARAMETER
        raise InvalidInputError(notes["text"], code=code, field=notes["field"], hint=notes["hint"])
    if head.outcome == "too_large":
        raise used_too_much()
    _log.error("message_job_failed", error=head.notes.get("error", ""))
    raise NpnError("the message could not be read: a fault of the service")
