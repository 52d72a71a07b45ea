"""A client of the agent's local interface without any library: what a laboratory system in another language does.

As a program (`python local_client.py SOCKET FILE`) it takes numbers for ever and writes each to FILE.
"""

import json
import socket
import sys
import time
from pathlib import Path


class LocalClient:
    """Keep-alive over one Unix socket; reconnects when the agent went away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket: socket.socket | None = None

    def take(self, count: int = 1) -> list[str]:
        """Take numbers; [] when the agent is away or has too few."""
        try:
            status, body = self.call("POST", "/take", json.dumps({"count": count}).encode())
        except OSError:
            self.close()
            time.sleep(0.01)
            return []
        return list(json.loads(body)["numbers"]) if status == 200 else []

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request and its answer."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(10)
            self._socket.connect(str(self.path))
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        top, _, rest = received.partition(b"\r\n\r\n")
        length = int(top.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(rest) < length:
            rest += self._more()
        return int(top.split(b" ")[1]), rest

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError
        return data

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def main() -> None:
    """Take for ever."""
    client = LocalClient(Path(sys.argv[1]))
    with Path(sys.argv[2]).open("a", buffering=1) as file:
        while True:
            file.writelines(f"{number}\n" for number in client.take(2))


if __name__ == "__main__":
    main()
