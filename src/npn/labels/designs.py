"""The designs: those that come with the platform, and an owner's own in a file, checked the same way."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import combinations, product
from pathlib import Path

import msgspec

from npn.errors import InvalidInputError, codes
from npn.labels.layout import (
    COPY_WORDS,
    LEAST_COPY_SIZE,
    MM_PER_POINT,
    MONO_LINE,
    members,
    moved,
    text_width,
)
from npn.labels.model import DesignFile, Face, LabelDesign, PlacedFace, StickerGrid, Zone
from npn.labels.symbols import QUIET_MODULES
from npn.text import read_text

_KINDS = ("symbols", "numbers", "texts", "words", "copies")
_ROUNDING = 1e-6
_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


@cache
def known_designs() -> Mapping[str, LabelDesign]:
    """Return the platform's designs by name."""
    texts = sorted((item.name, item.read_text("utf-8")) for item in (files("npn.labels") / "library").iterdir())
    described = [parse_design(text, name=name) for name, text in texts if name.endswith(".toml")]
    designs: dict[str, LabelDesign] = {}
    for description in sorted(described, key=lambda one: one.stickers is not None):  # stickers are labels themselves
        designs |= {design.name: design for design in _expand(description, designs)}
    return designs


def find_design(name: str) -> LabelDesign:
    """Return a design by name, or from the file that a path ending in .toml names.

    Raises InvalidInputError `label_design_unknown` or `label_design_invalid`, ConfigurationError.
    """
    if name.endswith(".toml"):
        return read_design(Path(name))
    design = known_designs().get(name)
    if design is None:
        raise InvalidInputError(
            f"there is no design {name!r}",
            code=codes.LABEL_DESIGN_UNKNOWN,
            field="design",
            hint="`npn label designs` lists them; a design of your own is a path that ends in .toml",
        )
    return design


def read_design(path: Path) -> LabelDesign:
    """Return the one design that a file describes. Raises as `find_design`."""
    description = parse_design(read_text(path, field="design"), name=str(path))
    designs = _expand(description, known_designs())
    if len(designs) > 1:
        message = f"{path} describes {len(designs)} designs, one for each count of stickers; one can be printed"
        raise _invalid(message, field="stickers.counts")
    return designs[0]


def parse_design(text: str, *, name: str) -> DesignFile:
    """Read a design. Raises InvalidInputError `label_design_invalid` with the member to blame in `field`."""
    try:
        description = msgspec.convert(tomllib.loads(text), DesignFile)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(f"{name} is not TOML: {error}", field="design") from error
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        field = place["path"] if place else "design"
        raise _invalid(f"{name}: {_PLACE.sub('', str(error))}", field=field or "design") from error
    return description


def _expand(description: DesignFile, labels: Mapping[str, LabelDesign]) -> list[LabelDesign]:
    """Return the designs of a description, checked: one, or one for each count of stickers."""
    if description.stickers is None:
        return [_design(description, description.name, ())]
    grid = description.stickers
    label = labels.get(grid.design)
    if label is None:
        message = f"{description.name}: there is no label {grid.design!r} for the stickers"
        raise _invalid(message, field="stickers.design")
    one = len(grid.counts) == 1
    return [
        _design(description, description.name if one else f"{description.name}-{count}", _stickers(grid, label, count))
        for count in grid.counts
    ]


