"""The ledger proved from the page: exported and verified in its own process, so that no draw waits for it."""

import asyncio
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, cast

from npn.config import Settings
from npn.db import Database
from npn.errors import NpnError
from npn.ledger.export import export
from npn.ledger.secrets import open_key
from npn.ledger.service import now
from npn.ledger.witness import open_witness
from npn.proof.verify import NotProvedError, lines_of, verify


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of it. `line` and `reason` where it does not verify; 0 and the reason where it could not be tried."""

    holds: bool
    entries: int
    series: int
    numbers: int
    again: int
    head: str
    line: int
    reason: str
    ended_at: datetime


def prove(settings: Settings) -> Proof:
    """Export the ledger to a file that is gone afterwards, and prove it as anybody could."""
    opened = Database(settings.database)
    witness = open_witness(settings.witness, database_path=opened.path)  # beside which the key of the secrets may lie
    try:
        open_key(settings, opened, witness)
        with tempfile.TemporaryFile() as file:
            export(opened, file.write)
            file.seek(0)
            outcome = verify(lines_of(cast("BinaryIO", file)))
    except NotProvedError as error:
        return Proof(False, 0, 0, 0, 0, "", error.line, error.reason, now())  # noqa: FBT003  # the value's members
    except NpnError as error:
        return Proof(False, 0, 0, 0, 0, "", 0, error.message, now())  # noqa: FBT003  # the same
    finally:
        opened.close()
        witness.close()
    totals = outcome.totals
    return Proof(True, outcome.entries, totals.series, totals.granted, totals.again, outcome.head, 0, "", now())  # noqa: FBT003  # the same


@dataclass(slots=True)
class Verifier:
    """One proof at a time. Used on the event loop's thread only."""

    settings: Settings
    running: bool = False
    latest: Proof | None = None
    _task: "asyncio.Task[None] | None" = None

    def begin(self) -> None:
        """Begin a proof unless one is under way."""
        if not self.running:
            self.running = True
            self._task = asyncio.get_running_loop().create_task(self._prove())

    async def _prove(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        try:
            with ProcessPoolExecutor(1, mp_context=context) as pool:
                self.latest = await asyncio.get_running_loop().run_in_executor(pool, prove, self.settings)
        finally:
            self.running = False
