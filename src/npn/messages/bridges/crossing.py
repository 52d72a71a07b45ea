"""Takes one letter over a bridge: every line in order, then what no line has named.

Nothing is cut or changed on the way but by a line that says so; what has no line, or does not fit into the other
version, is a note of the weight `lost_to_reader`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from npn.messages.bridges.model import Action, Bridge, BridgeLine, BridgeNote, Condition, NoteKind, Weight
from npn.messages.bridges.texts import lines_of, text_element
from npn.messages.mapping.tree import Node, finished
from npn.messages.model.finding import Text
from npn.messages.model.formatting import is_text
from npn.messages.model.interchange import Element
from npn.messages.model.unknown import SEGMENT
from npn.messages.versions.notation import ComplexType, Version
from npn.messages.versions.simple import BLANKS, SimpleType

ALL = ("*",)
SLOT = re.compile(r"\{([\w/]*)\}")
Kind = ComplexType | SimpleType | None
OWN_NAMES = frozenset(("Letter/VersionCode", "Letter/TypeCode"))
UNNAMED = Text("the bridge does not say what becomes of it", "broen siger ikke, hvad der skal ske med det")
DOES_NOT_FIT = Text("it does not fit into {target}", "det passer ikke i {target}")
LAYOUT = Text("its words are kept, its lines are not", "ordene bevares, linjedelingen gør ikke")


@dataclass(slots=True)
class Crossing:
    """One letter on its way.

    done     the elements that a line has dealt with, by id
    names    the path of every element below the letter
    recodes  lines for elements that are carried with what is around them, by the id of the element
    """

    letter: Element
    target: Version
    notes: list[BridgeNote] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)
    recodes: dict[int, BridgeLine] = field(default_factory=dict)

    def note(self, what: Action | NoteKind, weight: Weight, *, element: Element, reason: Text) -> None:
        """Note what happens to an element."""
        self.notes.append(BridgeNote(self.names.get(id(element), element.name), what, weight, element, reason))

    # --- lines -----------------------------------------------------------------------------------------------

    def lines(self, lines: Sequence[BridgeLine], element: Element, *, node: Node, kind: ComplexType) -> None:
        """Apply the lines to one element: constants and folds last, for they depend on what is there."""
        late = (Action.CONSTANT, Action.FOLD)
        for line in lines:
            if line.action is Action.FOLD:
                self._claim(line, element)
        has_rest = any(line.path == ALL for line in lines)
        for line in lines:
            if has_rest and stays_in_place(line):
                self.recodes.update((id(match), line) for match in at(element, line.path))
            elif line.action not in late and line.path != ALL:
                self._line(line, element, node=node, kind=kind)
        if has_rest:
            self._rest(element, node, kind=kind)
        for line in lines:
            if line.action is Action.CONSTANT:
                self._constant(line, element, node=node)
            elif line.action is Action.FOLD:
                self._fold(line, element, node=node, kind=kind)

    def _claim(self, line: BridgeLine, element: Element) -> None:
        for match in at(element, line.path):
            self.done.update(id(inner) for inner in match.walk())

    def _line(self, line: BridgeLine, element: Element, *, node: Node, kind: ComplexType) -> None:
        matches = at(element, line.path)
        for match in together(element, matches, path=line.path) if line.action is Action.KEEP else matches:
            if id(match) in self.done:
                continue
            if line.action is Action.KEEP:
                self._keep(line, match, node=node, kind=kind)
                continue
            self.done.update(id(inner) for inner in match.walk())
            if line.action is Action.DROP or not is_blank(match):
                self.note(line.action, line.weight, element=match, reason=line.reason)

    def _keep(self, line: BridgeLine, element: Element, *, node: Node, kind: ComplexType) -> None:
        self.done.add(id(element))
        *parents, name = line.target
        holder = node.at(tuple(parents), element.origin)
        holding, inner = type_at(kind, parents), type_at(kind, line.target)
        if line.codes:
            text = line.codes.get(element.text, element.text)
            if not text:
                self.note(Action.DROP, line.weight, element=element, reason=line.reason)
                return
            copy = Element(name, text, (), "", element.origin)
            self._check(element, text, kind=inner)
            holder.put((name,), copy, origin=element.origin)
        elif line.inner and isinstance(inner, ComplexType):
            self.lines(
                line.inner, element, node=child_node(holder, name, kind=holding, origin=element.origin), kind=inner
            )
        else:
            self._copy(element, name, node=holder, kind=inner)

    def _rest(self, element: Element, node: Node, *, kind: ComplexType) -> None:
        """Keep every child that both sides know and no line has dealt with."""
        double = doubled(kind)
        before = ""
        for child in element.children:
            inner = kind.fields.get(child.name)
            if id(child) not in self.done and inner is not None:
                self.done.add(id(child))
                slot = f"{child.name}#{before}" if child.name in double and before else child.name
                self._copy(child, slot, node=node, kind=inner.type, single=inner.high == 1)
            before = child.name

    def _copy(self, element: Element, slot: str, *, node: Node, kind: Kind, single: bool = False) -> None:
        """Copy an element into the other version, as far as that knows what is in it."""
        name = slot.partition("#")[0]
        if is_text(element) or (isinstance(kind, ComplexType) and is_text_type(kind)):
            self._text(element, slot, node=node, kind=kind)
        elif isinstance(kind, ComplexType) and not element.text.strip(BLANKS):
            is_there = single and name in node.inner_nodes
            self._rest(element, node.inner_nodes[name] if is_there else node.add(slot, element.origin), kind=kind)
        elif isinstance(kind, SimpleType) and not element.children:
            line = self.recodes.get(id(element))
            text = line.codes.get(element.text, element.text) if line is not None else element.text
            self._check(element, text, kind=kind)
            node.items.append((slot, Element(name, text, (), "", element.origin), element.origin))
        else:
            self.done.discard(id(element))

    def _text(self, element: Element, slot: str, *, node: Node, kind: Kind) -> None:
        """Copy a text, whatever form of lines the other side has for it."""
        self.done.update(id(inner) for inner in element.walk())
        if kind is None or (isinstance(kind, ComplexType) and not is_text_type(kind)):
            self.done.difference_update(id(inner) for inner in element.walk())
            return
        copy, exact = text_element(slot.partition("#")[0], element, kind=kind)
        if not exact:
            self.note(NoteKind.LAYOUT, Weight.HARMLESS, element=element, reason=LAYOUT)
        if not text_fits(copy, kind):
            self._does_not_fit(element)
        node.items.append((slot, copy, element.origin))

    def _check(self, element: Element, text: str, *, kind: Kind) -> None:
        if not isinstance(kind, SimpleType) or not kind.accepts(text):
            self._does_not_fit(element)

    def _does_not_fit(self, element: Element) -> None:
        en, da = (text.format(target=self.target.code) for text in DOES_NOT_FIT)
        self.note(NoteKind.DOES_NOT_FIT, Weight.LOST_TO_READER, element=element, reason=Text(en, da))

    # --- constants and folds -----------------------------------------------------------------------------------

    def _constant(self, line: BridgeLine, element: Element, *, node: Node) -> None:
        if node.has(line.path) or not self._holds(line.when, element):
            return
        text = self._filled(line.text, element)
        if not text:
            return
        node.put(line.path, Element(line.path[-1], text, (), "", element.origin), origin=element.origin)
        self.notes.append(BridgeNote("/".join(line.path), Action.CONSTANT, line.weight, element, line.reason))

    def _holds(self, when: Condition | None, element: Element) -> bool:
        if when is None:
            return True
        matches = at(element, when.path) if when.path[0] else at(self.letter, when.path[1:])
        return any(not when.values or match.text in when.values for match in matches)

    def _filled(self, template: str, element: Element) -> str:
        """Fill the braces of a template: `{}`, `{Date}`, `{/Sender/Identifier}`."""

        def value(match: re.Match[str]) -> str:
            path = match[1]
            if not path:
                return " ".join(lines_of(element))
            target = self.letter.find(path[1:]) if path.startswith("/") else element.find(path)
            return "" if target is None else " ".join(lines_of(target))

        return SLOT.sub(value, template).strip()

    def _fold(self, line: BridgeLine, element: Element, *, node: Node, kind: ComplexType) -> None:
        """Add an element as a line to a text of the other side."""
        for match in at(element, line.path):
            text = self._filled(line.text, match)
            inner = type_at(kind, line.target)
            holder = node.at(line.target[:-1], match.origin)
            at_place = next((n for n, item in enumerate(holder.items) if item[0] == line.target[-1]), None)
            before = [] if at_place is None else lines_of(as_element(holder.items[at_place][1]))
            lines = Element("", "", tuple(Element("Paragraph", part) for part in (*before, text)))
            if inner is None:
                self._does_not_fit(match)
                continue
            copy, _ = text_element(line.target[-1], lines, kind=inner)
            if not text_fits(copy, inner):
                self._does_not_fit(match)
            if at_place is not None:
                del holder.items[at_place]
            holder.items.append((line.target[-1], copy, match.origin))
            self.note(Action.FOLD, line.weight, element=match, reason=line.reason)


def cross(letter: Element, bridge: Bridge, *, source: Version, target: Version) -> tuple[Element, list[BridgeNote]]:
    """Return the letter in the other version, and what the bridge did to it."""
    crossing = Crossing(letter, target, names=dict(paths(letter)))
    root = Node(letter.origin)
    crossing.lines(bridge.lines, letter, node=root, kind=target.root)
    for element in remains(letter, crossing.done):
        crossing.note(NoteKind.UNNAMED, Weight.LOST_TO_READER, element=element, reason=UNNAMED)
    tree = with_codes(finished(target.letter, root, kind=target.root), source, target=target)
    return tree, [note for note in crossing.notes if note.rule not in OWN_NAMES]


def with_codes(letter: Element, source: Version, *, target: Version) -> Element:
    """Let the letter name its new version and type."""
    values = {"VersionCode": target.code, "TypeCode": target.type}
    heading = letter.child("Letter")
    if heading is None:
        return letter
    children = tuple(
        Element(child.name, values.get(child.name, child.text), child.children, child.tail, child.origin)
        if child.name != "StatisticalCode" or child.text != source.type
        else Element(child.name, target.type, (), child.tail, child.origin)
        for child in heading.children
    )
    new = Element("Letter", heading.text, children, heading.tail, heading.origin)
    rest = tuple(new if child is heading else child for child in letter.children)
    return Element(letter.name, letter.text, rest, letter.tail, letter.origin)


def at(element: Element, path: Sequence[str]) -> list[Element]:
    """Return every element at a path; `Segment:FTX+NEW` names segments that begin so."""
    elements = [element]
    for step in path:
        name, _, beginning = step.partition(":")
        elements = [
            child
            for parent in elements
            for child in parent.children
            if child.name == name and (not beginning or child.text.startswith(beginning))
        ]
    return elements


def stays_in_place(line: BridgeLine) -> bool:
    """Whether a line is about an element that is carried, with others, in what is around it."""
    return line.action is Action.KEEP and line.path == line.target and len(line.path) > 1 and not line.inner


def together(element: Element, matches: Sequence[Element], *, path: Sequence[str]) -> list[Element]:
    """Return the matches that stand in one element: those of another would be mixed up with them, and stay behind."""
    for parent in at(element, path[:-1]):
        inside = [child for child in parent.children if any(child is match for match in matches)]
        if inside:
            return inside
    return []


def type_at(kind: ComplexType, path: Sequence[str]) -> Kind:
    """Return the type at a path of the other version."""
    current: Kind = kind
    for name in path:
        inner = current.fields.get(name) if isinstance(current, ComplexType) else None
        current = inner.type if inner is not None else None
    return current


def child_node(holder: Node, name: str, *, kind: Kind, origin: int) -> Node:
    """Return a node for an element: the one that is there where there may be one only, else a new one."""
    field = kind.fields.get(name) if isinstance(kind, ComplexType) else None
    return holder.inner(name, origin) if field is not None and field.high == 1 else holder.add(name, origin)


def doubled(kind: ComplexType) -> frozenset[str]:
    """Return the names that stand at several places of a type."""
    names = [part.name for part in kind.content.fields()]
    return frozenset(name for name in names if names.count(name) > 1)


def is_text_type(kind: ComplexType) -> bool:
    """Whether a type is a text of lines: with breaks, or of paragraphs."""
    return kind.mixed or set(kind.fields) == {"Paragraph"}


def text_fits(element: Element, kind: Kind) -> bool:
    """Whether a text is one that its type allows."""
    if isinstance(kind, SimpleType):
        return bool(kind.accepts(element.text))
    paragraph = kind.fields.get("Paragraph") if kind is not None else None
    if paragraph is None or not isinstance(paragraph.type, SimpleType):
        return True
    return all(paragraph.type.accepts(child.text) for child in element.children)


def as_element(payload: object) -> Element:
    """Return what was put into the other tree as an element."""
    if isinstance(payload, Node):
        return finished("", payload, kind=None)
    return payload if isinstance(payload, Element) else Element("", str(payload))


def is_blank(element: Element) -> bool:
    """Whether nothing is said in an element."""
    return not any(inner.text.strip(BLANKS) for inner in element.walk())


def remains(element: Element, done: set[int]) -> Iterator[Element]:
    """Yield the outermost elements that no line has dealt with and in which something stands."""
    for child in element.children:
        if id(child) in done or any(id(inner) in done for inner in child.walk()):
            yield from remains(child, done)
        else:
            yield child


def paths(letter: Element) -> Iterable[tuple[int, str]]:
    """Yield the path of every element below a letter, as one consents by it."""
    for child in letter.children:
        if child.name == SEGMENT:
            yield id(child), f"{SEGMENT}:{'+'.join(child.text.split('+')[:2])}"
        else:
            yield from _paths(child, child.name)


def _paths(element: Element, path: str) -> Iterator[tuple[int, str]]:
    yield id(element), path
    for child in element.children:
        yield from _paths(child, f"{path}/{child.name}")
