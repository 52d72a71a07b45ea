"""Text that a person gives to a command, in a file or on standard input, however their editor or shell has saved it."""

import sys
from datetime import date
from pathlib import Path

import click

from npn.errors import ConfigurationError
from npn.instants import day_or_none
from npn.text import MAX_FILE_BYTES, decode_text, read_text


def read_input(file: str, *, field: str) -> str:
    """Return the text of a file, or of standard input for `-`. Raises an error that names `field`."""
    return read_standard_input(field=field) if file == "-" else read_text(Path(file), field=field)


def read_standard_input(*, field: str) -> str:
    """Return all of standard input as text. Raises an error that names `field`."""
    data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ConfigurationError(f"standard input has more than {MAX_FILE_BYTES} bytes", field=field)
    return decode_text(data, name="standard input", field=field)


class DayParameter(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions of click alone
    """A day as commands take it: 2027-09-01."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it, or refuse it."""
        day = value if isinstance(value, date) else day_or_none(value)
        if day is None:
            self.fail(f"{value!r} is not a day such as 2027-09-01", param, ctx)
        return day


DAY = DayParameter()
