"""Every design, resolution and kind of file is read back; what does not read is refused."""

import io
from pathlib import Path

import pytest
import zint
from PIL import Image, ImageDraw

from npn.errors import RefusedError
from npn.labels import symbols
from npn.labels.designs import find_design, known_designs
from npn.labels.layout import PlacedPage
from npn.labels.model import RESOLUTIONS, Dpi, Label
from npn.labels.press import FORMS, Form, PrintJob, print_labels
from npn.labels.readback import check_page

NUMBERS = (
    *("9912345675", "9999999999", "0000000000", "1000000015", "9900000099"),  # 10 digits, C throughout
    *("99123456789012", "99999999999999", "00000000000001"),  # 14
    *("991234567", "99123456789", "9912345678901"),  # odd counts: the last digit in subset B
    *("991234567890", "1100110011", "10111213141516"),
)
SMALL = [name for name, design in known_designs().items() if design.width < 110]
SHEETS = ["emergency-form", "requisition-2", "requisition-8"]
MATRIX_OF_EVERY_KIND = """
name = "matrices"
title_da = "Tre"
title_en = "Three"
width = 45
height = 16
[[face.symbols]]
kind = "microqr"
x = 1
y = 1
width = 12
height = 12
[[face.symbols]]
kind = "qr"
x = 14
y = 1
width = 14
height = 14
[[face.symbols]]
kind = "datamatrix"
x = 29
y = 1
width = 14
height = 12
"""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("name", SMALL)
def test_labels_of_every_design_read_back_at_every_resolution(name: str, dpi: Dpi, form: Form) -> None:
    numbers = [number for number in NUMBERS if len(number) != 13 or name != "tube-45x22"]  # 36.3 mm: too wide for it
    labels = tuple(Label(number=number) for number in numbers)
    contents = print_labels(PrintJob(find_design(name), labels, form, dpi=dpi))
    assert len(contents) == (1 if form in ("pdf", "zpl") else len(numbers))


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("name", SHEETS)
def test_sheets_read_back_at_every_resolution(name: str, dpi: Dpi) -> None:
    for number in ("9912345675", "99123456789012"):
        print_labels(PrintJob(find_design(name), (Label(number=number),), dpi=dpi))


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_sheet_reads_back_as_a_picture(form: Form) -> None:
    print_labels(PrintJob(find_design("emergency-form"), (Label(number="9912345675"),), form, dpi=300))


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_every_matrix_reads_back_with_ten_and_fourteen_digits(dpi: Dpi, tmp_path: Path) -> None:
    path = tmp_path / "matrices.toml"
    path.write_text(MATRIX_OF_EVERY_KIND, "utf-8")
    labels = tuple(Label(number=number) for number in NUMBERS)
    for form in FORMS:
        print_labels(PrintJob(find_design(str(path)), labels, form, dpi=dpi))


def page_and_picture(number: str) -> tuple[PlacedPage, Image.Image]:
    job = PrintJob(find_design("tube-50x25"), (Label(number=number),), "png", dpi=300)
    return job.pages()[0], Image.open(io.BytesIO(print_labels(job)[0])).convert("L")


def test_a_picture_of_another_number_is_refused() -> None:
    page, _ = page_and_picture("9912345675")
    _, other = page_and_picture("9912345683")
    with pytest.raises(RefusedError, match="code128 of 9912345675 can't be used: it reads as 9912345683") as caught:
        check_page(other, page)
    assert (caught.value.code, caught.value.field) == ("label_unreadable", "face.symbols[0]")


def test_ink_in_a_quiet_zone_is_refused_and_a_symbol_that_does_not_read() -> None:
    page, picture = page_and_picture("9912345675")
    spot = page.symbols[0].spot
    stained = picture.copy()
    stained.putpixel((spot.x - 5, spot.y + 5), 0)
    with pytest.raises(RefusedError, match="something is printed in its quiet zone"):
        check_page(stained, page)
    ImageDraw.Draw(picture).rectangle((spot.x + 30, spot.y, spot.x + 60, spot.y + spot.height), fill=255)
    with pytest.raises(RefusedError, match="it does not read"):
        check_page(picture, page)


def test_a_writer_that_loses_the_leading_99_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a popular library does: its text is right, and its bars are not."""

    class Forgetful(zint.Symbol):
        def encode(self, data: str) -> None:  # type: ignore[override]  # texts alone
            super().encode(data.removeprefix("99"))

    monkeypatch.setattr(symbols.zint, "Symbol", Forgetful)
    symbols.encode_symbol.cache_clear()
    try:
        with pytest.raises(RefusedError, match="code128 of 9912345683 can't be used: it "):
            print_labels(PrintJob(find_design("tube-50x25"), (Label(number="9912345683"),), "pdf"))
    finally:
        monkeypatch.undo()
        symbols.encode_symbol.cache_clear()


@pytest.mark.parametrize(
    ("digits", "modules"), [(9, 101), (10, 90), (11, 112), (12, 101), (13, 123), (14, 112), (18, 134)]
)
def test_code_128_is_as_short_as_subset_c_makes_it(digits: int, modules: int) -> None:
    encoded = symbols.encode_symbol(symbols.SymbolKind.CODE128, "9" * digits)
    assert (encoded.width, encoded.height) == (modules, 1)
