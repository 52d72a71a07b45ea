"""Reads an `Emessage`: no DTD, no entities, no network, bounded size and depth.

Windows-1252, ISO-8859-1 and UTF-8 are read. What is not XML, or unsafe, becomes a finding and an
interchange without letters; nothing is guessed.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from lxml import etree
from msgspec import structs

from npn.messages import versions
from npn.messages.model.finding import Finding, FindingRule, Place
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.model.pieces import LARGEST_BYTES, MARK, PADDING, Origin, TextPosition, behind
from npn.messages.model.utf8 import is_utf8, utf8_in
from npn.messages.oioxml import rules
from npn.messages.oioxml.reasons import reason_of

MAX_DEPTH = 60
MAX_ATTRIBUTES = 1_000  # of one element: their names are compared with each other
UTF_8 = "utf-8"
CODECS = (UTF_8, "iso8859-1", "cp1252", "ascii")
KNOWN_NAMES = frozenset((b"utf-8", b"iso-8859-1", b"windows-1252", b"us-ascii", b"ascii"))
UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
HIGH = re.compile(rb"[\x80-\xff]+")
DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def parser(encoding: str | None = None) -> etree.XMLParser:
    """Return a parser that reaches nothing outside; an encoding overrides what the document declares."""
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )


PARSER = parser()
PARSERS = {name: parser({"iso8859-1": "iso-8859-1", "cp1252": "windows-1252"}.get(name, name)) for name in CODECS}
ANY_ATTRIBUTE = etree.XPath("boolean(//@*)")
EMPTY = Element("Envelope")
NAMES: dict[str, dict[str, str]] = {}  # by namespace: the local name of a tag; hostile documents can't fill it
MAX_NAMES, MAX_NAMESPACES = 1_000, 50


class XmlRefusal(Exception):  # noqa: N818 - an answer about the document, not an error of the program
    """The document can't be read; carries the finding."""

    def __init__(self, rule: FindingRule, place: Place | None = None, **facts: object) -> None:
        """`facts` fill the rule's text."""
        self.finding = rule.at(place or Place(), **facts)
        super().__init__(self.finding.en)


def read(data: bytes, origin: Origin | None = None) -> Interchange:
    """Read one `Emessage`; what is wrong with it is in the findings. `origin`: where the bytes stand in a stream."""
    data, place, findings = trimmed(data, origin or Origin())
    try:
        document = interchange(data)
        findings += mislabelled(data)
    except XmlRefusal as refusal:
        document = Interchange(Syntax.XML, "", EMPTY, (), (), data)
        findings.append(refusal.finding)
    shifted = tuple(replace(finding, place=in_stream(finding.place, data, origin=place)) for finding in findings)
    return structs.replace(document, findings=shifted, origin=place)


def trimmed(data: bytes, origin: Origin) -> tuple[bytes, Origin, list[Finding]]:
    """Take away what may stand around a document without belonging to it, and say so where it should not be there."""
    findings: list[Finding] = []
    body = data if data.startswith(UTF_16) else data.rstrip(PADDING).removesuffix(MARK).rstrip(PADDING)
    if any(mark in b"\x1a\x00" for mark in data[len(body) :]):
        findings.append(rules.PADDED.at(Place(*behind(body))))
    content = body.removeprefix(MARK).lstrip(PADDING)
    cut = len(body) - len(content)
    is_marked = body.startswith(MARK)
    is_own_mark = is_marked and cut == len(MARK) and is_utf8(body)
    if cut and not is_own_mark and (is_marked or content.startswith(b"<?xml")):
        findings.append(rules.LEADING.at(Place(1, 1)))
        return content, Origin(max(0, origin.head - cut), behind(body[:cut], origin.top), origin.body), findings
    return body, origin, findings


def in_stream(place: Place, data: bytes, *, origin: Origin) -> Place:
    """Return where a place of the document stands in its stream."""
    if place.line is None or origin == Origin():
        return place
    spot = TextPosition(place.line, place.column or 1)
    line, column = origin.placed(spot, neck=behind(data[: origin.head]))
    return replace(place, line=line, column=column if place.column else None)


def mislabelled(data: bytes) -> list[Finding]:
    """Report a text that was written as UTF-8 in a document that declares a one-byte character set."""
    declared = DECLARED.match(data)
    letter = utf8_in(data) if declared and codec(declared[1]) != UTF_8 and not data.startswith(MARK) else None
    if letter is None or declared is None:
        return []
    place = Place(*behind(data[: letter.offset]))
    return [rules.MISLABELLED.at(place, declared=declared[1].decode(), read=letter.read, meant=letter.meant)]


