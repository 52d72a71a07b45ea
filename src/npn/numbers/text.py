"""Usable numbers as text, in blocks of bytes: for files, pipes and HTTP, however long the series.

The last digits of every number come from a ready piece of text, one for each residue they must give, in which
the leading digits are place holders; putting those in is one pass over bytes in C. With numpy the pass is
several times faster (`npn.numbers.arrays.blocks`, the same bytes); this module never needs it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from npn.errors import InvalidInputError
from npn.numbers.residues import ResidueRun
from npn.numbers.scheme import NumberScheme

BLOCK_SIZE = 65_536
_SHORT, _LONG = 4, 5  # digits in the ready pieces
_LONG_SPAN = 1_000_000  # numbers from which making 10^5 tails (some 15 ms) pays
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

    block_size  bytes: a block is from half to two and a half times as long and holds at least one number; the
    last may be shorter. No more than one block is kept, so memory stays flat for 10^9 numbers. Raises
    InvalidInputError where `prefix` or `suffix` is not ASCII, or `block_size` is below 1.

    >>> from npn.numbers.scheme import NPN10
    >>> list(blocks(NPN10, 1000000000, 1000000020, prefix=b'"', suffix=b'"\n'))
    [b'"1000000007"\n"1000000015"\n']
    """
    frame = Frame(prefix, suffix, block_size)
    return frame.gathered(_pieces(scheme, max(first, scheme.lowest), min(last, scheme.highest), frame=frame))


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a number, and how long the blocks are. Raises InvalidInputError as `blocks` does."""

    prefix: bytes
    suffix: bytes
    block_size: int

    def __post_init__(self) -> None:
        """Refuse what the ready pieces can't hold."""
        for name in ("prefix", "suffix"):
            if not getattr(self, name).isascii():
                raise InvalidInputError(f"the {name} of a number must be ASCII", field=name)
        if self.block_size < 1:
            raise InvalidInputError("a block has at least one byte", field="block_size")

    def ready(self, tails: tuple[int, ...], digits: int, leading: bytes) -> bytes:
        """Write a line for each tail: `leading` for the leading digits, then the tail's `digits` digits."""
        start = self.prefix + leading
        return b"".join([start + b"%0*d" % (digits, tail) + self.suffix for tail in tails])

    def cuts(self, run: ResidueRun, line: int, lines: int) -> Iterator[slice]:
        """Cut the run's part of a ready piece, `lines` lines of `line` bytes, to about the block size."""
        parts = min(max(lines * line // self.block_size, 1), lines)
        step = -(-lines // parts)
        for start in range(run.start, run.stop, step):
            yield slice(start * line, min(start + step, run.stop) * line)

    def gathered(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Join short pieces into blocks; a piece that is long enough passes as it is."""
        waiting: list[bytes] = []
        size = 0
        for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if 2 * size >= self.block_size:
                yield b"".join(waiting)  # a single piece is not copied
                waiting.clear()
                size = 0
        if waiting:
            yield b"".join(waiting)


def _pieces(scheme: NumberScheme, first: int, last: int, *, frame: Frame) -> Iterator[bytes]:
    """Yield the text of each run of numbers that share their leading digits."""
    digits = _LONG if last - first >= _LONG_SPAN else _SHORT
    width = scheme.length - digits
    line = len(frame.prefix) + scheme.length + len(frame.suffix)
    holders = _HOLDERS[:width]
    head, rest = _PLAIN[: _HOLDERS[0]], _PLAIN[_HOLDERS[0] + width :]
    tails = scheme.residues.tails(digits)
    ready: dict[int, bytes] = {}
    for run in scheme.residues.runs(first, last, digits, tails=tails):
        piece = ready.get(run.residue)
        if piece is None:
            piece = ready[run.residue] = frame.ready(tails[run.residue], digits, holders)
        table = head + b"%0*d" % (width, run.prefix) + rest
        for cut in frame.cuts(run, line, len(tails[run.residue])):
            yield piece[cut].translate(table)
