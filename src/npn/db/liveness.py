"""A server that died without saying so: frozen, or cut off; its connections would be waited on for ever.

PostgreSQL's own timeouts run inside the server and stop with it; TCP's find a machine that is gone, but not one whose
kernel still answers for a frozen process. So whoever waits longer than a few seconds has the server asked whether it
is there at all: a new connection and the eight bytes that ask for TLS, which a living PostgreSQL answers with one byte
before it wants to know who is calling. Only where that answer stays away is the connection cut; a server that is slow,
or rightly waits for its standby, is waited for.
"""

from __future__ import annotations  # types of a client that may not be installed

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeGuard
from weakref import WeakKeyDictionary

from npn.chores import Rounds

if TYPE_CHECKING:
    import psycopg

PATIENCE = 3.0  # seconds that a transaction may take before the server is asked whether it is there
ANSWER = 3.0  # seconds that it has to answer
_warnings: WeakKeyDictionary[psycopg.Connection[object], list[str]] = WeakKeyDictionary()
_TLS_WANTED = struct.pack("!ii", 8, 80877103)  # PostgreSQL's SSLRequest


def _is_psycopgs(connection: object) -> TypeGuard[psycopg.Connection[object]]:
    """Return whether it is a connection of psycopg. A service on SQLite alone never loads psycopg."""
    loaded = sys.modules.get("psycopg")
    return loaded is not None and isinstance(connection, loaded.Connection)


class UnconfirmedError(Exception):
    """A commit that was answered with a warning."""


@dataclass(slots=True)
class _Wait:
    connection: psycopg.Connection[object]
    ask_at: float


class Watch:
    """Cuts the connections of servers that are not there any more. Its thread runs while somebody waits."""

    def __init__(self, *, patience: float = PATIENCE, answer: float = ANSWER, rounds: Rounds | None = None) -> None:
        """`patience`: seconds before the server is asked; `answer`: seconds it has; `rounds`: how each look went."""
        self._rounds = Rounds() if rounds is None else rounds
        self._patience = patience
        self._answer = answer
        self._waits: dict[int, _Wait] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, connection: object) -> Iterator[None]:
        """Watch over what the block does with a connection; anything but psycopg's is left alone."""
        if not _is_psycopgs(connection):
            yield
            return
        wait = _Wait(connection, time.monotonic() + self._patience)
        with self._changed:
            self._waits[id(wait)] = wait
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="npn-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._changed:
                del self._waits[id(wait)]

    def _run(self) -> None:
        """Look after whoever waits; end once nobody has waited for a while."""
        while True:
            time.sleep(self._patience / 3)
            with self._changed:
                if not self._waits:
                    self._thread = None
                    return
                now = time.monotonic()
                due = [wait for wait in self._waits.values() if wait.ask_at <= now]
            for wait in due:
                self._rounds.attempt("watch_connections", partial(self._look_after, wait))

    def _look_after(self, wait: _Wait) -> None:
        wait.ask_at = time.monotonic() + self._patience  # asked again, even where this fails
        alive = is_there(wait.connection, seconds=self._answer)
        with self._changed:
            wait.ask_at = time.monotonic() + self._patience
            if not alive and id(wait) in self._waits:
                _cut(wait.connection)


def hear(connection: object) -> None:
    """Have a new connection remember the warnings that PostgreSQL sends with its answers."""
    if _is_psycopgs(connection):
        warnings = _warnings[connection] = []
        connection.add_notice_handler(lambda notice: _note(warnings, notice))


def _note(warnings: list[str], notice: psycopg.errors.Diagnostic) -> None:
    if notice.severity_nonlocalized == "WARNING":
        warnings.append(notice.message_primary or "")


@contextmanager
def confirmed(connection: object) -> Iterator[None]:
    """Commit in the block. Raises UnconfirmedError where PostgreSQL says done and warns that it is not.

    A wait for the synchronous standby that an administrator cancels ends so: committed here, on this one machine.
    """
    warnings = _warnings.get(connection, []) if _is_psycopgs(connection) else []
    warnings.clear()
    yield
    if warnings:
        raise UnconfirmedError(warnings[0])


def is_there(connection: psycopg.Connection[object], *, seconds: float) -> bool:
    """Whether the server of a connection still answers newcomers."""
    try:
        host, port = connection.info.hostaddr or connection.info.host, connection.info.port
        if host.startswith("/"):
            return True  # a socket file: the same machine, which would have said so
        with socket.create_connection((host, port), timeout=seconds) as newcomer:
            newcomer.settimeout(seconds)
            newcomer.sendall(_TLS_WANTED)
            return newcomer.recv(1) in (b"S", b"N")
    except (OSError, connection.Error):
        return False


def _cut(connection: psycopg.Connection[object]) -> None:
    """End the wait: whoever reads from the connection is told that the server closed it."""
    with suppress(OSError, connection.Error), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)