def interchange(data: bytes) -> Interchange:
    """Read, or raise XmlRefusal."""
    root = parsed(data)
    namespace, _, name = root.tag[1:].rpartition("}") if root.tag.startswith("{") else ("", "", root.tag)
    if name != "Emessage":
        raise XmlRefusal(rules.ROOT, Place(line=line_of(root), path=f"/{name}"), name=name)
    tree = Tree(namespace, attributes=bool(ANY_ATTRIBUTE(root))).element(root, 0)
    letters = tuple(letters_of(tree, namespace))
    envelope = tree.child("Envelope") or EMPTY
    return Interchange(Syntax.XML, namespace, envelope, letters, (), data, tree)


def parsed(data: bytes) -> "etree._Element":
    """Parse with everything off that could reach outside or blow up."""
    if len(data) > LARGEST_BYTES:
        raise XmlRefusal(rules.SIZE, size=len(data), limit=LARGEST_BYTES)
    if data.startswith(UTF_16):
        raise XmlRefusal(rules.ENCODING, encoding="UTF-16")
    declared = DECLARED.match(data)
    encoding = codec(declared[1]) if declared else UTF_8
    if declared and encoding not in PARSERS:
        raise XmlRefusal(rules.ENCODING, encoding=declared[1].decode())
    if b"<!DOCTYPE" in data:
        raise XmlRefusal(rules.DTD)
    is_usual = declared is None or declared[1].lower() in KNOWN_NAMES
    try:
        root = etree.fromstring(data, PARSER if is_usual else PARSERS[encoding])
    except etree.XMLSyntaxError as error:
        raise syntax_refusal(error, data, encoding=encoding) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs leave it out
        raise XmlRefusal(rules.DTD)
    return root


def codec(name: bytes) -> str:
    """Return the codec that an encoding's name means, however it is spelled; empty where there is none."""
    try:
        return codecs.lookup(name.decode()).name
    except LookupError:
        return ""


def syntax_refusal(error: etree.XMLSyntaxError, data: bytes, *, encoding: str) -> XmlRefusal:
    """Return why a document is not XML; bytes that are not the UTF-8 they are read as have a rule of their own."""
    line, column = error.position
    if encoding == UTF_8 and not is_utf8(data):
        high = next(match for match in HIGH.finditer(data) if not is_utf8(data[: match.start() + 4]))
        return XmlRefusal(rules.NOT_UTF8, Place(*behind(data[: high.start()])), byte=f"0x{high[0][0]:02X}")
    place, reason = Place(line=line or None, column=column or None), reason_of(error)
    return XmlRefusal(rules.SYNTAX, place, reason=reason.en, reason_da=reason.da)


def line_of(node: "etree._Element") -> int | None:
    """Return the line an element begins on."""
    line: object = node.sourceline
    return line if isinstance(line, int) else None


class Tree:
    """Copies a parsed document into the model's frozen elements, numbered in document order."""

    def __init__(self, namespace: str, *, attributes: bool) -> None:
        """`attributes`: whether the document has any at all; most have none."""
        self.prefix = f"{{{namespace}}}" if namespace else ""
        self.cut = len(self.prefix)
        self.attributes = attributes
        self.numbers = count()
        self.names = NAMES.setdefault(namespace, {}) if len(NAMES) < MAX_NAMESPACES else {}

    def local(self, tag: str) -> str:
        """Return the name in the letter's namespace; one from another keeps it."""
        name = tag[self.cut :] if tag.startswith(self.prefix) else tag
        if not self.prefix or tag.startswith(self.prefix):
            if len(self.names) < MAX_NAMES:
                self.names[tag] = name
            return name
        if not tag.startswith("{"):
            name = f"{{}}{tag}"
        return name

    def element(self, node: "etree._Element", depth: int) -> Element:
        """Copy an element and all in it."""
        if depth > MAX_DEPTH:
            raise XmlRefusal(rules.DEPTH, Place(line=line_of(node)), limit=MAX_DEPTH)
        tag = node.tag
        number = next(self.numbers)
        below = depth + 1
        children = tuple([self.element(child, below) for child in node]) if len(node) else ()
        return Element(
            self.names.get(tag) or self.local(tag),
            node.text or "",
            children,
            node.tail or "",
            number,
            attributes_of(node) if self.attributes else (),
        )


def attributes_of(node: "etree._Element") -> tuple[tuple[str, str], ...]:
    """Return the attributes of an element by their names; raise XmlRefusal if there are too many."""
    if len(node.attrib) > MAX_ATTRIBUTES:
        raise XmlRefusal(rules.ATTRIBUTES, Place(line=line_of(node)), limit=MAX_ATTRIBUTES)
    return tuple(sorted((str(name), str(value)) for name, value in node.attrib.items()))


def letters_of(tree: Element, namespace: str) -> Iterator[Letter]:
    """Yield each letter with the version that describes it, where there is one."""
    for child in tree.children:
        if child.name in ("Envelope", "Local_Elements"):
            continue
        code = (child.value("Letter/VersionCode") or "").strip()
        kind = (child.value("Letter/TypeCode") or "").strip()
        yield Letter(child, versions.of_letter(namespace, child.name, code=code), code, kind)
