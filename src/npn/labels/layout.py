"""A design at one resolution: every module and every origin in whole dots of the printer, every minimum kept.

What depends on the count of digits alone is worked out once; a page is then the design filled in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from npn.errors import InvalidInputError, codes
from npn.labels.model import (
    Dpi,
    Face,
    Label,
    LabelDesign,
    Language,
    NumberZone,
    PlacedFace,
    SymbolZone,
    TextZone,
    Zone,
)
from npn.labels.symbols import EncodedSymbol, check_subset, encode_symbol, quiet_modules

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0
MM_PER_POINT = MM_PER_INCH / POINTS_PER_INCH
LEAST_BAR_HEIGHT = 5.0  # mm, and 15 % of the symbol's width: ISO/IEC 15417
LEAST_BAR_SHARE = 0.15
MONO_ADVANCE = 0.6021  # of the size: the width of every letter of DejaVu Sans Mono
MONO_LINE = 1.165  # of the size: ascender to descender
MONO_LEADING = 0.15
COPY_WORDS: Mapping[Language, str] = {"da": "KOPI", "en": "COPY"}
LEAST_COPY_SIZE = 5.0  # points
_GROUP = 3
_LINEAR_INSET = 0.1  # dots on either side of a bar: whatever the rasteriser rounds, the bar keeps its dots
_MATRIX_INSET = 0.02  # less, so that no hairline shows between rows where another resolution prints the page
_STEP = 0.5  # points
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class SymbolSpot:
    """Where a symbol is printed, in dots: its upper left module, the module, the height of bars, the quiet zone."""

    zone: SymbolZone
    x: int
    y: int
    module: int
    width: int
    height: int
    quiet: int
    field: str

    def enlarged(self, scale: int) -> "SymbolSpot":
        """Return the spot on a picture with `scale` times as many dots each way."""
        sizes = {name: getattr(self, name) * scale for name in ("x", "y", "module", "width", "height", "quiet")}
        return replace(self, **sizes)


@dataclass(frozen=True, slots=True)
class PlacedSymbol:
    """A symbol of one number at its spot."""

    spot: SymbolSpot
    digits: str

    @property
    def encoded(self) -> EncodedSymbol:
        """Its modules."""
        return encode_symbol(self.spot.zone.kind, self.digits)

    def bars(self, dpi: int) -> Iterator[list[float]]:
        """Yield each bar as x, y, width and height in points."""
        spot, symbol = self.spot, self.encoded
        linear = not spot.zone.kind.is_matrix
        inset = _LINEAR_INSET if linear else _MATRIX_INSET
        module_height = spot.height // symbol.height
        to_points = POINTS_PER_INCH / dpi
        for run in symbol.runs:
            dots = (
                spot.x + run.x * spot.module + inset,
                spot.y + run.y * module_height + inset,
                run.length * spot.module - 2 * inset,
                module_height - 2 * inset,
            )
            yield [round(value * to_points, 6) for value in dots]


@dataclass(frozen=True, slots=True)
class PlacedText:
    """Lines in a zone, at a size that fits it."""

    zone: Zone
    lines: tuple[str, ...]
    size: float
    font: str
    field: str
    bold: bool = False

    def drawing(self) -> dict[str, Any]:  # Any: JSON
        """Return what the template reads."""
        return {
            "x": self.zone.x,
            "y": self.zone.y,
            "w": self.zone.width,
            "h": self.zone.height,
            "lines": self.lines,
            "size": self.size,
            "font": self.font,
            "bold": self.bold,
            "field": self.field,
        }


@dataclass(frozen=True, slots=True)
class PlacedPage:
    """One page, ready to be drawn: sizes in millimetres, symbols in dots."""

    width: float
    height: float
    dpi: Dpi
    language: Language
    number: str
    symbols: tuple[PlacedSymbol, ...]
    texts: tuple[PlacedText, ...]
    boxes: tuple[Zone, ...]

    def drawing(self) -> dict[str, Any]:  # Any: JSON
        """Return what the template reads."""
        return {
            "w": self.width,
            "h": self.height,
            "bars": [bar for symbol in self.symbols for bar in symbol.bars(self.dpi)],
            "boxes": [[box.x, box.y, box.width, box.height] for box in self.boxes],
            "texts": [text.drawing() for text in self.texts],
        }


@dataclass(frozen=True, slots=True)
class NumberSpot:
    """Where the number is written for people: its groups on lines, and the size."""

    zone: NumberZone
    groups_of_lines: tuple[int, ...]
    size: float
    field: str

    def lines(self, groups: Sequence[str]) -> tuple[str, ...]:
        """Return the groups on their lines."""
        lines, start = [], 0
        for count in self.groups_of_lines:
            lines.append(" ".join(groups[start : start + count]))
            start += count
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Layout:
    """A design at a resolution, for numbers of one length. Raises InvalidInputError `label_not_fit`."""

    design: LabelDesign
    dpi: Dpi
    digits: int
    language: Language = "da"
    symbols: tuple[SymbolSpot, ...] = field(init=False)
    numbers: tuple[NumberSpot, ...] = field(init=False)
    fixed: tuple[PlacedText, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Place what does not depend on the number, and refuse what keeps no minimum."""
        faces = self.design.faces
        symbols = [spot for placed in faces for spot in _symbol_spots(placed, self.dpi, digits=self.digits)]
        numbers = [spot for placed in faces for spot in _number_spots(placed, self.digits)]
        fixed = [text for placed in faces for text in _words(placed, self.language)]
        for name, value in (("symbols", symbols), ("numbers", numbers), ("fixed", fixed)):
            object.__setattr__(self, name, tuple(value))

    def page(self, label: Label) -> PlacedPage:
        """Return the page of one label. Raises InvalidInputError where a line of text does not fit its zone."""
        groups = number_groups(label.number)
        lines = dict(zip(self.design.text_names, label.texts, strict=False))
        texts = [
            PlacedText(spot.zone, spot.lines(groups), spot.size, font="mono", field=spot.field, bold=True)
            for spot in self.numbers
        ]
        for placed in self.design.faces:
            texts += _texts(placed, lines)
            texts += _copy_marks(placed, self.language) if label.is_copy else ()
        return PlacedPage(
            width=self.design.width,
            height=self.design.height,
            dpi=self.dpi,
            language=self.language,
            number=label.number,
            symbols=tuple(PlacedSymbol(spot, label.number) for spot in self.symbols),
            texts=(*self.fixed, *texts),
            boxes=tuple(moved(box, placed) for placed in self.design.faces for box in placed.face.boxes),
        )


