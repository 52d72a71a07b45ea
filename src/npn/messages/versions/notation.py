"""The notation of the version files: heading, structure, types, and the EDIFACT part as lines.

    version XR0131K
    namespace http://...
    structure
      LaboratoryReport
        Letter
          Identifier: string 1..14
        choice[0..20]
          ResultTextValue: FormattedText
    types
      FormattedText
        mixed
        choice[0..*]
          Break: empty

Two blanks of indentation a level. `Name[low..high]: type` is an element, `sequence` and `choice` group,
`mixed` allows text between, `key A/B from C/D` demands that every C/D names an A/B, which are unique.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from npn.messages.versions.simple import SimpleType
from npn.messages.versions.simple import parse as parse_simple

LINE = re.compile(r"(?P<name>\w+)(?:\[(?P<low>\d+)\.\.(?P<high>\d+|\*)\])?(?:: (?P<type>.+))?")
UNBOUNDED = 1 << 30


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """An element of a type, with how often it may stand there."""

    name: str
    low: int
    high: int
    type: "SimpleType | ComplexType"


@dataclass(frozen=True, slots=True, eq=False)
class ModelGroup:
    """A sequence or choice of elements and groups."""

    kind: str
    low: int
    high: int
    parts: tuple["Field | ModelGroup", ...]

    def fields(self) -> Iterator[Field]:
        """Yield every element in it, in the order of the data."""
        for part in self.parts:
            if isinstance(part, Field):
                yield part
            else:
                yield from part.fields()


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """Every value at `reference` must be one of those at `declared`, which are there and differ."""

    declared: str
    reference: str


@dataclass(frozen=True, slots=True, eq=False)
class ComplexType:
    """What an element with children may hold.

    fields   by name; a name that occurs twice has the same type both times
    symbols  each name as one character; `shape` matches the children's symbols in order
    accepted  shapes that were found right before; the common ones need no matching
    """

    name: str
    mixed: bool
    content: ModelGroup
    keys: tuple[Key, ...]
    fields: Mapping[str, Field]
    symbols: Mapping[str, str]
    shape: re.Pattern[str]
    accepted: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether neither text nor children may stand in it."""
        return not self.mixed and not self.fields


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One version of one message.

    name      unique: `XR0131K`, `XR0130K-2007`
    code      as in Letter/VersionCode
    type      as in Letter/TypeCode; receipts: XCTL01 to XCTL03
    letter    the letter's element
    """

    name: str
    title: str
    code: str
    type: str
    letter: str
    namespace: str
    local_elements: bool
    root: ComplexType
    envelope: ComplexType
    edifact: "NotationLine | None"


@dataclass(slots=True)
class NotationLine:
    """One line with what is indented below it."""

    text: str
    number: int
    below: list["NotationLine"] = field(default_factory=list)


def lines(text: str) -> NotationLine:
    """Return the file as a tree of lines; comments and empty lines are left out."""
    top = NotationLine("", 0)
    stack = [(-1, top)]
    for number, raw in enumerate(text.splitlines(), 1):
        stripped = raw.strip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        depth = (len(raw) - len(raw.lstrip(" "))) // 2
        while stack[-1][0] >= depth:
            stack.pop()
        line = NotationLine(stripped, number)
        stack[-1][1].below.append(line)
        stack.append((depth, line))
    return top


class Reader:
    """Reads the types of one file; each named type once."""

    def __init__(self, types: NotationLine) -> None:
        self.raw = {line.text.partition(":")[0]: line for line in types.below}
        self.made: dict[str, SimpleType | ComplexType] = {}

    def named(self, phrase: str) -> SimpleType | ComplexType:
        """Return the type a phrase means: a shared one of the file or a simple one."""
        if phrase == "empty":
            return make("empty", NotationLine("", 0), reader=self)
        if phrase not in self.raw:
            return parse_simple(phrase)
        if phrase not in self.made:
            line = self.raw[phrase]
            simple = line.text.partition(": ")[2]
            self.made[phrase] = parse_simple(simple) if simple else make(phrase, line, reader=self)
        return self.made[phrase]

    def part(self, line: NotationLine) -> Field | ModelGroup:
        """Read an element or a group."""
        match = LINE.fullmatch(line.text)
        if match is None:
            raise ValueError(f"line {line.number}: no notation: {line.text!r}")
        low = int(match["low"] or 1) if match["low"] is not None else 1
        high = UNBOUNDED if match["high"] == "*" else int(match["high"] or 1)
        if match["name"] in ("sequence", "choice"):
            return ModelGroup(match["name"], low, high, tuple(self.part(below) for below in line.below))
        kind = self.named(match["type"]) if match["type"] else make(match["name"], line, reader=self)
        return Field(match["name"], low, high, kind)


def make(name: str, line: NotationLine, *, reader: Reader) -> ComplexType:
    """Read a complex type from the lines below."""
    mixed = any(below.text == "mixed" for below in line.below)
    keys = tuple(
        Key(*below.text.removeprefix("key ").split(" from ")) for below in line.below if below.text.startswith("key ")
    )
    rest = [below for below in line.below if below.text != "mixed" and not below.text.startswith("key ")]
    content = ModelGroup("sequence", 1, 1, tuple(reader.part(below) for below in rest))
    fields = {part.name: part for part in content.fields()}
    symbols = {field: chr(0x4E00 + index) for index, field in enumerate(fields)}
    shape = re.compile(pattern(content, symbols))
    return ComplexType(name, mixed, content, keys, fields, symbols, shape)


def pattern(part: Field | ModelGroup, symbols: Mapping[str, str]) -> str:
    """Write the content as a regular expression over one symbol a child."""
    if isinstance(part, Field):
        inner = symbols[part.name]
    else:
        joint = "|" if part.kind == "choice" else ""
        inner = f"(?:{joint.join(pattern(child, symbols) for child in part.parts)})"
    if (part.low, part.high) == (1, 1):
        return inner
    return f"{inner}{{{part.low},{'' if part.high == UNBOUNDED else part.high}}}"


def read(path: Path) -> Version:
    """Read a version's file."""
    text = path.read_text("utf-8")
    top = lines(text)
    heading = {line.text.partition(" ")[0]: line.text.partition(" ")[2] for line in top.below if not line.below}
    parts = {line.text.partition(" ")[0]: line for line in top.below if line.below}
    reader = Reader(parts["types"])
    envelope, letter = parts["structure"].below
    return Version(
        name=path.stem,
        title=text.partition("\n")[0].lstrip("# "),
        code=heading["version"],
        type=heading["type"],
        letter=heading["letter"],
        namespace=heading["namespace"],
        local_elements="local-elements" in heading,
        root=complex_of(reader, letter),
        envelope=make("Envelope", envelope, reader=reader),
        edifact=parts.get("edifact"),
    )


def complex_of(reader: Reader, line: NotationLine) -> ComplexType:
    """Return the letter's own type, written below its name or shared."""
    part = reader.part(line)
    if not isinstance(part, Field) or not isinstance(part.type, ComplexType):
        raise ValueError(f"line {line.number}: a letter is a complex type")  # noqa: TRY004 - the file is wrong, not a type
    return part.type
