"""Lists as MedCom publishes them, made up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from npn.standards.importing import ListImport
from npn.standards.listing import read_list
from npn.systems.register import COLUMNS
from npn.wiring.service import Service

FIRST = date(2026, 1, 1)
LAB, GP, SPECIALIST = "Laboratoriesystemer", "Lægesystemer", "Speciallægesystemer"
Cell = tuple[str, str, str]  # version, channel, status
SENDS_OLD, SENDS_NEW = ("RPT02 (R0231M)", "Sende", "Godkendt"), ("XRPT05 (XR0532M)", "Sende", "Godkendt")
TAKES_OLD, TAKES_NEW = ("RPT02 (R0231M)", "Modtage", "Godkendt"), ("XRPT05 (XR0532M)", "Modtage", "Godkendt")
NAMES = {"RPT02": "Mikrobiologisvar", "XRPT05": "MicrobiologyWebReport", "REQ01": "Laboratorierekvisition"}


@dataclass(frozen=True)
class Listed:
    """A system of a list."""

    name: str
    vendor: str
    kind: str = LAB
    cells: Sequence[Cell] = field(default=(SENDS_OLD, SENDS_NEW))

    def but(self, **changes: object) -> "Listed":
        return replace(self, **changes)  # type: ignore[arg-type]  # passed on as they are


def csv_of(systems: Iterable[Listed]) -> str:
    lines = [
        f"{one.name},{one.vendor},{one.kind},{NAMES[version.split()[0]]},{version},{channel},{status}"
        for one in systems
        for version, channel, status in one.cells
    ]
    return "\n".join([",".join(COLUMNS), *lines]) + "\n"


def take(service: Service, systems: Iterable[Listed], *, days: int = 0, **how: object) -> ListImport:
    """Import a list, so many days after the first."""
    return service.standards.import_list(
        read_list(csv_of(systems)),
        by="admin:t",
        as_of=FIRST + timedelta(days),
        **how,  # type: ignore[arg-type]
    )


def misread(text: str) -> str:
    """Write a text in UTF-8 and read it as Windows-1252."""
    return text.encode().decode("cp1252")
