"""Designs as data: those of the platform, an owner's own, and what is refused, with its figure and its field."""

from pathlib import Path

import pytest

from npn.errors import InvalidInputError
from npn.labels.designs import find_design, known_designs
from npn.labels.layout import Layout, in_mm
from npn.labels.model import RESOLUTIONS, Dpi, Label, SymbolKind

OWN = """
name = "own"
title_da = "Egen"
title_en = "Own"
width = 40
height = 20
[[face.symbols]]
kind = "code128"
x = 1
y = 1
width = 38
height = 8
subset = "C"
[[face.numbers]]
x = 1
y = 10
width = 38
height = 4
[[face.texts]]
name = "person"
x = 1
y = 15
width = 30
height = 4
"""


def own(folder: Path, *changes: tuple[str, str]) -> str:
    text = OWN
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_the_designs_that_the_minutes_name_are_there() -> None:
    assert set(known_designs()) == {
        *("tube-50x25", "tube-45x22", "cassette", "slide", "preprinted-pair", "emergency-form"),
        *(f"requisition-{count}" for count in range(2, 9)),
    }
    kinds = {name: design.kinds for name, design in known_designs().items()}
    assert kinds["cassette"] == kinds["slide"] == (SymbolKind.DATAMATRIX,)
    assert all(SymbolKind.CODE128 in kinds[name] for name in kinds if name not in ("cassette", "slide"))
    assert [len(known_designs()[f"requisition-{count}"].faces) - 1 for count in (2, 8)] == [2, 8]


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("name", known_designs())
def test_modules_are_whole_dots_and_no_narrower_than_a_quarter_of_a_millimetre(name: str, dpi: Dpi) -> None:
    for digits in (10, 14):
        for spot in Layout(find_design(name), dpi, digits).symbols:
            assert in_mm(spot.module, dpi) >= 0.2475
            assert spot.width % spot.module == 0
            if spot.zone.kind is SymbolKind.CODE128:
                assert in_mm(spot.height, dpi) >= max(4.95, 0.15 * in_mm(spot.width, dpi))
                assert spot.quiet == 10 * spot.module


def test_an_owners_own_design_is_used(tmp_path: Path) -> None:
    design = find_design(own(tmp_path))
    page = Layout(design, 300, 10).page(Label(number="9912345678", texts=("Ærø",)))
    assert [text.lines for text in page.texts] == [("9912 345 678",), ("Ærø",)]


@pytest.mark.parametrize(
    ("before", "after", "field", "figure"),
    [
        ("width = 38\nheight = 8", "width = 39.5\nheight = 8", "face.symbols[0]", "0.5 mm outside"),
        ("y = 10", "y = 8", "face.symbols[0]", "overlaps face.numbers[0]"),
        ('subset = "C"', "quiet = 4", "face.symbols[0].quiet", "10 modules, not 4"),
        ('subset = "C"', 'subset = "A"', "face.symbols[0].subset", "Invalid enum value"),
        ('subset = "C"', "module_most = 0.2", "face.symbols[0].module_most", "0.2 mm, is less than module, 0.25 mm"),
        ("width = 38\nheight = 4", "width = 38\nheight = 2", "face.numbers[0].height", "6 pt are 2.5 mm high"),
        ("width = 30\nheight = 4", "width = 30\nheight = 4\nsize = 5", "face.texts[0].size", "5 pt, is less than"),
        ('kind = "code128"', 'kind = "code39"', "face.symbols[0].kind", "Invalid enum value 'code39'"),
        ("x = 1", "x = -1", "face.symbols[0].x", ">= 0"),
        ("width = 40", "width = 4", "width", ">= 8"),
        ('name = "own"', 'name = "own"\ncolour = "red"', "design", "unknown field `colour`"),
        ("[[face.texts]]", "[[face.boxes]]\nx=0\ny=5\nwidth=40\nheight=0\n[[face.texts]]", "face.boxes[0]", "crosses"),
        ("[[face.symbols]]", "[stickers]\ndesign='x'\nx=1\ny=1\ncolumns=1\ncounts=[1]\n[[face.symbols]]",
         "stickers.design", "no label 'x'"),
        ("[[face.symbols]]", "[[face.symbols", "design", "not TOML"),
    ],
)  # fmt: skip
def test_a_design_that_contradicts_itself_is_refused_with_its_figure(  # noqa: PLR0917  # parameters of a test
    before: str, after: str, field: str, figure: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        find_design(own(tmp_path, (before, after)))
    assert (caught.value.code, caught.value.field) == ("label_design_invalid", field)
    assert figure in caught.value.message


@pytest.mark.parametrize(
    ("change", "digits", "dpi", "field", "figure"),
    [
        (("width = 38\nheight = 8", "width = 27\nheight = 8"), 10, 300, "symbols[0].width", "27.9 mm at 3 dots of 300"),
        (("height = 8", "height = 4"), 10, 300, "symbols[0].height", "5.0 mm is the least"),
        (("kind", "module = 0.3\nkind"), 10, 203, "symbols[0].width", "41.3 mm at 3 dots of 203 dpi (0.375 mm)"),
        (("width = 38\nheight = 4", "width = 30\nheight = 4\nleast = 9"), 14, 600, "numbers[0].width",
         "34.4 mm wide at 9 pt, and the zone has 30 x 4 mm"),
        (("kind", "module = 0.25\nkind"), 11, 300, "symbols[0].subset", "11 digits are an odd count"),
    ],
)  # fmt: skip
def test_a_design_that_can_not_keep_its_minimum_is_refused_with_the_figure(  # noqa: PLR0917  # parameters of a test
    change: tuple[str, str], digits: int, dpi: Dpi, field: str, figure: str, tmp_path: Path
) -> None:
    design = find_design(own(tmp_path, change))
    with pytest.raises(InvalidInputError) as caught:
        Layout(design, dpi, digits)
    assert (caught.value.code, caught.value.field) == ("label_not_fit", f"face.{field}")
    assert figure in caught.value.message


def test_a_text_is_written_smaller_and_then_refused_and_never_squeezes_the_code(tmp_path: Path) -> None:
    layout = Layout(find_design(own(tmp_path)), 300, 10)
    short, long = (layout.page(Label(number="1000000015", texts=("x" * length,))) for length in (10, 25))
    assert short.symbols == long.symbols
    assert [page.texts[-1].size for page in (short, long)] == [8, 5.5]
    with pytest.raises(
        InvalidInputError, match=r"person has 26 characters, 30\.4 mm at 5\.5 pt, and its zone is 30 mm"
    ):
        layout.page(Label(number="1000000015", texts=("x" * 26,)))


def test_a_design_that_nobody_knows_is_refused_and_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no design 'tube'"):
        find_design("tube")
    with pytest.raises(Exception, match=r"can't read .*none\.toml"):
        find_design(str(tmp_path / "none.toml"))