def _stickers(grid: StickerGrid, label: LabelDesign, count: int) -> tuple[PlacedFace, ...]:
    return tuple(
        PlacedFace(
            x=grid.x + (index % grid.columns) * (label.width + grid.gap) + placed.x,
            y=grid.y + (index // grid.columns) * (label.height + grid.gap) + placed.y,
            face=placed.face,
            field=f"stickers[{index}].",
        )
        for index in range(count)
        for placed in label.faces
    )


def _design(description: DesignFile, name: str, stickers: tuple[PlacedFace, ...]) -> LabelDesign:
    faces = (PlacedFace(x=0, y=0, face=description.face), *stickers)
    design = LabelDesign(
        name=name,
        title_da=description.title_da.replace("{count}", str(len(stickers))),
        title_en=description.title_en.replace("{count}", str(len(stickers))),
        width=description.width,
        height=description.height,
        dpi=description.dpi,
        faces=faces,
    )
    if not design.kinds:
        raise _invalid(f"{name}: a design has a symbol at least", field="face.symbols")
    _check_symbols(description.face, name)
    _check_sizes(description.face, name)
    _check_copy_zones(description.face, name)
    _check_places(design)
    return design


def _check_symbols(face: Face, name: str) -> None:
    """Refuse symbols whose members contradict each other or the symbology."""
    for field, symbol in members(face, "symbols", prefix="face."):
        least = QUIET_MODULES[symbol.kind]
        if 0 < symbol.quiet < least:
            message = f"{name}: {symbol.kind.value} needs a quiet zone of {least} modules, not {symbol.quiet}"
            raise _invalid(message, field=f"{field}.quiet")
        if symbol.module_most < symbol.module:
            message = f"{name}: module_most, {symbol.module_most:g} mm, is less than module, {symbol.module:g} mm"
            raise _invalid(message, field=f"{field}.module_most")


def _check_sizes(face: Face, name: str) -> None:
    """Refuse zones of text in which not even the smallest letters have room."""
    for kind in ("numbers", "texts"):
        for field, zone in members(face, kind, prefix="face."):
            height = zone.least * MONO_LINE * MM_PER_POINT
            if height > zone.height + _ROUNDING:
                message = f"{name}: {zone.least:g} pt are {height:.1f} mm high, and the zone has {zone.height:g} mm"
                raise _invalid(message, field=f"{field}.height")
            if zone.size < zone.least:
                message = f"{name}: size, {zone.size:g} pt, is less than least, {zone.least:g} pt"
                raise _invalid(message, field=f"{field}.size")


def _check_copy_zones(face: Face, name: str) -> None:
    """Refuse a zone in which the word for a copy is too small to be seen."""
    height = LEAST_COPY_SIZE * MONO_LINE * MM_PER_POINT
    width = text_width(max(map(len, COPY_WORDS.values())), LEAST_COPY_SIZE)
    for field, zone in members(face, "copies", prefix="face."):
        if zone.height + _ROUNDING < height or zone.width + _ROUNDING < width:
            message = f"{name}: a copy's mark needs {width:.1f} x {height:.1f} mm, and the zone has "
            raise _invalid(f"{message}{zone.width:g} x {zone.height:g} mm", field=field)


def _check_places(design: LabelDesign) -> None:
    """Refuse zones that leave the page or meet another: nothing may be printed in a symbol's quiet zone."""
    zones, boxes = list(_zones(design, *_KINDS)), list(_zones(design, "boxes"))
    page = f"the page of {design.width:g} x {design.height:g} mm"
    for field, zone in (*zones, *boxes):
        outside = max(zone.right - design.width, zone.bottom - design.height)
        if outside > _ROUNDING:
            raise _invalid(f"{design.name}: it ends {outside:.1f} mm outside {page}", field=field)
    for (field, zone), (other_field, other) in combinations(zones, 2):
        if _meet(zone, other):
            raise _invalid(f"{design.name}: it overlaps {other_field}", field=field)
    for (field, box), (other_field, zone) in product(boxes, zones):
        if _meet(box, zone) and not _surrounds(box, zone):
            raise _invalid(f"{design.name}: the line crosses {other_field}", field=field)


def _zones(design: LabelDesign, *kinds: str) -> Iterator[tuple[str, Zone]]:
    for placed, kind in product(design.faces, kinds):
        for field, zone in members(placed.face, kind, prefix=placed.field):
            yield field, moved(zone, placed)


def _meet(one: Zone, other: Zone) -> bool:
    return (
        one.x < other.right - _ROUNDING
        and other.x < one.right - _ROUNDING
        and one.y < other.bottom - _ROUNDING
        and other.y < one.bottom - _ROUNDING
    )


def _surrounds(box: Zone, zone: Zone) -> bool:
    return box.x <= zone.x and box.y <= zone.y and box.right >= zone.right and box.bottom >= zone.bottom


def _invalid(message: str, *, field: str) -> InvalidInputError:
    return InvalidInputError(message, code=codes.LABEL_DESIGN_INVALID, field=field)
