"""The sheet of a proof: the design at its size, a ruler, and what was measured, to be printed and measured by hand."""

from collections.abc import Iterator

from npn.labels.model import Face, Label, LabelDesign, Language, PlacedFace, WordsZone, Zone
from npn.labels.pictures import joined_pdf
from npn.labels.press import PrintJob, print_part
from npn.labels.proof import DesignProof, SymbolMeasure

_LEFT, _TOP, _LINE = 20.0, 62.0, 6.0
_WIDTH = 170.0
_RULER, _TICK = 100, 10
_RULER_TOP = 46.0


def proof_sheet(design: LabelDesign, proved: DesignProof, language: Language) -> bytes:
    """Return the sheet as a PDF, read back; a design that does not fit beside the measures follows on its own page."""
    top = _TOP + _LINE * (len(proved.measures) + 1)
    fits = design.width <= _WIDTH and top + design.height <= 280
    placed = tuple(_moved(face, top) for face in design.faces) if fits else ()
    frame = (Zone(x=_LEFT, y=top, width=design.width, height=design.height),) if fits else ()
    sheet = LabelDesign(
        name=f"{design.name}-proof",
        title_da=f"Prøvetryk af {design.title_da}",
        title_en=f"Proof of {design.title_en}",
        width=210,
        height=297,
        dpi=proved.dpi,
        faces=(PlacedFace(x=0, y=0, face=_measures_face(design, proved, frame)), *placed),
    )
    labels = (Label(number=proved.sample),)
    pages = (sheet,) if fits else (sheet, design)
    jobs = [PrintJob(page, labels, dpi=proved.dpi, language=language) for page in pages]
    return joined_pdf([print_part(job)[0] for job in jobs])


def _moved(placed: PlacedFace, top: float) -> PlacedFace:
    return PlacedFace(x=placed.x + _LEFT, y=placed.y + top, face=placed.face, field=placed.field)


def _measures_face(design: LabelDesign, proved: DesignProof, frame: tuple[Zone, ...]) -> Face:
    lines = [
        _words(20, f"Prøvetryk: {design.title_da}", f"Proof: {design.title_en}", size=16),
        _words(
            31,
            f"{design.name}, {proved.dpi} dpi. Udskriv i 100 %, uden tilpasning til siden: linealen er {_RULER} mm.",
            f"{design.name}, {proved.dpi} dpi. Print at 100 %, not fitted to the page: the ruler is {_RULER} mm.",
        ),
    ]
    lines += [
        _words(_TOP + index * _LINE, _measured_da(measure), _measured_en(measure))
        for index, measure in enumerate(proved.measures)
    ]
    return Face(words=tuple(lines), boxes=(*_ruler(), *frame))


def _words(y: float, da: str, en: str, *, size: float = 9) -> WordsZone:
    return WordsZone(x=_LEFT, y=y, width=_WIDTH, height=size * 0.5, da=da, en=en, size=size, bold=size > 10)


def _ruler() -> Iterator[Zone]:
    yield Zone(x=_LEFT, y=_RULER_TOP, width=_RULER, height=0)
    for step in range(0, _RULER + 1, _TICK):
        height = 5.0 if step % (5 * _TICK) == 0 else 3.0
        yield Zone(x=_LEFT + step, y=_RULER_TOP - height, width=0, height=height)


def _measured_en(measure: SymbolMeasure) -> str:
    return (
        f"{measure.symbol}: module {measure.module:.3f} mm ({measure.module_dots} dots), width {measure.width:.2f} mm, "
        f"height {measure.height:.2f} mm, clear on the left {measure.quiet_left:.1f} mm, "
        f"on the right {measure.quiet_right:.1f} mm"
    )


def _measured_da(measure: SymbolMeasure) -> str:
    return (
        f"{measure.symbol}: modul {measure.module:.3f} mm ({measure.module_dots} punkter), "
        f"bredde {measure.width:.2f} mm, højde {measure.height:.2f} mm, "
        f"fri plads til venstre {measure.quiet_left:.1f} mm, til højre {measure.quiet_right:.1f} mm"
    ).replace(".", ",")
