"""Slots: what stands between braces in a segment template, `{Sender/Identifier}` or `{Operator|operator}`.

A slot writes the components it stands for from an element, and puts the value of read components into the
tree. `path` is relative to the group's element; one that begins with `/` to the letter.
"""

from collections.abc import Sequence
from typing import ClassVar

from npn.messages.mapping.codes import CodeList
from npn.messages.mapping.state import ReadState, WriteState
from npn.messages.mapping.tree import Node
from npn.messages.mapping.words import assumed
from npn.messages.model.finding import Text
from npn.messages.model.interchange import Element
from npn.messages.model.labels import in_danish
from npn.messages.model.notes import note
from npn.messages.model.segment import At, Segment
from npn.messages.rules.conversion import CONTRADICTION, NO_CODE, PARTY_KIND, UNKNOWN_CODE

UNLIMITED = 1_000


class Slot:
    """A text that is copied as it is.

    allowed  the codes the version's structure allows at the path; empty: not a code
    width    how many components it stands for
    """

    width = 1

    def __init__(self, path: tuple[str, ...], argument: str = "", *, allowed: tuple[str, ...] = ()) -> None:
        """`argument` is what follows the codec's name."""
        self.absolute = bool(path) and path[0] == ""
        self.path = path[1:] if self.absolute else path
        self.argument = argument
        self.allowed = allowed

    def find(self, state: WriteState, element: Element) -> Element | None:
        """Return the element at the slot's path."""
        return find(state.root if self.absolute else element, self.path)

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the components; none where the element is missing."""
        target = self.find(state, element)
        return (target.text,) if target is not None else ()

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Put the value of the component at `at` (element, component, from 0) into the tree."""
        value = component(segment, at)
        if value:
            self.put(state, node, value=value, segment=segment)

    def put(self, state: ReadState, node: Node, *, value: str, segment: Segment) -> None:
        """Put a value at the path; one for the whole letter only once."""
        if not self.absolute:
            node.put(self.path, value, origin=segment.index)
            return
        before = state.root.text(self.path)
        if before is None:
            state.root.put(self.path, value, origin=segment.index)
        elif before != value:
            name = self.path[-1]
            text = Text(
                f"{name} is '{value}' here and '{before}' before; the first is kept",
                f"{name} er '{value}' her og '{before}' tidligere; den første bruges",
            )
            state.notes.append(note(CONTRADICTION, text, about=segment))


def find(element: Element, path: tuple[str, ...]) -> Element | None:
    """Return the first element at a path; `A#B` is the A right after B."""
    current = element
    for name in path:
        if "#" in name:
            return find_after(current, name)
        for child in current.children:
            if child.name == name:
                current = child
                break
        else:
            return None
    return current


def find_after(element: Element, name: str) -> Element | None:
    """Return the child A right after B for `A#B`."""
    child, _, before = name.partition("#")
    for first, second in zip(element.children, element.children[1:], strict=False):
        if first.name == before:
            return second if second.name == child else None
    return None


def component(segment: Segment, at: At) -> str:
    """Return a component, from 0; empty where there is none."""
    elements = segment.elements
    if at[0] < len(elements) and at[1] < len(elements[at[0]]):
        return elements[at[0]][at[1]]
    return ""


