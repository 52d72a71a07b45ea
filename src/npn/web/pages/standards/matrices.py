"""The standards, and the matrix of each: which systems send and receive it, with what says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from npn import wire
from npn.errors import InvalidInputError, codes, details
from npn.http.answers import Answer
from npn.instants import day_or_none
from npn.standards.matrix import MatrixWish
from npn.standards.questions import CapabilityDifference, differences
from npn.standards.service import Standards
from npn.web.pages.standards import words
from npn.web.routes import get
from npn.web.rules import public
from npn.web.visit import Visit


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """A version in one direction."""

    version: str
    direction: str

    @property
    def place(self) -> tuple[list[int], bool]:
        """Return what columns are ordered by: the newest version first, sending before receiving."""
        return [-ord(letter) for letter in self.version], self.direction != "send"


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """A system, or an installation of it, and what it can take: a cell for each column, None where nothing is known."""

    system: str
    vendor: str
    system_type: str
    owner: str | None
    region: str | None
    cells: Sequence[wire.CapabilityRow | None]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """A matrix as it is shown. `regions`: those that may be chosen."""

    standard: wire.Standard
    at: date
    list_as_of: date | None
    columns: Sequence[MatrixColumn]
    lines: Sequence[MatrixLine]
    regions: Sequence[str]
    differences: Sequence[CapabilityDifference]


@get("/standards", public())
async def list_standards(visit: Visit) -> Answer:
    """List the standards."""
    standards = await visit.read(visit.services.standards.overview)
    return await visit.page("standards/standards.html", standards=standards, formats=words.FORMATS)


@get("/standards/{standard}", public())
async def show_matrix(visit: Visit) -> Answer:
    """Show who sends and receives a standard: on a day, in a region, and what differs since another day."""
    at, since = _day(visit, "at"), _day(visit, "since")
    page = await visit.read(
        _page,
        visit.services.standards,
        visit.arguments["standard"],
        at=at,
        since=since,
        region=visit.query.get("region", "").strip(),
    )
    return await visit.page(
        "standards/matrix.html",
        matrix=page,
        since=since,
        region=visit.query.get("region", "").strip(),
        states=words.STATES,
        directions=words.DIRECTIONS,
        evidence=words.EVIDENCE,
        disagreements=words.DISAGREEMENTS,
    )


def _day(visit: Visit, name: str) -> date | None:
    text = visit.query.get(name, "").strip()
    day = day_or_none(text) if text else None
    if text and day is None:
        raise InvalidInputError(details.NOT_A_DAY.of(text=text), code=codes.INVALID_PARAMETER, field=name)
    return day


def _page(standards: Standards, code: str, *, at: date | None, since: date | None, region: str) -> MatrixPage:
    whole = standards.public_capabilities(code, at=at)
    rows = whole.items
    if region:
        rows = standards.public_capabilities(code, at=at, wish=MatrixWish(region=region)).items
    distinct = {MatrixColumn(row.version, row.direction) for row in whole.items}
    columns = sorted(distinct, key=lambda column: column.place)
    before = [] if since is None else standards.matrix(code, at=since, wish=MatrixWish(region=region or None))
    return MatrixPage(
        standard=standards.details(code),
        at=whole.at,
        list_as_of=whole.list_as_of,
        columns=columns,
        lines=_lines(rows, columns),
        regions=sorted({row.region for row in whole.items if row.region}),
        differences=[] if since is None else differences(before, rows),
    )


def _lines(rows: Sequence[wire.CapabilityRow], columns: Sequence[MatrixColumn]) -> list[MatrixLine]:
    systems: dict[tuple[str, str, str], dict[MatrixColumn, wire.CapabilityRow]] = {}
    for row in rows:
        systems.setdefault((row.system, row.vendor, row.installation or ""), {})[
            MatrixColumn(row.version, row.direction)
        ] = row
    lines = []
    for by_column in systems.values():
        first = next(iter(by_column.values()))
        types = sorted({kind for row in by_column.values() for kind in row.system_type.split(", ")})
        cells = [by_column.get(column) for column in columns]
        lines.append(MatrixLine(first.system, first.vendor, ", ".join(types), first.owner, first.region, cells))
    return lines
