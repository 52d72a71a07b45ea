"""The signature of an ID card: only what was signed counts, and only the verified bytes are read on.

The place is fixed (Envelope/Header/Security/Assertion/Signature), so is what must be signed (that assertion, by its
id), and what comes back is read again from the bytes whose digest was signed. So an assertion that was moved, copied,
wrapped or put beside the signed one is never read. Ids that occur twice were refused before.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import cryptography.exceptions
from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidCertificate, SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from npn.errors import FaultCode
from npn.soap.faults import DgwsError
from npn.soap.idcard import HOLDER_OF_KEY, IdCard, read_card
from npn.soap.names import DS, SAML, WSSE, Soap
from npn.systems.certificates import in_validity
from npn.systems.model import Certificate

_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2006/12/xml-c14n11",
)
_METHODS = {
    SignatureMethod.RSA_SHA256,
    SignatureMethod.RSA_SHA384,
    SignatureMethod.RSA_SHA512,
    SignatureMethod.ECDSA_SHA256,
    SignatureMethod.ECDSA_SHA384,
    SignatureMethod.ECDSA_SHA512,
}
_DIGESTS = {DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512}
_SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class SignedCard:
    """A card whose signature holds, and the certificate that made it."""

    card: IdCard
    certificate: Certificate


def verify(
    root: etree._Element,
    soap: Soap,
    *,
    bound: Callable[[str], Certificate | None],
    at: datetime,
    sha1: bool,
) -> SignedCard:
    """Verify the ID card's signature in the whole message `root`. `bound` finds a system's certificate.

    `sha1`: whether RSA with SHA-1 is accepted, the only method in the published DGWS schemas.
    Raises DgwsError `invalid_signature`, `invalid_certificate` or `invalid_idcard`.
    """
    place = f"./{{{soap.namespace}}}Header/{{{WSSE}}}Security/{{{SAML}}}Assertion/"
    assertion, signature = root.find(place.rstrip("/")), root.find(f"{place}{{{DS}}}Signature")
    if assertion is None or signature is None:
        raise _invalid("the ID card is not signed")
    _check_shape(assertion, signature)
    certificate, der = _signer(signature, bound, at)
    verified = _verified(root, place, certificate=x509.load_der_x509_certificate(certificate.der), at=at, sha1=sha1)
    signed = verified.signed_xml
    if signed is None or signed.tag != f"{{{SAML}}}Assertion" or signed.get("id") != assertion.get("id"):
        raise _invalid("what was signed is not the ID card")
    card = read_card(signed)
    _check_holder(card, str(signature.get("id", "")), der)
    return SignedCard(card, certificate)


def _check_shape(assertion: etree._Element, signature: etree._Element) -> None:
    """Refuse a signature that could be read in two ways before anything is computed."""
    if len(assertion.findall(f"{{{DS}}}Signature")) != 1:
        raise _invalid("the ID card has more than one signature")
    references = signature.findall(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    identity = assertion.get("id")
    if len(references) != 1 or not identity or references[0].get("URI") != f"#{identity}":
        raise _invalid("the signature must refer to the ID card it stands in, and to nothing else")
    transforms = [t.get("Algorithm") for t in references[0].iterfind(f"{{{DS}}}Transforms/{{{DS}}}Transform")]
    if transforms[:1] != [_ENVELOPED] or len(transforms) > 2 or any(t not in _CANONICAL for t in transforms[1:]):
        raise _invalid("the transforms are enveloped-signature and then a canonical form, nothing else")
    if signature.find(f".//{{{DS}}}Object") is not None or signature.find(f".//{{{SAML}}}Assertion") is not None:
        raise _invalid("the signature holds more than a signature")


def _signer(
    signature: etree._Element, bound: Callable[[str], Certificate | None], at: datetime
) -> tuple[Certificate, bytes]:
    certificates = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
    if len(certificates) != 1:
        raise _invalid("the signature must bring the one certificate it was made with (KeyInfo/X509Data)")
    try:
        der = base64.b64decode("".join((certificates[0].text or "").split()), validate=True)
    except ValueError as error:
        raise _certificate("the certificate in the signature is not base64") from error
    certificate = bound(hashlib.sha256(der).hexdigest())
    if certificate is None:
        raise _certificate("the certificate is not bound to any connected system")
    if not in_validity(certificate, at):
        raise _certificate("the certificate is not valid now")
    return certificate, der


def _verified(
    root: etree._Element, place: str, *, certificate: x509.Certificate, at: datetime, sha1: bool
) -> VerifyResult:
    key = certificate.public_key()
    if getattr(key, "key_size", 0) < _SMALLEST_RSA and "RSA" in type(key).__name__:
        raise _certificate(f"an RSA key has {_SMALLEST_RSA} bits or more")
    expected = SignatureConfiguration(
        location=place,
        signature_methods=frozenset(_METHODS | ({SignatureMethod.RSA_SHA1} if sha1 else set())),
        digest_algorithms=frozenset(_DIGESTS | ({DigestAlgorithm.SHA1} if sha1 else set())),
        verification_time=at,
    )
    try:
        # The schema that signxml would check by knows no `id` in small letters, which DGWS demands.
        verified = XMLVerifier().verify(
            root, x509_cert=certificate, expect_config=expected, id_attribute="id", validate_schema=False
        )
    except InvalidCertificate as error:
        raise _certificate("the certificate is not valid now") from error
    except (
        SignXMLException,
        cryptography.exceptions.UnsupportedAlgorithm,
        etree.LxmlError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise _invalid(f"the signature does not hold ({type(error).__name__})") from error
    if isinstance(verified, list):
        raise _invalid("the signature must refer to the ID card and to nothing else")
    return verified


def _check_holder(card: IdCard, signature_id: str, der: bytes) -> None:
    """The holder of the key is the signer: the card says so, and names this key and no other."""
    if card.method != HOLDER_OF_KEY:
        raise DgwsError(
            "the ID card is not confirmed by holder-of-key", FaultCode.INVALID_IDCARD, field="ConfirmationMethod"
        )
    if not card.key_name or card.key_name != signature_id:
        raise DgwsError(
            "the KeyName in SubjectConfirmationData is not the id of the ID card's signature",
            FaultCode.INVALID_IDCARD,
            field="KeyName",
        )
    expected = card.attributes.get("sosi:OCESCertHash")
    if expected is not None:
        digests = (hashlib.sha1(der, usedforsecurity=False), hashlib.sha256(der))  # DGWS names the card's key by SHA-1
        hashes = {d for h in digests for d in (base64.b64encode(h.digest()).decode(), h.hexdigest())}
        if expected not in hashes and expected.lower() not in hashes:
            raise DgwsError("OCESCertHash is of another certificate", FaultCode.INVALID_IDCARD, field="OCESCertHash")


def _invalid(message: str) -> DgwsError:
    return DgwsError(message, FaultCode.INVALID_SIGNATURE, field="Signature")


def _certificate(message: str) -> DgwsError:
    return DgwsError(
        message,
        FaultCode.INVALID_CERTIFICATE,
        field="X509Certificate",
        hint="the operator binds certificates: npn admin system bind-certificate",
    )
