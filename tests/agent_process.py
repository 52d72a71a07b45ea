"""Runs `npn agent run` as a real process, for tests that kill it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

AGENT = [sys.executable, "-c", "from npn.cli import main; main()", "agent"]


def settings(folder: Path, url: str, key: str, *, more: str = "", stock: str = "min_draw = 1000") -> Path:
    """Write agent.toml; return its path."""
    path = folder / "agent.toml"
    path.write_text(f'url = "{url}"\nkey = "{key}"\n{more}\n[stock]\n{stock}\n')
    return path


class AgentProcess:
    """One run of the daemon."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.log = config.parent / "agent.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*AGENT, "run", "--config", str(config)], stdout=subprocess.PIPE, stderr=log
            )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline().decode()
        assert "ready" in self.line, self.log.read_text()

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        status = self.process.wait(timeout=30)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end(signal.SIGTERM)


def agent(*arguments: str, config: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `npn agent …` to its end."""
    command = [*AGENT, *arguments, "--config", str(config)]
    environment = {**os.environ, **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
