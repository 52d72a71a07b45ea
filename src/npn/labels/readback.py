"""Labels read again from the finished picture, by another library than made their symbols.

Each symbol is cut out with its quiet zone, which must be clean, and decoded with every symbology that the reader
knows: exactly the number, as exactly the symbology that the design says, or the page is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp
from PIL import Image

from npn.errors import RefusedError, codes
from npn.labels.layout import PlacedPage, PlacedSymbol, SymbolSpot
from npn.labels.model import SymbolKind

_FORMATS = {
    SymbolKind.CODE128: zxingcpp.BarcodeFormat.Code128,
    SymbolKind.DATAMATRIX: zxingcpp.BarcodeFormat.DataMatrix,
    SymbolKind.QR: zxingcpp.BarcodeFormat.QRCode,
    SymbolKind.MICROQR: zxingcpp.BarcodeFormat.MicroQRCode,
}
_DARK = 128  # of 255: the printer burns a dot that is darker


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a reader made of a picture: symbology and text."""

    kind: SymbolKind | None
    text: str


def check_page(picture: Image.Image, page: PlacedPage) -> None:
    """Raise RefusedError `label_unreadable` unless every symbol of the page reads as its number, alone."""
    for symbol in page.symbols:
        problem = _problem(picture, symbol)
        if problem:
            raise RefusedError(
                f"the {symbol.spot.zone.kind.value} of {page.number} can't be used: {problem}",
                code=codes.LABEL_UNREADABLE,
                field=symbol.spot.field,
                hint="nothing was written; another resolution or design may do",
            )


def read_picture(picture: Image.Image) -> list[CodeReading]:
    """Return every symbol in a picture, of whatever symbology."""
    return [CodeReading(_kind(barcode.format), barcode.text) for barcode in zxingcpp.read_barcodes(picture)]


def cut_out(picture: Image.Image, spot: SymbolSpot) -> Image.Image:
    """Return the symbol with its quiet zone: beside a linear one, around a matrix."""
    above = spot.quiet if spot.zone.kind.is_matrix else 0
    return picture.crop(
        (spot.x - spot.quiet, spot.y - above, spot.x + spot.width + spot.quiet, spot.y + spot.height + above)
    )


def _problem(picture: Image.Image, symbol: PlacedSymbol) -> str:
    spot = symbol.spot
    if any(min(strip.tobytes(), default=_DARK) < _DARK for strip in _quiet_strips(picture, spot)):
        return "something is printed in its quiet zone"
    readings = read_picture(cut_out(picture, spot))
    expected = CodeReading(spot.zone.kind, symbol.digits)
    if readings == [expected]:
        return ""
    if not readings:
        return "it does not read"
    return "it reads as " + ", ".join(reading.text for reading in readings if reading != expected)


def _quiet_strips(picture: Image.Image, spot: SymbolSpot) -> Iterator[Image.Image]:
    left, top, right, bottom = spot.x, spot.y, spot.x + spot.width, spot.y + spot.height
    above = spot.quiet if spot.zone.kind.is_matrix else 0
    yield picture.crop((left - spot.quiet, top - above, left, bottom + above))
    yield picture.crop((right, top - above, right + spot.quiet, bottom + above))
    if above:
        yield picture.crop((left, top - above, right, top))
        yield picture.crop((left, bottom, right, bottom + above))


def _kind(code: zxingcpp.BarcodeFormat) -> SymbolKind | None:
    return next((kind for kind, format_ in _FORMATS.items() if format_ == code), None)
