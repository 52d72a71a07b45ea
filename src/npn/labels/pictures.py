"""Finished files as pictures of the printer's dots, so that they can be read again."""

import io
import math
from collections.abc import Iterator

import pypdfium2
from PIL import Image

from npn.labels.layout import POINTS_PER_INCH, PlacedPage
from npn.labels.typesetting import draw_svg
from npn.labels.zpl import picture_of

_HAIR = 0.002  # of a dot: so that the library, which rounds up in single precision, finds no dot more


def pdf_pictures(pdf: bytes, dpi: int) -> Iterator[Image.Image]:
    """Yield each page of a PDF at a resolution, in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            _extend_to_dots(page, dpi)
            yield page.render(scale=dpi / POINTS_PER_INCH, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def _extend_to_dots(page: pypdfium2.PdfPage, dpi: int) -> None:
    """Extend a page to the right and below to whole dots, or it is stretched to them, and every bar with it."""
    width, height = page.get_size()
    page.set_mediabox(0, height - _whole_dots(height, dpi), _whole_dots(width, dpi), height)


def _whole_dots(points: float, dpi: int) -> float:
    return (math.ceil(points * dpi / POINTS_PER_INCH - 1e-6) - _HAIR) * POINTS_PER_INCH / dpi


def page_picture(content: bytes, form: str, page: PlacedPage) -> Image.Image:
    """Return the picture of a file that holds one page: SVG, PNG or ZPL."""
    if form == "zpl":
        return picture_of(content)
    if form == "svg":
        content = draw_svg(content, page)
    return Image.open(io.BytesIO(content)).convert("L")


def joined_pdf(parts: list[bytes]) -> bytes:
    """Return one PDF of several; a single one is returned as it is, with its tags."""
    if len(parts) == 1:
        return parts[0]
    whole = pypdfium2.PdfDocument.new()
    try:
        for part in parts:
            document = pypdfium2.PdfDocument(part)
            whole.import_pages(document)
            document.close()
        out = io.BytesIO()
        whole.save(out)
        return out.getvalue()
    finally:
        whole.close()
