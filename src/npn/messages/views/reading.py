"""Reads a letter for a page and remembers what has been shown, so that nothing is left out unseen."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from markupsafe import Markup

from npn.messages.model.formatting import is_text
from npn.messages.model.interchange import Element, Letter
from npn.messages.rules.numerals import numeral
from npn.messages.versions.notation import ComplexType
from npn.messages.versions.simple import SimpleType
from npn.messages.views.blocks import Content, LabelledValues, bare
from npn.messages.views.formatted import formatted
from npn.messages.views.words import WITHIN, Words

PLACEHOLDERS = frozenset(("_", "."))
MOMENT = ("Date", "Time")
NUMERIC = frozenset(("Value", "NumericValue", "LowerLimit", "UpperLimit", "Numerical", "Volume"))
UNKNOWN_TIMES = frozenset(("00:00", "00:00:00"))  # what stands there where nobody wrote the time
LINK = re.compile(r"https?://[^\s]+", re.IGNORECASE)
GENERIC = (
    "Text",
    "Name",
    "Value",
    "Given",
    "DateTime",
    "Date",
    "Logical",
    "Numerical",
    "Result",
    "Findings",
    "Type",
    "Headline",
)
CODE_PARTS = (
    "Code", "AnalysisCode", "MICAnalysisCode", "ATCCode", "ATCCCode",
    "CodeType", "AnalysisCodeType", "CodeResponsible", "AnalysisCodeResponsible", "ATCCodeResponsible",
    "ATCCCodeResponsible", "CodeQualifier",
)  # fmt: skip


class LetterReading:
    """One letter, its words, and what has been shown of it."""

    def __init__(self, letter: Letter, envelope: Element, *, words: Words) -> None:
        """Learn the type of every element from the letter's version."""
        self.letter = letter
        self.root = letter.root
        self.envelope = envelope
        self.words = words
        self.kinds: dict[int, SimpleType | ComplexType] = {}
        self.seen: set[int] = set()
        self.numeric = {id(element) for element in numbers_of(letter.root)}
        self.hidden: list[tuple[str, str]] = []
        self.generic = frozenset(words.label(name) for name in GENERIC)
        if letter.version is not None:
            self._learn(letter.root, letter.version.root)
            self._learn(envelope, letter.version.envelope)

    def _learn(self, element: Element, kind: SimpleType | ComplexType) -> None:
        self.kinds[id(element)] = kind
        if isinstance(kind, ComplexType):
            for child in element.children:
                if child.name in kind.fields:
                    self._learn(child, kind.fields[child.name].type)

    # --- showing ---------------------------------------------------------------------------------------------

    def show(self, element: Element | None) -> Content:
        """Return an element as text, whatever it is, and remember that it has been shown; empty where it is missing."""
        if element is None:
            return ""
        if element.children and not self.is_text(element):
            if is_moment(element):
                return self._moment(element)
            return Markup("; ").join(Markup("{}: {}").format(*row) for row in self.rows(element))
        self.mark(element)
        content = formatted(element, self.words.say("fixed_region")) if self.is_text(element) else element.text
        plain = bare(content).strip()
        if plain in PLACEHOLDERS:
            self.hidden.append((self.words.label(element.name), self.words.say("why_placeholder", text=plain)))
            return ""
        return content if isinstance(content, Markup) else self._simple(element, content)

    def _simple(self, element: Element, text: str) -> Content:
        kind = self.kinds.get(id(element))
        if isinstance(kind, SimpleType):
            if kind.codes:
                return self.words.code(element.name, text)
            if kind.base == "boolean":
                return self.words.boolean(text.strip())
            if kind.base == "date":
                return day(text)
        if id(element) in self.numeric:
            return self.number(text)
        return day(text) if element.name == "Date" else text

    def number(self, text: str) -> Content:
        """Write a number as the language does; the digits as sent stay with it."""
        if self.words.lang != "da" or "." not in text or numeral(text) is None:
            return text
        return Markup('<data value="{0}" title="{1}">{2}</data>').format(
            text, self.words.say("as_sent", value=text), text.replace(".", ",")
        )

    def _moment(self, element: Element) -> str:
        self.mark(element)
        date_text, time = element.value("Date") or "", element.value("Time") or ""
        if date_text and time.strip() in UNKNOWN_TIMES:
            self.hidden.append((self.words.label("Time"), self.words.say("why_midnight")))
            return day(date_text)
        return " ".join(filter(None, (day(date_text), time)))

    def value(self, parent: Element | None, path: str) -> Content:
        """Show the element at a path below another."""
        return self.show(parent.find(path)) if parent is not None else ""

    def test_name(self, analysis: Element | None) -> Content:
        """The name of a test that says most to a person; its code where it has no name."""
        paths = ("AnalysisCompleteName", "AnalysisMDSName/Examination", "AnalysisShortName")
        name = next((text for text in (self.value(analysis, path) for path in paths) if text), "")
        code = analysis.value("AnalysisCode") if analysis is not None and not name else ""
        return self.words.say("test_code", code=code) if code else name

    def mark(self, element: Element) -> None:
        """Remember that an element and all in it have been shown."""
        for inner in element.walk():
            self.seen.add(id(inner))

    def hide(self, element: Element | None, why: str) -> None:
        """Remember that an element is not shown, and why."""
        if element is not None and id(element) not in self.seen:
            self.mark(element)
            self.hidden.append((self.words.label(element.name), self.words.say(why)))

    def is_text(self, element: Element) -> bool:
        """Whether an element holds a text with breaks or formatting, or paragraphs only."""
        kind = self.kinds.get(id(element))
        if isinstance(kind, ComplexType) and kind.mixed:
            return True
        return is_text(element)

    # --- what is left ----------------------------------------------------------------------------------------

    def rows(self, element: Element | None, *, around: str = "") -> tuple[tuple[str, Content], ...]:
        """Return a label and a value for everything in an element that has not been shown."""
        return tuple(self._rows(element, around)) if element is not None else ()

    def lone_rows(self, element: Element) -> tuple[tuple[str, Content], ...]:
        """Return the same for an element by itself, with its own label."""
        if id(element) in self.seen:
            return ()
        return tuple(self._children(Element("", "", (element,)), ""))

    def facts(self, *elements: Element | None) -> LabelledValues:
        """The same, of several elements, as a block."""
        return LabelledValues(tuple(row for element in elements for row in self.rows(element)))

    def _rows(self, element: Element, around: str) -> Iterator[tuple[str, Content]]:
        if id(element) in self.seen:
            return
        label = self.words.label(element.name)
        if not element.children or self.is_text(element) or is_moment(element):
            yield from self._row(f"{around}{label}", element)
            return
        if element.text.strip():
            yield around + label, element.text.strip()
        yield from self._children(element, around)

    def _children(self, element: Element, around: str) -> Iterator[tuple[str, Content]]:
        totals: dict[str, int] = {}
        for child in element.children:
            totals[child.name] = totals.get(child.name, 0) + 1
        counts: dict[str, int] = {}
        for child in element.children:
            counts[child.name] = counts.get(child.name, 0) + 1
            if id(child) in self.seen:
                continue
            label = self.words.label(child.name, element.name)
            many = f" {counts[child.name]}" if totals[child.name] > 1 and child.children else ""
            if not child.children or self.is_text(child) or is_moment(child):
                yield from self._row(f"{around}{label}", child)
            elif child.name == "Reference":
                yield f"{around}{label}{many}", self.reference(child)
            else:
                code = self.coded(child)
                if code:
                    yield f"{around}{label}{many}", code
                yield from self._rows(child, f"{around}{label}{many}{WITHIN}")
            if child.tail.strip():
                yield around + label, child.tail.strip()
        self.seen.add(id(element))

    def _row(self, label: str, element: Element) -> Iterable[tuple[str, Content]]:
        text = self.show(element)
        return [(label, text)] if text else []

    def plain_rows(self, element: Element) -> tuple[tuple[str, Content], ...]:
        """Return what has not been shown, each value with the last part of its label that says what it is."""
        return tuple((plain_label(label, self.generic), text) for label, text in self.rows(element))

    # --- things with codes -----------------------------------------------------------------------------------

    def codes(self, element: Element | None) -> Content:
        """Show the code of an element with whose it is: `10650 (Local, SUN)`."""
        if element is None:
            return ""
        texts = [str(text) for name in CODE_PARTS for text in self._unseen(element, name)]
        if len(texts) < 2:
            return "".join(texts)
        return f"{texts[0]} ({', '.join(texts[1:])})"

    def _unseen(self, element: Element, name: str) -> Iterator[Content]:
        for child in element.children:
            if child.name == name and id(child) not in self.seen:
                yield self.show(child)

    def coded(self, element: Element | None) -> Content:
        """Show a text that may have a code: the text, then the code; empty for any other element."""
        text = element.child("Text") if element is not None else None
        if element is None or text is None or id(text) in self.seen:
            return ""
        names = {child.name for child in element.children}
        if "Code" not in names and names - {"Text", "Protected"}:
            return ""
        words = self.show(text)
        code = self.codes(element)
        return Markup('{} <span class="code">{}</span>').format(words, code) if code else words

    def reference(self, element: Element) -> Content:
        """Show what a reference says and where it leads, on one line."""
        parts: list[Content] = [self.value(element, "RefDescription")]
        address = element.value("URL")
        if address is not None:
            target = self.value(element, "URL")
            parts.append(link(address.strip()) if LINK.match(address.strip()) else target)
        further = element.child("SUP")
        if further is not None and str(self.show(further)):
            parts.append(self.words.label("SUP"))
        parts += [Markup("{}: {}").format(*row) for row in self.rows(element.child("BIN"))]
        parts += [Markup("{}: {}").format(*row) for row in self.rows(element)]
        return Markup(" · ").join(part for part in parts if part)


def plain_label(label: str, generic: frozenset[str]) -> str:
    """Return the last part of a label that names more than a text, a name or a value."""
    parts = label.split(WITHIN)
    return next((part for part in reversed(parts) if part not in generic), parts[-1])


def link(address: str) -> Markup:
    """A link that can be followed: to the web only."""
    return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)


def numbers_of(parent: Element) -> Iterator[Element]:
    """Yield the fields that hold a number: values and limits, but not the value of a result that is said to be text."""
    is_words = parent.value("ResultType") == "alfanumerisk"
    for child in parent.children:
        if child.name in NUMERIC and not (is_words and child.name == "Value"):
            yield child
        yield from numbers_of(child)


def is_moment(element: Element) -> bool:
    """Whether an element is a day and time."""
    return 0 < len(element.children) <= 2 and all(child.name in MOMENT for child in element.children)


def day(text: str) -> str:
    """Write a day the Danish way, `04.03.2024`; other text stays as it is."""
    try:
        return f"{date.fromisoformat(text.strip()):%d.%m.%Y}"
    except ValueError:
        return text
