"""The `edifact` part of a version's file, compiled: groups of lines, once in the right way, once as the peer.

    edifact MEDRPT R0131K RPT01
      let R = RequisitionInformation
      BGM+LRP++9+NA
      S01 Sender [NAD+SLA]
        NAD+SLA+{Identifier}:{IdentifierCode|party}
      S18 *LaboratoryResults/Result

A group is its trigger and the element it is about: none, always; `path` always; `?path` when it exists; `*path`
once each; `when A B` when one of them exists. Behind, in brackets, how to tell the group when it is read:
`[NAD+PO|NAD+ONL]` one of these segments, `[NAD+BV RFF+AHL:2]` both, `[first]` the first with that trigger.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from npn.messages.mapping.codecs import expanded, make
from npn.messages.mapping.codes import code_lists
from npn.messages.mapping.procedures import PROCEDURES, Procedure
from npn.messages.mapping.slots import Slot
from npn.messages.mapping.template import Key, MappingLine, Template, Writing, compile_template, split
from npn.messages.mapping.textlines import (
    ConsentLine,
    CutLine,
    HematologyLine,
    MixtureLine,
    ReferencesLine,
    RefusalLine,
    TextLine,
)
from npn.messages.model.segment import Segment
from npn.messages.versions.notation import ComplexType, NotationError, NotationLine, Version
from npn.messages.versions.simple import SimpleType

GROUP = re.compile(
    r"(?:(?P<role>read) )?(?P<trigger>S\d\d|UCI|UCM)"
    r"(?: (?P<mode>[?*])?(?P<path>(?!when\b)[\w/]+)| (?P<if>\?))?"
    r"(?: when (?P<when>[\w/ ]+))?(?: \[(?P<match>.*)\])?"
)
SEGMENT = re.compile(
    r"(?P<roles>(?:(?:write|read|echo|assumed) )*)(?P<condition>[?!]\S*)? ?(?P<tag>[A-Z]{3})(?P<rest>(?:\+.*)?)"
)
FIRST = "first"
SEGMENT_HINT = "write a segment as `? FTX+SRC+P00++{SampleLocation}`: literals, and elements in braces"
Mark = tuple[str, tuple[tuple[str, ...], ...]]  # a tag, and the beginning of its elements
HIDDEN = {"MEDREQ": "S17", "MEDRPT": "S18", "CONTRL": ""}


@dataclass(frozen=True, slots=True, eq=False)
class GroupLine:
    """A group of segments and the element it is about.

    mode       "" always, "?" when the element exists, "*" once for each; "read" never written; "if" when its first
               segment is
    match      alternatives of segments that must all be there (tag, components of element 1)
    table      which line reads which segment
    required   segments that are written whatever the element holds
    title      how findings name it: trigger, and the segments that tell it apart
    """

    trigger: str
    hidden: bool
    mode: str
    path: tuple[str, ...]
    when: tuple[tuple[str, ...], ...]
    first: bool
    match: tuple[tuple[Mark, ...], ...]
    lines: tuple["MappingLine | GroupLine", ...]
    table: dict[Key, tuple[MappingLine, ...]] = field(default_factory=dict)
    absents: tuple[MappingLine, ...] = ()
    required: tuple[Template, ...] = ()
    title: str = ""
    inner: Mapping[str, tuple["GroupLine", ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class DerivedElement:
    """An element that has no place in EDIFACT: made of another one on reading."""

    path: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What writes and reads one version."""

    version: Version
    message: str
    association: str
    kind: str
    head: GroupLine
    groups: tuple["GroupLine | Procedure", ...]
    by_trigger: Mapping[str, tuple[GroupLine, ...]]
    procedures: tuple["Procedure", ...]
    derived: tuple[DerivedElement, ...]
    as_peer: bool
    required: tuple[GroupLine, ...] = ()


