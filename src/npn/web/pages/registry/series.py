"""Series: one of them, its receipt, and its numbers as files."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from npn.errors import NotFoundError
from npn.http.answers import Answer, Stream
from npn.instants import rfc3339_seconds
from npn.numbers.scheme import NumberScheme
from npn.numbers.text import blocks
from npn.registry.model import Release, Series
from npn.registry.receipts import receipt
from npn.systems.model import OPERATOR, Caller, ConnectedSystem, Role
from npn.web.answers import download
from npn.web.pages.systems.systems import LOOKERS
from npn.web.routes import get
from npn.web.rules import theirs
from npn.web.visit import Visit

_BLOCK = 262_144
_EVERYTHING = Caller(Role.OPERATOR, OPERATOR, None, "")


async def system_of(visit: Visit, series_id: str) -> str:
    """Return the system of a series. Raises NotFoundError."""
    return (await visit.read(visit.services.registry.series, series_id, by=_EVERYTHING)).system


@get("/series/{series}", theirs(*LOOKERS, by="series", find=system_of))
async def show_series(visit: Visit) -> Answer:
    """Show one series."""
    return await _record_page(visit, "registry/series.html")


async def _record_page(visit: Visit, template: str) -> Answer:
    record = await recorded(visit)
    acts = visit.person.may_act_for(record.system.id)
    return await visit.page(template, series=record.series, record=record, system=record.system, acts=acts)


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """A series with whose it is, and what was released of it. `held`: the usable numbers that are still there."""

    series: Series
    system: ConnectedSystem
    releases: Sequence[Release]
    held: int


async def recorded(visit: Visit) -> SeriesRecord:
    """Return the series that the address names. Raises NotFoundError."""
    series = await named(visit)
    system = await visit.read(visit.services.systems.get, series.system)
    releases = await visit.read(visit.services.registry.releases, series.id)
    scheme = await scheme_of(visit, series)
    usable_held = scheme.count(series.first, series.held_to) if series.held_to >= series.first else 0
    return SeriesRecord(series, system, releases, usable_held)


async def named(visit: Visit) -> Series:
    """Return the series that the address names. Raises NotFoundError."""
    return await visit.read(visit.services.registry.series, visit.arguments["series"], by=_EVERYTHING)


async def scheme_of(visit: Visit, series: Series) -> NumberScheme:
    """Return the scheme of a series' numbers."""
    spaces = await visit.read(visit.services.registry.spaces)
    return next(space.scheme for space in spaces if space.name == series.space)


@get("/series/{series}/receipt", theirs(*LOOKERS, by="series", find=system_of))
async def show_receipt(visit: Visit) -> Answer:
    """Show what was drawn, or given back, with all that can be taken along."""
    return await _record_page(visit, "registry/receipt.html")


@get("/series/{series}/receipt.jws", theirs(*LOOKERS, by="series", find=system_of))
async def signed_receipt(visit: Visit) -> Answer:
    """Return the signed receipt, to be verified with the service's keys."""
    series = await named(visit)
    signed = await visit.read(receipt, visit.services.database, series)
    return download(signed.encode("ascii"), name=f"npn-{series.id}.jws", media_type="application/jose")


@get("/series/{series}/numbers.csv", theirs(*LOOKERS, by="series", find=system_of))
async def numbers_as_csv(visit: Visit) -> Stream:
    """Stream the usable numbers that are still held, under a heading, as a spreadsheet opens them."""
    return await _numbers(visit, head=(b"number\r\n",), suffix=b"\r\n", ending="csv")


@get("/series/{series}/numbers.txt", theirs(*LOOKERS, by="series", find=system_of))
async def numbers_as_text(visit: Visit) -> Stream:
    """Stream the usable numbers that are still held, one a line."""
    return await _numbers(visit, head=(), suffix=b"\n", ending="txt")


async def _numbers(visit: Visit, *, head: tuple[bytes, ...], suffix: bytes, ending: str) -> Stream:
    series = await named(visit)
    scheme = await scheme_of(visit, series)
    chunks = blocks(scheme, series.first, series.held_to, prefix=b"", suffix=suffix, block_size=_BLOCK)
    media = "text/csv; charset=utf-8; header=present" if ending == "csv" else "text/plain; charset=utf-8"
    name = f"npn-{series.id}-numbers.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(chain(head, chunks), visit.context.threads.streams, media, headers)


@get("/series/{series}/file.csv", theirs(*LOOKERS, by="series", find=system_of))
async def series_file(visit: Visit) -> Answer:
    """Return the start and end as a small file, to be loaded into a system by hand."""
    series = await named(visit)
    if series.held_to < series.first:
        raise NotFoundError("nothing is left of the series")
    return download(_file(series), name=f"npn-{series.id}.csv", media_type="text/csv; charset=utf-8")


def _file(series: Series) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(("series", "space", "first", "last", "system", "drawn_at"))
    first, last = series.text(series.first), series.text(series.held_to)
    rows.writerow((series.id, series.space, first, last, series.system, rfc3339_seconds(series.drawn_at)))
    return out.getvalue().encode()
