"""Bytes over a connection, plain or TLS, and what comes back: answers parsed one by one."""

import json
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from house import House
from running import Running


@dataclass(frozen=True)
class Reply:
    """One answer. Names of headers are small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


class Talk:
    """A connection to a server; `ca` where it speaks TLS."""

    def __init__(self, server: Running, ca: Path | None = None) -> None:
        made = socket.create_connection(server.address, timeout=20)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca is not None:
            context = ssl.create_default_context(cafile=str(ca))
            made = context.wrap_socket(made, server_hostname="127.0.0.1")
        self.socket = made
        self.received = b""

    def send(self, *pieces: bytes | str) -> "Talk":
        for piece in pieces:
            self.socket.sendall(piece.encode() if isinstance(piece, str) else piece)
        return self

    def reply(self, *, head: bool = False) -> Reply:
        """Read one answer; `head`: it answers HEAD, so that no content follows."""
        while b"\r\n\r\n" not in self.received:
            assert self._more(), f"the connection ended after {self.received!r}"
        first, _, self.received = self.received.partition(b"\r\n\r\n")
        lines = first.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        length = 0 if head else int(headers.get("content-length", "0"))
        while len(self.received) < length:
            assert self._more(), "the content ended early"
        body, self.received = self.received[:length], self.received[length:]
        return Reply(int(lines[0].split()[1]), headers, body)

    def ended(self) -> bool:
        """Whether the server ends the connection, with nothing more to say."""
        return not self.received and not self._more()

    def _more(self) -> bool:
        try:
            block = self.socket.recv(65_536)
        except (ConnectionResetError, ssl.SSLEOFError):
            return False
        self.received += block
        return bool(block)


@dataclass(frozen=True)
class Counter:
    """A house, and how to talk to it."""

    house: House
    ca: Path | None
    talks: list[Talk] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.house.keys["labka"]

    def talk(self) -> Talk:
        """Connect; `close` ends all that were made."""
        self.talks.append(Talk(self.house.server, self.ca))
        return self.talks[-1]

    def close(self) -> None:
        while self.talks:
            self.talks.pop().socket.close()