class Compiler:
    """Compiles the lines of one version for one of the two ways."""

    def __init__(self, version: Version, hidden: str, *, as_peer: bool) -> None:
        """`hidden`: the trigger that is not written."""
        self.version, self.hidden, self.as_peer = version, hidden, as_peer
        self.aliases: dict[str, str] = {}
        self.words: dict[str, Callable[[str], MappingLine]] = {
            "text": lambda rest: self.text(rest, formatted=False),
            "formatted": lambda rest: self.text(rest, formatted=True),
            "texts": self.mixture,
            "references": self.references,
            "consent": lambda rest: ConsentLine(self.path(rest), with_text=False),
            "consent-text": lambda rest: ConsentLine(self.path(rest), with_text=True),
            "cut": self.cut,
            "refusal": self.refusal,
            "hematology": lambda _rest: HematologyLine(),
        }

    def group(self, raw: NotationLine, kind: ComplexType) -> GroupLine:
        """Compile a group line with what is below it."""
        match = GROUP.fullmatch(raw.text)
        if match is None:
            raise NotationError(
                raw, f"not a group: {raw.text!r}", hint="write `S02`, `S10 *Requests/Prompt`, `S01 ?Payer [NAD+PAY]`"
            )
        path = self.path(match["path"]) if match["path"] else ()
        inner = type_at(kind, path)
        lines = tuple(self.lines(raw.below, inner if isinstance(inner, ComplexType) else kind))
        trigger = match["trigger"]
        group = GroupLine(
            trigger,
            hidden=trigger in (self.hidden, "UCI", "UCM"),
            mode=mode_of(match),
            path=path,
            when=tuple(self.path(text) for text in (match["when"] or "").split()),
            first=match["match"] == FIRST,
            match=alternatives_of(match["match"] or ""),
            lines=lines,
            inner=by_trigger(lines),
            absents=tuple(line for line in lines if isinstance(line, MappingLine) and line.says_by_absence),
            required=always(lines),
            title=" ".join(filter(None, (trigger, known_by(match["match"])))),
        )
        fill(group.table, lines)
        return group

    def lines(self, raws: list[NotationLine], kind: ComplexType) -> Iterator[MappingLine | GroupLine]:
        """Compile lines; those of the other way are left out."""
        for raw in filter(None, map(self.ours, raws)):
            if GROUP.fullmatch(raw.text):
                yield self.group(raw, kind)
                continue
            yield self.line(raw, kind)

    def ours(self, raw: NotationLine) -> NotationLine | None:
        """Take `right` or `peer` off a line; None where it is for the other way."""
        word, _, rest = raw.text.partition(" ")
        if word not in ("right", "peer"):
            return raw
        return NotationLine(rest, raw.number, raw.below) if self.as_peer == (word == "peer") else None

    def line(self, raw: NotationLine, kind: ComplexType) -> MappingLine:
        """Compile one line that is not a group."""
        word, _, rest = raw.text.partition(" ")
        make_line = self.words.get(word)
        try:
            return make_line(rest) if make_line else self.segment(raw, kind)
        except NotationError:
            raise
        except (ValueError, KeyError, IndexError) as error:
            raise NotationError(raw, f"not a mapping: {raw.text!r} ({error})", hint=SEGMENT_HINT) from error

    def mixture(self, rest: str) -> MappingLine:
        """Read `RIT=ResultTextValue SPC=ResultComments max 20`."""
        words, _, most = rest.partition(" max ")
        return MixtureLine(dict(pair.split("=") for pair in words.split()), int(most))

    def references(self, rest: str) -> MappingLine:
        """Read `Reference max 10`."""
        path, _, most = rest.partition(" max ")
        return ReferencesLine(self.path(path), int(most))

    def cut(self, rest: str) -> MappingLine:
        """Read `FTX+MAT MaterialDescription max 1`."""
        words = rest.split()
        return CutLine(words[0].removeprefix("FTX+"), self.path(words[1]), most=int(words[3]))

    def refusal(self, rest: str) -> MappingLine:
        """Read `RefuseCode RefuseText`."""
        code, text = rest.split()
        return RefusalLine(self.path(code), self.path(text))

    def path(self, text: str) -> tuple[str, ...]:
        """Read a path."""
        return tuple(expanded(text, self.aliases).split("/"))

    def text(self, rest: str, *, formatted: bool) -> TextLine:
        """Read `FTX+CO,* path max 3 F00 split`."""
        words = rest.split()
        codes = tuple(words[0].removeprefix("FTX+").split(","))
        most = int(words[words.index("max") + 1]) if "max" in words else 0
        form = "F00" if "F00" in words else "P00"
        return TextLine(codes, self.path(words[1]), formatted=formatted, most=most, form=form, split="split" in words)

    def segment(self, raw: NotationLine, kind: ComplexType) -> Template:
        """Read a segment template."""
        match = SEGMENT.fullmatch(raw.text)
        if match is None:
            raise NotationError(raw, f"not a mapping: {raw.text!r}", hint=SEGMENT_HINT)
        roles = match["roles"].split()
        role = next((word for word in roles if word != "assumed"), "")
        condition = None
        if match["condition"]:
            condition = tuple(self.path(text) for text in match["condition"][1:].split(",") if text)
        pieces = split(match["rest"][1:], "+") if match["rest"] else []
        optional = {number: piece.startswith("?*") for number, piece in enumerate(pieces) if piece.startswith("?")}
        elements = [[self.part(text, kind) for text in split(piece.lstrip("?*"), ":")] for piece in pieces]
        unless = (match["condition"] or "").startswith("!")
        return compile_template(
            match["tag"],
            elements,
            writing=Writing(optional, condition, role, unless=unless, assumed="assumed" in roles),
        )

    def part(self, text: str, kind: ComplexType) -> str | Slot:
        """Read a component: a literal or a slot."""
        if not text.startswith("{"):
            return text
        inside = text[1:-1]
        where = expanded(inside.partition("|")[0], self.aliases)
        start = self.version.root if where.startswith("/") else kind
        target = type_at(start, tuple(step.partition("#")[0] for step in where.strip("/").split("/")))
        if target is None and not inside.startswith("#"):
            raise ValueError(f"there is no element {where}")
        allowed = target.codes if isinstance(target, SimpleType) else ()
        return make(inside, code_lists(), allowed=allowed, aliases=self.aliases)


