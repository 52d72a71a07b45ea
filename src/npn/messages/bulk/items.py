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
LONGEST_UNZ = 1 << 10
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
        """Give its bytes. Raises OSError."""
        return self.data if self.path is None else self.path.read_bytes()

    def loaded(self) -> "Item":
        """Give the same with its bytes at hand, for a worker that can't see the file; one that fails stays."""
        try:
            return Item(self.name, None, self.read(), self.offset)
        except OSError:
            return self


def items_of(arguments: Iterable[str], *, stdin: BinaryIO) -> Iterator[Item]:
    """Give what the arguments name: a file, a directory with all below it, `-` for a stream on `stdin`.

    Of a directory the files whose names end like messages' are given, in order; links to directories are not
    followed. Raises ConfigurationError for a name that does not exist.
    """
    named = tuple(arguments)
    for argument in named:
        if argument != "-" and not Path(argument).exists():
            raise ConfigurationError(f"{argument} does not exist", field="FILE", hint="check the name")
    for argument in named:
        if argument == "-":
            yield from split(stdin, argument)
        elif Path(argument).is_dir():
            for found in _below(Path(argument)):
                yield from _file(found)
        else:
            yield from _file(Path(argument))


def count_of(arguments: Iterable[str]) -> int | None:
    """Count the files beforehand, for a progress bar; None where a stream is among them."""
    named = tuple(arguments)
    if "-" in named:
        return None
    return sum(sum(1 for _ in _below(Path(each))) if Path(each).is_dir() else 1 for each in named)


def _below(directory: Path) -> Iterator[Path]:
    """Give the messages' files below a directory, folder by folder in order of their names."""
    for folder, below, names in os.walk(directory):
        below.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES:
                yield Path(folder, name)


def _file(path: Path) -> Iterator[Item]:
    """Give a file, or the pieces of a large one."""
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
    held, searched, offset, number, more = bytearray(), 0, 0, 0, True
    while held or more:
        found = NOT_BLANK.search(held)
        blank = found.start() if found else len(held)
        del held[:blank]
        offset += blank
        end = _end_of_interchange(held, max(0, searched - blank)) if EDIFACT_START.match(held) else 0
        if not end and more and len(held) <= largest:
            searched = max(0, len(held) - LONGEST_UNZ)
            block = stream.read(BLOCK)
            more = bool(block)
            held += block
            continue
        size = end or len(held)
        if size:
            number += 1
            yield Item(f"{name}#{number}", None, bytes(held[:size]).rstrip(), offset)
        del held[:size]
        offset, searched = offset + size, 0
        if size and not end and more:
            offset += _drop_to_start(stream, held)


def _drop_to_start(stream: BinaryIO, held: bytearray) -> int:
    """Drop from a stream what comes before the next UNA or UNB; say how much that was."""
    dropped = 0
    while True:
        found = NEXT_START.search(held)
        cut = found.start() if found else max(0, len(held) - len(b"UNB+UNO"))
        del held[:cut]
        dropped += cut
        block = b"" if found else stream.read(BLOCK)
        if found or not block:
            return dropped
        held += block


def _end_of_interchange(data: bytearray, start: int) -> int:
    """Find the end of the first UNZ segment from `start` on; 0 when there is none yet."""
    found = _unz(_alphabet(data)).search(data, start)
    return found.end() if found else 0


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
