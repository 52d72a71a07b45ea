"""Text that people write on any machine: files, lists and addresses, whatever editor or shell has saved them.

Windows writes byte order marks, UTF-16 (PowerShell's `>`) and CR LF, scanners end a line with CR alone. All of it is
read here, in one place. What can't be read is refused with the way out.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from npn.errors import ConfigurationError, InvalidInputError, codes

MAX_LINE_CHARACTERS = 65_536  # of a line that is longer only the beginning is kept, to be shown
MAX_FILE_BYTES = 16 * 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENDS = re.compile(r"\r\n|\r|\n")
_ASSIGNED = re.compile(r"""(?:export\s+|set\s+|\$env:)?[A-Za-z_][A-Za-z0-9_.]*\s*[=:]\s*(.*)""", re.ASCII | re.DOTALL)
_SAVE_AS_UTF8 = "save it as UTF-8; in PowerShell: Set-Content -Encoding utf8"


def detect_encoding(start: bytes) -> tuple[str, int]:
    """Return the encoding that the first bytes show, and the length of the byte order mark."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding, len(mark)
    if len(start) >= 2 and start[0] and not start[1]:  # ASCII as UTF-16 without a mark
        return "utf-16-le", 0
    if len(start) >= 2 and start[1] and not start[0]:
        return "utf-16-be", 0
    return "utf-8", 0


def decode_text(data: bytes, *, name: str = "the text", field: str = "") -> str:
    """Return the text with LF line ends, without its byte order mark.

    Raises InvalidInputError `not_text` naming `name` and `field` where it is neither UTF-8 nor UTF-16.
    """
    encoding, mark = detect_encoding(data)
    try:
        text = data[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        where = "" if encoding != "utf-8" else f" (byte {error.start + mark + 1} is 0x{data[error.start + mark]:02x})"
        label = "UTF-8" if encoding == "utf-8" else encoding.upper().removesuffix("-LE").removesuffix("-BE")
        message = f"{name} is not text in {label}{where}"
        raise InvalidInputError(message, code=codes.NOT_TEXT, field=field, hint=_SAVE_AS_UTF8) from error
    if "\0" in text:
        message = f"{name} has a NUL character, so it is not text"
        raise InvalidInputError(message, code=codes.NOT_TEXT, field=field, hint=_SAVE_AS_UTF8)
    return _ENDS.sub("\n", text.removeprefix("\ufeff"))


def read_text(path: Path, *, field: str = "", limit: int = MAX_FILE_BYTES) -> str:
    """Return a file's text as `decode_text` does. Raises ConfigurationError that names the file and `field`."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ConfigurationError(f"can't read {path}: {error.strerror or error}", field=field) from error
    except ValueError as error:  # a NUL in the path
        raise ConfigurationError(f"can't read {str(path)!r}: {error}", field=field) from error
    if len(data) > limit:
        raise ConfigurationError(f"{path} has more than {limit} bytes", field=field)
    try:
        return decode_text(data, name=str(path))
    except InvalidInputError as error:
        raise ConfigurationError(error.message, field=field, hint=error.hint) from error


def iterate_lines(blocks: Iterable[bytes]) -> Iterator[list[str]]:
    """Yield the lines that are complete after each block, blank ones left out; bytes that are no text are escaped."""
    decoder: codecs.IncrementalDecoder | None = None
    tail, sent_encoding = b"", ""
    for block in blocks:
        if decoder is None:
            tail += block
            if len(tail) < 2 or any(mark.startswith(tail) and mark != tail for mark, _ in _MARKS):
                continue
            encoding, mark = detect_encoding(tail)
            decoder = codecs.getincrementaldecoder(encoding)("backslashreplace")
            block = tail[mark:]  # noqa: PLW2901  # the block with all that came before it
        *whole, sent_encoding = _ENDS.split(sent_encoding + decoder.decode(block))
        sent_encoding = sent_encoding[:MAX_LINE_CHARACTERS]
        yield [line.strip() for line in whole if line.strip()]
    rest = (
        tail.decode("utf-8", "backslashreplace") if decoder is None else sent_encoding + decoder.decode(b"", final=True)
    )
    lines = [line.strip() for line in _ENDS.split(rest) if line.strip()]
    if lines:
        yield lines


def clean_line(text: str) -> str:
    """Return an address or a key without what copying leaves around it: blanks, line ends, byte order marks."""
    return text.strip().strip("\ufeff\u200b").strip()


def parse_key(text: str, *, field: str) -> str:
    """Return the API key in a text: alone on a line, or as `NAME=value`, quoted or not; lines with # are comments.

    Raises ConfigurationError where there is none, more than one, or something that can't be one.
    """
    lines = [clean_line(line) for line in _ENDS.split(text)]
    lines = [line for line in lines if line and not line.startswith("#")]
    hint = "a key looks like npn_<system>_<secret>; the file holds it alone on one line, as the operator gave it"
    if not lines:
        raise ConfigurationError("there is no key in it", field=field, hint=hint)
    if len(lines) > 1:
        raise ConfigurationError(f"there are {len(lines)} lines in it, and a key is one", field=field, hint=hint)
    assigned = _ASSIGNED.fullmatch(lines[0])
    key = clean_line(assigned[1]).rstrip(";").strip() if assigned else lines[0]
    if len(key) > 1 and key[0] == key[-1] and key[0] in "\"'":
        key = key[1:-1].strip()
    if not key or not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError("that can't be a key", field=field, hint=hint)
    return key
