"""Certificates as people send them, read and decoded: one way for pages, mails and commands.

Whoever binds a certificate must see what it says: whose it is, who issued it, until when, for which key and use.
What it says is data of strangers: nothing in it is markup, and what can't be seen is written as its code.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from npn.errors import Code, InvalidInputError, codes
from npn.private_keys import holds_private_key, is_private_key
from npn.wording import hidden_in, private_key_sent

_NO_END = 9999  # the year of a certificate without an end (RFC 5280, 4.1.2.5)
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_SMALLEST_RSA = 2048  # bits
_SMALLEST_CURVE = 224
_UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm)
_USES = {
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "anyExtendedKeyUsage",
}
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224"}


@dataclass(frozen=True, slots=True)
class DecodedCertificate:
    """What a certificate says, in words that can be shown. An empty text: not there, or not readable.

    `fingerprint`: SHA-256 of the DER form. `uses`: its extended key usage, None where it can't be read. `has_end`:
    False where it says that it has none (the year 9999).
    """

    fingerprint: str
    subject: str
    common_name: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    has_end: bool
    key: str
    key_is_weak: bool
    uses: tuple[str, ...] | None
    names: tuple[str, ...]
    is_self_signed: bool
    is_authority: bool
    pem: str

    @property
    def grouped_fingerprint(self) -> str:
        """Return the fingerprint in groups of four digits, to be compared by eye."""
        return grouped(self.fingerprint)

    @property
    def is_for_clients(self) -> bool:
        """Whether its extended key usage permits a TLS client; a certificate without one permits every use."""
        return self.uses == () or bool({"clientAuth", "anyExtendedKeyUsage"} & set(self.uses or ()))

    def has_expired(self, at: datetime) -> bool:
        """Whether it is past its end."""
        return self.not_after < at

    def is_early(self, at: datetime) -> bool:
        """Whether it is before its beginning."""
        return at < self.not_before


def read_certificate(data: bytes) -> x509.Certificate:
    """Read one certificate: PEM, DER, or DER in base64 without armour.

    Raises InvalidInputError `private_key_sent`, `several_certificates`, `not_a_certificate`.
    """
    if is_private_key(data):
        raise private_key_sent("certificate")
    text = _text_of(data)
    if text is None:
        return _loaded(data)
    if holds_private_key(text):
        raise private_key_sent("certificate")
    return _loaded(_der_in(text))


def certificates_in(text: str) -> list[x509.Certificate]:
    """Return the certificates in PEM form that a longer text holds, such as a mail; none where it holds a key."""
    if "-----BEGIN" not in text or holds_private_key(text):
        return []
    certificates = []
    for der in _certificate_blocks(text):
        try:
            certificates.append(_loaded(der))
        except InvalidInputError:
            continue
    return certificates


def decoded(certificate: x509.Certificate) -> DecodedCertificate:
    """Return what a certificate says."""
    key, weak = _key(certificate)
    not_after = certificate.not_valid_after_utc
    return DecodedCertificate(
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        subject=name_text(certificate.subject),
        common_name=_common_name(certificate.subject),
        issuer=name_text(certificate.issuer),
        serial=grouped(f"{certificate.serial_number:x}"),
        not_before=certificate.not_valid_before_utc,
        not_after=not_after,
        has_end=not_after.year < _NO_END,
        key=key,
        key_is_weak=weak,
        uses=_or_nothing(lambda: _uses(certificate)),
        names=_or_nothing(lambda: _alternative_names(certificate)) or (),
        is_self_signed=_is_self_signed(certificate),
        is_authority=_is_authority(certificate),
        pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
    )


def grouped(digits: str) -> str:
    """Write hexadecimal digits in groups of four."""
    upper = digits.upper()
    return " ".join(upper[place : place + 4] for place in range(0, len(upper), 4))


def name_text(name: x509.Name) -> str:
    """Write a subject or an issuer on one line; what can't be seen in it as its code."""
    return shown(name.rfc4514_string())


