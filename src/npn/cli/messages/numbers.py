"""`npn message numbers`: how many letters carry a national number, a local one, both, none: where NPN is not used."""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages.bulk import Bulk, over
from npn.cli.messages.commands import COMMANDS
from npn.cli.messages.files import LANG
from npn.cli.messages.schemes import asked, scheme_option, schemes_of
from npn.cli.printing import json_line, remark, table
from npn.errors import InvalidInputError

if TYPE_CHECKING:
    from npn.messages.bulk import BulkLine
    from npn.messages.model.pieces import Piece
    from npn.messages.number_report import NumberReport
    from npn.numbers.scheme import NumberScheme

HEADINGS = {
    "en": {
        "sender": "sender", "name": "name", "type": "type", "month": "month", "letters": "letters", "npn": "NPN",
        "local": "local", "both": "both", "none": "none", "unread": "unknown version",
    },
    "da": {
        "sender": "afsender", "name": "navn", "type": "type", "month": "måned", "letters": "breve", "npn": "NPN",
        "local": "lokalt", "both": "begge", "none": "intet", "unread": "ukendt version",
    },
}  # fmt: skip
ALL = {"en": "all", "da": "alle"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNREADABLE = {
    "en": "{count} file(s) hold no letter that can be read",
    "da": "{count} fil(er) indeholder intet brev, der kan læses",
}


@click.command(short_help=COMMANDS["numbers"][1])
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@scheme_option
@click.option("--service", is_flag=True, help="Let the number service (NPN_URL, NPN_KEY) say which numbers are NPN.")
@click.option("--json", "json_", is_flag=True, help="Print one JSON document.")
@click.option("--csv", "csv_", is_flag=True, help="Print CSV.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to use.  [default: one for each core]")
@LANG
def numbers(paths: tuple[str, ...], lang: str, json_: bool, csv_: bool, **how: Any) -> int:  # noqa: FBT001  # click's way; Any: the other options
    """Count the letters of each sender, type and month that carry an NPN, a local number, both, or none.

    A number is an NPN where a scheme accepts it, also with an extension; any other is local, and so is the number of
    a provider of the letter with a running number, unless it is flagged. Receipts are left out; a letter of an
    unknown version in which no number was seen is counted by itself. Exit status 1 where a file holds no letter.
    """
    from npn.messages.bulk import Task
    from npn.messages.number_report import NumberReport

    if json_ and csv_:
        raise InvalidInputError("--json and --csv exclude each other", field="csv", hint="leave one out")
    schemes = schemes_of(asked(how["scheme"], service=how["service"]))
    report = NumberReport()
    task = Task(partial(counted, schemes=schemes), no_words)
    unreadable: list[str] = []
    over(paths, task, Bulk(how["jobs"] or 0, None, None), show=partial(add, report=report, unreadable=unreadable))
    if json_:
        json_line({"rows": report.rows(), "total": report.total(), "unreadable": unreadable})
    elif csv_:
        write_csv(report)
    else:
        show_table(report, lang)
    if unreadable:
        remark(UNREADABLE[lang].format(count=len(unreadable)) + ": " + ", ".join(unreadable[:5]))
    return ANSWER_IS_NO if unreadable or not report.counts else DONE


def counted(
    pieces: "Iterable[Piece]", *, schemes: "tuple[NumberScheme, ...]"
) -> dict[str, Any]:  # Any: what JSON holds
    """Return what each letter of a file carries, for a worker."""
    from msgspec import to_builtins

    from npn.messages.files import PieceReader
    from npn.messages.number_report import letters_of

    reader, letters, readable = PieceReader(), list[dict[str, Any]](), False
    for part in (part for piece in pieces for part in reader.read(piece)):
        readable = readable or bool(part.interchange.letters)
        for group, use in letters_of(part.interchange, schemes=schemes):
            letters.append({"group": to_builtins(group), "carried": use.value})
    return {"letters": letters, "readable": readable}


def no_words(_document: Mapping[str, Any]) -> Iterator[str]:  # Any: a document of `counted`
    """Count nothing: the report does."""
    return iter(())


def add(line: "BulkLine", *, report: "NumberReport", unreadable: list[str]) -> None:
    """Add what a file holds to the report."""
    from msgspec import convert, json

    from npn.messages.number_report import LetterGroup, NumberUse

    document = json.decode(line.json)
    if not document.get("readable"):
        unreadable.append(line.name)
    for letter in document.get("letters", ()):
        report.add(convert(letter["group"], LetterGroup), NumberUse(letter["carried"]))


def show_table(report: "NumberReport", lang: str) -> None:
    """Print the report for a person, with the total last."""
    headings = HEADINGS[lang]
    rows: list[dict[str, str | int]] = [*report.rows(), {"sender": ALL[lang], **report.total()}]
    table([{headings[name]: row.get(name) for name in headings} for row in rows], tuple(headings.values()))


def write_csv(report: "NumberReport") -> None:
    """Print the report for a spreadsheet, under the names that the JSON has."""
    writer = csv.DictWriter(sys.stdout, list(HEADINGS["en"]), lineterminator="\r\n")
    writer.writeheader()
    for row in report.rows():
        writer.writerow({name: harmless(value) for name, value in row.items()})


def harmless(value: str | int) -> str | int:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.lstrip().startswith(FORMULA) else value
