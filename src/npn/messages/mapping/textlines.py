"""Lines of a mapping that stand for texts and references: one field, as many FTX segments as it takes."""

from npn.messages.mapping.codes import code_lists
from npn.messages.mapping.lines import COMPONENTS, components, fives, lines_of, text_element
from npn.messages.mapping.lines import cut as cut_line
from npn.messages.mapping.runs import formatted_element
from npn.messages.mapping.runs import segments as run_segments
from npn.messages.mapping.slots import component, find, no_code
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.template import Key, MappingLine
from npn.messages.mapping.tree import Node
from npn.messages.mapping.words import too_long
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import in_danish
from npn.messages.model.notes import note
from npn.messages.model.segment import Segment
from npn.messages.rules.conversion import AMBIGUOUS_LINE, NO_CODE, TOO_LONG, UNKNOWN_CODE

REFERENCES = ("SUP", "URL", "BIN")
URL_PARTS = 4


def parts_of(segment: Segment) -> tuple[str, ...]:
    """Return the components of an FTX's text; one empty one at the end says nothing."""
    if len(segment.elements) < 4:
        return ()
    parts = segment.elements[3]
    return parts[:-1] if len(parts) > 1 and not parts[-1] else parts


def format_of(segment: Segment) -> str:
    """Return font, style and alignment of an FTX."""
    return component(segment, (1, 0))


class TextLine(MappingLine):
    """A breakable or formatted text: `text FTX+CID path`, `formatted FTX+MIC path`, `... max 9`, `... F00`.

    Codes after the first, and `*` for every other one, are read too. What follows in one group is one text;
    the peer makes an element of each segment where `split` says so (P7).
    """

    def __init__(
        self, codes: tuple[str, ...], path: tuple[str, ...], *, formatted: bool, most: int, form: str, split: bool
    ) -> None:
        """`most` segments may be written; 0: any number."""
        self.codes, self.path, self.formatted = codes, path, formatted
        self.most, self.form, self.split = most, form, split
        keys: list[Key] = [("FTX", None if code == "*" else code) for code in codes]
        self.keys = tuple(keys)

    def paths(self) -> list[tuple[str, ...]]:
        """Return the text's path."""
        return [self.path]

    def write(self, state: WriteState, element: Element) -> None:
        """Write the text's segments."""
        target = find(element, self.path)
        if target is None:
            return
        segments = text_segments(state, target, code=self.codes[0], form="" if self.formatted else self.form)
        if self.most and len(segments) > self.most:
            state.notes.append(note(TOO_LONG, too_long(target.name, len(segments), most=self.most), about=target))
        state.out += segments

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Put the text into the tree."""
        for group in [[segment] for segment in segments] if self.split and state.as_peer else [segments]:
            text = read_text(self.path[-1], group, formatted=self.formatted, as_peer=state.as_peer)
            node.put(self.path, text, origin=group[0].index)


def text_segments(state: WriteState, element: Element, *, code: str, form: str) -> list[Segment]:
    """Return the FTX segments of a text; `form` empty: formatted, each run has its own."""
    check_lines(state, element)
    if not form:
        return [
            Segment("FTX", ((code,), (fmt,), ("",), trimmed(parts)))
            for fmt, parts in run_segments(element, as_peer=state.as_peer)
        ]
    parts = components(lines_of(element, as_peer=state.as_peer))
    return [Segment("FTX", ((code,), (form,), ("",), trimmed(five))) for five in fives(parts)]


def trimmed(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Cut empty components from the end."""
    while len(parts) > 1 and not parts[-1]:
        parts = parts[:-1]
    return parts


def check_lines(state: WriteState, element: Element) -> None:
    """Warn of lines that read as something else than they are."""
    if "\\" not in element.text and "." not in element.text and not element.children:
        return
    for line in lines_of(element):
        if line == "." or line.endswith("\\"):
            means = "in EDIFACT that means an empty or a continued line, so the receiver reads the text otherwise"
            betyder = "i EDIFACT betyder det tom linje eller fortsat linje, så modtageren læser teksten anderledes"
            text = Text(
                f"a line of {element.name} is only '.' or ends with a backslash; {means}",
                f"en linje i {in_danish(element.name)} er kun '.' eller slutter med omvendt skråstreg; {betyder}",
            )
            state.notes.append(note(AMBIGUOUS_LINE, text, about=element))


