"""What a design is worth: measured on the finished page, and read back after what happens to labels.

Bars and quiet zones are measured on the picture of the finished PDF, not computed. The damages are those that
laboratories see: blur, a dead dot of the print head, a smear, a tilt, faint print, a cut quiet zone.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter, ImageOps

from npn.labels.layout import Layout, PlacedPage, SymbolSpot, in_mm
from npn.labels.model import Dpi, Label, LabelDesign
from npn.labels.pictures import pdf_pictures
from npn.labels.readback import cut_out, read_picture
from npn.labels.typesetting import set_pdf
from npn.numbers.check import is_valid
from npn.numbers.scheme import NumberScheme

_SEEN_PER_MODULE = 6  # picture dots: what a scanner sees of a module
_DARK = 128
_PAPER = 255
UNDAMAGED = "none"

Damage = Callable[[Image.Image, int], Image.Image]  # a picture of one symbol, and its module in dots


@dataclass(frozen=True, slots=True)
class SymbolMeasure:
    """One symbol of the finished page, in millimetres.

    deviation  dots by which the bar or space farthest from whole modules is off; 0 where bars are exact
    """

    field: str
    symbol: str
    module: float
    module_dots: int
    width: float
    height: float
    quiet_left: float
    quiet_right: float
    deviation: int


@dataclass(frozen=True, slots=True)
class DamageResult:
    """How many symbols of one kind read after one damage. `undetected`: wrong, and right in length and check."""

    damage: str
    symbol: str
    read: int
    unread: int
    wrong: int
    undetected: int


@dataclass(frozen=True, slots=True)
class DesignProof:
    """A design at a resolution: measures of its symbols, and what damages left of them."""

    design: str
    dpi: Dpi
    scheme: str
    numbers: int
    sample: str
    measures: tuple[SymbolMeasure, ...]
    results: tuple[DamageResult, ...]

    @property
    def is_sound(self) -> bool:
        """Whether all undamaged symbols read, all bars are whole modules, and no wrong read passed the check."""
        undamaged = [result for result in self.results if result.damage == UNDAMAGED]
        return (
            all(result.read == self.numbers for result in undamaged)
            and not any(measure.deviation for measure in self.measures)
            and not any(result.undetected for result in self.results)
        )


def prove_design(design: LabelDesign, scheme: NumberScheme, *, dpi: Dpi, count: int) -> DesignProof:
    """Print, measure, damage and read `count` labels. Raises InvalidInputError `label_not_fit`."""
    layout = Layout(design, dpi, scheme.length)
    pages = [layout.page(Label(number=number)) for number in sample_numbers(scheme, count)]
    pdf = set_pdf(design, pages)
    first = next(pdf_pictures(pdf, dpi))
    return DesignProof(
        design=design.name,
        dpi=dpi,
        scheme=scheme.name,
        numbers=len(pages),
        sample=pages[0].number,
        measures=tuple(_measure(first, spot, dpi) for spot in layout.symbols),
        results=tuple(_results(pdf, pages, scheme)),
    )


def sample_numbers(scheme: NumberScheme, count: int) -> list[str]:
    """Return usable numbers over the whole of a scheme; the first begins with 99, the second with 00.

    >>> from npn.numbers.scheme import NPN10
    >>> [number[:2] for number in sample_numbers(NPN10, 5)]
    ['99', '00', '16', '33', '50']
    """
    size = scheme.highest + 1
    starts = [size * 991 // 1000, size * 7 // 1000]
    starts += [size * step // (count + 1) for step in range(1, count - 1)]
    numbers = dict.fromkeys(scheme.next(start) for start in starts)
    return [scheme.format(number) for number in numbers if number is not None][:count]


def _measure(picture: Image.Image, spot: SymbolSpot, dpi: Dpi) -> SymbolMeasure:
    """Measure along one row of dots."""
    runs = _dark_runs(picture, _measured_row(spot))
    own = [run for run in runs if spot.x - spot.module < run.start < spot.x + spot.width]
    left, right = own[0].start, own[-1].end
    edges = [edge for run in own for edge in (run.start, run.end)]
    widths = [end - start for start, end in pairwise(edges)]
    before = max((run.end for run in runs if run.end <= left), default=0)
    after = min((run.start for run in runs if run.start >= right), default=picture.width)
    return SymbolMeasure(
        field=spot.field,
        symbol=spot.zone.kind.value,
        module=round(in_mm(spot.module, dpi), 4),
        module_dots=spot.module,
        width=round(in_mm(right - left, dpi), 3),
        height=round(in_mm(spot.height, dpi), 3),
        quiet_left=round(in_mm(left - before, dpi), 3),
        quiet_right=round(in_mm(after - right, dpi), 3),
        deviation=max(abs(width - spot.module * round(width / spot.module)) for width in widths),
    )


def _measured_row(spot: SymbolSpot) -> int:
    """Return a row through a linear symbol's middle, or through a matrix's lowest modules, which reach both sides."""
    return spot.y + (spot.height - (spot.module + 1) // 2 if spot.zone.kind.is_matrix else spot.height // 2)


@dataclass(frozen=True, slots=True)
class _DarkRun:
    start: int
    end: int


def _dark_runs(picture: Image.Image, y: int) -> list[_DarkRun]:
    """Return the dark runs of a row of dots, from left to right."""
    runs: list[_DarkRun] = []
    start: int | None = None
    for x, value in enumerate([*picture.crop((0, y, picture.width, y + 1)).tobytes(), _PAPER]):
        if value < _DARK and start is None:
            start = x
        elif value >= _DARK and start is not None:
            runs.append(_DarkRun(start, x))
            start = None
    return runs


def _results(pdf: bytes, pages: Sequence[PlacedPage], scheme: NumberScheme) -> Iterator[DamageResult]:
    """Yield each damage's result for one symbol of each kind, seen at a scanner's resolution."""
    dpi = pages[0].dpi
    spots = {symbol.spot.zone.kind: symbol.spot for symbol in reversed(pages[0].symbols)}
    for kind, spot in spots.items():
        scale = math.ceil(_SEEN_PER_MODULE / spot.module)
        enlarged = spot.enlarged(scale)
        cuts = [cut_out(picture, enlarged) for picture in pdf_pictures(pdf, dpi * scale)]
        for name, damage in DAMAGES.items():
            outcomes = Counter(
                _outcome(damage(cut, enlarged.module), page.number, scheme)
                for cut, page in zip(cuts, pages, strict=True)
            )
            yield DamageResult(
                damage=name,
                symbol=kind.value,
                read=outcomes["read"],
                unread=outcomes["unread"],
                wrong=outcomes["wrong"] + outcomes["undetected"],
                undetected=outcomes["undetected"],
            )


def _outcome(picture: Image.Image, number: str, scheme: NumberScheme) -> str:
    texts = {reading.text for reading in read_picture(picture)}
    wrong = texts - {number}
    if wrong:
        return "undetected" if any(is_valid(text, scheme) for text in wrong) else "wrong"
    return "read" if texts else "unread"


def _blurred(modules: float) -> Damage:
    return lambda picture, module: picture.filter(ImageFilter.GaussianBlur(modules * module))


def _dead_dot(picture: Image.Image, module: int) -> Image.Image:
    """One dot of the print head prints nothing: a light line of half a module, a third into the symbol."""
    line = Image.new("L", (max(1, module // 2), picture.height), _PAPER)
    damaged = picture.copy()
    damaged.paste(line, (picture.width // 3, 0))
    return damaged


def _smeared(picture: Image.Image, module: int) -> Image.Image:
    """Ink is drawn out to the right, fading over three modules."""
    damaged = picture
    for step in range(1, 3 * module + 1):
        trace = picture.point(
            lambda value, share=step / (3 * module + 1): round(_PAPER - (_PAPER - value) * (1 - share))
        )
        damaged = ImageChops.darker(damaged, _shifted(trace, step))
    return damaged


def _shifted(picture: Image.Image, by: int) -> Image.Image:
    moved = Image.new("L", picture.size, _PAPER)
    moved.paste(picture, (by, 0))
    return moved


def _tilted(degrees: float) -> Damage:
    return lambda picture, module: ImageOps.expand(picture, 4 * module, _PAPER).rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER
    )


def _faint(picture: Image.Image, _module: int) -> Image.Image:
    """Grey on grey: a fifth of the contrast is left."""
    return picture.point(lambda value: 150 + value // 5)


def _cut_quiet_zone(picture: Image.Image, module: int) -> Image.Image:
    """The label is cut, or stuck over another: dark from two modules left of the symbol on."""
    dark = next(run.start for run in _dark_runs(picture, picture.height // 2))
    damaged = picture.copy()
    damaged.paste(0, (0, 0, max(0, dark - 2 * module), picture.height))
    return damaged


DAMAGES: Mapping[str, Damage] = {
    UNDAMAGED: lambda picture, _module: picture,
    "blur 0.4 module": _blurred(0.4),
    "blur 0.6 module": _blurred(0.6),
    "dead print dot": _dead_dot,
    "smear 3 modules": _smeared,
    "tilt 10 degrees": _tilted(10),
    "faint": _faint,
    "quiet zone cut": _cut_quiet_zone,
}
