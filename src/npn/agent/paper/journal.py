"""The printing journal's use cases. A change is on the disk before anybody acts on it.

A number is reserved before its file is made, so whatever stops in between leaves it reserved: it may be on paper, and
counts as if it were. Spoiled numbers are withheld: they have left the pool, and nothing prints them again.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from npn.agent.paper.model import PaperJob, PaperOrder, Sheet, SheetState
from npn.agent.paper.store import JournalStore
from npn.errors import ConflictError, InvalidInputError, NotFoundError, codes
from npn.numbers.check import compact
from npn.numbers.quoting import quoted

SUFFIX = ".printed"


def journal_of(pool: Path) -> Path:
    """Return the place of a pool's journal: beside it."""
    return pool.with_name(f"{pool.name}{SUFFIX}")


class Journal:
    """One open journal, for a command."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if absent. Raises JournalWriteError."""
        self._store = JournalStore.open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def reserve(self, order: PaperOrder, numbers: Sequence[str]) -> int:
        """Write down a job before anything is printed, and return its id. Raises ConflictError `number_on_paper`."""
        with self._store.transaction():
            return self._store.add_job(order, numbers)

    def finish(self, job: int, by: str) -> None:
        """Write down that a job's file is complete."""
        with self._store.transaction():
            self._store.finish_job(job, by)

    def jobs(self) -> list[PaperJob]:
        """Return the jobs, the newest first."""
        return self._store.jobs()

    def job(self, job: int) -> PaperJob:
        """Return one job. Raises NotFoundError `not_on_paper`."""
        for one in self._store.jobs():
            if one.id == job:
                return one
        raise _unknown(f"job {job}")

    def sheets(self, job: int) -> list[Sheet]:
        """Return a job's numbers, in the order of its pages. Raises NotFoundError `not_on_paper`."""
        return self._store.sheets(self.job(job).id)

    def place(self, job: int, place: str, by: str) -> None:
        """Write down where a job's paper lies now."""
        self.job(job)
        with self._store.transaction():
            self._store.place(job, place, by)

    def move(self, numbers: Sequence[str], state: SheetState, *, by: str, note: str) -> list[Sheet]:
        """Write down that numbers were used or spoiled: all or none. Returns them as they were.

        Raises NotFoundError `not_on_paper`, ConflictError `paper_is_final` where one was used or spoiled before.
        """
        with self._store.transaction():
            sheets = self._named(numbers)
            for sheet in sheets:
                _check_open(sheet)
                self._store.move(sheet, state, by=by, note=note)
        return sheets

    def spoil_rest(self, job: int, *, by: str, note: str) -> list[Sheet]:
        """Write down that what is left of a job was spoiled. Returns those numbers as they were."""
        self.job(job)
        with self._store.transaction():
            rest = [sheet for sheet in self._store.sheets(job) if sheet.state not in ("used", "spoiled")]
            for sheet in rest:
                self._store.move(sheet, "spoiled", by=by, note=note)
        return rest

    def copy(self, job: int, numbers: Sequence[str], *, by: str, note: str) -> list[Sheet]:
        """Write down that a job's numbers are printed again, before they are; without `numbers`, all but spoiled ones.

        Raises NotFoundError `not_on_paper`, ConflictError `paper_is_final` where one that was named is spoiled.
        """
        self.job(job)
        with self._store.transaction():
            sheets = self._named(numbers) if numbers else self._store.sheets(job)
            for sheet in sheets:
                if sheet.job != job:
                    raise InvalidInputError(f"{sheet.number} is of job {sheet.job}, not of {job}", field="number")
                if numbers and sheet.state == "spoiled":
                    _check_open(sheet)
            copied = [sheet for sheet in sheets if sheet.state != "spoiled"]
            if not copied:
                raise ConflictError(f"all of job {job} is spoiled", code=codes.PAPER_IS_FINAL, field="job")
            for sheet in copied:
                self._store.add_entry(job, "copied", by, number=sheet.number, note=note)
        return copied

    def _named(self, numbers: Sequence[str]) -> list[Sheet]:
        texts = list(dict.fromkeys(map(compact, numbers)))
        sheets = self._store.find(texts)
        for text in texts:
            if text not in sheets:
                raise _unknown(quoted(text))
        return [sheets[text] for text in texts]


def _check_open(sheet: Sheet) -> None:
    if sheet.state in ("used", "spoiled"):
        raise ConflictError(
            f"{sheet.number} was {sheet.state} already, by {sheet.changed_by}",
            code=codes.PAPER_IS_FINAL,
            field="number",
            hint="nothing was changed; `npn agent print list --job ID` shows every number",
        )


def _unknown(what: str) -> NotFoundError:
    return NotFoundError(
        f"{what} is not in the printing journal",
        code=codes.NOT_ON_PAPER,
        hint="`npn agent print list` shows its jobs",
    )
