"""The files as others see them: Poppler's pages, a renderer of ZPL, sizes in millimetres, texts."""

import io
import re
import shutil
import subprocess
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import zplkit
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from zplkit.rendering import Limits

from npn.labels.designs import find_design
from npn.labels.layout import SymbolSpot
from npn.labels.model import Dpi, Label
from npn.labels.press import PART, Form, PrintJob, print_labels
from npn.labels.zpl import compress, expand, picture_of

NUMBER = "9912345675"
TEXTS = ("Ærø, Åse Øllgård", "1. dec. 2026", "EDTA-plasma", "Klinisk Biokemi")
poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")


def job(form: Form, *, dpi: Dpi = 300, design: str = "tube-50x25", count: int = 1) -> PrintJob:
    labels = tuple(Label(number=str(int(NUMBER) + index), texts=TEXTS[:4]) for index in range(count))
    return PrintJob(find_design(design), labels, form, dpi=dpi)


def by_poppler(pdf: bytes, folder: Path, *options: str) -> Image.Image:
    (folder / "page.pdf").write_bytes(pdf)
    command = ["pdftoppm", *options, "-singlefile", str(folder / "page.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return Image.open(next(path for path in folder.glob("page.p[bgp]m"))).convert("L")


def bars(picture: Image.Image, spot: SymbolSpot) -> list[int]:
    """Widths of bars and spaces in dots, along the middle of a symbol."""
    row = [picture.getpixel((x, spot.y + spot.height // 2)) for x in range(spot.x, spot.x + spot.width)]
    return [len(list(run)) for _, run in groupby(value < 128 for value in row)]


@poppler
@pytest.mark.parametrize("options", [("-mono",), ("-gray",)])
@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("design", ["tube-50x25", "tube-45x22", "requisition-4"])
def test_bars_are_whole_dots_on_popplers_page_too(
    design: str, dpi: Dpi, options: tuple[str, ...], tmp_path: Path
) -> None:
    printed = job("pdf", dpi=dpi, design=design)
    picture = by_poppler(print_labels(printed)[0], tmp_path, "-r", str(dpi), *options)
    found = {(str(code.format), code.text) for code in zxingcpp.read_barcodes(picture)}
    assert {text for _, text in found} == {NUMBER}
    for symbol in printed.pages()[0].symbols:
        if symbol.encoded.height == 1:
            widths = bars(picture, symbol.spot)
            assert [width % symbol.spot.module for width in widths] == [0] * len(widths)
            runs = symbol.encoded.runs
            assert [width // symbol.spot.module for width in widths[::2]] == [run.length for run in runs]


@poppler
@pytest.mark.parametrize(
    ("design", "size"), [("tube-50x25", (50, 25)), ("cassette", (28, 8)), ("emergency-form", (210, 297))]
)
def test_a_pdf_has_the_designs_size_its_texts_and_tags(design: str, size: tuple[int, int], tmp_path: Path) -> None:
    printed = PrintJob(find_design(design), (Label(number=NUMBER),), "pdf", dpi=600)
    path = tmp_path / "label.pdf"
    path.write_bytes(print_labels(printed)[0])
    shown = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True, timeout=60).stdout
    width, height = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", shown).groups()
    assert [round(float(side) / 72 * 25.4, 2) for side in (width, height)] == [float(side) for side in size]
    assert re.search(r"Tagged: +yes", shown)
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "9912 345 675" in text


@poppler
def test_danish_letters_are_on_the_page(tmp_path: Path) -> None:
    path = tmp_path / "label.pdf"
    path.write_bytes(print_labels(job("pdf"))[0])
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert all(line in text for line in TEXTS)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("design", ["tube-50x25", "cassette", "preprinted-pair"])
def test_zpl_reads_on_a_printer_that_somebody_else_wrote(design: str, dpi: Dpi) -> None:
    printed = PrintJob(find_design(design), (Label(number=NUMBER), Label(number="99123456789012")), "zpl", dpi=dpi)
    zpl = print_labels(printed)[0]
    document = zplkit.render(zpl, zplkit.Options(dpi=dpi), limits=Limits(graphic_bytes=1 << 20))
    assert not list(document.warnings)
    assert len(document.labels) == 2
    for label, page, content in zip(document.labels, printed.pages(), zpl.splitlines(), strict=True):
        picture = Image.open(io.BytesIO(label.png())).convert("L")
        read = [code.text for code in zxingcpp.read_barcodes(picture)]
        assert read == [page.number] * len(page.symbols)
        assert picture_of(content).crop((0, 0, *picture.size)).tobytes() == picture.tobytes()


@given(st.lists(st.binary(min_size=5, max_size=5), min_size=1, max_size=20), st.integers(1, 90))
def test_a_graphic_field_gives_back_its_rows(rows: list[bytes], times: int) -> None:
    wide = [row * times for row in rows]
    assert expand(compress(wide), 5 * times) == wide


def test_a_png_is_black_and_white_in_the_printers_dots_and_says_its_resolution() -> None:
    picture = Image.open(io.BytesIO(print_labels(job("png", dpi=203))[0]))
    assert (picture.mode, picture.size) == ("1", (400, 200))
    assert round(picture.info["dpi"][0]) == 203


def test_an_svg_has_its_size_in_points_and_no_font() -> None:
    root = ET.fromstring(print_labels(job("svg"))[0])  # noqa: S314  # our own
    assert [round(float(root.attrib[side].removesuffix("pt")) / 72 * 25.4, 2) for side in ("width", "height")] == [
        50,
        25,
    ]
    assert not [element for element in root.iter() if element.tag.endswith("}text")]


def test_a_long_job_is_printed_in_parts_in_its_order() -> None:
    count = 2 * PART + 1
    printed = print_labels(job("zpl", dpi=203, count=count))[0]
    lines = printed.splitlines()
    assert len(lines) == count
    for index in (0, PART - 1, PART, count - 1):
        (read, *_) = zxingcpp.read_barcodes(picture_of(lines[index]))
        assert read.text == str(int(NUMBER) + index)


@poppler
def test_a_long_pdf_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    path.write_bytes(print_labels(job("pdf", dpi=203, count=PART + 1))[0])
    shown = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True, timeout=60).stdout
    assert re.search(rf"Pages: +{PART + 1}\b", shown)
