"""Every field of every version is in the clinician's view, or stands there as not shown, with the reason."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import pytest

from npn.messages import versions
from npn.messages.examples.builder import Builder, FieldPosition
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.versions.notation import ComplexType, Field, Version
from npn.messages.versions.simple import SimpleType
from npn.messages.views import view
from npn.messages.views.words import Words

TURNS = 5  # the most alternatives that any choice has
LAID_OUT = frozenset(("RefMicroorganism", "RefAntibiotic", "SortOrder", "AntibioticNumber"))
LAYOUT = frozenset(("Break", "Space"))
TAGS = re.compile(r"<[^>]*>")


class Recognisable:
    """Puts another value into every field, so that each can be found again."""

    def __init__(self) -> None:
        self.made = 0

    def times(self, place: FieldPosition, low: int, high: int) -> int:  # noqa: ARG002 - a protocol's
        return min(high, max(low, 1))

    def text(self, place: FieldPosition, kind: SimpleType) -> str:
        self.made += 1
        if place.path.rpartition("/")[2] in LAID_OUT:
            return "1"
        if kind.codes:
            return kind.codes[0] or kind.codes[-1]
        if kind.base == "boolean":
            return "true"
        if kind.base == "date":
            return (date(1950, 1, 1) + timedelta(days=self.made)).isoformat()
        return f"Zq{self.made:04}x"

    def formatted(self, place: FieldPosition, kind: ComplexType) -> Element:
        children = []
        for name, field in kind.fields.items():
            self.made += 1
            child = (
                Element(name) if name in LAYOUT else Builder(self).element(name, field.type, place=place.below(name))
            )
            children.append(msgspec.structs.replace(child, tail=f"Zq{self.made:04}x"))
        self.made += 1
        return Element(place.path.rpartition("/")[2], f"Zq{self.made:04}x", tuple(children))


def filled(version: Version, turn: int) -> Interchange:
    builder = Builder(Recognisable(), turn)
    envelope = builder.element("Envelope", version.envelope)
    root = builder.element(version.letter, version.root)
    return Interchange(Syntax.XML, version.namespace, envelope, (Letter(root, version, version.code, version.type),))


def texts(element: Element, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text with the field's path and name."""
    here = f"{path}/{element.name}"
    if element.text:
        yield here, element.name, element.text
    for child in element.children:
        yield from texts(child, here)
        if child.tail:
            yield here, element.name, child.tail


def field_paths(kind: ComplexType | SimpleType, path: str) -> Iterator[str]:
    if isinstance(kind, SimpleType):
        yield path
        return
    for field in kind.content.fields():
        if field.name not in LAYOUT:
            yield from field_paths(field.type, f"{path}/{field.name}")


def visible(page: str) -> str:
    return html.unescape(TAGS.sub(" ", page.partition("<body")[2]))


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("name", versions.names())
def test_every_value_of_a_filled_letter_is_on_the_clinicians_page(name: str, lang: str) -> None:
    version = versions.version(name)
    words = Words(lang)
    reached: set[str] = set()
    for turn in range(TURNS):
        made = filled(version, turn)
        page = visible(view(made, "clinician", lang))  # type: ignore[arg-type]  # pytest gives plain strings
        missing = []
        for top in (made.envelope, made.letters[0].root):
            for path, field, text in texts(top):
                reached.add(path.lstrip("/"))
                if not shown(field, text, page, words):
                    missing.append((path, text))
        assert missing == []
    wanted = set(field_paths(version.root, version.letter)) | set(field_paths(version.envelope, "Envelope"))
    assert wanted - reached == set()


def shown(field: str, text: str, page: str, words: Words) -> bool:
    if field in LAID_OUT:
        return words.say("why_reference") in page and words.label(field) in page
    if field == "SUP":
        return words.label("SUP") in page
    if text == "true":
        return words.boolean("true") in page
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return f"{date.fromisoformat(text):%d.%m.%Y}" in page
    return words.code(field, text) in page


def with_another(element: Element, kind: ComplexType, path: str = "") -> Iterator[tuple[str, Element]]:
    """The same letter again and again, each time with one code or truth value changed to another that is allowed."""
    for number, child in enumerate(element.children):
        field: Field | None = kind.fields.get(child.name)
        if field is None:
            continue
        here = f"{path}/{child.name}"
        if isinstance(field.type, ComplexType):
            changed = with_another(child, field.type, here)
        elif field.type.base == "boolean" and "false" not in field.type.patterns and field.type.accepts("false"):
            changed = iter([(here, msgspec.structs.replace(child, text="false"))])
        else:
            others = [code for code in field.type.codes if code.strip() and code.strip() != child.text.strip()]
            changed = iter([(here, msgspec.structs.replace(child, text=others[-1]))] if others else [])
        for where, new in changed:
            children = (*element.children[:number], new, *element.children[number + 1 :])
            yield where, msgspec.structs.replace(element, children=children)


@pytest.mark.parametrize("name", versions.names())
def test_another_code_or_truth_value_makes_another_page(name: str) -> None:
    version = versions.version(name)
    made = filled(version, 0)
    page = view(made, "clinician", "da")
    for path, root in with_another(made.letters[0].root, version.root):
        letter = msgspec.structs.replace(made.letters[0], root=root)
        assert view(msgspec.structs.replace(made, letters=(letter,)), "clinician", "da") != page, path


@pytest.mark.parametrize("name", versions.names())
def test_taking_away_a_field_takes_it_off_the_page(name: str) -> None:
    made = filled(versions.version(name), 0)
    root = made.letters[0].root
    for number, child in enumerate(root.children):
        without = msgspec.structs.replace(root, children=root.children[:number] + root.children[number + 1 :])
        letter = msgspec.structs.replace(made.letters[0], root=without)
        assert view(msgspec.structs.replace(made, letters=(letter,)), "clinician", "en") != view(
            made, "clinician", "en"
        ), child.name


@pytest.mark.parametrize("name", versions.names())
def test_every_element_has_a_label_and_every_code_a_meaning_in_both_languages(name: str) -> None:
    version = versions.version(name)
    from_data = [*all_fields(version.root), *all_fields(version.envelope)]
    for lang in ("da", "en"):
        words = Words(lang)
        for field in from_data:
            if isinstance(field.type, ComplexType):
                continue
            for code in field.type.codes:
                if code.strip() and field.name not in ("VersionCode", "TypeCode", "ObjectExtensionCode"):
                    assert words.has_code(field.name, code), (field.name, code)
    labels = {field.name for field in from_data}
    assert {name for name in labels if not Words("da").has(name)} == set()


def all_fields(kind: ComplexType) -> Iterator[Field]:
    for field in kind.content.fields():
        yield field
        if isinstance(field.type, ComplexType):
            yield from all_fields(field.type)