def shown(text: str) -> str:
    """Write a text of a certificate so that all of it can be seen."""
    if hidden_in(text) is None:
        return text
    return "".join(c if hidden_in(c) is None else f"[U+{ord(c):04X}]" for c in text)


def _text_of(data: bytes) -> str | None:
    """Return what was sent as a text; None where it is binary."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _der_in(text: str) -> bytes:
    """Return the one certificate in a text. Raises InvalidInputError."""
    if "-----" in text:
        blocks = list(dict.fromkeys(_certificate_blocks(text)))
        if len(blocks) > 1:
            raise _wrong(
                f"this holds {len(blocks)} certificates, and one is meant",
                "give the client's own alone, without its chain",
                code=codes.SEVERAL_CERTIFICATES,
            )
        if blocks:
            return blocks[0]
        if "REQUEST-----" in text:
            raise _wrong("this is a certificate request", "give the certificate that the authority issued for it")
        raise _not_a_certificate()
    der = _from_base64(text)
    if not der:
        raise _not_a_certificate()
    return der


def _certificate_blocks(text: str) -> list[bytes]:
    unescaped = text.replace("\\r", "").replace("\\n", "\n")
    return [_from_base64(body) for label, body in _BLOCK.findall(unescaped) if label in _CERTIFICATE_LABELS]


def _from_base64(text: str) -> bytes:
    """Decode what may be broken over lines and quoted as in a mail; nothing where it is not base64."""
    squeezed = re.sub(r"^[ \t>]+", "", text, flags=re.MULTILINE)
    try:
        return base64.b64decode("".join(squeezed.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _loaded(der: bytes) -> x509.Certificate:
    """Load a certificate, and see that what it must say can be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = (certificate.subject, certificate.issuer, certificate.serial_number, certificate.version)
        _ = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    except _UNREADABLE as error:
        raise _not_a_certificate() from error
    return certificate


def _wrong(message: str, hint: str, *, code: Code = codes.NOT_A_CERTIFICATE) -> InvalidInputError:
    return InvalidInputError(message, code=code, field="certificate", hint=hint)


def _not_a_certificate() -> InvalidInputError:
    return _wrong(
        "not an X.509 certificate in PEM or DER form, or not the whole of it",
        "give the certificate alone, from BEGIN CERTIFICATE to END CERTIFICATE, not its private key",
    )


def _common_name(name: x509.Name) -> str:
    values = [str(a.value) for a in name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return shown(values[0]) if values else ""


def _key(certificate: x509.Certificate) -> tuple[str, bool]:
    """Return the kind and size of the key, and whether it is too weak."""
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        return "", False
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size} bit", key.key_size < _SMALLEST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        curve = _CURVES.get(key.curve.name, key.curve.name)
        return f"EC {curve} ({key.key_size} bit)", key.key_size < _SMALLEST_CURVE
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519 (256 bit)", False
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448 (456 bit)", False
    return (f"DSA {key.key_size} bit", True) if isinstance(key, dsa.DSAPublicKey) else (type(key).__name__, False)


def _uses(certificate: x509.Certificate) -> tuple[str, ...]:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return tuple(_USES.get(use, use.dotted_string) for use in usage)


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(shown(_general_name(name)) for name in names)


def _general_name(name: x509.GeneralName) -> str:
    if isinstance(name, x509.DirectoryName):
        return name.value.rfc4514_string()
    return name.value.hex() if isinstance(name, x509.OtherName) else str(name.value)


def _or_nothing(read: Callable[[], tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return what an extension says: nothing where it is not there, None where it can't be read."""
    try:
        return read()
    except x509.ExtensionNotFound:
        return ()
    except (*_UNREADABLE, x509.DuplicateExtension):
        return None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (*_UNREADABLE, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False


def _is_self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (*_UNREADABLE, InvalidSignature):
        return False
    return True
