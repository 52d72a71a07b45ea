"""MedCom's VANSEnvelope 1.0.4, the outer shape of what a VANS log holds: opened, and written round a message."""

import binascii
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from lxml import etree

from npn.messages.model.finding import Finding, Place
from npn.messages.model.interchange import Interchange, Syntax
from npn.messages.model.wrapping import VansEnvelope
from npn.messages.oioxml import vans_rules as rules
from npn.messages.oioxml.reading import XmlRefusal, line_of, parsed

NAMESPACE = "urn:oio:medcom:vans-envelope:1.0.4"
ROOT = "VANSEnvelope"
PREFIX = "MCM:"
FORMATS = {Syntax.XML: "XML", Syntax.EDIFACT: "EDIFACT"}
RECEIPTS = ("NegativeVans", "NegativeMessage", "PositiveMessage")
HEAD_BYTES = 4096
MAX_SHOWN = 40


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """An envelope with the bytes in it. `data` is None where it holds no message."""

    envelope: VansEnvelope
    data: bytes | None
    findings: tuple[Finding, ...]
    place: Place


def is_vans(data: bytes) -> bool:
    """Whether an XML document is a VANSEnvelope, going by its first element."""
    head = data[:HEAD_BYTES]
    at = head.find(ROOT.encode())
    return at > 0 and b"Emessage" not in head[:at]


def open_envelope(data: bytes) -> OpenedEnvelope | None:
    """Open an envelope; None where the document is not one after all, or can't be read."""
    try:
        root = parsed(data)
    except XmlRefusal:
        return None
    if etree.QName(root).localname != ROOT:
        return None
    place = Place(line=line_of(root), path=f"/{ROOT}")
    envelope = envelope_of(root)
    findings = [] if envelope.namespace == NAMESPACE else [rules.NAMESPACE.at(place, namespace=envelope.namespace)]
    if envelope.identifier and not is_uuid(envelope.identifier):
        findings.append(rules.IDENTIFIER.at(place, identifier=envelope.identifier[:MAX_SHOWN]))
    content = text_at(root, "Data")
    if envelope.receipt:
        return OpenedEnvelope(envelope, None, (*findings, rules.RECEIPT.at(place, kind=envelope.receipt)), place)
    try:
        message = binascii.a2b_base64("".join(content.split()).encode("ascii"), strict_mode=True)
    except (ValueError, UnicodeEncodeError):
        message = b""
    if not message:
        return OpenedEnvelope(envelope, None, (*findings, rules.DATA.at(place)), place)
    return OpenedEnvelope(envelope, message, tuple(findings), place)


def envelope_of(root: "etree._Element") -> VansEnvelope:
    """Read what an envelope states."""
    sender, receiver = (first(root, name) for name in ("SenderID", "ReceiverID"))
    return VansEnvelope(
        etree.QName(root).namespace or "",
        sender=text_of(sender),
        sender_type=attribute(sender),
        receiver=text_of(receiver),
        receiver_type=attribute(receiver),
        identifier=text_at(root, "EnvelopeIdentifier"),
        sent=text_at(root, "SentDateTime"),
        message=text_at(root, "Identifier"),
        format=text_at(root, "Format"),
        name=text_at(root, "Name"),
        version=text_at(root, "Version"),
        size_in_bytes=text_at(root, "SizeInBytes"),
        transport=text_at(root, "Type"),
        receipt=next((name for name in RECEIPTS if first(root, name) is not None), ""),
    )


def first(root: "etree._Element", name: str) -> "etree._Element | None":
    """Return the first element of a local name."""
    return next(root.iter(f"{{*}}{name}"), None)


def text_of(element: "etree._Element | None") -> str:
    """Return the text of an element; empty where there is none."""
    return (element.text or "").strip() if element is not None else ""


def text_at(root: "etree._Element", name: str) -> str:
    """Return the text of the first element of a local name."""
    return text_of(first(root, name))


def attribute(element: "etree._Element | None") -> str:
    """Return the kind of an end point."""
    return str(element.get("EndPointType") or "") if element is not None else ""


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def content_findings(opened: OpenedEnvelope, interchange: Interchange) -> list[Finding]:
    """Compare what an envelope says of its document with the document; what it does not say is not compared."""
    envelope = opened.envelope
    size, syntax = str(len(opened.data or b"")), FORMATS[interchange.syntax]
    letters = interchange.letters
    comparisons = (
        (rules.SIZE, envelope.size_in_bytes, {size}),
        (rules.FORMAT, envelope.format, {syntax}),
        (rules.NAME, envelope.name, {letter.type_code for letter in letters}),
        (rules.VERSION, envelope.version, {letter.version_code for letter in letters}),
    )
    return [
        rule.at(opened.place, stated=stated[:MAX_SHOWN], actual=", ".join(sorted(actual)))
        for rule, stated, actual in comparisons
        if stated and any(actual) and not is_among(stated.removeprefix(PREFIX), actual)
    ]


def is_among(stated: str, actual: set[str]) -> bool:
    """Whether a code is one of those in the letters, in the form of either syntax."""
    return any(stated.upper() in (code.upper(), code.upper().removeprefix("X")) for code in actual)


def wrap(data: bytes, interchange: Interchange, *, sender: str, receiver: str, endpoint_type: str) -> bytes:
    """Write an envelope round a message."""
    root = etree.fromstring(f'<{ROOT} xmlns="{NAMESPACE}"/>')
    _add(root, "SenderID", text=sender).set("EndPointType", endpoint_type)
    _add(root, "ReceiverID", text=receiver).set("EndPointType", endpoint_type)
    _add(root, "EnvelopeIdentifier", text=str(uuid4()))
    _add(root, "SentDateTime", text=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    message = _add(root, "Message")
    information = _add(message, "MetaInformation")
    _add(information, "Identifier", text=interchange.envelope.value("Identifier") or str(uuid4()))
    document = _add(information, "Document")
    letter = interchange.letters[0]
    is_edifact = interchange.syntax is Syntax.EDIFACT
    type_code, version_code = (
        code.removeprefix("X") if is_edifact else code for code in (letter.type_code, letter.version_code)
    )
    _add(document, "Format", text=FORMATS[interchange.syntax])
    _add(document, "Name", text=f"{PREFIX}{type_code}")
    _add(document, "Version", text=version_code)
    _add(document, "SizeInBytes", text=str(len(data)))
    _add(_add(information, "Transport"), "Type", text="VANS")
    _add(message, "Data", text=b64encode(data).decode())
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add(parent: "etree._Element", name: str, *, text: str = "") -> "etree._Element":
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text or None
    return element