def read_text(name: str, segments: list[Segment], *, formatted: bool, as_peer: bool) -> Element:
    """Make one text of its segments."""
    origin = segments[0].index
    if formatted:
        parts = [(format_of(segment), parts_of(segment)) for segment in segments]
        return formatted_element(name, parts, origin=origin, as_peer=as_peer)
    return text_element(name, [part for segment in segments for part in parts_of(segment)], origin=origin)


class MixtureLine(MappingLine):
    """Texts of several kinds in one order: `texts RIT=ResultTextValue SPC=ResultComments max 20`."""

    def __init__(self, kinds: dict[str, str], most: int) -> None:
        """`kinds`: FTX code to element name."""
        self.kinds, self.most = kinds, most
        self.codes = {name: code for code, name in kinds.items()}
        self.keys = tuple(("FTX", code) for code in kinds)

    def paths(self) -> list[tuple[str, ...]]:
        """Return the names."""
        return [(name,) for name in self.codes]

    def write(self, state: WriteState, element: Element) -> None:
        """Write every text in the order of the document."""
        segments: list[Segment] = []
        last = element
        for child in element.children:
            if child.name in self.codes:
                last = child
                segments += text_segments(state, child, code=self.codes[child.name], form="")
        if len(segments) > self.most:
            state.notes.append(note(TOO_LONG, too_long(last.name, len(segments), most=self.most), about=last))
        state.out += segments

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Make one element of segments that go on in each other; the peer makes one of each, and plain (P7, P8)."""
        groups: list[list[Segment]] = []
        for segment in segments:
            if groups and not state.as_peer and continues(groups[-1][-1], segment):
                groups[-1].append(segment)
            else:
                groups.append([segment])
        for group in groups:
            name = self.kinds[component(group[0], (0, 0))]
            text = read_text(name, group, formatted=not state.as_peer, as_peer=state.as_peer)
            node.put((name,), text, origin=group[0].index)


def continues(before: Segment, after: Segment) -> bool:
    """Whether a text continues: same code, and the segment before is full or ends inside a line."""
    if component(before, (0, 0)) != component(after, (0, 0)):
        return False
    parts = parts_of(before)
    return len(parts) == COMPONENTS or bool(parts and parts[-1].endswith("\\"))


class ReferencesLine(MappingLine):
    """References to other material: `references path max 10`."""

    def __init__(self, path: tuple[str, ...], most: int) -> None:
        """`path` of the repeated element."""
        self.path, self.most = path, most
        self.keys = tuple(("FTX", code) for code in REFERENCES)

    def paths(self) -> list[tuple[str, ...]]:
        """Return the path."""
        return [self.path]

    def write(self, state: WriteState, element: Element) -> None:
        """Write one segment a reference."""
        references = element.all("/".join(self.path))
        if len(references) > self.most:
            text = Text(
                f"{len(references)} references; {self.most} at most", f"{len(references)} referencer; højst {self.most}"
            )
            state.notes.append(note(TOO_LONG, text, about=references[-1]))
        for reference in references:
            state.out += reference_segments(state, reference)

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Make one element a segment."""
        for segment in segments:
            node.put(self.path, read_reference(state, self.path[-1], segment=segment), origin=segment.index)


