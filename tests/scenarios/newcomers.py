"""What a newcomer has: a fresh clone, installed as the documents say, and a service of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Clone:
    """A clone and its own environment; `database` is the newcomer's."""

    folder: Path
    database: str

    def npn(
        self, *arguments: object, stdin: str = "", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the clone's `npn`; a traceback or a call to report a fault is nothing a newcomer may see."""
        done = subprocess.run(
            [str(self.program), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=self.environment(more),
            cwd=self.folder.parent,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert "please report it" not in done.stderr, done.stderr
        return done

    @property
    def program(self) -> Path:
        return self.folder.parent / "venv" / "bin" / "npn"

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NPN_")}
        return {**kept, "NPN_DATABASE": self.database, **(more or {})}

    def system(self, name: str) -> tuple[str, str]:
        """A production system: its id and its key, as `npn admin system add` prints them."""
        made = ("--vendor", "V", "--owner", "O", "--environment", "production")
        done = self.npn("admin", "system", "add", name, *made)
        assert done.returncode == 0, done.stderr
        system, key = done.stdout.split()
        return system, key

    @contextmanager
    def serving(self, port: int = 0, more: Mapping[str, str] | None = None) -> Iterator[str]:
        """`npn serve`; gives the address."""
        log = self.folder.parent / "serve.log"
        command = [str(self.program), "serve", "--port", str(port)]
        with (
            log.open("a") as errors,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=self.environment(more),
                cwd=self.folder.parent,
            ) as process,
        ):
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line.startswith("npn serves http"), log.read_text("utf-8")
                yield line.split()[2]
            finally:
                process.terminate()


def cloned(folder: Path, extras: str = "server,receipts") -> Clone:
    """Clone what is committed, and install it into its own environment."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone, so that nothing can be cloned from it")
    clone = folder / "npn"
    for command in (
        ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)],
        [sys.executable, "-m", "venv", str(folder / "venv")],
        [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", f"{clone}[{extras}]"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stderr
    return Clone(clone, f"sqlite:///{folder / 'npn.db'}")


def one(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """The one document that a command printed with --json."""
    document: dict[str, object] = json.loads(done.stdout)
    return document
