"""Every text is there in Danish, says the same values, and none is left over."""

import io
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from npn.web.texts import chosen, texts

WEB = Path(str(files("npn.web")))
DANISH = WEB / "locale" / "da"
_VALUE = re.compile(r"%\(\w+\)[sd]")


def used() -> Iterator[tuple[Path, str | tuple[str, ...]]]:
    """Return every text of templates and code, with where it is."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
        for _line, text, *_ in extract("jinja2", io.BytesIO(path.read_bytes()), options=options):
            yield path, text
    for path in sorted(WEB.rglob("*.py")):
        for _line, text, *_ in extract("python", io.BytesIO(path.read_bytes()), keywords={"_": None}):
            yield path, text


USED = {text: where for where, text in used()}


def catalogues() -> Iterator[tuple[str, str | tuple[str, ...], str | tuple[str, ...]]]:
    for path in sorted(DANISH.glob("*.po")):
        for message in read_po(io.BytesIO(path.read_bytes()), abort_invalid=True):
            if message.id:
                yield path.name, message.id, message.string


def test_every_text_is_translated() -> None:
    words = texts("da")
    missing = [
        (where, text)
        for text, where in USED.items()
        if (text not in words.words if isinstance(text, str) else text[0] not in words.plurals)
    ]
    assert not missing


def test_a_singular_has_one_plural_for_it_is_what_the_plural_is_found_by() -> None:
    plurals: dict[str, set[str]] = {}
    for text in USED:
        if isinstance(text, tuple):
            plurals.setdefault(text[0], set()).add(text[1])
    assert {one: many for one, many in plurals.items() if len(many) > 1} == {}


def test_a_room_s_catalogue_holds_what_its_pages_say_and_what_they_refuse() -> None:
    rooms = {path.name for floor in ("pages", "templates") for path in (WEB / floor).iterdir() if path.is_dir()}
    said_by: dict[str | tuple[str, ...], set[str]] = {}
    for path, text in used():
        said_by.setdefault(text, set()).add("refusals" if path.stem == "refusals" else path.parent.name)
    strangers = [
        (file, text)
        for file, text, _ in catalogues()
        if file.removesuffix(".po") in rooms and not said_by[text] & {file.removesuffix(".po"), "refusals"}
    ]
    assert not strangers


def test_no_translation_is_left_over() -> None:
    assert not [(file, text) for file, text, _ in catalogues() if text not in USED]


@pytest.mark.parametrize("file", sorted(path.name for path in DANISH.glob("*.po")))
def test_translations_are_there_and_keep_their_values(file: str) -> None:
    for name, text, danish in catalogues():
        if name != file:
            continue
        pairs = zip(text, danish, strict=True) if isinstance(text, tuple) else [(text, danish)]
        for english, said in pairs:
            assert said.strip(), text
            assert set(_VALUE.findall(said)) == set(_VALUE.findall(english)), text


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "", "da"),
        ("", "en-GB,en;q=0.9,da;q=0.8", "en"),
        ("", "da-DK,en;q=0.9", "da"),
        ("", "de, fr;q=0.9", "da"),
        ("", "de, en;q=0.2", "en"),
        ("", "en;q=0", "da"),
        ("", "en;q=x", "da"),
        ("da", "en", "da"),
        ("xx", "en", "en"),
    ],
)
def test_the_language_is_the_visitor_s_then_the_browser_s_then_danish(
    cookie: str, accepted: str, language: str
) -> None:
    assert chosen(cookie, accepted) == language


def test_figures_are_written_as_each_language_does() -> None:
    assert (texts("da").number(1234567), texts("en").number(1234567)) == ("1.234.567", "1,234,567")
    assert texts("da").number(0.5, 1) == "0,5"
