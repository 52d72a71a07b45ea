"""Text that a person gives to a command, in a file or on standard input, however their editor or shell has saved it."""

import sys
from pathlib import Path

from npn.errors import ConfigurationError
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
