"""`npn label`: labels and forms with numbers, each read again from the finished picture before its file is written."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.errors import ANSWER_IS_NO, DONE, say
from npn.cli.lazy import DefaultingGroup
from npn.cli.printing import json_line, remark, table
from npn.errors import ConfigurationError, InvalidInputError
from npn.text import iterate_lines

if TYPE_CHECKING:
    from npn.labels.model import Dpi, Label, LabelDesign, Language
    from npn.labels.press import Form

COMMANDS = {
    "print": ("npn.cli.labels.label:print_", "Labels of numbers; the word may be left out."),
    "designs": ("npn.cli.labels.label:designs", "List the designs."),
    "proof": ("npn.cli.labels.proof:proof", "Measure a design, and read it back damaged."),
}
MOST_COPIES = 100
_READ_AT_ONCE = 65_536
_SHOWN = 10


@click.group(
    cls=DefaultingGroup,
    commands_table=COMMANDS,
    default_command="print",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def label() -> None:
    """Labels and forms with sample numbers, as PDF, SVG, PNG or ZPL.

    `npn label NUMBER...` is `npn label print NUMBER...`, whose help lists the options.
    """


def design_options(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options that say what is printed on what: `--design`, `--dpi`, `--lang`."""
    for option in (
        click.option("--lang", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Printed words."),
        click.option(
            "--dpi",
            type=click.Choice(["203", "300", "600"]),
            help="Resolution of the printer; bars are whole dots of it.  [default: the design's]",
        ),
        click.option(
            "--design",
            default="tube-50x25",
            show_default=True,
            metavar="DESIGN",
            help="A design of `npn label designs`, or a file that ends in .toml.",
        ),
    ):
        command = option(command)
    return command


@click.command("print", short_help="Labels of numbers; the word may be left out.")
@click.argument("numbers", nargs=-1, metavar="NUMBER...")
@click.option("--series", "series_id", metavar="ID", help="Print the usable numbers of a series of the service.")
@design_options
@click.option(
    "--copies", type=click.IntRange(1, MOST_COPIES), default=1, show_default=True, help="Print each label N times."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write: .pdf, .svg, .png or .zpl.  [default: a PDF on standard output]",
)
@click.option(
    "--text",
    multiple=True,
    metavar="LINES",
    help="Lines for the text zones, in their order; give it again, or put line ends in it.",
)
@click.option("--any", "any_number", is_flag=True, help="Print numbers that fail the check too.")
@click.option(
    "--scheme",
    multiple=True,
    metavar="SCHEME",
    help="Number scheme; may be given several times.  [default: all known]",
)
def print_(
    *,
    numbers: tuple[str, ...],
    series_id: str | None,
    design: str,
    dpi: str | None,
    lang: "Language",
    copies: int,
    output: Path | None,
    text: tuple[str, ...],
    any_number: bool,
    scheme: tuple[str, ...],
) -> int:
    """Print a label for each NUMBER; - reads standard input, one number a line.

    Every symbol is decoded again from the finished picture, by another library than made it; nothing is written unless
    all of them read. Exit status 1 if a number is not usable (nothing is written), unless --any.
    """
    from npn.labels.designs import find_design
    from npn.labels.files import write_files
    from npn.labels.press import PrintJob, print_labels

    selected = find_design(design)
    form = form_of(output)
    if bool(numbers) == bool(series_id):
        raise click.UsageError("Give either numbers or --series.", click.get_current_context())
    wanted = _once_each(list(_of_series(series_id) if series_id else _given(numbers)))
    if not any_number and not _are_usable(wanted, scheme):
        return ANSWER_IS_NO
    labels = _labels(wanted, selected, text)
    job = PrintJob(
        design=selected,
        labels=tuple(one for one in labels for _ in range(copies)),
        form=form,
        dpi=resolution(dpi, selected),
        language=lang,
    )
    contents = print_labels(job)
    count = len(job.labels)
    pages = f"{count} {'page' if count == 1 else 'pages'} of {selected.name} at {job.dpi} dpi, every symbol read back"
    if output is None:
        sys.stdout.buffer.write(contents[0])
        remark(pages)
    else:
        remark(f"{pages}: {described(write_files(output, contents))}")
    return DONE


@click.command(short_help="List the designs.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def designs(*, json_: bool) -> None:
    """List the designs: size, the resolution of their printer, symbols, stickers and text zones."""
    from npn.labels.designs import known_designs

    rows = [_described(design) for design in known_designs().values()]
    if json_:
        json_line({"designs": rows})
        return
    for row, design in zip(rows, known_designs().values(), strict=True):
        row["size"] = f"{design.width:g} x {design.height:g} mm"
        row["symbols"] = ", ".join(kind.value for kind in design.kinds)
        row["text"] = ", ".join(design.text_names)
    table(rows, ("name", "size", "dpi", "symbols", "stickers", "text"))


def _described(design: "LabelDesign") -> dict[str, object]:
    return {
        "name": design.name,
        "title": {"da": design.title_da, "en": design.title_en},
        "width": design.width,
        "height": design.height,
        "dpi": design.dpi,
        "symbols": [kind.value for kind in design.kinds],
        "stickers": len(design.faces) - 1,
        "texts": list(design.text_names),
    }


def resolution(dpi: str | None, design: "LabelDesign") -> "Dpi":
    """Return the resolution that was asked for, else the design's."""
    from npn.labels.model import RESOLUTIONS

    return next((offered for offered in RESOLUTIONS if str(offered) == dpi), design.dpi)


def form_of(output: Path | None, *, only: "tuple[Form, ...]" = ("pdf", "svg", "png", "zpl")) -> "Form":
    """Return the form of the file, by its name. Raises ConfigurationError."""
    endings = ", ".join(f".{form}" for form in only)
    if output is None:
        if sys.stdout.isatty():
            hint = f"-o FILE, which ends in {endings}"
            raise ConfigurationError("a PDF can't be shown on a terminal", field="output", hint=hint)
        return "pdf"
    form = next((ending for ending in only if output.suffix.lower() == f".{ending}"), None)
    if form is None:
        message = f"{output.name} does not say what to write"
        raise ConfigurationError(message, field="output", hint=f"end it in {endings}")
    return form


def _given(numbers: tuple[str, ...]) -> Iterator[str]:
    for number in numbers:
        if number == "-":
            blocks = iter(lambda: sys.stdin.buffer.read(_READ_AT_ONCE), b"")
            for lines in iterate_lines(blocks):
                yield from lines
        else:
            yield number


def _of_series(series_id: str) -> Iterator[str]:
    from npn.cli.messages.environment import from_environment
    from npn.cli.rest_client import part

    service = from_environment("--series")
    try:
        with service.stream(f"/v1/series/{part(series_id)}/numbers", accept="text/plain") as blocks:
            for lines in iterate_lines(blocks):
                yield from lines
    finally:
        service.close()


def _once_each(texts: list[str]) -> list[str]:
    """Return the numbers without spaces and hyphens. Raises InvalidInputError where there is none, or one twice."""
    from npn.numbers.check import compact
    from npn.numbers.quoting import quoted

    numbers = dict.fromkeys(map(compact, texts))
    if not numbers:
        raise InvalidInputError("no number was given", field="NUMBER", hint="one number a line")
    if len(numbers) < len(texts):
        repeated = next(number for number in numbers if sum(compact(text) == number for text in texts) > 1)
        raise InvalidInputError(f"{quoted(repeated)} was given twice", field="NUMBER", hint="--copies prints it again")
    return list(numbers)


def _are_usable(numbers: list[str], schemes: tuple[str, ...]) -> bool:
    """Whether every number passes a scheme's check; those that do not are named on standard error."""
    from npn.cli.messages.schemes import schemes_named
    from npn.numbers.check import is_valid
    from npn.numbers.notation import KNOWN
    from npn.numbers.quoting import quoted

    accepted = schemes_named(schemes) or tuple(KNOWN.values())
    refused = [number for number in numbers if not any(is_valid(number, scheme) for scheme in accepted)]
    for number in refused[:_SHOWN]:
        names = [scheme.name for scheme in accepted if scheme.length == len(number)]
        reason = f"fails the check of {' and of '.join(names)}" if names else "has not the length of a sample number"
        say(f"{quoted(number)} {reason} [not_usable]")
    if len(refused) > _SHOWN:
        say(f"{len(refused) - _SHOWN} more are not usable")
    return not refused


def _labels(numbers: list[str], design: "LabelDesign", texts: tuple[str, ...]) -> "list[Label]":
    from npn.labels.content import label_of, text_lines

    lines = text_lines(texts, design)
    return [label_of(number, lines) for number in numbers]


def described(paths: "list[Path]") -> str:
    """Return which files were written, in words."""
    return str(paths[0]) if len(paths) == 1 else f"{paths[0]} to {paths[-1].name}"
