"""A real `npn serve` for the tests: started on a free port, waited for, stopped."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from npn.config import Settings

NPN = str(Path(sys.executable).with_name("npn"))


@dataclass(frozen=True)
class Running:
    """A server that takes connections. `log` is what it writes to standard error."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def client(self, key: object = "", **more: object) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0, trust_env=False, **more)  # type: ignore[arg-type]  # passed on

    def memory(self, figure: str = "VmRSS") -> float:
        """Resident megabytes; `VmHWM` for the most there ever were."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{figure}:"))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextmanager
def running(
    settings: Settings,
    folder: Path,
    *options: str,
    toml: Mapping[str, object] | None = None,
    under: Sequence[str] = (),
) -> Iterator[Running]:
    """Start a server on a database that is there; `toml` are further settings. It is stopped at the end.

    `under` is a command that starts another, such as `prlimit --nofile=400`.
    """
    log = folder / "serve.log"
    config = folder / "npn.toml"
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in (toml or {}).items()))
    command = [*under, NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*command, "--config", str(config), *options], stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("npn serves http"), log.read_text("utf-8")
            yield Running(line.split()[2], process, log)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()
