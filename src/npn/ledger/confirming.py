"""The database is told what its witness has confirmed.

Each batch writes the length that the witness had confirmed before it. What the last batch itself made the witness
confirm is written once draws pause, and after half a second at the latest, so that a second witness, or an old copy,
is noticed at the first batch that is checked against it, and servers that draw in turn are told apart too.
"""

import threading
import time
from typing import Final

from npn.db import Database
from npn.ledger import store
from npn.ledger.witness import WitnessState

QUIET_SECONDS: Final = 0.05  # since the last batch; whoever draws on has it written by the next one
LONGEST_SECONDS: Final = 0.5  # that it waits for such a pause, so that servers which draw in turn are told apart too
AGAIN_SECONDS: Final = 5.0  # after a failure


class Confirmer:
    """One process's word to the database. Its thread sleeps while there is nothing to say."""

    def __init__(self, database: Database, one_at_a_time: threading.Lock) -> None:
        """`one_at_a_time` is held by whoever makes a change in this process: it says so itself."""
        self._database = database
        self._one_at_a_time = one_at_a_time
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._waiting: WitnessState | None = None
        self._asleep = False
        self._closed = False
        self._due = self._since = 0.0

    def expect(self, state: WitnessState) -> None:
        """Write, unless a batch does so before, that the witness has confirmed this."""
        with self._changed:
            now = time.monotonic()
            if self._waiting is None:
                self._since = now
            self._waiting, self._due = state, min(now + QUIET_SECONDS, self._since + LONGEST_SECONDS)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="npn-confirm", daemon=True)
                self._thread.start()
            elif self._asleep:
                self._changed.notify()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._write()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._waiting is None and not self._closed:
                    self._asleep = True
                    self._changed.wait()
                self._asleep = False
                while not self._closed and (left := self._due - time.monotonic()) > 0:
                    self._changed.wait(left)
                if self._closed:
                    return
            self._write_in_turn()

    def _write_in_turn(self) -> None:
        """Write unless a batch is under way, which writes it itself."""
        if not self._one_at_a_time.acquire(blocking=False):
            self._put_off(QUIET_SECONDS)
            return
        try:
            self._write()
        finally:
            self._one_at_a_time.release()

    def _write(self) -> None:
        state = self._waiting
        if state is None:
            return
        if not self._database.is_open:  # closed by whoever wants nobody in it: opened again by the next change
            self._put_off(AGAIN_SECONDS)
            return
        try:
            with self._database.write() as connection:
                store.confirm(connection, state.head, witness=state.identity)
        except Exception as error:  # noqa: BLE001  # the thread must outlive it: nobody else writes what the last batch left
            self._database.rounds.failed("confirm_witness", error)
            self._put_off(AGAIN_SECONDS)
            return
        self._database.rounds.succeeded("confirm_witness")
        with self._changed:
            if self._waiting is state:
                self._waiting = None

    def _put_off(self, seconds: float) -> None:
        with self._changed:
            self._due = max(self._due, time.monotonic() + seconds)
