"""What there is to do: files of directories in order of their names, and pieces of streams.

A long stream, or a file too large to hold, is cut into its interchanges by the cutter that every reader uses
(`npn.messages.streams`). An interchange that is long itself comes in portions.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from npn.errors import ConfigurationError
from npn.messages import streams
from npn.messages.model.pieces import LARGEST_BYTES, Piece

SUFFIXES = frozenset((".xml", ".edi", ".edifact", ".txt"))
LARGE = 16 << 20
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: a file by its path, or bytes at hand.

    name    what results call it: the path as given, `#n` behind it for the n-th piece of a stream
    offset  where a piece begins in its stream, in bytes
    piece   the piece of a stream
    rest    the portions that follow the piece, where the interchange is long; they are read from the stream as they
            are asked for, so only once, and in the process that has the stream
    portions  whether a file's long interchanges may be given in portions
    """

    name: str
    path: Path | None = None
    data: bytes = b""
    offset: int = 0
    piece: Piece | None = None
    rest: Iterator[Piece] | None = None
    portions: bool = True

    @property
    def is_bound(self) -> bool:
        """Whether it can be done in this process only."""
        return self.rest is not None

    def pieces(self) -> Iterator[Piece]:
        """Yield the interchanges in it, a long one in portions. Raises OSError."""
        if self.piece is not None:
            yield from chain((self.piece,), self.rest or ())
        elif self.path is None:
            yield from streams.split(BytesIO(self.data), portions=self.portions)
        else:
            with self.path.open("rb") as stream:
                yield from streams.split(stream, portions=self.portions)

    def loaded(self) -> "Item":
        """Return the same with its bytes at hand, for a worker that can't see the file; one that fails stays."""
        try:
            return self if self.path is None else replace(self, path=None, data=self.path.read_bytes())
        except OSError:
            return self


def items_of(arguments: Iterable[str], *, stdin: BinaryIO, portions: bool = True) -> Iterator[Item]:
    """Yield what the arguments name: a file, a directory with all below it, `-` for a stream on `stdin`.

    Of a directory the files whose names end like messages' are given, in order; links to directories are not
    followed. A long interchange comes in portions, unless they are not wanted. Raises ConfigurationError for a name
    that does not exist.
    """
    names = tuple(arguments)
    for argument in names:
        if argument != "-" and not Path(argument).exists():
            raise ConfigurationError(f"{argument} does not exist", field="FILE", hint="check the name")
    for argument in names:
        if argument == "-":
            yield from split(stdin, argument, portions=portions)
        elif Path(argument).is_dir():
            for path in _below(Path(argument)):
                yield from _file(path, portions=portions)
        else:
            yield from _file(Path(argument), portions=portions)


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


def printable_name(path: Path | str) -> str:
    r"""Return a file's name as it can be printed: bytes that are no UTF-8 are shown as `\xf8`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _file(path: Path, *, portions: bool) -> Iterator[Item]:
    """Yield a file, or the pieces of a large one."""
    try:
        large = path.stat().st_size > LARGE
    except OSError:
        large = False  # reading it will say what is wrong
    if not large:
        yield Item(printable_name(path), path, portions=portions)
        return
    with path.open("rb") as stream:
        yield from split(stream, printable_name(path), portions=portions)


def split(stream: BinaryIO, name: str, *, largest: int = LARGEST_BYTES, portions: bool = True) -> Iterator[Item]:
    """Cut a stream into its interchanges; those of its portions that nobody asked for are passed over."""
    pieces = streams.split(stream, portions=portions, largest=largest, block=BLOCK)
    for piece in pieces:
        if not piece.data.strip():
            continue
        item_name = f"{name}#{piece.number}"
        if piece.last:
            yield Item(item_name, None, piece.data, piece.offset, piece)
            continue
        rest = _portions(pieces)
        yield Item(item_name, None, b"", piece.offset, piece, rest)
        for _ in rest:
            pass


def _portions(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield pieces up to the last portion of an interchange."""
    for piece in pieces:
        yield piece
        if piece.last:
            return
