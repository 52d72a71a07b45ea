"""`npn message view`: a message as a page."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages.commands import files, line_of, say_why_unreadable
from npn.cli.messages.files import SEVERAL, is_several, place_in, saved
from npn.cli.printing import remark
from npn.errors import InvalidInputError

if TYPE_CHECKING:
    from npn.messages import Interchange

TEST_RULE = "envelope.test"  # a test must not be taken for a real message


@click.command(short_help="A page that a person can read and print.")
@click.argument("path", metavar="FILE")
@click.option("--for", "audience", type=click.Choice(["clinician", "citizen"]), required=True, help="Who reads it.")
@click.option("--lang", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Language of the page.")
@click.option("-o", "--output", type=click.Path(), help="The file to write, or a folder; else standard output.")
def view(path: str, audience: str, lang: str, output: str | None) -> int:
    """Show a message as one HTML page that fetches nothing and runs nothing.

    The clinician's page shows every field, the patient's CPR number included; the citizen's uses plain words, and
    shows no internal codes and no CPR number. A folder, or a file with several interchanges, needs a folder behind
    -o: each interchange gets its own page there.
    """
    from npn.messages import read_all
    from npn.messages.views import view as shown

    readable, several = True, is_several(path, output)
    for name, data in files((path,)):
        interchanges = read_all(data)
        if len(interchanges) != 1 and not several:
            raise InvalidInputError(f"{path} holds {len(interchanges)} interchanges", field="FILE", hint=SEVERAL)
        say_why_unreadable(name, interchanges)
        say_tests(name, interchanges, lang)
        for number, interchange in enumerate(interchanges, 1):
            say_not_valid(name, interchange)
            page = shown(
                interchange, "citizen" if audience == "citizen" else "clinician", "en" if lang == "en" else "da"
            ).encode()
            readable = readable and bool(interchange.letters)
            if several:
                target = place_in(
                    Path(output or ""), name, base=Path(path), number=number, of=len(interchanges), suffix=".html"
                )
                saved(target, page, folders=True)
            elif output:
                saved(Path(output), page)
            else:
                sys.stdout.buffer.write(page)
    return DONE if readable else ANSWER_IS_NO


def say_not_valid(name: str, interchange: "Interchange") -> None:
    """Print on standard error that a message is not valid, as its page says too."""
    from npn.messages import Severity, validate

    errors = sum(finding.severity is Severity.ERROR for finding in validate(interchange))
    if errors and interchange.letters:
        remark(f"{name}: NOT valid, {errors} error(s); the page says so. See npn message validate")


def say_tests(name: str, interchanges: "Iterable[Interchange]", lang: str) -> None:
    """Print on standard error which interchanges are tests."""
    for finding in (finding for interchange in interchanges for finding in interchange.findings):
        if finding.rule == TEST_RULE:
            remark(line_of(name, finding, lang))
