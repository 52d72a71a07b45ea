"""What a design is made of. Lengths are millimetres from the upper left corner, sizes of letters are points."""

from enum import Enum
from typing import Annotated, Literal

import msgspec

Length = Annotated[float, msgspec.Meta(ge=0, le=500)]
Size = Annotated[float, msgspec.Meta(ge=4, le=40)]
Module = Annotated[float, msgspec.Meta(ge=0.1, le=2)]
Language = Literal["da", "en"]
Dpi = Literal[203, 300, 600]
RESOLUTIONS: tuple[Dpi, ...] = (203, 300, 600)


class SymbolKind(Enum):
    """A symbology, by the name that designs use."""

    CODE128 = "code128"
    DATAMATRIX = "datamatrix"
    QR = "qr"
    MICROQR = "microqr"

    @property
    def is_matrix(self) -> bool:
        """Whether it is read in two directions."""
        return self is not SymbolKind.CODE128


class _Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Members by name; unknown ones are refused."""


class Zone(_Struct, frozen=True, kw_only=True):
    """A rectangle that one thing is printed in."""

    x: Length
    y: Length
    width: Length
    height: Length

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


class SymbolZone(Zone, frozen=True, kw_only=True):
    """A symbol with its quiet zone: module and place in whole dots, as large as the zone allows.

    module, module_most  bounds of the module's width
    quiet  modules on either side (a matrix: on all sides); 0 is what the symbology asks
    subset  of Code 128: C takes an even count of digits alone, C+B an odd one too, whose last digit costs 11 modules
    """

    kind: SymbolKind
    module: Module = 0.25
    module_most: Module = 0.55
    quiet: Annotated[int, msgspec.Meta(ge=0, le=40)] = 0
    subset: Literal["C", "C+B"] = "C+B"


class NumberZone(Zone, frozen=True, kw_only=True):
    """The number for people, in groups: on so few lines, and as large, as the zone allows."""

    size: Size = 9
    least: Size = 6
    lines: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1


class TextZone(Zone, frozen=True, kw_only=True):
    """One line that the caller gives, such as a name or a material; it is written smaller before it is refused."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    size: Size = 8
    least: Size = 5.5


class WordsZone(Zone, frozen=True, kw_only=True):
    """Words of the design, in both languages, over as many lines as the zone holds."""

    da: str
    en: str
    size: Size = 9
    bold: bool = False


class Face(_Struct, frozen=True, kw_only=True):
    """What is printed on one label, or on a sheet around its stickers.

    copies  where a label that is printed again says so
    boxes  those without height are lines to write on
    """

    symbols: tuple[SymbolZone, ...] = ()
    numbers: tuple[NumberZone, ...] = ()
    texts: tuple[TextZone, ...] = ()
    words: tuple[WordsZone, ...] = ()
    copies: tuple[Zone, ...] = ()
    boxes: tuple[Zone, ...] = ()


class StickerGrid(_Struct, frozen=True, kw_only=True):
    """Labels of another design on a sheet, all with the sheet's number. A design is made for each of `counts`."""

    design: str
    x: Length
    y: Length
    columns: Annotated[int, msgspec.Meta(ge=1, le=10)]
    counts: tuple[Annotated[int, msgspec.Meta(ge=1, le=40)], ...]
    gap: Length = 0


class DesignFile(_Struct, frozen=True, kw_only=True):
    """A design as its file says it."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title_da: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    title_en: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    width: Annotated[float, msgspec.Meta(ge=8, le=300)]
    height: Annotated[float, msgspec.Meta(ge=6, le=430)]
    face: Face
    dpi: Dpi = 300
    stickers: StickerGrid | None = None


class PlacedFace(_Struct, frozen=True, kw_only=True):
    """A face, its place on the page, and where the design file describes it."""

    x: float
    y: float
    face: Face
    field: str = "face."


class LabelDesign(_Struct, frozen=True, kw_only=True):
    """A page with the faces on it. `dpi`: of the printer, where nobody says another."""

    name: str
    title_da: str
    title_en: str
    width: float
    height: float
    dpi: Dpi
    faces: tuple[PlacedFace, ...]

    @property
    def kinds(self) -> tuple[SymbolKind, ...]:
        """The symbologies on it, each once."""
        return tuple(dict.fromkeys(symbol.kind for placed in self.faces for symbol in placed.face.symbols))

    @property
    def can_be_copied(self) -> bool:
        """Whether each face with a number has a zone that says of a copy that it is one."""
        return all(placed.face.copies for placed in self.faces if placed.face.symbols)

    @property
    def text_names(self) -> tuple[str, ...]:
        """The names of the text zones, in the order in which lines of text fill them, each once."""
        return tuple(dict.fromkeys(text.name for placed in self.faces for text in placed.face.texts))


class Label(_Struct, frozen=True, kw_only=True):
    """One number and the lines that fill the design's text zones, in their order. A copy says that it is one."""

    number: str
    texts: tuple[str, ...] = ()
    is_copy: bool = False
