"""Sixteen laboratories' programs: each draws without end, asks until it is answered, writes down what it was told.

Run as a program: it reads a plan (JSON) from standard input and stops when its standard input is closed. Every line of
its file is one answer that counts, with the moments (monotonic, the machine's) of the first asking and of the answer.
"""

import http.client
import json
import random
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

GIVE_UP = 300.0


@dataclass
class Out:
    """The file all clients write to."""

    file: TextIO
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, **line: object) -> None:
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
            self.file.flush()


@dataclass
class Client:
    """One program. `urls` are the ways to the service; it changes over after every failure."""

    name: str
    way: str
    urls: list[str]
    key: str
    trust: ssl.SSLContext | None
    out: Out
    stop: threading.Event
    pause: float
    chance: random.Random
    sent: list[tuple[str, str]] = field(default_factory=list)
    connection: http.client.HTTPConnection | None = None
    at: int = 0

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            if self.sent and self.chance.random() < 0.1:
                self.draw(*self.chance.choice(self.sent[-50:]))
            else:
                number += 1
                self.sent.append((f"{self.name}-{number}", json.dumps({"count": self.chance.randint(1, 200)})))
                self.draw(*self.sent[-1])
            time.sleep(self.chance.random() * 2 * self.pause)

    def draw(self, request_id: str, body: str) -> None:
        """Ask until there is an answer that counts."""
        began, codes = time.monotonic(), {}
        while time.monotonic() < began + GIVE_UP:
            status, text = self.ask(request_id, body)
            if status in (200, 201):
                series = json.loads(text)
                told = {name: series[name] for name in ("id", "first", "last", "size", "usable", "drawn_at")}
                moments = {"began": began, "at": time.monotonic()}
                self.out.tell(way=self.way, request_id=request_id, status=status, codes=codes, **moments, **told)
                return
            code = json.loads(text)["code"] if status and text.startswith("{") else str(status)
            codes[code] = codes.get(code, 0) + 1
            if status not in (0, 429, 500, 502, 503, 504):
                self.out.tell(way=self.way, request_id=request_id, failed=status, text=text)
                raise SystemExit(f"{request_id}: {status} {text}")
            time.sleep(0.05 + self.chance.random() * 0.2)
        self.out.tell(way=self.way, request_id=request_id, failed=0, text=f"no answer in {GIVE_UP} s: {codes}")

    def ask(self, request_id: str, body: str) -> tuple[int, str]:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Idempotency-Key": request_id,
            "Content-Type": "application/json",
        }
        try:
            if self.connection is None:
                self.connection = self.connected()
            self.connection.request("POST", "/v1/series", body, headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.change_over()
            return 0, ""
        if answer.status >= 500:
            self.change_over()
        return answer.status, text

    def connected(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.urls[self.at % len(self.urls)])
        assert parts.hostname is not None
        if self.trust is not None:
            return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=30, context=self.trust)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def change_over(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        self.at += 1


def main() -> None:
    plan = json.loads(sys.stdin.readline())
    trust = ssl.create_default_context(cafile=plan["ca"]) if plan["ca"] else None
    stop = threading.Event()
    with Path(plan["out"]).open("a") as file:
        out = Out(file)
        threads = []
        for n in range(plan["clients"]):
            secure = bool(plan["secure"]) and n % 2 == 1
            client = Client(
                f"{plan['name']}-{n}",
                "nginx" if secure else "direct",
                plan["secure"] if secure else plan["urls"],
                plan["keys"][n % len(plan["keys"])],
                trust if secure else None,
                out,
                stop,
                plan["pause"],
                random.Random(n),
                at=n,
            )
            threads.append(threading.Thread(target=client.run))
        for thread in threads:
            thread.start()
        sys.stdin.read()
        stop.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
