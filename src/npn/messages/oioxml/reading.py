"""Reads an `Emessage`: no DTD, no entities, no network, bounded size and depth.

Windows-1252, ISO-8859-1 and UTF-8 are read. What is not XML, or unsafe, becomes a finding and an
interchange without letters; nothing is guessed.
"""

import re
from collections.abc import Iterator
from itertools import count

from lxml import etree

from npn.messages import versions
from npn.messages.model.finding import FindingRule, Place
from npn.messages.model.interchange import Element, Interchange, Letter, Syntax
from npn.messages.oioxml import rules
from npn.messages.oioxml.reasons import reason_of

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 60
ENCODINGS = frozenset(("utf-8", "iso-8859-1", "windows-1252", "us-ascii", "ascii", "latin1", "cp1252", "utf8"))
DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    recover=False,
)
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


def read(data: bytes) -> Interchange:
    """Read one `Emessage`; whatever is wrong with it is in the findings."""
    try:
        return interchange(data)
    except XmlRefusal as refusal:
        return Interchange(Syntax.XML, "", EMPTY, (), (refusal.finding,), data)


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
    if len(data) > MAX_BYTES:
        raise XmlRefusal(rules.SIZE, size=len(data), limit=MAX_BYTES)
    encoding = DECLARED.match(data)
    if encoding and encoding[1].decode().lower() not in ENCODINGS:
        raise XmlRefusal(rules.ENCODING, encoding=encoding[1].decode())
    if b"<!DOCTYPE" in data:
        raise XmlRefusal(rules.DTD)
    try:
        root = etree.fromstring(data, PARSER)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        place, reason = Place(line=line or None, column=column or None), reason_of(error)
        raise XmlRefusal(rules.SYNTAX, place, reason=reason.en, reason_da=reason.da) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs leave it out
        raise XmlRefusal(rules.DTD)
    return root


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
            tuple(sorted((str(k), str(v)) for k, v in node.attrib.items())) if self.attributes else (),
        )


def letters_of(tree: Element, namespace: str) -> Iterator[Letter]:
    """Yield each letter with the version that describes it, where there is one."""
    for child in tree.children:
        if child.name in ("Envelope", "Local_Elements"):
            continue
        code = (child.value("Letter/VersionCode") or "").strip()
        kind = (child.value("Letter/TypeCode") or "").strip()
        yield Letter(child, versions.of_letter(namespace, child.name, code=code), code, kind)
