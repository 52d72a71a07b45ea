"""Usable numbers as text, in blocks of bytes: for files, pipes and HTTP, however long the series.

The last digits of every number come from a ready piece of text, one for each residue they must give, in which the
leading digits are place holders; putting those in is one pass over bytes in C. With numpy the pass is several times
faster (`npn.numbers.arrays.blocks`, the same bytes); this module never needs it.
"""

from collections.abc import Iterator

from npn.errors import InvalidInputError
from npn.numbers.scheme import NumberScheme

BLOCK_SIZE = 65_536
_TAIL_DIGITS = 4
_HOLDERS = bytes(range(0x80, 0x80 + 18))  # never ASCII, so never in what surrounds a number
_PLAIN = bytes(range(256))


def blocks(
    scheme: NumberScheme,
    first: int,
    last: int,
    *,
    prefix: bytes = b"",
    suffix: bytes = b"\n",
    block_size: int = BLOCK_SIZE,
) -> Iterator[bytes]:
    r"""Yield the usable numbers from `first` to `last`, each between `prefix` and `suffix`, in blocks.

    block_size  bytes: a block is at least this long (the last one may be shorter), and less than twice this long or
    one ready piece more (some 10 KiB). No more than one block is kept, so memory stays flat for 10^9 numbers.
    Raises InvalidInputError where `prefix` or `suffix` is not ASCII, or `block_size` is below 1.

    >>> from npn.numbers.scheme import NPN10
    >>> list(blocks(NPN10, 1000000000, 1000000020, prefix=b'"', suffix=b'"\n'))
    [b'"1000000015"\n']
    """
    check_frame(prefix=prefix, suffix=suffix, block_size=block_size)
    first, last = max(first, scheme.lowest), min(last, scheme.highest)
    return _gathered(_pieces(scheme, (first, last), prefix, suffix), block_size)


def check_frame(*, prefix: bytes, suffix: bytes, block_size: int) -> None:
    """Refuse a frame that the ready pieces can't hold."""
    for name, value in (("prefix", prefix), ("suffix", suffix)):
        if not value.isascii():
            raise InvalidInputError(f"the {name} of a number must be ASCII", field=name)
    if block_size < 1:
        raise InvalidInputError("a block has at least one byte", field="block_size")


def ready_piece(tails: tuple[int, ...], leading: bytes, suffix: bytes) -> bytes:
    """Text of one number for each tail: `leading`, the tail's four digits, `suffix`."""
    ends = [b"%0*d" % (_TAIL_DIGITS, tail) + suffix for tail in tails]
    return leading + leading.join(ends) if ends else b""


def _pieces(scheme: NumberScheme, bounds: tuple[int, int], prefix: bytes, suffix: bytes) -> Iterator[bytes]:
    """Yield the text of each run of numbers that share their leading digits."""
    first, last = bounds
    if first > last:
        return
    width = scheme.length - _TAIL_DIGITS
    holders = _HOLDERS[:width]
    line = len(prefix) + scheme.length + len(suffix)
    tails = scheme.residues.tails(_TAIL_DIGITS)
    ready: dict[int, bytes] = {}
    head, rest = _PLAIN[: _HOLDERS[0]], _PLAIN[_HOLDERS[0] + width :]
    for run in scheme.residues.runs(first, last, _TAIL_DIGITS):
        piece = ready.get(run.residue)
        if piece is None:
            piece = ready[run.residue] = ready_piece(tails[run.residue], prefix + holders, suffix)
        if run.stop - run.start < len(tails[run.residue]):
            piece = piece[run.start * line : run.stop * line]
        yield piece.translate(head + b"%0*d" % (width, run.prefix) + rest)


def _gathered(pieces: Iterator[bytes], block_size: int) -> Iterator[bytes]:
    """Join the pieces into blocks of `block_size` bytes or a little more."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= block_size:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