def number_groups(number: str) -> list[str]:
    """Return the number's digits in groups as people read them out: of three from the right, none of one digit.

    >>> number_groups("1000000015"), number_groups("12345678901234")
    (['1000', '000', '015'], ['12', '345', '678', '901', '234'])
    """
    first = len(number) % _GROUP
    if first == 1:
        first += _GROUP
    groups = [number[:first]] if first else []
    return groups + [number[start : start + _GROUP] for start in range(first, len(number), _GROUP)]


def in_mm(dots: float, dpi: int) -> float:
    """Return dots as millimetres."""
    return dots * MM_PER_INCH / dpi


def in_dots(millimetres: float, dpi: int) -> float:
    """Return millimetres as dots."""
    return millimetres * dpi / MM_PER_INCH


def moved(zone: Zone, placed: PlacedFace) -> Zone:
    """Return a zone's place on the page."""
    return Zone(x=zone.x + placed.x, y=zone.y + placed.y, width=zone.width, height=zone.height)


def not_fit(message: str, *, field: str, hint: str = "") -> InvalidInputError:
    """Return the refusal of a design, with its figure, that names the member to blame."""
    return InvalidInputError(message, code=codes.LABEL_NOT_FIT, field=field, hint=hint)


def members(face: Face, kind: str, *, prefix: str) -> Iterator[tuple[str, Any]]:  # Any: the kind's zones
    """Yield a face's zones of one kind, each with the name that the design file has for it."""
    for index, zone in enumerate(getattr(face, kind)):
        yield f"{prefix}{kind}[{index}]", zone