def reference_segments(state: WriteState, reference: Element) -> list[Segment]:
    """Return the segment of a reference; a longer address than fits is an error."""
    whole = reference.value("RefDescription") or ""
    description = cut_line(whole) if state.as_peer else [whole]
    url, binary = reference.child("URL"), reference.child("BIN")
    if url is not None:
        parts = [*description, *cut_line(url.text)]
        if len(parts) > URL_PARTS + 1 and not state.as_peer:
            text = Text(
                f"the address has {len(url.text)} characters; EDIFACT has room for some {URL_PARTS * 69}",
                f"adressen har {len(url.text)} tegn; i EDIFACT er der plads til omkring {URL_PARTS * 69}",
            )
            state.notes.append(note(TOO_LONG, text, about=url))
        return [Segment("FTX", (("URL",), ("P00",), ("",), trimmed(five))) for five in fives(parts)]
    if binary is None:
        return [Segment("FTX", (("SUP",), ("P00",), ("",), tuple(description)))]
    more = (
        binary.value("ObjectIdentifier") or "",
        coded(state, binary.child("ObjectCode"), codes="object-code"),
        coded(state, binary.child("ObjectExtensionCode"), codes="object-extension"),
        binary.value("OriginalObjectSize") or "",
    )
    return [Segment("FTX", (("BIN",), ("P00",), ("",), trimmed((*description, *more))))]


def coded(state: WriteState, element: Element | None, *, codes: str) -> str:
    """Return the code of an element."""
    if element is None:
        return ""
    code = code_lists()[codes].write.get(element.text)
    if code is None:
        state.notes.append(note(NO_CODE, no_code(element), about=element))
        return ""
    return code[0]


def read_reference(state: ReadState, name: str, *, segment: Segment) -> Element:
    """Make the element of a reference."""
    origin, parts = segment.index, (*parts_of(segment), "", "", "", "", "")

    def leaf(child: str, text: str) -> Element:
        return Element(child, text, (), "", origin)

    kind = component(segment, (0, 0))
    if kind == "URL":
        target = leaf("URL", "".join(part.removesuffix("\\") for part in parts[1:]))
    elif kind == "SUP":
        target = leaf("SUP", "true")
    else:
        target = Element(
            "BIN",
            "",
            (
                leaf("ObjectIdentifier", parts[1]),
                leaf("ObjectCode", decoded(state, segment, code=parts[2], codes="object-code")),
                leaf("ObjectExtensionCode", decoded(state, segment, code=parts[3], codes="object-extension")),
                leaf("OriginalObjectSize", parts[4]),
            ),
            "",
            origin,
        )
    return Element(name, "", (leaf("RefDescription", parts[0]), target), "", origin)


def decoded(state: ReadState, segment: Segment, *, code: str, codes: str) -> str:
    """Return the value of a code."""
    value = code_lists()[codes].value(code, ())
    if value is None:
        text = Text(f"the code '{code}' of a reference is not known", f"koden '{code}' i en reference kendes ikke")
        state.notes.append(note(UNKNOWN_CODE, text, about=segment))
    return value or ""


