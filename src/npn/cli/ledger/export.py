"""`npn ledger`: export the ledger, and prove an export with nothing but the file."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from npn.cli.database import opened, works_on_database
from npn.cli.errors import ANSWER_IS_NO
from npn.cli.lazy import LazyGroup
from npn.cli.printing import as_json, json_line, record, remark
from npn.config import Settings
from npn.errors import ConfigurationError

if TYPE_CHECKING:
    from npn.proof.verify import Summary

COMMANDS = {
    "export": ("npn.cli.ledger.export:export", "Write the ledger as JSON lines with a signed checkpoint."),
    "verify": ("npn.cli.ledger.export:verify", "Prove an export: no number was ever held twice."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def ledger() -> None:
    """The append-only record of every change, and the offline proof over it."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, allow_dash=True))
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@as_json
@works_on_database
def export(settings: Settings, *, file: str, force: bool, json_: bool) -> None:
    """Write the ledger to FILE (`-`: standard output) as JSON lines, the last one a signed checkpoint.

    One consistent state, streamed; a service may be running. FILE appears whole or not at all;
    one that exists is replaced with --force only.
    """
    from npn.ledger.export import export as export_to

    if file != "-" and not force and os.path.lexists(file):
        raise ConfigurationError(f"{file} exists already", hint="name another file, or replace this one with --force")
    with opened(settings) as service, _target(file) as write:
        head = export_to(service.database, write)
    if json_ and file != "-":
        json_line({"file": file, "entries": head.length, "head": head.hash})
    else:
        remark(f"{head.length} entries; head {head.hash}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True))
@click.option(
    "--jwks",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="Pin the signing keys: a copy of the service's /.well-known/jwks.json, kept elsewhere.",
)
@click.option(
    "--extends",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="An older export, kept elsewhere: FILE must begin with all of its entries.",
)
@as_json
def verify(*, file: str, jwks: Path | None, extends: Path | None, json_: bool) -> int:
    """Prove an export with nothing but FILE (`-`: standard input). Exit status 1 where it can't be proved.

    The chain is whole, no two live ranges overlap, every release was its owner's, every count of usable numbers is
    right, numbers were granted again only as two people agreed, the checkpoint is signed.

    Without --jwks the keys are those that the ledger names itself, so a ledger forged whole would pass: pin them.
    Without --extends a ledger that was rewritten by whoever holds the keys would pass: keep each export.
    """
    from npn.ledger.signatures import read_jwks
    from npn.proof.verify import NotProvedError, lines_of
    from npn.proof.verify import verify as prove
    from npn.text import read_text

    keys = None if jwks is None else read_jwks(read_text(jwks, field="jwks"))
    try:
        with _source(file) as stream, _progress(file) as progress, _older(extends) as older:
            proof = prove(lines_of(stream, progress), keys=keys, extends=older)
    except NotProvedError as error:
        if json_:
            json_line({"verified": False, "line": error.line, "reason": error.reason})
        else:
            click.echo(f"The ledger does not verify: line {error.line}: {error.reason}.")
        return ANSWER_IS_NO
    if json_:
        json_line({"verified": True, **_figures(proof)})
    else:
        click.echo(_sentence(proof))
        record({name: value for name, value in _figures(proof).items() if name != "remarks"})
        for note in proof.remarks:
            click.echo(f"Note: {note}.")
        if not proof.pinned:
            remark("The keys are the ledger's own word; --jwks FILE pins them.")
    return 0


def _sentence(found: "Summary") -> str:
    again = found.totals.again
    if not again:
        return "The ledger verifies: no number was given twice."
    return (
        "The ledger verifies: no number was held by two at once; "
        f"{again} released {'number was' if again == 1 else 'numbers were'} granted again, as two people approved."
    )


def _figures(found: "Summary") -> dict[str, object]:
    totals = found.totals
    return {
        "entries": found.entries,
        "spaces": found.spaces,
        "systems": found.systems,
        "series": totals.series,
        "numbers_granted": totals.granted,
        "numbers_granted_again": totals.again,
        "usable_granted": totals.usable,
        "numbers_released": totals.released,
        "numbers_imported": totals.imported,
        "numbers_withheld": totals.withheld,
        "recoveries": totals.recoveries,
        "head": found.head,
        "database": found.database,
        "exported_at": found.at,
        "signed_with": found.kid,
        "key_pinned": found.pinned,
        "remarks": list(found.remarks),
    }


@contextmanager
def _source(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as stream:
        yield stream


@contextmanager
def _older(file: Path | None) -> Iterator[Iterable[bytes] | None]:
    from npn.proof.verify import lines_of

    if file is None:
        yield None
        return
    with file.open("rb") as stream:
        yield lines_of(stream)


@contextmanager
def _target(file: str) -> Iterator[Callable[[bytes], object]]:
    """Return where to write: standard output, or a file that gets its name once it is whole and on the disk."""
    if file == "-":
        yield sys.stdout.buffer.write
        return
    beside = Path(f"{file}.part")
    try:
        with beside.open("wb") as stream:
            yield stream.write
            stream.flush()
            os.fsync(stream.fileno())
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _progress(file: str) -> Iterator[Callable[[int], object]]:
    """Show how far a long proof is, on a terminal only."""
    if file == "-" or not sys.stderr.isatty():
        yield abs
        return
    with click.progressbar(length=Path(file).stat().st_size, label="Proving", file=sys.stderr) as bar:
        yield bar.update