def _symbol_spots(placed: PlacedFace, dpi: Dpi, *, digits: int) -> Iterator[SymbolSpot]:
    for name, zone in members(placed.face, "symbols", prefix=placed.field):
        try:
            check_subset(zone, digits)
            symbol = encode_symbol(zone.kind, "1" * digits)
        except InvalidInputError as error:
            raise not_fit(error.message, field=f"{name}.{error.field}", hint=error.hint) from error
        yield _symbol_spot(zone, symbol, dpi=dpi, placed=placed, name=name)


def _symbol_spot(zone: SymbolZone, symbol: EncodedSymbol, *, dpi: Dpi, placed: PlacedFace, name: str) -> SymbolSpot:
    quiet = quiet_modules(zone)
    rows = symbol.height + 2 * quiet if zone.kind.is_matrix else 0
    columns = symbol.width + 2 * quiet
    module = _module(zone, columns, rows, dpi=dpi, name=name)
    width = symbol.width * module
    left = in_dots(placed.x + zone.x, dpi)
    top = in_dots(placed.y + zone.y, dpi)
    x = round(left + (in_dots(zone.width, dpi) - width) / 2)
    if zone.kind.is_matrix:
        height = symbol.height * module
        y = round(top + (in_dots(zone.height, dpi) - height) / 2)
    else:
        y, height = round(top), int(in_dots(zone.height, dpi))
        _check_bar_height(in_mm(height, dpi), in_mm(width, dpi), name=name)
    return SymbolSpot(zone=zone, x=x, y=y, module=module, width=width, height=height, quiet=quiet * module, field=name)


def _module(zone: SymbolZone, columns: int, rows: int, *, dpi: Dpi, name: str) -> int:
    """Return the module in dots: as many as the zone and the design allow, never fewer than the design's least."""
    least = _least_dots(zone.module, dpi)
    most = max(least, int(in_dots(zone.module_most, dpi) + _ROUNDING))
    for side, extent, modules in (("width", zone.width, columns), ("height", zone.height, rows)):
        if not modules:
            continue
        room = int(in_dots(extent, dpi) + _ROUNDING) // modules
        if room < least:
            raise not_fit(
                f"{zone.kind.value} has {modules} modules with its quiet zones: "
                f"{in_mm(modules * least, dpi):.1f} mm at {least} dots of {dpi} dpi ({in_mm(least, dpi):.3f} mm), "
                f"and the zone's {side} is {extent:g} mm",
                field=f"{name}.{side}",
            )
        most = min(most, room)
    return most


def _least_dots(module: float, dpi: Dpi) -> int:
    """Return the fewest whole dots that are no narrower than the module; one per cent is forgiven."""
    dots = in_dots(module, dpi)
    return max(1, round(dots) if abs(round(dots) - dots) <= 0.01 * dots else int(dots) + 1)


def _check_bar_height(height: float, width: float, *, name: str) -> None:
    needed = max(LEAST_BAR_HEIGHT, LEAST_BAR_SHARE * width)
    if height + 0.05 < needed:
        raise not_fit(
            f"the bars are {height:.1f} mm high, and {needed:.1f} mm is the least for a symbol of {width:.1f} mm",
            field=f"{name}.height",
        )


def _number_spots(placed: PlacedFace, digits: int) -> Iterator[NumberSpot]:
    sizes = [len(group) for group in number_groups("1" * digits)]
    for name, zone in members(placed.face, "numbers", prefix=placed.field):
        fits = [spot for lines in range(1, zone.lines + 1) if (spot := _number_spot(zone, sizes, lines))]
        if not fits:
            needed = text_width(min(_widest(sizes, lines) for lines in range(1, zone.lines + 1)), zone.least)
            raise not_fit(
                f"{digits} digits in groups are {needed:.1f} mm wide at {zone.least:g} pt, and the zone has "
                f"{zone.width:g} x {zone.height:g} mm",
                field=f"{name}.width",
            )
        groups, size = max(fits, key=lambda fit: (fit[1], -len(fit[0])))
        yield NumberSpot(_moved_number(zone, placed), groups, size, field=name)


