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
KNOWN_TYPES = (
    "a type is one below `types`, `string 1..35`, `string one of A | B`, `date`, `boolean`, `decimal`, `int 1..9`"
)


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
    base      the name of the version that it is described by its differences from; empty: described whole
    assumed   why nothing is judged by it; empty: it is judged
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
    base: str = ""
    assumed: str = ""


@dataclass(slots=True)
class NotationLine:
    """One line with what is indented below it, and the file that it stands in."""

    text: str
    number: int
    below: list["NotationLine"] = field(default_factory=list)
    file: str = ""

    def word(self) -> tuple[str, str]:
        """Return the first word and the rest."""
        first, _, rest = self.text.partition(" ")
        return first, rest.strip()


class NotationError(ValueError):
    """A line of a file can't be understood."""

    def __init__(self, line: NotationLine, reason: str, *, hint: str = "") -> None:
        """`hint`: what to do about it."""
        super().__init__(f"line {line.number}: {reason}")
        self.line, self.reason, self.hint = line, reason, hint


def lines(text: str, file: str = "") -> NotationLine:
    """Return the file as a tree of lines; comments and empty lines are left out."""
    top = NotationLine("", 0, file=file)
    stack = [(-1, top)]
    for number, raw in enumerate(text.splitlines(), 1):
        stripped = raw.strip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        depth = (len(raw) - len(raw.lstrip(" "))) // 2
        while stack[-1][0] >= depth:
            stack.pop()
        line = NotationLine(stripped, number, file=file)
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
            raise NotationError(
                line, f"not an element or a group: {line.text!r}", hint="write `Name[0..1]: string 1..35`"
            )
        low = int(match["low"] or 1) if match["low"] is not None else 1
        high = UNBOUNDED if match["high"] == "*" else int(match["high"] or 1)
        if match["name"] in ("sequence", "choice"):
            return ModelGroup(match["name"], low, high, tuple(self.part(below) for below in line.below))
        try:
            kind = self.named(match["type"]) if match["type"] else make(match["name"], line, reader=self)
        except NotationError:
            raise
        except ValueError as error:
            raise NotationError(line, str(error), hint=KNOWN_TYPES) from error
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
    """Read a version's file that describes it whole."""
    text = path.read_text("utf-8")
    return version_of(lines(text, str(path)), path.stem, title=title_of(text))


def title_of(text: str) -> str:
    """Return the first line of a file, which says what it describes."""
    return text.partition("\n")[0].lstrip("# ").strip()


def heading_of(top: NotationLine) -> dict[str, str]:
    """Return the lines at the margin that have nothing below them."""
    return dict(line.word() for line in top.below if not line.below)


def version_of(top: NotationLine, name: str, *, title: str) -> Version:
    """Make the version that a whole tree of lines describes."""
    heading = heading_of(top)
    parts = {line.word()[0]: line for line in top.below if line.below}
    for wanted in ("version", "type", "letter", "namespace"):
        if not heading.get(wanted):
            raise NotationError(top, f"the heading has no `{wanted}`", hint=f"write `{wanted} …` above the structure")
    structure = parts.get("structure")
    if structure is None or len(structure.below) != 2 or structure.below[0].text != "Envelope":
        raise NotationError(structure or top, "`structure` must hold Envelope and the letter", hint="or name a `base`")
    reader = Reader(parts.get("types", NotationLine("types", 0)))
    envelope, letter = structure.below
    return Version(
        name=name,
        title=title,
        code=heading["version"],
        type=heading["type"],
        letter=heading["letter"],
        namespace=heading["namespace"],
        local_elements="local-elements" in heading,
        root=complex_of(reader, letter),
        envelope=make("Envelope", envelope, reader=reader),
        edifact=parts.get("edifact"),
        base=heading.get("base", ""),
        assumed=heading.get("assumed", ""),
    )


def complex_of(reader: Reader, line: NotationLine) -> ComplexType:
    """Return the letter's own type, written below its name or shared."""
    part = reader.part(line)
    if not isinstance(part, Field) or not isinstance(part.type, ComplexType):
        raise NotationError(line, "a letter is a complex type")
    return part.type
