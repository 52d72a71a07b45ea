"""The machine a figure was measured on, without anything that says whose it is."""

import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path


def describe() -> dict[str, object]:
    """Return the processor, cores, memory (GiB), load, versions and the date."""
    return {
        "cpu": _found("/proc/cpuinfo", r"model name\s*: (.+)") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(int(_found("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) / 2**20, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "date": datetime.now(UTC).date().isoformat(),
    }


def _found(path: str, pattern: str) -> str:
    """Return what the pattern finds in a file of the system, or nothing where there is no such file."""
    try:
        match = re.search(pattern, Path(path).read_text("utf-8"))
    except OSError:
        return ""
    return match[1].strip() if match else ""
