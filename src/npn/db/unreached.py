"""Why no connection to PostgreSQL is made: libpq has only words for it, in the server's language.

So it is asked again once, and what the server answers is read off the wire: an error's SQLSTATE is there, long before
anybody is let in. The host's name and port are tried by the operating system, which has codes.
"""

import os
import re
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from npn.db import errors

if TYPE_CHECKING:
    from psycopg import pq
    from psycopg.pq.abc import PGconn

_PATIENCE = 3.0  # seconds a host
_KEPT = 5.0  # seconds that an answer holds
_SQLSTATE = re.compile(rb'^B\t\d+\tErrorResponse\t.* C "([0-9A-Z]{5})"', re.MULTILINE)


class UnreachedHosts:
    """What stands between this program and its PostgreSQL, asked seldom: in an outage everybody wants to know."""

    def __init__(self, url: sa.URL, arguments: Mapping[str, object]) -> None:
        """`url` and `arguments` as the driver gets them."""
        self._url = url
        self._arguments = arguments
        self._asking = threading.Lock()
        self._known: errors.Cause | None = None
        self._until = 0.0

    def reason(self) -> errors.Cause | None:
        """Return what it is; None where nothing stands in the way (any more), or nobody can tell."""
        if not self._asking.acquire(blocking=False):
            return self._known
        try:
            if time.monotonic() >= self._until:
                self._known = self._ask()
                self._until = time.monotonic() + _KEPT
            return self._known
        finally:
            self._asking.release()

    def _ask(self) -> errors.Cause | None:
        kinds = [_of_host(conninfo) for conninfo in self._conninfos()]
        # A host that answers knows more than one that doesn't.
        order = (errors.REFUSED, errors.HOST_UNKNOWN)
        answers = [kind for kind in kinds if kind is not None and kind not in order]
        return None if None in kinds else next(iter([*answers, *(kind for kind in order if kind in kinds)]), None)

    def _conninfos(self) -> Iterator[dict[str, str]]:
        """Write one address for each host."""
        options = {
            "host": self._url.host or "",
            "port": str(self._url.port or ""),
            "user": self._url.username or "",
            "password": str(self._url.password or ""),
            "dbname": self._url.database or "",
            **{name: str(value) for name, value in self._url.query.items() if isinstance(value, str)},
            **{name: str(value) for name, value in self._arguments.items()},
        }
        options.pop("target_session_attrs", None)
        hosts = options["host"].split(",")
        ports = options["port"].split(",")
        for number, host in enumerate(hosts):
            port = ports[min(number, len(ports) - 1)]
            yield {name: value for name, value in {**options, "host": host, "port": port}.items() if value}


def _of_host(told: Mapping[str, str]) -> errors.Cause | None:
    from psycopg import conninfo, pq  # noqa: PLC0415  # a service on SQLite alone has none

    host, port = told.get("host", ""), int(told.get("port", "5432"))
    if host and not host.startswith("/"):
        kind = _knock(host, port)
        if kind is not None:
            return kind
    connecting = pq.PGconn.connect_start(conninfo.make_conninfo(**told).encode())
    memory = os.memfd_create("npn-connecting", os.MFD_CLOEXEC)  # it holds what proves a password: memory only
    try:
        connecting.trace(memory)
        connecting.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        status = _polled(connecting)
        connecting.untrace()
        os.lseek(memory, 0, os.SEEK_SET)
        states = _SQLSTATE.findall(os.read(memory, 1 << 16))
    finally:
        os.close(memory)
        needs_password = connecting.needs_password
        connecting.finish()
    if status == pq.PollingStatus.OK:
        return None
    if states:
        return errors.by_sqlstate(states[-1].decode()) or errors.AWAY
    return errors.LOGIN_REFUSED if needs_password else errors.AWAY


def _knock(host: str, port: int) -> errors.Cause | None:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except socket.gaierror as error:
        return errors.HOST_UNKNOWN if error.errno == socket.EAI_NONAME else errors.AWAY
    except ConnectionRefusedError:
        return errors.REFUSED
    except OSError:
        return errors.AWAY
    return None


def _polled(asked: "PGconn") -> "pq.PollingStatus":
    from psycopg import pq  # noqa: PLC0415  # the same

    until = time.monotonic() + _PATIENCE
    while True:
        status = pq.PollingStatus(asked.connect_poll())
        if status in (pq.PollingStatus.OK, pq.PollingStatus.FAILED):
            return status
        reads, writes = ([asked.socket], []) if status == pq.PollingStatus.READING else ([], [asked.socket])
        left = until - time.monotonic()
        if left <= 0 or not any(select.select(reads, writes, [], left)):
            return pq.PollingStatus.FAILED
