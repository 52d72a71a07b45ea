"""Where the message commands write: one file, or a file for each interchange in a folder."""

from pathlib import Path

import click

from npn.errors import ConfigurationError, InvalidInputError

SEVERAL = "give a folder behind -o: each interchange gets its own file there"
LANG = click.option(
    "--lang", type=click.Choice(["da", "en"]), default="en", show_default=True, help="Language of the findings."
)


def is_several(path: str, output: str | None) -> bool:
    """Whether a file for each interchange is to be written. A folder as FILE needs a folder as output.

    Raises InvalidInputError.
    """
    wanted = bool(output) and (Path(str(output)).is_dir() or str(output).endswith("/"))
    if Path(path).is_dir() and not wanted:
        if output and not Path(output).exists():
            return True  # a folder that is made
        raise InvalidInputError(f"{path} is a directory", field="FILE", hint=SEVERAL)
    return wanted


def place_in(folder: Path, name: str, *, base: Path, number: int, of: int, suffix: str) -> Path:
    """Return the file for an interchange of a file: `sub/a.edi` becomes `sub/a.xml`, or `sub/a-2.xml` for the second.

    base        what the user named: a folder, or the file itself
    number, of  which interchange of the file it is, and how many the file has
    """
    path, _, piece = name.partition("#")  # a piece of a long stream
    file = Path(path)
    below = file.relative_to(base) if base.is_dir() else Path(file.name)
    stem = "message" if path == "-" else below.stem
    marks = [piece] if piece else []
    marks += [str(number)] if of > 1 else []
    return folder / below.parent / ("-".join((stem, *marks)) + suffix)


def saved(path: Path, data: bytes, *, folders: bool = False) -> None:
    """Write a file, where asked with the folders it needs. Raises ConfigurationError."""
    try:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        hint = "check the folder and your rights"
        raise ConfigurationError(f"{path} can't be written: {error.strerror}", field="-o", hint=hint) from error
