"""The table of docs/high-availability.md, written by the run that measured it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from failures import FAULTS, Fault
from proof import Pause

PAGE = Path(__file__).parent.parent.parent / "docs" / "high-availability.md"
BEGIN, END = "<!-- failovers measured -->", "<!-- end of failovers measured -->"


@dataclass
class Measured:
    """What one kind of fault did, each time."""

    pauses: list[Pause] = field(default_factory=list)
    acknowledged: int = 0
    skipped: str = ""


_measured: dict[str, Measured] = {}


def add(fault: Fault, pause: Pause, acknowledged: int) -> None:
    """Note one time; `acknowledged` counts all draws proved so far with this kind of fault."""
    kept = _measured.setdefault(fault.name, Measured())
    kept.pauses.append(pause)
    kept.acknowledged = acknowledged
    _write()


def skipped(fault: Fault, reason: str) -> None:
    """Note why it could not be done here."""
    _measured[fault.name] = Measured(skipped=reason)
    _write()


def table() -> str:
    """Return the table, a row for each kind of fault that was done."""
    rows = [
        "| fault | times | longest pause, direct | through nginx, TLS | longest draw | told meanwhile | draws proved |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_row(fault, _measured[fault.name]) for fault in FAULTS if fault.name in _measured),
    ]
    lost = sum(kept.acknowledged for kept in _measured.values())
    count = sum(len(kept.pauses) for kept in _measured.values())
    summary = (
        f"{count} faults, {lost:,} acknowledged draws: none lost, none given twice, every ledger verified. One machine"
        f" with {os.cpu_count()} cores carried all of it: nodes, etcd, servers, nginx and clients."
    )
    return "\n".join([summary, "", *rows])


def _row(fault: Fault, kept: Measured) -> str:
    if kept.skipped:
        return f"| {fault.title} | skipped: {kept.skipped} | | | | | |"
    codes: dict[str, int] = {}
    for pause in kept.pauses:
        for code, count in pause.codes.items():
            codes[code] = codes.get(code, 0) + count
    told = ", ".join(f"{'no answer' if code == '0' else f'`{code}`'} {n}" for code, n in sorted(codes.items()))
    return (
        f"| {fault.title} | {len(kept.pauses)} | {_seconds([p.direct for p in kept.pauses])} |"
        f" {_seconds([p.nginx for p in kept.pauses])} | {max(p.longest_draw for p in kept.pauses):.1f} s |"
        f" {told or 'nothing'} | {kept.acknowledged:,} |"
    )


def _seconds(figures: Sequence[float]) -> str:
    return f"{max(figures):.1f} s ({min(figures):.1f} to {max(figures):.1f})"


def _write() -> None:
    """After each fault, so that a run that is broken off leaves what it found."""
    if os.environ.get("NPN_HA_WRITE") != "1":
        return
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}", "utf-8")
