# ruff: noqa: A005  # always imported as bench.numbers
"""Usable numbers against what the machine can do at most: memory copies, ready bytes, a bare interpreter."""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from npn.numbers import arrays, text
from npn.numbers.scheme import NPN10, NumberScheme

FIRST = 1_000_000_000
LISTED = 20_000_000  # usable numbers: 160 MB, far beyond any cache
TEXT_LAST = FIRST + 220_000_000 - 1  # 20 million lines, 220 MB
ROUNDS = 7
WIDE = NumberScheme("wide", 18, (9, 8, 7, 6, 5, 4, 3, 2, 1) * 2, 97, 5)
NPN = str(Path(sys.executable).with_name("npn"))


def run() -> dict[str, object]:
    """Measure all of it."""
    return {"listing": _listing(), "text": _text(), "nth": _nth(), "start": _start(), "memory": _memory()}


def _medians(tasks: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median seconds of each task; the tasks take turns, so that all see the same weather."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds + 1):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            taken[name].append(time.perf_counter() - started)
    return {name: median(seconds[1:]) for name, seconds in taken.items()}  # the first round warms up


def _listing() -> dict[str, object]:
    """List into a warm array of int64, against numpy.copyto of as many."""
    last = NPN10.nth(FIRST, LISTED)
    assert last is not None
    out, ready = np.zeros(LISTED, np.int64), np.arange(LISTED, dtype=np.int64)
    pure_last = NPN10.nth(FIRST, LISTED // 10)
    assert pure_last is not None
    seconds = _medians(
        {
            "copyto": lambda: np.copyto(out, ready),
            "numpy": lambda: arrays.usable_array(NPN10, FIRST, last, out=out),
            "pure": lambda: deque(NPN10.usable(FIRST, pure_last), maxlen=0),
        }
    )
    return {
        "numbers": LISTED,
        "copyto_million_per_s": round(LISTED / seconds["copyto"] / 1e6),
        "numpy_million_per_s": round(LISTED / seconds["numpy"] / 1e6),
        "pure_million_per_s": round(LISTED / 10 / seconds["pure"] / 1e6, 1),
        "numpy_to_copyto": round(seconds["copyto"] / seconds["numpy"], 2),
    }


def _text() -> dict[str, object]:
    """Write numbers as text into a pipe that another process empties, against writing as many ready bytes."""
    ready = list(text.blocks(NPN10, FIRST, TEXT_LAST))
    size = sum(map(len, ready))
    seconds = _medians(
        {
            "ready": lambda: _piped(ready),
            "pure": lambda: _piped(text.blocks(NPN10, FIRST, TEXT_LAST)),
            "numpy": lambda: _piped(arrays.blocks(NPN10, FIRST, TEXT_LAST)),
        }
    )
    return {
        "bytes": size,
        **{f"{name}_mb_per_s": round(size / taken / 1e6) for name, taken in seconds.items()},
        "pure_to_ready": round(seconds["ready"] / seconds["pure"], 2),
        "numpy_to_ready": round(seconds["ready"] / seconds["numpy"], 2),
    }


def _piped(blocks: Iterable[bytes]) -> None:
    """Write the blocks into a pipe, until the reader has them all."""
    code = "import os\nwhile os.read(0, 1 << 20): pass"
    with subprocess.Popen([sys.executable, "-ISc", code], stdin=subprocess.PIPE, bufsize=0) as reader:
        assert reader.stdin is not None
        out = reader.stdin.fileno()
        for block in blocks:
            left = memoryview(block)
            while left:
                left = left[os.write(out, left) :]


def _nth() -> dict[str, object]:
    """Find the n-th usable number, wherever it lies."""
    places = {
        "npn10 from 0000000000, n = 1": (NPN10, 0, 1),
        "npn10 from 1000000000, n = 900": (NPN10, 1_000_000_000, 900),
        "npn10 from 1000000000, n = 700000000": (NPN10, 1_000_000_000, 700_000_000),
        "npn10 from 8999999000, n = 50": (NPN10, 8_999_999_000, 50),
        "npn10 from 9999999990, past the highest": (NPN10, 9_999_999_990, 50),
        "18 digits, modulus 97, n = 10^15": (WIDE, 123_456_789_012_345_678, 10**15),
    }
    calls = 20_000
    micros = {}
    for name, (scheme, start, n) in places.items():
        seconds = _medians({"nth": partial(_repeat, calls, partial(scheme.nth, start, n))}, 5)
        micros[name] = round(seconds["nth"] / calls * 1e6, 2)
    return {"microseconds": micros, "slowest": max(micros.values())}


def _repeat(times: int, call: Callable[[], object]) -> None:
    """Make the call again and again."""
    for _ in range(times):
        call()


def _start() -> dict[str, object]:
    """Start the command line, against a bare interpreter."""
    seconds = _medians(
        {
            "bare": lambda: _quietly(sys.executable, "-c", "pass"),
            "help": lambda: _quietly(NPN, "--help"),
            "check": lambda: _quietly(NPN, "check", "1000000015"),
        },
        21,
    )
    return {
        **{f"{name}_ms": round(taken * 1e3, 1) for name, taken in seconds.items()},
        "help_to_bare": round(seconds["help"] / seconds["bare"], 1),
        "check_to_bare": round(seconds["check"] / seconds["bare"], 1),
    }


def _quietly(*command: str) -> None:
    """Run a command to its end; what it prints goes nowhere."""
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _memory() -> dict[str, object]:
    """Peak memory of `npn numbers` over a short and over a long range (MB)."""
    return {
        f"peak_mb_listing_{span}_numbers": _peak_mb("numbers", str(FIRST), str(FIRST + span - 1))
        for span in (100_000_000, 1_000_000_000)
    }


def _peak_mb(*arguments: str) -> float:
    """Run the command to its end and give the most memory it held.

    A small process starts it: the peak of a new process begins with the size of the one it was forked from.
    """
    code = (
        "import resource, subprocess, sys; "
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, NPN, *arguments], capture_output=True, check=True)
    return round(int(done.stdout) / 1024, 1)
