"""What there is to do: files of directories in order of their names, and pieces of streams.

A long stream, or a file too large to hold, is cut at the end of each EDIFACT interchange. A cut is only made
where UNZ ends; where none is found the piece grows to a limit, and what is longer is dropped up to the next
UNA or UNB (its reader then says that the piece is too large).
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from npn.errors import ConfigurationError
from npn.messages.edifact.alphabet import DEFAULT, NO_RELEASE, Alphabet

SUFFIXES = frozenset((".xml", ".edi", ".edifact", ".txt"))
LARGE = 16 << 20
LARGEST_PIECE = 64 << 20
BLOCK = 1 << 20
MAX_UNZ_BYTES = 1 << 10
EDIFACT_START = re.compile(rb"U[\r\n]*N[\r\n]*[AB]")
NOT_BLANK = re.compile(rb"\S")
NEXT_START = re.compile(rb"UNA:\+|UNB\+UNO")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: a file by its path, or bytes at hand.

    name    what results call it: the path as given, `#n` behind it for the n-th piece of a stream
    offset  where a piece begins in its stream, in bytes
    """

    name: str
    path: Path | None = None
    data: bytes = b""
    offset: int = 0

    def read(self) -> bytes:
        """Return its bytes. Raises OSError."""
        return self.data if self.path is None else self.path.read_bytes()

    def loaded(self) -> "Item":
        """Return the same with its bytes at hand, for a worker that can't see the file; one that fails stays."""
        try:
            return Item(self.name, None, self.read(), self.offset)
        except OSError:
            return self


def items_of(arguments: Iterable[str], *, stdin: BinaryIO) -> Iterator[Item]:
    """Yield what the arguments name: a file, a directory with all below it, `-` for a stream on `stdin`.

    Of a directory the files whose names end like messages' are given, in order; links to directories are not
    followed. Raises ConfigurationError for a name that does not exist.
    """
    names = tuple(arguments)
    for argument in names:
        if argument != "-" and not Path(argument).exists():
            raise ConfigurationError(f"{argument} does not exist", field="FILE", hint="check the name")
    for argument in names:
        if argument == "-":
            yield from split(stdin, argument)
        elif Path(argument).is_dir():
            for path in _below(Path(argument)):
                yield from _file(path)
        else:
            yield from _file(Path(argument))


def count_of(arguments: Iterable[str]) -> int | None:
    """Count the files beforehand, for a progress bar; None where a stream is among them."""
    names = tuple(arguments)
    if "-" in names:
        return None
    return sum(sum(1 for _ in _below(Path(path))) if Path(path).is_dir() else 1 for path in names)


def _below(directory: Path) -> Iterator[Path]:
    """Yield the messages' files below a directory, folder by folder in order of their names."""
    for folder, below, names in os.walk(directory):
        below.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder, name)


def _file(path: Path) -> Iterator[Item]:
    """Yield a file, or the pieces of a large one."""
    try:
        large = path.stat().st_size > LARGE
    except OSError:
        large = False  # reading it will say what is wrong
    if not large:
        yield Item(str(path), path)
        return
    with path.open("rb") as stream:
        yield from split(stream, str(path))


def split(stream: BinaryIO, name: str, *, largest: int = LARGEST_PIECE) -> Iterator[Item]:
    """Cut a stream into its interchanges; one that doesn't look like EDIFACT stays whole up to the limit."""
    buffer, search_from, offset, number, more = bytearray(), 0, 0, 0, True
    while buffer or more:
        match = NOT_BLANK.search(buffer)
        blank = match.start() if match else len(buffer)
        del buffer[:blank]
        offset += blank
        end = _end_of_interchange(buffer, max(0, search_from - blank)) if EDIFACT_START.match(buffer) else 0
        if not end and more and len(buffer) <= largest:
            search_from = max(0, len(buffer) - MAX_UNZ_BYTES)
            block = stream.read(BLOCK)
            more = bool(block)
            buffer += block
            continue
        size = end or len(buffer)
        if size:
            number += 1
            yield Item(f"{name}#{number}", None, bytes(buffer[:size]).rstrip(), offset)
        del buffer[:size]
        offset, search_from = offset + size, 0
        if size and not end and more:
            offset += _drop_to_start(stream, buffer)


def _drop_to_start(stream: BinaryIO, buffer: bytearray) -> int:
    """Drop from a stream what comes before the next UNA or UNB; say how much that was."""
    count = 0
    while True:
        match = NEXT_START.search(buffer)
        cut = match.start() if match else max(0, len(buffer) - len(b"UNB+UNO"))
        del buffer[:cut]
        count += cut
        block = b"" if match else stream.read(BLOCK)
        if match or not block:
            return count
        buffer += block


def _end_of_interchange(data: bytearray, start: int) -> int:
    """Find the end of the first UNZ segment from `start` on; 0 where it has not come yet."""
    match = _unz(_alphabet(data)).search(data, start)
    return match.end() if match else 0


def _alphabet(data: bytearray) -> Alphabet:
    """Read the service characters the data starts with."""
    head = bytes(data[:64]).translate(None, b"\r\n").lstrip()[:9].decode("latin-1")
    return Alphabet.of_una(head) or DEFAULT


def _unz(alphabet: Alphabet) -> re.Pattern[bytes]:
    """Make the pattern of a UNZ segment and the blanks behind it, line breaks allowed anywhere in it."""
    terminator, element = (re.escape(c.encode("latin-1")) for c in (alphabet.terminator, alphabet.element))
    release = b"" if alphabet.release == NO_RELEASE else re.escape(alphabet.release.encode("latin-1"))
    before = b"(?<!" + release + b")" if release else b""
    data = b"[^" + terminator + release + b"]" + (b"|" + release + rb"[\r\n]*[\s\S]" if release else b"")
    begins = before + terminator + rb"[\s]*U[\r\n]*N[\r\n]*Z[\r\n]*" + element
    return re.compile(begins + b"(?:" + data + b"){0,500}" + terminator + rb"[\r\n ]*")