def _moved_number(zone: NumberZone, placed: PlacedFace) -> NumberZone:
    place = moved(zone, placed)
    return NumberZone(
        x=place.x, y=place.y, width=zone.width, height=zone.height, size=zone.size, least=zone.least, lines=zone.lines
    )


def _number_spot(zone: NumberZone, sizes: Sequence[int], lines: int) -> tuple[tuple[int, ...], float] | None:
    """Return how many groups stand on each line and the largest size, or None where even the least is too large."""
    groups = _spread(sizes, lines)
    size = largest_size(zone, _line_length(sizes, groups), lines=len(groups))
    return (groups, size) if size else None


def _spread(sizes: Sequence[int], lines: int) -> tuple[int, ...]:
    """Return how many groups go on each line: as evenly as whole groups can, the fuller lines last."""
    count, extra = divmod(len(sizes), min(lines, len(sizes)))
    whole = min(lines, len(sizes))
    return tuple(count + (1 if index >= whole - extra else 0) for index in range(whole))


def _line_length(sizes: Sequence[int], groups: Sequence[int]) -> int:
    lengths, start = [], 0
    for count in groups:
        lengths.append(sum(sizes[start : start + count]) + count - 1)
        start += count
    return max(lengths)


def _widest(sizes: Sequence[int], lines: int) -> int:
    return _line_length(sizes, _spread(sizes, lines))


def largest_size(zone: NumberZone | TextZone, letters: int, *, lines: int = 1) -> float | None:
    """Return the largest size in points at which lines of `letters` letters fit the zone; None where none does."""
    size = zone.size
    while size >= zone.least - _ROUNDING:
        high = MM_PER_POINT * size * (lines * MONO_LINE + (lines - 1) * MONO_LEADING)
        if text_width(letters, size) <= zone.width + _ROUNDING and high <= zone.height + _ROUNDING:
            return size
        size -= _STEP
    return None


def text_width(letters: int, size: float) -> float:
    """Return the width in millimetres of letters that are all equally wide."""
    return letters * size * MONO_ADVANCE * MM_PER_POINT


def _words(placed: PlacedFace, language: Language) -> Iterator[PlacedText]:
    for name, zone in members(placed.face, "words", prefix=placed.field):
        lines = tuple((zone.da if language == "da" else zone.en).split("\n"))
        yield PlacedText(moved(zone, placed), lines, zone.size, font="serif", field=name, bold=zone.bold)


def _copy_marks(placed: PlacedFace, language: Language) -> Iterator[PlacedText]:
    for name, zone in members(placed.face, "copies", prefix=placed.field):
        size = min(zone.height / (MONO_LINE * MM_PER_POINT), zone.width / text_width(len(COPY_WORDS[language]), 1))
        yield PlacedText(moved(zone, placed), (COPY_WORDS[language],), size, font="mono", field=name, bold=True)


def _texts(placed: PlacedFace, lines: Mapping[str, str]) -> Iterator[PlacedText]:
    for name, zone in members(placed.face, "texts", prefix=placed.field):
        line = lines.get(zone.name, "")
        if not line:
            continue
        size = largest_size(zone, len(line))
        if size is None:
            raise not_fit(
                f"the {zone.name} has {len(line)} characters, {text_width(len(line), zone.least):.1f} mm at "
                f"{zone.least:g} pt, and its zone is {zone.width:g} mm wide",
                field="text",
                hint="shorten it: a text is never cut, and never takes room from the symbol",
            )
        yield PlacedText(moved(zone, placed), (line,), size, font="mono", field=name)
