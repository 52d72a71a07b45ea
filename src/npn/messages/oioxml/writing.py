"""Writes an `Emessage` from the model: in the letter's namespace, without adding blank text."""

import re

from npn.messages.model.interchange import Element, Interchange

XSI = "http://www.w3.org/2001/XMLSchema-instance"
ENCODING = "ISO-8859-1"
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPECIAL = re.compile("[&<>\r]")
REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def write(interchange: Interchange, *, encoding: str = ENCODING) -> bytes:
    """Return the document; a character the encoding lacks becomes a reference, one that XML forbids is left out."""
    root = interchange.root
    children = root.children if root else (interchange.envelope, *(letter.root for letter in interchange.letters))
    attributes = root.attributes if root else ()
    document_root = Element("Emessage", root.text if root else "", children, attributes=attributes)
    return document(document_root, interchange.namespace, encoding=encoding)


def document(root: Element, namespace: str, *, encoding: str = ENCODING) -> bytes:
    """Return the bytes of a whole document whose root is in the namespace."""
    pieces = [f'<?xml version="1.0" encoding="{encoding}"?>\n']
    append(root, pieces, extra=f' xmlns="{escaped_attribute(namespace)}"' if namespace else "")
    text = "".join(pieces)
    if ILLEGAL.search(text):
        text = ILLEGAL.sub("", text)
    return text.encode(encoding, "xmlcharrefreplace")


def append(element: Element, pieces: list[str], *, extra: str = "") -> None:
    """Write one element and all in it."""
    name = element.name
    if element.attributes or name[0] == "{":
        name, more = foreign(element)
        extra += more
    text, children = element.text, element.children
    if not text and not children:
        pieces.append(f"<{name}{extra}/>")
        return
    if SPECIAL.search(text):
        text = escaped(text)
    if not children:
        pieces.append(f"<{name}{extra}>{text}</{name}>")
        return
    pieces.append(f"<{name}{extra}>{text}")
    for child in children:
        text = child.text
        if text and not child.children and not child.attributes and child.name[0] != "{":  # most are such
            pieces.append(f"<{child.name}>{escaped(text) if SPECIAL.search(text) else text}</{child.name}>")
        else:
            append(child, pieces)
        if child.tail:
            pieces.append(escaped(child.tail))
    pieces.append(f"</{name}>")


def foreign(element: Element) -> tuple[str, str]:
    """Return the written name and the attributes of an element that has some, or is in another namespace."""
    namespace, _, name = element.name[1:].rpartition("}") if element.name[0] == "{" else ("", "", element.name)
    out = [f' xmlns:f="{escaped_attribute(namespace)}"'] if namespace else []
    if element.name.startswith("{}"):
        out = [' xmlns=""']
    declared = set(out)
    for number, (key, value) in enumerate(element.attributes):
        space, _, local = key[1:].rpartition("}") if key[0] == "{" else ("", "", key)
        prefix = "xsi" if space == XSI else f"a{number}"
        declaration = f' xmlns:{prefix}="{escaped_attribute(space)}"'
        if space and declaration not in declared:
            declared.add(declaration)
            out.append(declaration)
        out.append(
            f' {prefix}:{local}="{escaped_attribute(value)}"' if space else f' {local}="{escaped_attribute(value)}"'
        )
    return ("f:" if namespace else "") + name, "".join(out)


def escaped(text: str) -> str:
    """Escape what has a meaning in text; a carriage return would be lost without."""
    return SPECIAL.sub(lambda match: REFERENCES[match[0]], text)


def escaped_attribute(text: str) -> str:
    """Escape for an attribute in double quotes."""
    return re.sub('[&<>"\r\n\t]', lambda match: REFERENCES[match[0]], text)
