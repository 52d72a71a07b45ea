"""From bytes to a tree that can be trusted to be one: hostile XML is refused here, quickly and with the reason.

What no SOAP message may have (a document type, entities, processing instructions) is refused before or right after
parsing; the parser resolves nothing, loads nothing and fetches nothing. Sizes: 64 KiB, 32 levels, 2,000 elements,
40 attributes an element, 2,048 characters an attribute.
"""

import re

from lxml import etree

from npn.errors import FaultCode
from npn.soap.faults import DgwsError
from npn.soap.names import XINCLUDE, split

LARGEST_BODY = 65_536
_DEEPEST = 32
_MOST_ELEMENTS = 2_000
_MOST_ATTRIBUTES = 40
_LONGEST_ATTRIBUTE = 2_048
_DECLARATION = re.compile(r"\A<\?xml\s[^>]{0,200}\?>", re.ASCII)
_DECLARED = re.compile(r"encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([A-Za-z0-9._:-]{1,40})", re.ASCII | re.IGNORECASE)
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "windows-1252": "windows-1252",
}


def read_xml(body: bytes, content_type: str) -> etree._Element:
    """Return the root element. Raises DgwsError `syntax_error` that says what is wrong."""
    if len(body) > LARGEST_BODY:
        raise too_large()
    text = _text(body, content_type)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _wrong("a SOAP message has no document type declaration and no entities")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise _wrong(f"the message is not well-formed XML: {error.msg} (line {line}, column {column})") from error
    except (ValueError, UnicodeEncodeError) as error:
        raise _wrong("the message holds characters that XML does not allow") from error
    _check(root)
    return root


def too_large() -> DgwsError:
    """Make the refusal of a message that is too large."""
    return DgwsError(
        f"the message is larger than {LARGEST_BODY} bytes", FaultCode.SYNTAX_ERROR, field="body", status=413
    )


def _wrong(message: str, hint: str = "") -> DgwsError:
    return DgwsError(message, FaultCode.SYNTAX_ERROR, hint=hint)


def _text(body: bytes, content_type: str) -> str:
    """Decode as RFC 7303 (3) has it: a byte order mark outranks the header, and that the XML declaration.

    WCF declares the encoding of the text it was made from, UTF-16, in messages that it sends as UTF-8.
    """
    encoding = _marked(body) or _charset(content_type) or _declared(body) or "utf-8"
    if encoding == "utf-16" and _marked(body) is None:
        raise _wrong("a message in UTF-16 begins with a byte order mark", "send UTF-8")
    try:
        text = body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _wrong(f"the message is not {encoding}, as it says it is", "send UTF-8 and declare it") from error
    declaration = _DECLARATION.match(text)
    return text if declaration is None else text[declaration.end() :]


def _marked(body: bytes) -> str | None:
    """Return the encoding that a byte order mark shows."""
    if body.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    return "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else None


def _charset(content_type: str) -> str | None:
    charset = _CHARSET.search(content_type)
    return _known(charset[1]) if charset else None


def _declared(body: bytes) -> str | None:
    declared = _DECLARED.search(body[:200].decode("latin-1").partition("?>")[0])
    return _known(declared[1]) if declared else None


def _known(name: str) -> str:
    encoding = _ENCODINGS.get(name.lower())
    if encoding is None:
        raise _wrong(f"the encoding {name} is not known here", "send UTF-8")
    return encoding


def _check(root: etree._Element) -> None:
    """Refuse what is well-formed and yet no message."""
    ids: set[str] = set()
    waiting: list[tuple[etree._Element, int]] = [(root, 1)]
    elements = 0
    while waiting:
        element, depth = waiting.pop()
        if isinstance(element, etree._Comment):  # noqa: SLF001  # lxml's only name for the type
            continue
        if not isinstance(element, etree._Element) or isinstance(element, etree._ProcessingInstruction):  # noqa: SLF001
            raise _wrong("a SOAP message has no processing instructions")
        elements += 1
        if depth > _DEEPEST:
            raise _wrong(f"elements are nested more than {_DEEPEST} levels deep")
        if elements > _MOST_ELEMENTS:
            raise _wrong(f"the message has more than {_MOST_ELEMENTS} elements")
        if split(element.tag)[0] in XINCLUDE:
            raise _wrong("XInclude is not done here")
        _check_attributes(element, ids)
        waiting.extend((child, depth + 1) for child in element)
    if root.getprevious() is not None or root.getnext() is not None:
        beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
        if not all(isinstance(node, etree._Comment) for node in beside):  # noqa: SLF001  # as above
            raise _wrong("a SOAP message has no processing instructions")


def _check_attributes(element: etree._Element, ids: set[str]) -> None:
    if len(element.attrib) > _MOST_ATTRIBUTES:
        raise _wrong(f"an element has more than {_MOST_ATTRIBUTES} attributes")
    for name, value in element.attrib.items():
        if len(value) > _LONGEST_ATTRIBUTE:
            raise _wrong(f"an attribute is longer than {_LONGEST_ATTRIBUTE} characters")
        if split(str(name))[1].lower() == "id":
            if value in ids:
                raise _wrong("two elements have the same id, so nobody can say which one is meant")
            ids.add(str(value))
