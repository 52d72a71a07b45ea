"""A client process: draws at random, repeats, hangs up in mid-request, retries; writes down what it was told.

Run as a program: it reads a plan (JSON) from standard input and appends one line per acknowledged draw to its
file before it goes on, as a laboratory would.
"""

import faulthandler
import http.client
import json
import random
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

RETRY_FOR = 90.0


@dataclass
class Client:
    """One system's program. `sent` holds every request id with its body."""

    ports: list[int]
    key: str
    chance: random.Random
    out: TextIO
    sent: list[tuple[str, str]]
    until: float
    connection: http.client.HTTPConnection | None = None
    retries: int = 0
    aborted: int = 0

    def headers(self, request_id: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.key}",
            "Idempotency-Key": request_id,
            "Content-Type": "application/json",
        }

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def connected(self) -> http.client.HTTPConnection:
        if self.connection is None or self.chance.random() < 0.05:
            self.hang_up()
            self.connection = http.client.HTTPConnection("127.0.0.1", self.chance.choice(self.ports), timeout=20)
        return self.connection

    def ask(self, request_id: str, body: str, *, abort: bool) -> tuple[int, str]:
        connection = self.connected()
        connection.request("POST", "/v1/series", body, self.headers(request_id))
        if abort:
            time.sleep(self.chance.random() * 0.01)
            self.hang_up()
            self.aborted += 1
            return 0, ""
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def draw(self, request_id: str, body: str) -> None:
        """Ask until there is an answer that counts; give up when the servers stay away."""
        give_up = time.monotonic() + RETRY_FOR
        while time.monotonic() < give_up:
            abort = time.monotonic() < self.until and self.chance.random() < 0.04
            try:
                status, text = self.ask(request_id, body, abort=abort)
            except (OSError, http.client.HTTPException):
                self.hang_up()
                status, text = 0, ""
            if status in (200, 201):
                series = json.loads(text)
                told = {name: series[name] for name in ("id", "first", "last", "size", "usable", "drawn_at")}
                self.out.write(json.dumps({"request_id": request_id, "key": self.key, "status": status, **told}) + "\n")
                self.out.flush()
                return
            if status not in (0, 429, 503):
                raise SystemExit(f"{request_id}: {status} {text}")
            self.retries += 1
            time.sleep(0.02 + self.chance.random() * 0.1)
        raise SystemExit(f"{request_id}: no answer in {RETRY_FOR} s")

    def run(self, name: str, most: int) -> None:
        number = 0
        while time.monotonic() < self.until and number < most:
            if self.sent and self.chance.random() < 0.15:
                self.draw(*self.chance.choice(self.sent))
                continue
            number += 1
            size = {"usable": self.chance.randint(1, 50)} if self.chance.random() < 0.3 else {}
            body = json.dumps(size or {"count": self.chance.randint(1, 500)})
            self.sent.append((f"{name}-{number}", body))
            self.draw(*self.sent[-1])
        self.hang_up()


def main() -> None:
    faulthandler.enable()  # a crash of the interpreter says where
    plan = json.load(sys.stdin)
    socket.setdefaulttimeout(20)
    with Path(plan["out"]).open("a") as out:
        until = time.monotonic() + plan["seconds"]
        client = Client(plan["ports"], plan["key"], random.Random(plan["seed"]), out, [], until)
        client.run(plan["name"], plan["most"])
    print(json.dumps({"retries": client.retries, "aborted": client.aborted, "draws": len(client.sent)}))  # noqa: T201  # its report


if __name__ == "__main__":
    main()
