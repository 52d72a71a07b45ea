"""The whole once through, on a throw-away database: what `make demo` shows.

Everything is done by the commands a user has; nothing reaches inside. Exit status 0 when all went as told.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any  # what a command prints with --json

NPN = str(Path(sys.executable).with_name("npn"))


class Stage:
    """A folder, a service's address, and the commands run against them."""

    def __init__(self, folder: Path, port: int) -> None:
        """Keep where things are; the environment names them for every command."""
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.environment = {
            **os.environ,
            "NPN_DATABASE": f"sqlite:///{folder / 'npn.db'}",
            "NPN_WITNESS": str(folder / "other-disk" / "npn.witness"),
            "NPN_URL": self.url,
        }

    def run(self, *arguments: str, key: str = "", expect: int = 0) -> str:
        """Run a command, give what it prints; stop where its exit status is another than expected."""
        environment = {**self.environment, **({"NPN_KEY": key} if key else {})}
        done = subprocess.run(
            [NPN, *arguments], env=environment, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode != expect:
            sys.exit(f"npn {' '.join(arguments)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments: str, key: str = "", expect: int = 0) -> Any:  # any JSON document
        """Run a command with --json and read what it prints."""
        return json.loads(self.run(*arguments, "--json", key=key, expect=expect))

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Keep a command running for the block, then stop it gently."""
        log = (self.folder / f"{arguments[0]}.log").open("wb")
        with (
            log,
            subprocess.Popen([NPN, *arguments], env=self.environment, cwd=self.folder, stdout=log, stderr=log) as it,
        ):
            try:
                yield it
            finally:
                it.send_signal(signal.SIGTERM)
                it.wait(20)


def say(step: int, text: str) -> None:
    """Print one step in plain words."""
    print(f"{step:>2}. {text}", flush=True)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for an address to answer."""
    for _ in range(200):
        if process.poll() is not None:
            sys.exit("it did not start; see its log above")
        try:
            with urllib.request.urlopen(ready, timeout=1):  # noqa: S310  # our own address
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"{ready} does not answer")


def mistyped(number: str, stage: Stage) -> str:
    """Swap two neighbours as a hurried hand does, so that the result fails the check."""
    for place in range(len(number) - 2, 0, -1):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        if swapped != number:
            stage.run("check", swapped, expect=1)
            return swapped
    raise AssertionError(number)


def thousands(number: int) -> str:
    """Write a figure as people read it."""
    return f"{number:,}".replace(",", " ")


def play(stage: Stage) -> None:
    """Run the story."""
    stage.run("admin", "init")
    say(1, "A new database and its witness (on another disk, in earnest). Two number spaces: production and test.")
    hospital = stage.json(
        "admin", "system", "add", "Sygehus Vest LIMS", "--vendor", "Labsoft", "--owner", "Region Vest",
        "--environment", "production",
    )  # fmt: skip
    bank = stage.json(
        "admin", "system", "add", "Blodbank Øst", "--vendor", "Hæmatek", "--owner", "Region Øst",
        "--environment", "production",
    )  # fmt: skip
    say(2, f"Two systems are connected, each with a key shown once: {hospital['id']} and {bank['id']}.")
    with stage.running("serve", "--port", str(stage.port)) as service:
        wait_until(f"{stage.url}/readyz", service)
        say(3, f"The service runs on {stage.url}.")
        series = draw(stage, hospital["key"])
        number = hand_out(stage, bank["key"])
        look_up(stage, bank["key"], number)
        release(stage, hospital["key"], series)
    prove(stage)


def draw(stage: Stage, key: str) -> dict[str, Any]:
    """Draw a series, and repeat the request as after a lost reply."""
    series = stage.json("draw", "10000", "--request-id", "demo-1", key=key)
    size, usable = thousands(series["size"]), thousands(series["usable"])
    say(4, f"The hospital draws {size} numbers: {series['first']} to {series['last']}, {usable} of them usable.")
    again = stage.json("draw", "10000", "--request-id", "demo-1", key=key)
    assert (again["first"], again["last"]) == (series["first"], series["last"])  # noqa: S101  # the demo's promise
    say(5, "The reply is lost, it asks again with the same request id, and gets the same series.")
    return dict(series)


def hand_out(stage: Stage, key: str) -> str:
    """Let an agent keep a stock and hand out numbers; give one of them."""
    (stage.folder / "agent.toml").write_text(
        f'url = "{stage.url}"\nkey = "{key}"\ndatabase = "agent.db"\nlisten = "unix:agent.sock"\n'
        "[stock]\nmin_draw = 900\n",
        "utf-8",
    )
    with stage.running("agent", "run", "--config", "agent.toml") as agent:
        for _ in range(200):
            if agent.poll() is not None:
                sys.exit(f"the agent did not start:\n{(stage.folder / 'agent.log').read_text('utf-8')}")
            status = subprocess.run(
                [NPN, "agent", "take", "5", "--config", "agent.toml", "--json"],
                env=stage.environment, cwd=stage.folder, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if status.returncode == 0:
                break
            time.sleep(0.1)
        else:
            sys.exit(f"the agent hands out nothing:\n{status.stderr}")
        taken = json.loads(status.stdout)["numbers"]
    say(6, "At the blood bank an agent draws its first stock by itself and hands out five numbers,")
    print(f"    each checked by modulus 11: {' '.join(taken)}.")
    return str(taken[2])


def look_up(stage: Stage, key: str, number: str) -> None:
    """Mistype a number; the check catches it, and the service says what was meant."""
    wrong = mistyped(number, stage)
    found = stage.json("lookup", wrong, key=key, expect=1)  # the answer is no
    meant = [guess["number"] for guess in found["suggestions"]]
    assert number in meant  # noqa: S101  # the demo's promise
    say(7, f"Somebody types {wrong} for {number}. It fails the check; looked up, the service asks:")
    print(f"    did you mean {', '.join(meant[:3])}?")
    right = stage.json("lookup", number, key=key)
    say(8, f"{number} is {right['state']}, drawn by {right['system']}.")


def release(stage: Stage, key: str, series: dict[str, Any]) -> None:
    """Release the unused tail."""
    start = str(int(series["first"]) + 6000)
    now = stage.json("release", series["id"], "--from", start, key=key)
    say(9, f"The hospital gives back what it will not use, {start} to {series['last']}: the series is {now['state']}.")
    number = stage.run("numbers", start, series["last"], "--nth", "1").strip()
    found = stage.json("lookup", number, key=key)
    say(10, f"{number} is now {found['state']}: kept in quarantine, granted to nobody.")


def prove(stage: Stage) -> None:
    """Export the ledger and verify it with nothing but the file."""
    stage.run("ledger", "export", "ledger.jsonl")
    stage.run("ledger", "verify", "ledger.jsonl")
    lines = (stage.folder / "ledger.jsonl").read_text("utf-8").splitlines()
    say(11, f"The ledger, {len(lines) - 1} entries and a signed checkpoint, verifies from the file alone:")
    print("    no number was given twice.")


def main() -> int:
    """Play it in a temporary folder."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="npn-demo-") as folder:
        play(Stage(Path(folder), free_port()))
    print(f"All done in {time.monotonic() - began:.0f} seconds; the service is stopped and its folder removed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