class DefaultSlot(Slot):
    """A text with something in its place when it is missing: `or _`, or `or _ with UnitName`."""

    def __init__(self, path: tuple[str, ...], argument: str = "", *, allowed: tuple[str, ...] = ()) -> None:
        """Take `_` or `_ with OtherElement`."""
        super().__init__(path, argument, allowed=allowed)
        self.default, _, beside = argument.partition(" with ")
        self.other = tuple(beside.split("/")) if beside else ()

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the text or what stands for none."""
        target = self.find(state, element)
        if target is not None:
            return (target.text,)
        if self.other and find(element, self.other) is None:
            return ()
        return (self.default,)


class CodedSlot(Slot):
    """A code of a list; a code may have two components."""

    codes: CodeList

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the code; a value without one is an error, and the component stays empty."""
        target = self.find(state, element)
        return () if target is None else self.encode(state, target)

    def encode(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the code of an element's value."""
        code = self.codes.write.get(element.text)
        if code is None:
            state.notes.append(note(NO_CODE, no_code(element), about=element))
            return ()
        if self.codes.assumed:
            state.notes.append(assumed(element.name, element))
        return code

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Put the value that the code means; an unknown one is an error and leaves an empty element."""
        code = component(segment, at)
        if not code or not self.codes.read:
            return
        if self.codes.assumed:
            state.notes.append(assumed(self.path[-1], segment))
        value = self.codes.value(code, self.allowed)
        if value is None:
            en, da = self.codes.known(self.allowed)
            text = Text(
                f"the code '{code}' for {self.path[-1]} is not known in this version{en}",
                f"koden '{code}' for {in_danish(self.path[-1])} kendes ikke i denne version{da}",
            )
            state.notes.append(note(UNKNOWN_CODE, text, about=segment, at=at))
            value = ""
        self.put(state, node, value=value, segment=segment)


def no_code(element: Element) -> Text:
    """Return what is said of a value that can't be written in EDIFACT."""
    return Text(
        f"{element.name} '{element.text}' has no code in EDIFACT",
        f"{in_danish(element.name)} '{element.text}' har ingen kode i EDIFACT",
    )


class PartySlot(CodedSlot):
    """The kind of a party's number, two components; `party IdentifierLocal` where a local kind may stand instead."""

    width = 2

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the pair; the local kind is 91 and its name."""
        local = find(element, (self.argument,)) if self.argument else None
        if local is not None and not state.as_peer:
            state.notes.append(assumed(self.argument, local))
            return ("91", local.text)
        return super().write(state, element)

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Go by the first component; an empty one means a location number."""
        if not component(segment, (at[0], at[1] - 1)):
            return
        code = component(segment, at)
        if code == "91" and self.argument:
            state.notes.append(assumed(self.argument, segment))
            node.put((self.argument,), component(segment, (at[0], at[1] + 1)), origin=segment.index)
            return
        if not code and len(segment.elements[at[0]]) <= at[1]:
            text = Text(
                "the number's kind is missing; it is read as a location number",
                "nummerets type mangler; det læses som et lokationsnummer",
            )
            state.notes.append(note(PARTY_KIND, text, about=segment, at=at))
        value = self.codes.value(code, self.allowed)
        if value is None:
            en, da = self.codes.known(self.allowed)
            text = Text(f"the kind of number '{code}' is not known{en}", f"nummertypen '{code}' kendes ikke{da}")
            state.notes.append(note(UNKNOWN_CODE, text, about=segment, at=at))
            value = ""
        self.put(state, node, value=value, segment=segment)


class PayerSlot(CodedSlot):
    """The kind of a payer's number, two components; the first decides, or where that is empty the second."""

    width = 2

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Go by the first component, else by the second; without a number nothing is read."""
        if not component(segment, (at[0], at[1] - 1)):
            return
        pair = (component(segment, at), component(segment, (at[0], at[1] + 1)))
        if pair == ("", ""):
            text = Text(
                "the kind of the payer's number is missing; the number is read without it",
                "arten af betalerens nummer mangler; nummeret læses uden",
            )
            state.notes.append(note(PARTY_KIND, text, about=segment, at=at))
            return
        values = [value for value, code in self.codes.write.items() if code[0] == pair[0] and (pair[0] or code == pair)]
        if not values:
            text = Text(
                f"the kind '{pair[0]}:{pair[1]}' of the payer's number is not known",
                f"typen '{pair[0]}:{pair[1]}' af betalerens nummer kendes ikke",
            )
            state.notes.append(note(UNKNOWN_CODE, text, about=segment, at=at))
        self.put(state, node, value=values[0] if values else "", segment=segment)


class EachSlot(Slot):
    """Every element at the path, one component each, as many as there are."""

    width = UNLIMITED

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return all their texts."""
        del state
        return tuple(target.text for target in element.all("/".join(self.path)))

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Put one element a component."""
        if at[0] < len(segment.elements):
            for value in segment.elements[at[0]][at[1] :]:
                if value:
                    self.put(state, node, value=value, segment=segment)


class JoinedSlot(Slot):
    """One component when written; when read, all components joined, without backslashes."""

    width = UNLIMITED

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Put the components together."""
        if at[0] < len(segment.elements):
            value = "".join(segment.elements[at[0]][at[1] :])
            if value:
                self.put(state, node, value=value, segment=segment)


class IsSlot(Slot):
    """Whether one of the elements has a value: `is fikseret T998` writes T998 then; nothing is read."""

    def find(self, state: WriteState, element: Element) -> Element | None:
        """Return the element that has the value."""
        del state
        value = self.argument.partition(" ")[0]
        return next((child for child in element.all("/".join(self.path)) if child.text == value), None)

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the code."""
        return (self.argument.partition(" ")[2],) if self.find(state, element) is not None else ()

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Another line reads it."""


class YesSlot(Slot):
    """A true or false: `yes` writes nothing but is there only for true; read, it is true."""

    def find(self, state: WriteState, element: Element) -> Element | None:
        """Return the element when it says true."""
        target = super().find(state, element)
        return target if target is not None and target.text.strip() in ("true", "1") else None

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Write the code."""
        return (self.argument,) if self.find(state, element) is not None else ()

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """The segment says true."""
        if component(segment, at) == self.argument:
            self.put(state, node, value="true", segment=segment)


class MessageTypeSlot(Slot):
    """The EDIFACT message a version belongs to, by its first letter; written only."""

    TYPES: ClassVar = {"R": "MEDRPT", "Q": "MEDREQ", "D": "MEDDIS", "H": "MEDREF", "A": "PRODAT"}

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the message's name; one that is not known is named so, as the peer does."""
        target = self.find(state, element)
        if target is None:
            return ()
        is_xml = target.text.startswith("X")
        kind = self.TYPES.get(target.text.removeprefix("X")[:1])
        return ("Ukendt" if kind is None else f"{'X' if is_xml else ''}{kind}",)

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """The version says it."""


class NumberSlot(Slot):
    """A number that orders groups: the next one, `#`, or a sum.

    `#4`; `#4+cc`: one more with a copy receiver; `#of LaboratoryResults/Result`: which of them it is.
    """

    def find(self, state: WriteState, element: Element) -> Element | None:
        """A counted number is not an element."""
        del state, element
        return None

    def write(self, state: WriteState, element: Element) -> tuple[str, ...]:
        """Return the number."""
        state.number += 1
        if not self.argument:
            return (str(state.number),)
        return (str(sum(self._term(state, element, term=term) for term in self.argument.split("+"))),)

    @staticmethod
    def _term(state: WriteState, element: Element, *, term: str) -> int:
        """Return one term of the sum."""
        if term.startswith("of "):
            among = state.root.all(term[3:])
            return next(number for number, candidate in enumerate(among, 1) if candidate is element)
        return int(term) if term.isdecimal() else int(find(state.root, ("CCReceiver",)) is not None)

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Nothing is read from it."""


class StatusSlot(CodedSlot):
    """A result's status, from GIS and STS together; the argument is where `*****` means: sample received."""

    STARS = "*****"
    PAIRS: ClassVar = {("N", "FR"): "svar_endeligt", ("M", "FR"): "svar_rettet", ("N", "PR"): "svar_midlertidigt"}

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Put what the pair of codes means; nothing where there is no STS."""
        code = component(segment, at)
        if not code:
            return
        marks = [component(sibling, (0, 0)) for sibling in state.group if sibling.tag == "GIS"]
        mark = marks[-1] if marks else "N"
        value = self.meaning(mark, code, group=state.group)
        if value is None:
            text = Text(
                f"the status GIS {mark} with STS {code} is not known; known: N+FR, M+FR, N+PR",
                f"statussen GIS {mark} med STS {code} kendes ikke; kendte: N+FR, M+FR, N+PR",
            )
            state.notes.append(note(UNKNOWN_CODE, text, about=segment, at=at))
        self.put(state, node, value=value or "", segment=segment)

    def meaning(self, mark: str, code: str, *, group: Sequence[Segment]) -> str | None:
        """Return the status that GIS and STS mean together; None where the pair is not known."""
        if self.argument == "RSL" and (mark, code) == ("M", "MR"):
            return "svar_rettet"
        status = self.PAIRS.get((mark, code))
        if status == "svar_midlertidigt" and self.argument:
            stars = next((segment for segment in group if segment.tag == self.argument), None)
            return "proeve_modtaget" if stars is not None and component(stars, (1, 0)) == self.STARS else status
        return status


class FlagSlot(CodedSlot):
    """A list whose unknown codes mean nothing: `NPN` is the national flag, anything else none."""

    def read(self, state: ReadState, node: Node, *, segment: Segment, at: At) -> None:
        """Put the value of a known code; of another only the peer makes the flag (P19)."""
        code = component(segment, at)
        value = self.codes.value(code, ()) if code else None
        if code and value is None and state.as_peer and self.argument == "any":
            value = next(iter(self.codes.write))
        if value is not None:
            self.put(state, node, value=value, segment=segment)
