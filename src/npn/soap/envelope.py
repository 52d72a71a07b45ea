"""The SOAP envelope: which version, which header blocks, which body."""

from dataclasses import dataclass, field

from lxml import etree

from npn.errors import FaultCode
from npn.soap.faults import DgwsError
from npn.soap.names import DGWS, DGWS_1_0_1, SOAP_1_1, SOAPS, WSSE, Soap, split
from npn.systems.model import CallerName


@dataclass(slots=True)
class MessageFacts:
    """What is known of a message so far: enough to answer in the caller's own terms whatever happens next."""

    soap: Soap = SOAP_1_1
    dgws: str = DGWS_1_0_1
    message_id: str = ""
    flow_id: str = ""
    operation: str = ""
    caller: CallerName | None = None
    level: int = 0
    secure: bool = False
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message taken apart: the two header blocks that we know, and the one element in its body."""

    root: etree._Element
    security: etree._Element | None
    medcom: etree._Element | None
    content: etree._Element


def open_envelope(root: etree._Element, seen: MessageFacts) -> Envelope:
    """Take a message apart, noting in `seen` what it is. Raises DgwsError."""
    namespace, local = split(root.tag)
    soap = next((s for s in SOAPS if s.namespace == namespace), None)
    if local != "Envelope" or soap is None:
        reason = "VersionMismatch" if local == "Envelope" else ""
        raise _wrong("the message is no SOAP 1.1 or 1.2 envelope", reason)
    seen.soap = soap
    parts = elements(root)
    header = parts[0] if parts and parts[0].tag == f"{{{namespace}}}Header" else None
    rest = parts[1:] if header is not None else parts
    if len(rest) != 1 or rest[0].tag != f"{{{namespace}}}Body":
        raise _wrong("an envelope holds a Header and then one Body, and nothing else")
    security, medcom = (None, None) if header is None else _blocks(header, seen)
    content = elements(rest[0])
    if len(content) != 1:
        raise _wrong("the Body holds one element, the request")
    return Envelope(root, security, medcom, content[0])


def _blocks(header: etree._Element, seen: MessageFacts) -> tuple[etree._Element | None, etree._Element | None]:
    security: etree._Element | None = None
    medcom: etree._Element | None = None
    not_understood: list[str] = []
    for block in elements(header):
        namespace, local = split(block.tag)
        if (namespace, local) == (WSSE, "Security"):
            if security is not None:
                raise _wrong("the header has two Security elements")
            security = block
        elif namespace in DGWS and local == "Header":
            if medcom is not None:
                raise _wrong("the header has two DGWS Header elements")
            medcom, seen.dgws = block, namespace
        else:
            seen.ignored.append(block.tag)
            if _must(block, seen.soap):
                not_understood.append(local)
    if not_understood:
        raise DgwsError(
            f"the header {not_understood[0]} must be understood and is not",
            FaultCode.SYNTAX_ERROR,
            reason="MustUnderstand",
            hint="leave it out, or send it without mustUnderstand",
        )
    return security, medcom


def _must(block: etree._Element, soap: Soap) -> bool:
    """Whether a block must be understood by us: what is meant for another node on the way is not ours to refuse."""
    required = str(block.get(f"{{{soap.namespace}}}mustUnderstand", "")).strip() in ("1", "true")
    return required and str(block.get(f"{{{soap.namespace}}}{soap.whom}", "")).strip() in ("", *soap.ours)


def elements(parent: etree._Element) -> list[etree._Element]:
    """Return the child elements; comments are nothing, text between elements is refused."""
    if (parent.text or "").strip() or any((child.tail or "").strip() for child in parent):
        raise _wrong(f"there is text between the elements of {split(parent.tag)[1]}")
    return [child for child in parent if isinstance(child.tag, str)]


def text_of(element: etree._Element) -> str:
    """Return an element's text, blanks around it taken off; one that holds anything else is refused.

    A comment too: half the readers of the world stop at it, and would read another value than the others.
    """
    if len(element):
        raise _wrong(f"{split(element.tag)[1]} holds text and nothing else")
    return (element.text or "").strip(" \t\r\n")  # XML's own blanks: another is part of the value


def _wrong(message: str, reason: str = "") -> DgwsError:
    return DgwsError(message, FaultCode.SYNTAX_ERROR, reason=reason)
