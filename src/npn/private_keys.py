"""Private keys in what people send: found whatever their form, so that none is shown again, stored or logged.

A form or a mail is no place for a private key: whoever pasted one there by mistake must be told that it is known now.
Found are armoured keys of any kind, and the bytes of PKCS#1, PKCS#8 (encrypted or not), SEC 1, PKCS#12, OpenSSH and
Java's key stores in base64 or in hexadecimal, broken over lines or not, whole or cut short after their beginning.
"""

import base64
import re
import unicodedata
from collections.abc import Callable

_SHORTEST = 24  # characters: nothing shorter holds a key
_ARMOUR = re.compile(
    r"--(?:BEGIN|END)[A-Z0-9]{0,40}PRIVATEKEY"  # blanks are taken out before
    r"|(?:BEGIN|END)[A-Z0-9]{0,40}PRIVATEKEY(?:BLOCK)?--",
    re.IGNORECASE,
)
_OTHER_FORMS = re.compile(
    r"PuTTY-User-Key-File-\d"
    r"|b3BlbnNzaC1rZXktdjE"  # openssh-key-v1
    r"|/u3\+7QAAAA|zs7OzgAAAA"  # Java's key stores
    r"|Private-Key:\(\d+bit|privateExponent:"  # openssl … -text
    r"|\"d\":\"[\w-]{22,}|<RSAKeyValue>.*<D>[\w+/=]{22,}"  # a JSON web key, an XML key
)
# A sequence in DER or BER begins with 0x30: M and one of A to P in base64.
_BASE64 = re.compile(r"(?=(M[A-P][A-Za-z0-9+/]{14,54}))")
_LOOKED_AT = 2400  # digits: past the longest parameters of an algorithm
_HEXADECIMAL = re.compile(r"(?=(30[0-9A-F]{20,78}))", re.IGNORECASE)
_ARMOURED = re.compile(r"--+\s*BEGIN[^-]*PRIVATE KEY[^-]*--+.*?(?:--+\s*END[^-]*PRIVATE KEY[^-]*--+|\Z)", re.DOTALL)
_DASHES = dict.fromkeys(range(0x2010, 0x2016), "-") | {0x2212: "-"}
_SEQUENCE, _INTEGER, _OCTETS, _IDENTIFIER = 0x30, 0x02, 0x04, 0x06
_PASSWORD_BASED = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))  # PKCS#5, PKCS#12
_CONTENT = bytes.fromhex("2a864886f70d0107")  # PKCS#7: what a PKCS#12 file is made of
_SMALLEST_PRIME = 32  # bytes: what follows the version of an RSA or DSA key is no shorter


def holds_private_key(text: str) -> bool:
    """Whether a text holds a private key, or a file that keys are kept in."""
    if len(text) < _SHORTEST:
        return False
    squeezed = re.sub(r"[^!-~]", "", unicodedata.normalize("NFKC", text).translate(_DASHES))
    squeezed = squeezed.replace("\\r", "").replace("\\n", "")
    if _ARMOUR.search(squeezed) or _OTHER_FORMS.search(squeezed):
        return True
    standard = squeezed.replace("-", "+").replace("_", "/")
    pairs = re.sub(r"0x|[:,]", "", squeezed)
    return _found(_BASE64, standard, _from_base64) or _found(_HEXADECIMAL, pairs, _from_hexadecimal)


def _found(places: re.Pattern[str], text: str, decode: Callable[[str], bytes]) -> bool:
    """Whether a key begins at any of the places; what looks so by its first bytes is looked at further."""
    likely = (match.start() for match in places.finditer(text) if is_private_key(decode(match[1])))
    return any(is_private_key(decode(text[place : place + _LOOKED_AT])) for place in likely)


def is_private_key(data: bytes) -> bool:
    """Whether bytes begin as a private key does in DER, or a PKCS#12 file."""
    if data.startswith((b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce", b"openssh-key-v1")):
        return True
    outer = _part(data, 0)
    if outer is None or outer[0] != _SEQUENCE:
        return False
    first = _part(data, outer[1])
    if first is None:
        return False
    tag, begin, size = first
    if tag == _SEQUENCE:
        return _begins_with(data, begin, _PASSWORD_BASED)
    if tag != _INTEGER or size != 1 or begin >= len(data):
        return False
    return _follows_version(data, data[begin], begin + 1)


def _follows_version(data: bytes, version: int, place: int) -> bool:
    """Whether what follows a version is what follows it in a private key."""
    second = _part(data, place)
    if second is None:
        return False
    tag, begin, size = second
    if version == 3:
        return tag == _SEQUENCE and _begins_with(data, begin, (_CONTENT,))
    if version not in (0, 1):
        return False
    if tag == _SEQUENCE:  # PKCS#8: the algorithm, then the key; a revocation list begins like it
        after = data[begin + size : begin + size + 1]
        return data[begin : begin + 1] == bytes([_IDENTIFIER]) and after in (b"", bytes([_OCTETS]))
    if tag == _INTEGER:
        return size >= _SMALLEST_PRIME
    return tag == _OCTETS and version == 1 and size >= _SHORTEST - 8


def _begins_with(data: bytes, place: int, identifiers: tuple[bytes, ...]) -> bool:
    part = _part(data, place)
    return part is not None and part[0] == _IDENTIFIER and data[part[1] :].startswith(identifiers)


def _part(data: bytes, place: int) -> tuple[int, int, int] | None:
    """Return the tag at a place, where its content begins and its size; the content may be cut short."""
    if place + 2 > len(data):
        return None
    tag, size, begin = data[place], data[place + 1], place + 2
    if size > 0x84:
        return None
    if size > 0x80:
        end = begin + size - 0x80
        size, begin = int.from_bytes(data[begin:end], "big"), end
    return tag, begin, size


def _from_hexadecimal(text: str) -> bytes:
    """Return the bytes of digits; nothing where they are decimal digits alone, as in a list of sample numbers."""
    digits = re.match(r"[0-9A-Fa-f]*", text)
    text = "" if digits is None or digits[0].isdecimal() else digits[0]
    return bytes.fromhex(text[: len(text) // 2 * 2])


def _from_base64(text: str) -> bytes:
    digits = re.match(r"[A-Za-z0-9+/]*", text)
    text = "" if digits is None else digits[0]
    return base64.b64decode(text[: len(text) // 4 * 4])


def without_private_keys(text: str, notice: str) -> str:
    """Return a text with a notice in the place of each private key; the notice alone where one can't be cut out."""
    if not holds_private_key(text):
        return text
    cut = _ARMOURED.sub(notice, text)
    return notice if holds_private_key(cut) else cut
