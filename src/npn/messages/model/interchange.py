"""The one model of a message, whatever syntax it came in: a frozen tree with the names of the XML form.

An `Interchange` holds an envelope and letters; a `Letter` is a tree of `Element` and the version that
describes it (`npn.messages.versions`). EDIFACT is read into the same tree by the version's mapping, so what
validates, shows or converts a message never asks which syntax it had.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import msgspec

from npn.errors import InvalidInputError
from npn.messages.model.finding import Finding
from npn.messages.model.pieces import Origin
from npn.messages.model.segment import Segment
from npn.messages.model.wrapping import VansEnvelope
from npn.messages.versions.notation import Version


class Syntax(StrEnum):
    """The two ways a message is written."""

    XML = "xml"
    EDIFACT = "edifact"

    @classmethod
    def of(cls, name: object, *, field: str = "syntax") -> "Syntax":
        """Return the syntax of that name; raise InvalidInputError, which names those there are, for anything else."""
        if isinstance(name, cls):
            return name
        if isinstance(name, str) and name in cls.__members__.values():
            return cls(name)
        raise InvalidInputError(
            f"{field} is {name!r}, which is not a syntax of messages",
            field=field,
            hint=f"one of {', '.join(cls)}",
        )


class Kind(StrEnum):
    """What a letter is for."""

    REQUISITION = "requisition"
    ANSWER = "answer"
    RECEIPT = "receipt"
    UNKNOWN = "unknown"


BINARY_TYPES = frozenset(("XBIN01", "XBIN02"))
KINDS = {"XREQ": Kind.REQUISITION, "XRPT": Kind.ANSWER, "XCTL": Kind.RECEIPT}


class Element(msgspec.Struct, frozen=True):
    """One field or group of fields.

    name        local name; `{namespace}name` where it is not in the letter's namespace
    text        the text before the first child, as written
    children    in document order
    tail        the text after the element, up to the next one; matters in formatted text only
    origin      where it came from: XML: number of the element in the document, from 0; EDIFACT: number of the
                segment in the interchange, from 1; -1: made here
    attributes  (name, value); the schemas allow none but those of xsi
    """

    name: str
    text: str = ""
    children: tuple["Element", ...] = ()
    tail: str = ""
    origin: int = -1
    attributes: tuple[tuple[str, str], ...] = ()

    def child(self, name: str) -> "Element | None":
        """Return the first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def all(self, path: str) -> tuple["Element", ...]:
        """Return every element at a path of names: `LaboratoryResults/Result`."""
        elements: Sequence[Element] = (self,)
        for name in steps(path):
            elements = [child for parent in elements for child in parent.children if child.name == name]
            if not elements:
                return ()
        return tuple(elements)

    def find(self, path: str) -> "Element | None":
        """Return the first element at a path of names."""
        return first_at(self, chain(path))

    def value(self, path: str) -> str | None:
        """Return the text at a path of names, exactly as written; None where there is no such element."""
        element = self.find(path)
        return None if element is None else element.text

    def walk(self) -> Iterator["Element"]:
        """Yield the element and everything in it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@cache
def steps(path: str) -> tuple[str, ...]:
    """Cut a path into its names; the paths are those of the program, so few."""
    return tuple(path.split("/"))


Chain = tuple[str, "Chain | None"]


@cache
def chain(path: str) -> Chain:
    """Cut a path into its first name and the chain of the others."""
    name, slash, rest = path.partition("/")
    return name, chain(rest) if slash else None


def first_at(element: Element, names: Chain) -> Element | None:
    """Return the first element in document order that stands at a chain of names."""
    name, rest = names
    for child in element.children:
        if child.name == name:
            if rest is None:
                return child
            target = first_at(child, rest)
            if target is not None:
                return target
    return None


class SampleNumber(msgspec.Struct, frozen=True):
    """A number of a sample, a requisition or a tube as a letter states it; `flagged`: marked as national."""

    number: str
    role: str
    flagged: bool
    element: Element


class Letter(msgspec.Struct, frozen=True):
    """One message. `version` is None where it is not one of ours; `version_code` is what the letter says."""

    root: Element
    version: Version | None
    version_code: str
    type_code: str

    @property
    def kind(self) -> Kind:
        """Requisition, answer or receipt."""
        return KINDS.get(self.version.type[:4], Kind.UNKNOWN) if self.version else Kind.UNKNOWN

    @property
    def is_binary(self) -> bool:
        """Whether it carries a file, not text: MedCom's BIN01."""
        return self.version is None and self.type_code in BINARY_TYPES

    @property
    def binaries(self) -> tuple[str, ...]:
        """The numbers of the files that the letter points to, which come in binary letters."""
        return tuple(
            child.text
            for element in self.root.walk()
            if element.name == "BIN"
            for child in element.children
            if child.name == "ObjectIdentifier"
        )

    @property
    def identifier(self) -> str:
        """The letter's own number."""
        return self.root.value("Letter/Identifier") or ""

    @property
    def sample_numbers(self) -> tuple[SampleNumber, ...]:
        """Every number of a sample, requisition or tube, in document order, with its NPN flag."""
        return tuple(_sample_numbers(self.root, []))


class Interchange(msgspec.Struct, frozen=True):
    """What was read: one `Emessage`, or one UNB to UNZ.

    namespace   of the XML form; of the first letter's version where it was EDIFACT
    envelope    element `Envelope`: Sent, Identifier, AcknowledgementCode
    findings    what reading found; `npn.messages.validate` includes them
    source      the bytes; places in findings are worked out from them
    origin      where the bytes stand in the file or stream that they came in
    earlier     how many letters of the same interchange came in earlier portions
    root        the whole `Emessage` where it was XML
    segments    every segment where it was EDIFACT
    wrapping    the VANSEnvelope that it came in; lines and columns are those of the message in it
    """

    syntax: Syntax
    namespace: str
    envelope: Element
    letters: tuple[Letter, ...]
    findings: tuple[Finding, ...] = ()
    source: bytes = b""
    root: Element | None = None
    segments: tuple[Segment, ...] = ()
    origin: Origin = Origin()
    earlier: int = 0
    wrapping: VansEnvelope | None = None


class InterchangePart(NamedTuple):
    """An interchange of a stream, or a portion of one that is long: some of its letters, under its envelope.

    number       of the interchange in its stream, from 1
    first, last  whether it is the first and the last portion of it
    """

    interchange: Interchange
    number: int = 1
    first: bool = True
    last: bool = True


NUMBERED = frozenset(
    (
        "RequesterSampleIdentifier",
        "OriginalRequesterSampleIdentifier",
        "RequestersRequisitionIdentifier",
        "ReceiversRequisitionIdentifier",
        "LaboratoryInternalSampleIdentifier",
        "TestTubeIdentifier",
        "SampleIdentifier",
    )
)


def _sample_numbers(parent: Element, numbers: list[SampleNumber]) -> list[SampleNumber]:
    """The flag is the sibling `SampleIdentifierType` right after the number."""
    for at, child in enumerate(parent.children):
        if child.name in NUMBERED:
            after = parent.children[at + 1 : at + 2]
            flagged = bool(after) and after[0].name == "SampleIdentifierType"
            numbers.append(SampleNumber(child.text, child.name, flagged, child))
        elif child.children:
            _sample_numbers(child, numbers)
    return numbers
