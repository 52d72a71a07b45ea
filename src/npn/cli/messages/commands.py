"""`npn message`: what a message is, what is wrong with it, and the same in the other syntax."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages.bulk import Bulk, bulk_options, over, show_summary
from npn.cli.messages.files import LANG
from npn.cli.messages.schemes import asked, scheme_option, schemes_of
from npn.cli.messages.versions import MessageGroup
from npn.cli.printing import json_line, remark
from npn.errors import ConfigurationError

if TYPE_CHECKING:
    from npn.messages import Finding, Interchange
    from npn.messages.bulk import BulkLine, Task
    from npn.messages.model.pieces import Piece

STANDARD = "-"
PIECE = re.compile(r"#\d+$")  # behind the name of a stream: an interchange; places are those of the whole stream
NO = "not valid"
VERDICTS = {
    "en": {"valid": "valid", "invalid": "NOT valid", "not_judged": "not judged", "findings": "finding(s)"},
    "da": {"valid": "gyldig", "invalid": "IKKE gyldig", "not_judged": "ikke bedømt", "findings": "fund"},
}
FLAGGED = {"en": "flagged NPN", "da": "markeret som NPN"}
USABLE = {"en": "usable as NPN ({scheme})", "da": "kan bruges som NPN ({scheme})"}
SUFFIXES = frozenset((".xml", ".edi", ".edifact", ".txt"))
COMMANDS = {
    # name: (module:attribute, one line of help)
    "inspect": (
        "npn.cli.messages.commands:inspect",
        "What a message is: syntax, type, version, parties, sample numbers.",
    ),
    "validate": ("npn.cli.messages.commands:validate", "What is wrong with a message, and where."),
    "view": ("npn.cli.messages.view:view", "A page that a person can read and print."),
    "numbers": ("npn.cli.messages.numbers:numbers", "Which letters carry an NPN, which a local number."),
    "convert": ("npn.cli.messages.convert:convert", "The same message in the other syntax."),
    "compare": ("npn.cli.messages.compare:compare", "Two messages, field by field."),
    "wrap": ("npn.cli.messages.wrap:wrap", "A VANSEnvelope round a message."),
    "bridge": ("npn.cli.messages.bridges:bridge", "The same message in another version of its type."),
    "bridge-cases": ("npn.cli.messages.bridges:bridge_cases", "Messages for testing somebody else's bridge."),
    "bridge-check": (
        "npn.cli.messages.bridges:bridge_check",
        "What an intermediary made of a message, against our bridge.",
    ),
    "versions": ("npn.cli.messages.versions:versions", "Every version that is known, and from where."),
}
as_json = click.option("--json", "json_", is_flag=True, help="Print JSON, one document a file.")


@click.group(cls=MessageGroup, commands_table=COMMANDS, short_help="Read, check and convert laboratory messages.")
def message() -> None:
    """Laboratory messages in both syntaxes, EDIFACT and XML: requisitions, answers and receipts.

    FILE may be a directory, which is read with all below it, or - for standard input.
    """


def files(arguments: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Return name and content of every file, those of directories in order of their names."""
    for name, stream in opened(arguments):
        yield name, stream.read()


def content_of(path: str) -> bytes:
    """Read one file."""
    ((_, data),) = files((path,))
    return data


def opened(arguments: tuple[str, ...]) -> Iterator[tuple[str, BinaryIO]]:
    """Open every file, those of directories in order of their names; each is closed when the next is asked for."""
    for argument in arguments:
        if argument == STANDARD:
            yield STANDARD, sys.stdin.buffer
        elif Path(argument).is_dir():
            for folder, below, names in os.walk(argument):
                below.sort()
                for name in sorted(names):
                    if Path(name).suffix.lower() in SUFFIXES:
                        yield from opened_file(Path(folder, name))
        else:
            yield from opened_file(Path(argument))


def opened_file(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Open a file; one that can't be read is a mistake in the call."""
    from npn.messages.bulk import printable_name

    try:
        with path.open("rb") as stream:
            yield printable_name(path), stream
    except OSError as error:
        raise ConfigurationError(
            f"{printable_name(path)} can't be read: {error.strerror}", field="FILE", hint="check its name and rights"
        ) from error


# --- inspect ------------------------------------------------------------------------------------------------


@click.command(short_help=COMMANDS["inspect"][1])
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--lang", type=click.Choice(["da", "en"]), default="en", show_default=True, help="Language of the findings."
)
@scheme_option
@click.option("--service", is_flag=True, help="Let the number service (NPN_URL, NPN_KEY) say which numbers are NPN.")
@bulk_options
@as_json
def inspect(paths: tuple[str, ...], lang: str, json_: bool, **more: Any) -> int:  # noqa: FBT001  # click's way; Any: the other options
    """Show what each message is: its syntax, type and version, who sent it to whom, and its sample numbers.

    Each number is named as what it looks like: an NPN and of which scheme, a local number with the year first, a
    requisition number with an extension, a provider's number with a running number. Directories are done on all
    cores, and a summary is printed at the end.
    """
    from npn.messages.documents import inspected_pieces
    from npn.messages.streams import split

    schemes = schemes_of(asked(more.pop("scheme"), service=more.pop("service")))
    how = Bulk(**more)
    if how.wanted(paths) and (json_ or how.results):
        from npn.messages.bulk import Task

        task = Task(partial(inspected_pieces, schemes=schemes), words_of_inspection)
        return run_in_bulk(paths, task, how=how, show=echo_line)
    sound = True
    for name, stream in opened(paths):
        document = inspected_pieces(split(stream), schemes=schemes)
        sound = sound and NO not in words_of_inspection(document)
        if json_:
            show_findings(name, document, lang, only_without_letters=True)
            json_line({"file": name, **document})
        else:
            show_description(name, document, lang)
            show_findings(name, document, lang)
    return DONE if sound else ANSWER_IS_NO


