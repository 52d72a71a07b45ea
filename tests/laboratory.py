"""What the agent's tests share: a laboratory with a pool, a mock of the service, a machine that stops anywhere."""

import contextlib
import sqlite3
from pathlib import Path

from npn.agent.mock import MockService
from npn.agent.model import OnClone
from npn.agent.stock.mark import Mark, MarkFile
from npn.agent.stock.pool import Pool
from npn.agent.stock.store import Disk
from npn.agent.upstream.client import ServiceClient
from npn.agent.upstream.refill import Refill, RoundOutcome
from npn.numbers.scheme import NPN10
from npn.replenishment.policy import StockPolicy


class Crash(BaseException):
    """The machine stops here."""


class Fuse:
    """Burns one step at a time; at zero the machine stops. None: never. A disk may be full after so many writes."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.full_after: int | None = None
        self.burnt = 0

    def write(self) -> None:
        """Raises where the disk is full."""
        if self.full_after is not None:
            if self.full_after == 0:
                raise OSError(28, "No space left on device")
            self.full_after -= 1

    def burn(self) -> None:
        self.burnt += 1
        if self.left is None:
            return
        if self.left == 0:
            raise Crash
        self.left -= 1


class FragileConnection(sqlite3.Connection):
    """Stops before or after any statement."""

    fuse: Fuse

    def execute(self, *args: object) -> sqlite3.Cursor:
        self.fuse.burn()
        if str(args[0]) == "COMMIT":
            self._write()
        cursor = super().execute(*args)  # type: ignore[arg-type]  # passed through
        self.fuse.burn()
        return cursor

    def _write(self) -> None:
        try:
            self.fuse.write()
        except OSError as error:
            raise sqlite3.OperationalError("database or disk is full") from error


class FragileMark(MarkFile):
    """Stops before or after the mark is written."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self.fuse = fuse

    def advance(self, mark: Mark) -> None:
        self.fuse.burn()
        try:
            self.fuse.write()
        except OSError as error:
            raise self._error(error) from error
        super().advance(mark)
        self.fuse.burn()


class FragileDisk(Disk):
    """A file layer whose machine stops at a chosen step."""

    def __init__(self) -> None:
        self.fuse = Fuse()

    def connect(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=FragileConnection)
        connection.fuse = self.fuse
        return connection

    def mark(self, path: Path) -> MarkFile:
        return FragileMark(path, self.fuse)


def power_cut(pool: Pool) -> None:
    """End a pool as a kill would: nothing is committed, nothing given back, the lock falls."""
    pool._closed = True
    pool._unusable = "the machine stopped"
    pool._ready.clear()
    connection = pool.store.connection
    with contextlib.suppress(sqlite3.ProgrammingError):  # closed already
        if connection.in_transaction:
            sqlite3.Connection.execute(connection, "ROLLBACK")  # as SQLite finds it after a kill
        connection.close()
    pool._mark.close()
    pool._ownership.release()


class Laboratory:
    """One pool in a folder, refilled from a mock service in process."""

    def __init__(self, folder: Path, service: MockService) -> None:
        self.folder = folder
        self.path = folder / "agent.db"
        self.service = service
        self.disk = FragileDisk()
        self.policy = StockPolicy(min_draw=100)

    def open(self, *, chunk: int = 10, on_clone: OnClone = "new_pool", mark: Path | None = None) -> Pool:
        return Pool.open(self.path, chunk=chunk, on_clone=on_clone, mark=mark, disk=self.disk)

    def refill(self, pool: Pool, policy: StockPolicy | None = None) -> Refill:
        client = ServiceClient("http://127.0.0.1:1", self.service.key, transport=self.service.transport())
        return Refill(pool, client, policy or self.policy)

    def stock(self, pool: Pool, usable: int = 100) -> RoundOutcome:
        """Draw that many usable numbers, as the agent does."""
        refill = self.refill(pool, StockPolicy(min_draw=usable, max_draw=max(usable, 500_000)))
        return refill.round(to_target=True)

    def granted(self, number: str) -> bool:
        """Whether a number is usable and in a series that the service granted."""
        value = int(number)
        return NPN10.is_usable(value) and any(
            int(s.first) <= value <= int(s.last) for s in self.service.registry.series
        )
