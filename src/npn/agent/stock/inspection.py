"""What is in a pool, read off its open file or off a copy of it; looking changes nothing.

`npn agent status` must not take the lock that a starting agent needs, must leave no file of another user behind, and
must not decide what becomes of a pool that came without its mark. So where no agent runs it looks at a copy.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Literal

from npn.agent.errors import PoolRefusedError, PoolWriteError
from npn.agent.model import PoolStatus
from npn.agent.stock.logbook import Logbook
from npn.agent.stock.mark import Mark, MarkFile
from npn.agent.stock.store import PoolStore
from npn.errors import NotFoundError, codes

Doubt = Literal["mark_missing", "pool_restored"]
_ATTEMPTS = 3  # a file that is being written while it is copied may come out torn


def doubt(store: PoolStore, mark: Mark | None) -> Doubt | None:
    """Why the file must not be used as it is, by its mark: copied, restored or replaced; None where it may."""
    if not store.in_use():
        return None
    if mark is None:
        return "mark_missing"
    if mark.pool_id not in store.known_ids() or mark.generation > store.identity().generation:
        return "pool_restored"
    return None


def status_of(store: PoolStore, log: Logbook, *, ready: int = 0, unnoted: int = 0) -> PoolStatus:
    """Put together what is in the pool; `ready` numbers are in memory, `unnoted` hand-outs not written down yet."""
    identity, series = store.identity(), store.series()
    handed_out, returned, lost = log.totals()
    return PoolStatus(
        pool_id=identity.pool_id,
        free=ready + sum(s.free for s in series if s.state == "open"),
        arrived=sum(s.free for s in series if s.state == "arrived"),
        withheld=sum(1 for s in series if s.state == "withheld"),
        handed_out=handed_out + unnoted,
        returned=returned,
        lost=lost,
        series=series,
        gaps=log.gaps(),
        flags=log.flags(),
        alarm=log.fact("alarm"),
        stopped=identity.stopped,
        generation=identity.generation,
        verified=log.verified(),
    )


def use_of(log: Logbook, *, today: date, unnoted: int = 0) -> dict[date, int]:
    """Hand-outs a day, with those of today that are not written down yet."""
    use = {day.day: day.taken for day in log.use()}
    return use if not unnoted else {**use, today: use.get(today, 0) + unnoted}


@contextmanager
def copied(path: Path) -> Iterator[PoolStore]:
    """Open a copy of a pool file that nobody need own.

    Raises NotFoundError, PoolRefusedError where the file is damaged, PoolWriteError where it can't be read.
    """
    with tempfile.TemporaryDirectory(prefix="npn-agent-") as folder:
        store = _copied(Path(os.path.realpath(path)), Path(folder) / "agent.db")
        try:
            yield store
        finally:
            store.close()


def _copied(path: Path, copy: Path) -> PoolStore:
    for attempt in range(_ATTEMPTS):
        try:
            for suffix in ("-wal", ""):  # what is moved from the one into the other meanwhile is then in both
                _copy(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
        except FileNotFoundError as error:
            hint = "`npn agent run` or `npn agent refill` makes it"
            raise NotFoundError(f"there is no pool at {path} yet", hint=hint) from error
        except OSError as error:
            hint = "run it as the agent's user, or as root"
            raise PoolWriteError(f"can't read {path}: {error.strerror}", hint=hint) from error
        try:
            return PoolStore.open(copy)
        except PoolRefusedError as error:
            if error.code != codes.POOL_DAMAGED or attempt == _ATTEMPTS - 1:
                raise PoolRefusedError(
                    error.message.replace(str(copy), str(path)), code=error.code, hint=error.hint
                ) from error
    raise AssertionError("the last attempt returns or raises")


def _copy(path: Path, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    if path.exists() or not path.name.endswith("-wal"):
        shutil.copyfile(path, copy)


def mark_of(path: Path, mark: Path | None, make: Callable[[Path], MarkFile] = MarkFile) -> MarkFile:
    """Find the mark of a pool file: beside it unless it is said to lie elsewhere."""
    real = Path(os.path.realpath(path))
    return make(mark or real.with_name(real.name + ".mark"))