def say_why_unreadable(name: str, found: "Iterable[Interchange]") -> None:
    """Print on standard error what reading found where there is no letter."""
    for interchange in found:
        for finding in () if interchange.letters else interchange.findings:
            remark(line_of(name, finding, "en"))


def words_of_inspection(document: "Mapping[str, Any]") -> "Iterator[str]":  # Any: a document of `inspected`
    """Count the letters by type and version, and the files in which there is an error or no letter."""
    interchanges = document["interchanges"]
    for letter in (letter for interchange in interchanges for letter in interchange["letters"]):
        yield f"{letter['type'] or '?'} {letter['version'] or '?'}"
    if not all(interchange["letters"] for interchange in interchanges) or any(
        finding["severity"] == "error" for interchange in interchanges for finding in interchange["findings"]
    ):
        yield NO


def marks_of(sample: "Mapping[str, Any]", lang: str) -> str:  # Any: a number of a document of `inspected`
    """Return what is said of a number: its flag, what it looks like, by which scheme it is usable."""
    marks = [FLAGGED[lang]] if sample["flagged_npn"] else []
    if sample["looks_like"] != "npn":
        marks.append(sample[lang])
    if sample["npn"]:
        marks.append(USABLE[lang].format(scheme=sample["scheme"]))
    return ", ".join(marks)


def vans_line(envelope: "Mapping[str, str]") -> str:
    """Describe a VANSEnvelope in one line."""
    document = " ".join(filter(None, (envelope["format"], envelope["name"], envelope["version"])))
    size = f", {envelope['size_in_bytes']} bytes" if envelope["size_in_bytes"] else ""
    way = f"from {envelope['sender'] or '?'} to {envelope['receiver'] or '?'}"
    sent = f", sent {envelope['sent']}" if envelope["sent"] else ""
    return f"VANS envelope {envelope['identifier'] or '-'} {way}{sent}: {document or envelope['receipt'] or '?'}{size}"


def show_description(name: str, document: "Mapping[str, Any]", lang: str) -> None:  # Any: a document of `inspected`
    """Print what a file holds."""
    for interchange in document["interchanges"]:
        number, letters = interchange["identifier"] or "-", interchange["letters"]
        test = ", a TEST" if interchange["test"] else ""
        click.echo(f"{name}: {interchange['syntax']}, interchange {number}, {len(letters)} letter(s){test}")
        if interchange["vans"]:
            click.echo(f"  {vans_line(interchange['vans'])}")
        for letter in letters:
            click.echo(f"  {letter['type'] or '?'} {letter['version'] or '?'}: {letter['title']}")
            for role in ("sender", "receiver"):
                click.echo(f"    {role:9} {', '.join(filter(None, letter[role].values()))}")
            for binary in letter["binaries"]:
                where = "in this file" if binary["in_file"] else "NOT in this file"
                click.echo(f"    points to the binary {binary['identifier']}, {where}")
            for sample in letter["sample_numbers"]:
                click.echo(f"    {sample['number']} ({sample['role']}): {marks_of(sample, lang)}")


def show_findings(
    name: str, document: "Mapping[str, Any]", lang: str, *, only_without_letters: bool = False
) -> None:  # Any: a document of `inspected`
    """Print on standard error what reading found, or only why there is no letter."""
    from msgspec import convert as typed

    from npn.messages import Finding

    for interchange in document["interchanges"]:
        for finding in () if only_without_letters and interchange["letters"] else interchange["findings"]:
            remark(line_of(name, typed(finding, Finding), lang))


# --- validate -----------------------------------------------------------------------------------------------


