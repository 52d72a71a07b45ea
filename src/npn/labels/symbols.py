"""Symbols as modules, by libraries that have no part in reading them again (`npn.labels.readback`)."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import segno
import zint

from npn.errors import InvalidInputError, codes
from npn.labels.model import SymbolKind, SymbolZone

QUIET_MODULES = {  # ISO/IEC 15417, 16022, 18004
    SymbolKind.CODE128: 10,
    SymbolKind.DATAMATRIX: 1,
    SymbolKind.QR: 4,
    SymbolKind.MICROQR: 2,
}
_ODD_DIGIT_MODULES = 11  # the switch from subset C to B; the digit itself takes what a pair takes


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring dark modules of one row."""

    x: int
    y: int
    length: int


@dataclass(frozen=True, slots=True)
class EncodedSymbol:
    """Width and height in modules without the quiet zone, and the dark modules; a linear symbol has one row."""

    width: int
    height: int
    runs: tuple[Run, ...]


@lru_cache(maxsize=4096)
def encode_symbol(kind: SymbolKind, digits: str) -> EncodedSymbol:
    """Return the symbol of a number. Raises InvalidInputError `label_not_fit` where the symbology can't hold it."""
    if kind is SymbolKind.QR:
        return _of_matrix(_segno(digits, micro=False))
    if kind is SymbolKind.MICROQR:
        return _of_matrix(_segno(digits, micro=True))
    return _of_zint(zint.Symbology.CODE128 if kind is SymbolKind.CODE128 else zint.Symbology.DATAMATRIX, digits)


def _segno(digits: str, *, micro: bool) -> list[list[int]]:
    try:
        code = segno.make(digits, micro=micro, mode="numeric")
    except segno.DataOverflowError as error:
        raise InvalidInputError(
            f"{len(digits)} digits do not fit in a Micro QR code", code=codes.LABEL_NOT_FIT, field="kind"
        ) from error
    return [list(row) for row in code.matrix]


def _of_zint(symbology: zint.Symbology, digits: str) -> EncodedSymbol:
    symbol = zint.Symbol()
    symbol.symbology = symbology
    symbol.encode(digits)
    symbol.buffer_vector()
    unit = symbol.vector.width / symbol.width
    rows = symbol.rows
    matrix = [[0] * symbol.width for _ in range(rows)]
    for bar in symbol.vector.rectangles:
        lines = range(round(bar.y / unit), round((bar.y + bar.height) / unit)) if rows > 1 else (0,)
        for y, x in product(lines, range(round(bar.x / unit), round((bar.x + bar.width) / unit))):
            matrix[y][x] = 1
    return _of_matrix(matrix)


def _of_matrix(matrix: list[list[int]]) -> EncodedSymbol:
    runs: list[Run] = []
    for y, row in enumerate(matrix):
        start: int | None = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                runs.append(Run(start, y, x - start))
                start = None
    return EncodedSymbol(len(matrix[0]), len(matrix), tuple(runs))


def quiet_modules(zone: SymbolZone) -> int:
    """Return the quiet zone of a design's symbol, in modules: the design's, else the symbology's."""
    return zone.quiet or QUIET_MODULES[zone.kind]


def check_subset(zone: SymbolZone, digits: int) -> None:
    """Refuse an odd count of digits where the design takes subset C alone. Raises InvalidInputError."""
    if zone.kind is SymbolKind.CODE128 and zone.subset == "C" and digits % 2:
        raise InvalidInputError(
            f"{digits} digits are an odd count, and this design's Code 128 takes subset C alone",
            code=codes.LABEL_NOT_FIT,
            field="subset",
            hint=f'subset = "C+B" takes them; the last digit then costs {_ODD_DIGIT_MODULES} modules',
        )
