"""Real server processes for the scenarios: `npn serve`, started, killed, and waited for."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from npn.config import Settings
from postgres import free_port

NPN = str(Path(sys.executable).with_name("npn"))


@dataclass
class Server:
    """One process on its own port, which it keeps across restarts."""

    settings: Settings
    port: int
    log: Path
    prefix: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait: bool = True) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NPN_")}
        environment |= {"NPN_DATABASE": self.settings.database, "NPN_WITNESS": self.settings.witness}
        if self.settings.secrets_key_file:
            environment["NPN_SECRETS_KEY_FILE"] = self.settings.secrets_key_file
        command = [*self.prefix, NPN, "serve", "--port", str(self.port), "--log-level", "warning"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, start_new_session=True
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if readable else ""
        assert line.startswith("npn serves"), f"the server did not start: {line!r} {self.log.read_text()[-3000:]}"

    def kill(self) -> None:
        """SIGKILL, to the whole group where it was started by another program."""
        if self.process is not None:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        self.process.terminate()
        status = self.process.wait(60)
        self.kill()
        return status

    def get(self, path: str, key: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=30)

    def draw(
        self, key: str, request_id: str, body: dict[str, object] | None = None, seconds: float = 30
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": request_id}
        return httpx.post(f"{self.url}/v1/series", json=body or {"count": 10}, headers=headers, timeout=seconds)

    def wait_for(self, path: str, status: int, seconds: float = 30) -> httpx.Response:
        """Ask until the status is as wanted."""
        until = time.monotonic() + seconds
        while True:
            answer = self.get(path)
            if answer.status_code == status:
                return answer
            assert time.monotonic() < until, f"{path} still answers {answer.status_code}: {answer.text}"
            time.sleep(0.1)


@contextmanager
def serving(
    settings: Settings, folder: Path, *, processes: int = 1, prefix: Sequence[str] = ()
) -> Iterator[list[Server]]:
    """Start so many server processes over one database, and leave none behind."""
    servers = [Server(settings, free_port(), folder / f"server-{n}.log", tuple(prefix)) for n in range(processes)]
    try:
        for server in servers:
            server.start(wait=False)
        for server in servers:
            server.wait_until_ready()
        yield servers
    finally:
        for server in servers:
            server.kill()
