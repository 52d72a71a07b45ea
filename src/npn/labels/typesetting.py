"""Pages set with Typst: PDF in real millimetres, SVG, and pictures of exactly the printer's dots."""

import io
import json
import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

import typst
from PIL import Image

from npn.errors import InvalidInputError, codes
from npn.labels.layout import PlacedPage, in_dots
from npn.labels.model import LabelDesign

_TEMPLATE = (files("npn.labels") / "labels.typ").read_bytes()
_THRESHOLD = 128
_HAIR = 0.002  # of a dot: so that what rounds up finds no dot more
_DOES_NOT_FIT = "npn-does-not-fit:"


def set_pdf(design: LabelDesign, pages: Sequence[PlacedPage]) -> bytes:
    """Return the pages as one PDF, tagged for screen readers."""
    return _set(design, pages, "pdf")[0]


def set_svg(design: LabelDesign, pages: Sequence[PlacedPage]) -> list[bytes]:
    """Return each page as an SVG with its letters as outlines, so that no font is missing where it is shown."""
    return _set(design, pages, "svg")


def set_png(design: LabelDesign, pages: Sequence[PlacedPage]) -> list[bytes]:
    """Return each page as a picture of the printer's dots, black and white, that says its resolution."""
    dpi = pages[0].dpi
    return [_black_and_white(png, dpi) for png in _set(design, pages, "png", ppi=dpi)]


def draw_svg(svg: bytes, page: PlacedPage) -> bytes:
    """Return the picture of a page's SVG in the printer's dots, as PNG.

    It is framed in whole dots, to the right and below: a picture of a fraction of a dot would be stretched.
    """
    width, height = (
        (math.ceil(in_dots(side, page.dpi) - 1e-6) - _HAIR) / page.dpi for side in (page.width, page.height)
    )
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}in" height="{height}in">'
    source = (
        f"#set page(width: {width}in, height: {height}in, margin: 0pt)\n#image(bytes(sys.inputs.svg), width: 100%)\n"
    )
    framed = {"svg": f"{frame}{svg.decode('utf-8')}</svg>"}
    return _as_list(typst.compile(source.encode(), format="png", ppi=page.dpi, sys_inputs=framed))[0]


def _black_and_white(png: bytes, dpi: int) -> bytes:
    picture = Image.open(io.BytesIO(png)).convert("L").point(_to_black_or_white).convert("1")
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def _to_black_or_white(value: int) -> int:
    return 255 if value >= _THRESHOLD else 0


def _set(
    design: LabelDesign, pages: Sequence[PlacedPage], form: Literal["pdf", "svg", "png"], *, ppi: int | None = None
) -> list[bytes]:
    title = design.title_da if pages[0].language == "da" else design.title_en
    job = {"title": title, "lang": pages[0].language, "pages": [page.drawing() for page in pages]}
    try:
        document = typst.compile(
            _TEMPLATE,
            format=form,
            ppi=ppi,
            sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
            ignore_system_fonts=True,
            pdf_standards="ua-1" if form == "pdf" else None,
        )
    except typst.TypstError as error:
        raise _translated(error) from error
    return _as_list(document)


def _as_list(document: bytes | list[bytes] | None) -> list[bytes]:
    return [document] if isinstance(document, bytes) else list(document or ())


def _translated(error: typst.TypstError) -> Exception:
    """Return the refusal that a zone's words do not fit; any other error of Typst is a fault of ours."""
    _, separator, rest = str(error).partition(_DOES_NOT_FIT)
    if not separator:
        return error
    field, needed, has = rest.split("|")[:3]
    return InvalidInputError(
        f"the words need {float(needed):.1f} mm of height, and the zone has {float(has):.1f} mm",
        code=codes.LABEL_NOT_FIT,
        field=field,
    )