def mode_of(match: re.Match[str]) -> str:
    """Return when a group is written: the `mode` of a GroupLine."""
    return match["role"] or ("if" if match["if"] else match["mode"] or "")


def alternatives_of(text: str) -> tuple[tuple[Mark, ...], ...]:
    """Read `NAD+PO|NAD+ONL` and `NAD+BV RFF+AHL:2`: alternatives of segments that must all be there."""
    if text in ("", FIRST):
        return ()
    return tuple(tuple(mark(segment) for segment in alternative.split()) for alternative in text.split("|"))


def mark(text: str) -> Mark:
    """Read `NAD+BV`, `RFF+AHL:2`, `CIN`: a tag and the beginning of its elements."""
    tag, *elements = text.split("+")
    return tag, tuple(tuple(element.split(":")) for element in elements)


def fill(table: dict[Key, tuple[MappingLine, ...]], lines: tuple[MappingLine | GroupLine, ...]) -> None:
    """Enter for each key which lines read it, in the order of the data."""
    for line in lines:
        if isinstance(line, MappingLine):
            for key in line.keys:
                table[key] = (*table.get(key, ()), line)


def type_at(kind: ComplexType, path: tuple[str, ...]) -> ComplexType | SimpleType | None:
    """Return the type at a path of the structure; None where there is none."""
    current: ComplexType | SimpleType | None = kind
    for name in path:
        field = current.fields.get(name) if isinstance(current, ComplexType) else None
        current = field.type if field else None
    return current


@cache
def program(version: Version, *, as_peer: bool = False) -> Program | None:
    """Return the program of a version; None where it has no EDIFACT form."""
    raw = version.edifact
    if raw is None:
        return None
    message, association, kind = raw.text.split()[1:]
    compiler = Compiler(version, HIDDEN[message], as_peer=as_peer)
    head: list[MappingLine] = []
    groups: list[GroupLine | Procedure] = []
    derived = []
    for line in filter(None, map(compiler.ours, raw.below)):
        word, _, rest = line.text.partition(" ")
        if word == "let":
            name, _, target = rest.partition(" = ")
            compiler.aliases[name] = expanded(target, compiler.aliases)
        elif word == "derived":
            path, _, source = rest.partition(" from ")
            derived.append(DerivedElement(compiler.path(path), compiler.path(source)))
        elif word == "procedure":
            groups.append(PROCEDURES[rest.split()[0]](compiler, rest.split()[1:]))
        elif GROUP.fullmatch(line.text):
            groups.append(compiler.group(line, version.root))
        else:
            head.append(compiler.line(line, version.root))
    top = GroupLine(
        "", hidden=True, mode="", path=(), when=(), first=False, match=(), lines=tuple(head), required=always(head)
    )
    fill(top.table, top.lines)
    return Program(
        version, message, association, kind, top, tuple(groups), by_trigger(groups),
        tuple(group for group in groups if not isinstance(group, GroupLine)), tuple(derived), as_peer,
        tuple(group for group in groups if isinstance(group, GroupLine) and group.mode == "" and not group.when),
    )  # fmt: skip


def known_by(match: str | None) -> str:
    """Return the ending of a group's title: the segments by which it is known."""
    return f"({match.replace('|', ' | ')})" if match and match != FIRST else ""


def always(lines: Sequence[MappingLine | GroupLine]) -> tuple[Template, ...]:
    """Return the segments that are always written, so that one that does not come can be named."""
    return tuple(line for line in lines if isinstance(line, Template) and line.is_always_written)


def by_trigger(lines: Sequence[object]) -> dict[str, tuple[GroupLine, ...]]:
    """Return the groups of each trigger, in the order of the data."""
    groups: dict[str, tuple[GroupLine, ...]] = {}
    for line in lines:
        if isinstance(line, GroupLine):
            groups[line.trigger] = (*groups.get(line.trigger, ()), line)
    return groups


def matches(group: GroupLine, segments: Sequence[Segment]) -> bool:
    """Whether the segments of an occurrence are those of a group."""
    if not group.match:
        return True
    for alternative in group.match:
        for wanted_segment in alternative:
            if not has(segments, wanted_segment):
                break
        else:
            return True
    return False


def has(segments: Sequence[Segment], marker: Mark) -> bool:
    """Whether a segment with that tag and beginning is there."""
    tag, beginning = marker
    for segment in segments:
        if segment.tag == tag and len(segment.elements) >= len(beginning):
            for part, element in zip(beginning, segment.elements, strict=False):
                if element[: len(part)] != part:
                    break
            else:
                return True
    return False
