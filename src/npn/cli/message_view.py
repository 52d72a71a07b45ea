"""`npn message view`: a message as a page."""

import sys
from pathlib import Path

import click

from npn.cli.errors import ANSWER_IS_NO, DONE
from npn.cli.messages import files, say_why_unreadable
from npn.errors import ConfigurationError, InvalidInputError


@click.command(short_help="A page that a person can read and print.")
@click.argument("path", metavar="FILE")
@click.option("--for", "audience", type=click.Choice(["clinician", "citizen"]), required=True, help="Who reads it.")
@click.option("--lang", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Language of the page.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Where to write it; else standard output.")
def view(path: str, audience: str, lang: str, output: str | None) -> int:
    """Show a message as one HTML page that fetches nothing and runs nothing.

    The clinician's page shows every field, the patient's CPR number included; the citizen's uses plain words, and
    shows no internal codes and no CPR number.
    """
    from npn.messages import read_all
    from npn.messages.views import view as shown

    ((name, data),) = files((path,)) if not Path(path).is_dir() else (("", b""),)
    if not name:
        raise InvalidInputError(f"{path} is a directory", field="FILE", hint="view one file at a time")
    found = read_all(data)
    if len(found) != 1:
        raise InvalidInputError(
            f"{path} holds {len(found)} interchanges", field="FILE", hint="view one interchange at a time"
        )
    say_why_unreadable(name, found)
    page = shown(found[0], "citizen" if audience == "citizen" else "clinician", "en" if lang == "en" else "da")
    if output:
        try:
            Path(output).write_text(page, "utf-8")
        except OSError as error:
            hint = "check the folder and your rights"
            raise ConfigurationError(f"{output} can't be written: {error.strerror}", field="-o", hint=hint) from error
    else:
        sys.stdout.buffer.write(page.encode())
    return DONE if found[0].letters else ANSWER_IS_NO
