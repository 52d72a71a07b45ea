"""A file or stream of messages as pieces: one cutter for whatever reads them, whole, in portions or in processes."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import BinaryIO

from npn.messages.edifact.cuts import edifact_piece
from npn.messages.model.pieces import BLOCK, LARGEST_BYTES, MARK, PADDING, Piece, StreamBuffer
from npn.messages.oioxml.cuts import xml_piece

LINE_BREAKS = b"\r\n"
MAX_FINGERPRINTS = 100_000
XML_STARTS = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<", b"\x00<")


def split(
    stream: BinaryIO, *, portions: bool = True, largest: int = LARGEST_BYTES, block: int = BLOCK
) -> Iterator[Piece]:
    """Yield the interchanges of a stream in order; a long one in portions, unless those are not wanted.

    Of a stream that is empty or blank one piece is given, which says so when it is read.

    largest  how many bytes an interchange may have that can't be given in portions
    block    how many bytes are read at a time
    """
    buffer, number, earlier = StreamBuffer(stream, largest=largest, block=block), 0, _EarlierPieces()
    while True:
        while not (content := bytes(buffer.data[:4096]).removeprefix(MARK).lstrip(PADDING)) and buffer.fill():
            pass
        if not content and number:
            return
        if not content:
            data = buffer.take(len(buffer.data))
            yield Piece(data, 1, 0, len(data))
            return
        number += 1
        cut = xml_piece if content.startswith(XML_STARTS) else edifact_piece
        for piece in cut(buffer, number, portions=portions):
            yield replace(piece, repeats=earlier.repeats(piece)) if piece.whole else piece


class _EarlierPieces:
    """Knows by their fingerprints the interchanges that a stream has had, up to a number that fits in memory."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def repeats(self, piece: Piece) -> int:
        """Return the number of the earlier interchange that a piece is the same as, or 0."""
        content = piece.data[: piece.end].translate(None, LINE_BREAKS).strip(PADDING)
        fingerprint = blake2b(content, digest_size=16).digest()
        if len(self._numbers) < MAX_FINGERPRINTS:
            return self._numbers.setdefault(fingerprint, piece.number) % piece.number
        return self._numbers.get(fingerprint, 0)
