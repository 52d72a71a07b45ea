"""`npn message convert`: the same in the other syntax, for one file, or for a whole folder at once."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages.bulk import Bulk, over, show_summary
from npn.cli.messages.commands import COMMANDS, files, line_of
from npn.cli.messages.files import LANG, SEVERAL, is_several, place_in, saved
from npn.cli.printing import remark
from npn.errors import InvalidInputError

if TYPE_CHECKING:
    from npn.messages import Conversion
    from npn.messages.bulk import BulkLine
    from npn.messages.model.pieces import Piece

SUFFIX = {"xml": ".xml", "edifact": ".edi"}
BYTES = "iso-8859-1"  # every byte is a character of it: how a worker hands over what it wrote, whatever its encoding
NOT_CONVERTED = "not converted"


def refused(conversion: "Conversion", lang: str) -> str:
    """Report that nothing was written, and whether force would help."""
    count = len(conversion.errors)
    if lang == "da":
        way = "intet brev kan skrives" if conversion.empty else "--force skriver det alligevel"
        return f"ikke konverteret, {count} fejl; {way}"
    way = "no letter can be written" if conversion.empty else "--force writes it anyway"
    return f"{NOT_CONVERTED}, {count} error(s); {way}"


@click.command(short_help=COMMANDS["convert"][1])
@click.argument("path", metavar="FILE")
@click.option("--to", "to", type=click.Choice(["xml", "edifact"]), required=True, help="The syntax to write.")
@click.option("-o", "--output", type=click.Path(), help="The file to write, or a folder; else standard output.")
@click.option("--report", type=click.Path(dir_okay=False), help="Write all that is not carried, as JSON.")
@click.option("--force", is_flag=True, help="Write it in spite of errors.")
@click.option(
    "--as-peer",
    is_flag=True,
    help="Follow MedCom's converter in the deviations that docs/messages-design.md lists, and in no others.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes to use for a folder.  [default: one for each core]")
@LANG
def convert(
    path: str,
    to: str,
    output: str | None,
    report: str | None,
    **how: Any,  # Any: force, as_peer, jobs and lang
) -> int:
    """Write the same message in the other syntax, and say what that syntax can't carry.

    Errors stop the output (exit status 1) unless --force; where no letter can be written, nothing ever is. A folder,
    or a file with several interchanges, needs a folder behind -o: each interchange gets its own file there,
    and --report a line of JSON for each.
    """
    from npn.messages import Syntax, read_all
    from npn.messages import convert as carry
    from npn.messages.streams import split

    jobs, lang = how.pop("jobs"), how.pop("lang")
    if is_several(path, output):
        work = partial(carried, to=to, **how)
        return converted_all(path, Path(output or ""), work, report=report, to=to, lang=lang, jobs=jobs)
    ((name, data),) = files((path,))
    count = sum(piece.last for piece in split(BytesIO(data)))
    if count > 1:
        raise InvalidInputError(f"{path} holds {count} interchanges", field="FILE", hint=SEVERAL)
    conversion = carry(read_all(data, as_peer=how["as_peer"])[0], Syntax(to), **how)
    if report:
        write_report(Path(report), conversion, name=name, to=to)
    for finding in conversion.findings:
        remark(line_of(name, finding, lang))
    if conversion.data is None:
        remark(f"{name}: {refused(conversion, lang)}")
        return ANSWER_IS_NO
    if output:
        saved(Path(output), conversion.data)
    else:
        sys.stdout.buffer.write(conversion.data)
    return DONE


def write_report(path: Path, conversion: "Conversion", *, name: str, to: str) -> None:
    """Write what was lost, and the errors, as one JSON document."""
    import msgspec

    from npn.messages.documents import reported

    document = {"file": name, "to": to, **reported(conversion)}
    saved(path, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


# --- a whole folder -----------------------------------------------------------------------------------------


def carried(
    pieces: "Iterable[Piece]", *, to: str, force: bool, as_peer: bool
) -> dict[str, Any]:  # Any: what JSON holds
    """Convert every interchange of a file, for a worker."""
    from npn.messages import Syntax
    from npn.messages import convert as carry
    from npn.messages.documents import plain, reported
    from npn.messages.files import PieceReader

    reader = PieceReader(as_peer=as_peer)
    conversions = [
        carry(part.interchange, Syntax(to), as_peer=as_peer, force=force)
        for piece in pieces
        for part in reader.read(piece)
    ]
    return {
        "interchanges": [
            {
                **reported(conversion),
                "findings": [plain(finding) for finding in conversion.findings],
                "text": None if conversion.data is None else conversion.data.decode(BYTES),
            }
            for conversion in conversions
        ]
    }


def words_of_conversion(document: Mapping[str, Any]) -> Iterator[str]:  # Any: a document of `carried`
    """Count what was written, what was not, and in how many files something was lost."""
    for interchange in document["interchanges"]:
        yield "converted" if interchange["written"] else NOT_CONVERTED
    if any(loss["severity"] != "info" for interchange in document["interchanges"] for loss in interchange["losses"]):
        yield "with losses"


def converted_all(
    path: str,
    folder: Path,
    work: Callable[..., dict[str, Any]],  # Any: what JSON holds
    *,
    report: str | None,
    to: str,
    lang: str,
    jobs: int | None,
) -> int:
    """Convert every file of a folder, or every interchange of a file, into files of a folder."""
    from npn.messages.bulk import Task

    if report:
        saved(Path(report), b"")
    show = partial(keep, base=Path(path), folder=folder, report=report, to=to, lang=lang)
    summary = over((path,), Task(work, words_of_conversion), Bulk(jobs or 0, None, None), show=show, portions=False)
    show_summary(summary)
    return ANSWER_IS_NO if summary.failed or summary.counts[NOT_CONVERTED] else DONE


def keep(line: "BulkLine", *, base: Path, folder: Path, report: str | None, to: str, lang: str) -> None:
    """Write what came of one file, and say what is to be said of it."""
    from msgspec import convert as typed
    from msgspec import json

    from npn.messages import Finding

    document = json.decode(line.json)
    if "failed" in document:
        remark(f"{line.name}: failed: {document['failed']}")
    interchanges = document.get("interchanges", [])
    for number, interchange in enumerate(interchanges, 1):
        text = interchange.pop("text")
        for finding in interchange.pop("findings"):
            remark(line_of(line.name, typed(finding, Finding), lang))
        if text is None:
            remark(f"{line.name}: not converted, {len(interchange['errors'])} error(s)")
        else:
            target = place_in(folder, line.name, base=base, number=number, of=len(interchanges), suffix=SUFFIX[to])
            saved(target, text.encode(BYTES), folders=True)
            interchange["output"] = str(target)
    if report:
        with Path(report).open("ab") as file:
            file.write(json.encode({"to": to, **document}) + b"\n")