class ConsentLine(MappingLine):
    """`consent path`: HAN+CDS says that consent was refused; `consent-text path`: that it was given, and how."""

    keys = (("HAN", "CDS"),)
    says_by_absence = True

    def __init__(self, path: tuple[str, ...], *, with_text: bool) -> None:
        """`path` of the element Consent."""
        self.path, self.with_text = path, with_text

    def paths(self) -> list[tuple[str, ...]]:
        """Return the paths."""
        return [(*self.path, "Given"), *([(*self.path, "Text")] if self.with_text else [])]

    def write(self, state: WriteState, element: Element) -> None:
        """Write the segment where its meaning holds; the peer takes words only for true and false (P3)."""
        consent = find(element, self.path)
        if consent is None:
            return
        answer = (consent.value("Given") or "").strip()
        truth = answer == "true" or (answer == "1" and not state.as_peer)
        untruth = answer == "false" or (answer == "0" and not state.as_peer)
        if self.with_text and truth:
            state.out.append(Segment.of("HAN", ("CDS", "SKS", "SST", consent.value("Text") or "")))
        elif not self.with_text and untruth:
            state.out.append(Segment.of("HAN", "CDS"))

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Put what the segment means."""
        del state
        origin = segments[0].index
        node.put((*self.path, "Given"), "true" if self.with_text else "false", origin=origin)
        if self.with_text:
            node.put((*self.path, "Text"), component(segments[0], (0, 3)), origin=origin)

    def absent(self, node: Node) -> None:
        """Without the segment, consent is given; where it carries a text, nothing is known."""
        if not self.with_text:
            node.put((*self.path, "Given"), "true", origin=-1)


class CutLine(MappingLine):
    """A plain field that is cut like a text but has no lines: `cut FTX+MAT MaterialDescription max 1`."""

    def __init__(self, code: str, path: tuple[str, ...], *, most: int) -> None:
        """`most` segments."""
        self.code, self.path, self.most = code, path, most
        self.keys = (("FTX", code),)

    def paths(self) -> list[tuple[str, ...]]:
        """Return the field's path."""
        return [self.path]

    def write(self, state: WriteState, element: Element) -> None:
        """Write the field's segments."""
        target = find(element, self.path)
        if target is None or not target.text:
            return
        segments = [Segment("FTX", ((self.code,), ("P00",), ("",), five)) for five in fives(cut_line(target.text))]
        state.check_length(target, len(segments), most=self.most)
        state.out += segments

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Join the components; the peer keeps the backslashes and loses the fourth (P27)."""
        parts = [part for segment in segments for part in parts_of(segment)]
        text = "".join(parts[:3]) if state.as_peer else "".join(part.removesuffix("\\") for part in parts)
        node.put(self.path, text, origin=segments[0].index)


class RefusalLine(MappingLine):
    """Why a receipt refuses: `refusal RefuseCode RefuseText`; the code stands as the text's own."""

    keys = (("FTX", None),)

    def __init__(self, code: tuple[str, ...], text: tuple[str, ...]) -> None:
        """The paths of code and text."""
        self.code, self.text = code, text

    def paths(self) -> list[tuple[str, ...]]:
        """Return both paths."""
        return [self.code, self.text]

    def write(self, state: WriteState, element: Element) -> None:
        """Write the text under its code; without one, under `not specified`."""
        text, code = find(element, self.text), find(element, self.code)
        if text is None or not lines_of(text):
            return
        reason = coded(state, code, codes="refuse") if code is not None else "NC"
        state.out += text_segments(state, text, code=reason, form="P00")

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Put code and text; the peer reads the first segment only (P52)."""
        origin = segments[0].index
        code = component(segments[0], (0, 0))
        if code:
            value = code_lists()["refuse"].value(code, ())
            if value is None:
                text = Text(f"the reason '{code}' is not known", f"årsagen '{code}' kendes ikke")
                state.notes.append(note(UNKNOWN_CODE, text, about=segments[0]))
            node.put(self.code, value or "", origin=origin)
        sources = segments[:1] if state.as_peer else segments
        node.put(self.text, read_text(self.text[-1], sources, formatted=False, as_peer=state.as_peer), origin=origin)


class HematologyLine(MappingLine):
    """The table of cells: each line is fixed text, three columns at 1, 41 and 53."""

    keys = (("FTX", "HEM"),)
    COLUMNS = ("Marrow", "Peripheral")

    def paths(self) -> list[tuple[str, ...]]:
        """Return every field of the table."""
        rows = (("Labels", "CellTypes"), ("Result", "CellType"))
        return [(row, name) for row, first in rows for name in (first, *self.COLUMNS)]

    def write(self, state: WriteState, element: Element) -> None:
        """Write the labels, then a line for each result."""
        for row in element.children:
            if row.name in ("Labels", "Result"):
                first, marrow, peripheral = (
                    row.value(name) or ""
                    for name in ("CellTypes" if row.name == "Labels" else "CellType", *self.COLUMNS)
                )
                line = f"{first:<40}{marrow:<12}{peripheral}"
                state.out.append(Segment.of("FTX", "HEM", "F00", "", line))

    def read(self, state: ReadState, node: Node, *, segments: list[Segment]) -> None:
        """Cut each line into its columns; runs of blanks are one."""
        del state
        for number, segment in enumerate(segments):
            line = component(segment, (3, 0))
            row = node.add("Result" if number else "Labels", segment.index)
            names = ("CellType" if number else "CellTypes", *self.COLUMNS)
            for name, part in zip(names, (line[:40], line[40:51], line[52:63]), strict=True):
                row.put((name,), " ".join(part.split()), origin=segment.index)