@click.command(short_help=COMMANDS["validate"][1])
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--rules", metavar="ID,...", help="Only these rules: ids, prefixes (date) or globs (npn.*).")
@click.option(
    "--limit", type=click.IntRange(min=1), help="Maximum number of results per message that the receiver accepts."
)
@click.option(
    "--service",
    is_flag=True,
    help="Ask the number service (NPN_URL, NPN_KEY) for its schemes and whether NPNs were issued.",
)
@scheme_option
@click.option("--show-persons", is_flag=True, help="Show CPR numbers whole in the findings.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="Form of the output; junit is what build servers show.",
)
@LANG
@bulk_options
@as_json
def validate(
    paths: tuple[str, ...],
    rules: str | None,
    lang: str,
    json_: bool,  # noqa: FBT001  # click's way
    *,
    form: str,
    **more: Any,  # the options of the rules and those of `bulk_options`
) -> int:
    """Check each message: syntax, the schema of its version, then the rules. Exit status 1 when any has an error.

    Syntax and schema are always checked; --rules chooses among the rules only. A number that is flagged as NPN, but
    is of no scheme, is an error where --scheme or --service states the schemes, else a warning. Directories are done
    on all cores, and a summary is printed at the end.
    """
    from npn.cli.messages.rules import check_of
    from npn.messages.streams import split

    settled = {name: more.pop(name) for name in ("limit", "service", "show_persons", "scheme")}
    wanted = tuple(filter(None, (rules or "").split(",")))
    check_of(wanted, **settled)  # so that a wrong pattern or a missing address is said at once
    how, verdict = Bulk(**more), partial(judged, wanted=wanted, settled=settled)
    if form == "junit":
        return report_as_junit(paths, verdict, how=how, lang=lang)
    json_ = json_ or form == "json"
    show = echo_line if json_ else partial(show_line, lang=lang)
    if how.wanted(paths):
        from npn.messages.bulk import Task

        return run_in_bulk(paths, Task(verdict, words_of_verdict), how=how, show=show)
    sound = True
    for name, stream in opened(paths):
        document = verdict(split(stream))
        sound = sound and not has_error(document)
        if json_:
            json_line({"file": name, **document})
        else:
            show_verdict(name, document, lang)
    return DONE if sound else ANSWER_IS_NO


def judged(
    pieces: "Iterable[Piece]", *, wanted: tuple[str, ...], settled: "Mapping[str, Any]"
) -> dict[str, Any]:  # Any: JSON
    """Check a file as the options say, for a program."""
    from npn.cli.messages.rules import check_of
    from npn.messages.documents import verdict_on_pieces

    return verdict_on_pieces(pieces, check_of(wanted, **settled)())


def has_error(document: "Mapping[str, Any]") -> bool:  # Any: a document of `judged`
    """Whether an error is among the findings: then the command says no."""
    return any(finding["severity"] == "error" for finding in document["findings"])


def words_of_verdict(document: "Mapping[str, Any]") -> "Iterator[str]":  # Any: a document of `judged`
    """Count the valid files, the others, and in how many each rule was broken."""
    yield NO if has_error(document) else document["verdict"].replace("_", " ")
    yield from sorted({finding["rule"] for finding in document["findings"]})


def show_verdict(name: str, document: "Mapping[str, Any]", lang: str) -> None:  # Any: a document of `judged`
    """Print the findings of a file, a line each, and the verdict."""
    from msgspec import convert as typed

    from npn.messages import Finding

    for finding in document["findings"]:
        click.echo(line_of(name, typed(finding, Finding), lang))
    words = VERDICTS[lang]
    click.echo(f"{name}: {words[document['verdict']]}, {len(document['findings'])} {words['findings']}")


def report_as_junit(
    paths: tuple[str, ...],
    verdict: "Callable[..., dict[str, Any]]",  # Any: a document of `judged`
    *,
    how: Bulk,
    lang: str,
) -> int:
    """Check all files and print one report of them, for a build server."""
    from msgspec.json import decode

    from npn.messages.bulk import Task
    from npn.messages.junit import junit_report

    documents: dict[str, Any] = {}

    def keep(line: "BulkLine") -> None:
        documents[line.name] = decode(line.json)

    status = run_in_bulk(paths, Task(verdict, words_of_verdict), how=how, show=keep)
    click.echo(junit_report(documents, lang).decode())
    return status


# --- many files ---------------------------------------------------------------------------------------------


def run_in_bulk(paths: tuple[str, ...], task: "Task", *, how: Bulk, show: "Callable[[BulkLine], None]") -> int:
    """Do all files, print what was counted, and say no when any failed or is not valid, or when there was none."""
    summary = over(paths, task, how, show=show)
    show_summary(summary)
    looked_at = summary.done + summary.before
    return ANSWER_IS_NO if summary.failed or summary.counts[NO] or not looked_at else DONE


def echo_line(line: "BulkLine") -> None:
    """Print a result as it is."""
    click.echo(line.json.decode("utf-8"))


def show_line(line: "BulkLine", *, lang: str) -> None:
    """Print a result for a person."""
    from msgspec.json import decode

    document = decode(line.json)
    if "failed" in document:
        click.echo(f"{line.name}: failed: {document['failed']}")
    else:
        show_verdict(line.name, document, lang)


def line_of(name: str, finding: "Finding", lang: str) -> str:
    """Print a finding on one line, as compilers do."""
    place = finding.place
    stream = PIECE.sub("", name) if place.line is not None else name
    where = ":".join(str(part) for part in (stream, place.line, place.column) if part is not None)
    path = f" at {place.path}" if place.path else ""
    path += f" ({place.element.removeprefix('/Emessage/')})" if place.element else ""
    return f"{where}: {finding.severity.value}: {finding.da if lang == 'da' else finding.en} [{finding.rule}]{path}"
