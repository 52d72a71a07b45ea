"""SOAP messages for the tests: whole, in both versions and namespaces, with every kind of credentials."""

import base64
import hashlib
import ipaddress
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from npn.soap.dates import write_time
from npn.soap.names import DGWS_1_0_1, DS, PROBLEM, SAML, SOAP_1_1, WSSE, WSU, Soap, split

NPN = "urn:npn:analysisidentifier:1"
BODY = "<n:{0} xmlns:n='{1}'>{2}</n:{0}>"


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def draw_body(count: object = 10, purpose: str | None = None) -> str:
    more = "" if purpose is None else f"<n:Purpose>{purpose}</n:Purpose>"
    inner = f"<n:NumberOfIdentifiers>{count}</n:NumberOfIdentifiers>{more}"
    return BODY.format("GetAnalysisIdentifiersRequest", NPN, inner)


def release_body(first: str, last: str) -> str:
    inner = f"<n:FirstIdentifier>{first}</n:FirstIdentifier><n:LastIdentifier>{last}</n:LastIdentifier>"
    return BODY.format("SetAnalysisIdentifiersFreeRequest", NPN, inner)


def look_up_body(number: str) -> str:
    return BODY.format("GetAnalysisIdentifierInformationRequest", NPN, f"<n:Identifier>{number}</n:Identifier>")


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, self-signed."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str, *, days: tuple[int, int] = (-1, 30), address: str = "") -> "Pair":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() + timedelta(days=days[0]))
            .not_valid_after(now() + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if address:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(names, critical=False)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def p12(self, password: bytes) -> bytes:
        encryption = serialization.BestAvailableEncryption(password)
        return pkcs12.serialize_key_and_certificates(b"client", self.key, self.certificate, None, encryption)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True)
class Message:
    """A request to be written; every part can be replaced."""

    body: str = field(default_factory=draw_body)
    soap: Soap = SOAP_1_1
    dgws: str = DGWS_1_0_1
    message_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    flow_id: str | None = "flow-1"
    header: str = ""  # medcom:Header's further children after Linking
    before: str = ""  # and before it
    credentials: str = ""  # what stands in Security after the timestamp
    created: str = field(default_factory=lambda: write_time(now()))
    security: str | None = None
    medcom: str | None = None

    def text(self) -> str:
        flow = "" if self.flow_id is None else f"<m:FlowID>{self.flow_id}</m:FlowID>"
        security = (
            self.security
            if self.security is not None
            else (
                f'<wsse:Security xmlns:wsse="{WSSE}"><wsu:Timestamp xmlns:wsu="{WSU}"><wsu:Created>{self.created}'
                f"</wsu:Created></wsu:Timestamp>{self.credentials}</wsse:Security>"
            )
        )
        medcom = (
            self.medcom
            if self.medcom is not None
            else (
                f'<m:Header xmlns:m="{self.dgws}">{self.before}<m:Linking>{flow}'
                f"<m:MessageID>{self.message_id}</m:MessageID></m:Linking>{self.header}</m:Header>"
            )
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{self.soap.namespace}">'
            f"<s:Header>{security}{medcom}</s:Header><s:Body>{self.body}</s:Body></s:Envelope>"
        )

    def bytes(self) -> bytes:
        return self.text().encode("utf-8")

    def but(self, **changed: object) -> "Message":
        return replace(self, **changed)  # type: ignore[arg-type]  # the caller knows the fields


def plain_token(username: str, password: str) -> str:
    return (
        f"<wsse:UsernameToken><wsse:Username>{username}</wsse:Username><wsse:Password>{password}</wsse:Password>"
        "</wsse:UsernameToken>"
    )


@dataclass(frozen=True)
class Card:
    """An ID card to be written."""

    confirmation: str
    level: int = 2
    begins: datetime = field(default_factory=lambda: now() - timedelta(minutes=1))
    ends: datetime | None = None
    issued: datetime | None = None
    zone: str = "Z"
    id: str = "IDCard"
    attributes: str = ""
    version: str = "1.0.1"

    def text(self) -> str:
        begins = self._time(self.begins)
        ends = self._time(self.ends or self.begins + timedelta(hours=24))
        issued = self._time(self.issued or self.begins)
        values = {
            "sosi:IDCardID": "card-1",
            "sosi:IDCardVersion": self.version,
            "sosi:IDCardType": "system",
            "sosi:AuthenticationLevel": str(self.level),
        }
        attributes = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
            for name, value in values.items()
        )
        return (
            f'<saml:Assertion xmlns:saml="{SAML}" xmlns:ds="{DS}" xmlns:wsse="{WSSE}" IssueInstant="{issued}"'
            f' Version="2.0" id="{self.id}"><saml:Issuer>Labka</saml:Issuer><saml:Subject>'
            f'<saml:NameID Format="medcom:itsystemname">Labka</saml:NameID><saml:SubjectConfirmation>'
            f"<saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key</saml:ConfirmationMethod>"
            f"<saml:SubjectConfirmationData>{self.confirmation}</saml:SubjectConfirmationData>"
            f'</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"/>'
            f'<saml:AttributeStatement id="IDCardData">{attributes}{self.attributes}</saml:AttributeStatement>'
            f'<saml:AttributeStatement id="SystemLog"><saml:Attribute Name="medcom:ITSystemName">'
            f"<saml:AttributeValue>Labka</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
            f"</saml:Assertion>"
        )

    def _time(self, at: datetime) -> str:
        return write_time(at).removesuffix("Z") + self.zone


def password_card(username: str, password: str, **more: object) -> str:
    return Card(plain_token(username, password), **more).text()  # type: ignore[arg-type]  # the caller knows the fields


KEY_NAME = "<ds:KeyInfo><ds:KeyName>OCESSignature</ds:KeyName></ds:KeyInfo>"


class _Old(XMLSigner):
    """SHA-1 is what the published schemas of DGWS know; signxml signs with it only when told twice."""

    def check_deprecated_methods(self) -> None:
        """Check nothing."""


def signed(
    message: Message,
    pair: Pair,
    card: Card | None = None,
    *,
    algorithm: str = "sha256",
    c14n: CanonicalizationMethod = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    signature_id: str = "OCESSignature",
) -> bytes:
    """Write a message with a signed ID card: signed in place, as a client does that builds the whole message."""
    card = card or Card(KEY_NAME, level=3)
    root = etree.fromstring(message.but(credentials=card.text()).bytes())
    assertion = root.find(f".//{{{SAML}}}Assertion")
    assert assertion is not None
    signer = (_Old if algorithm == "sha1" else XMLSigner)(
        signature_algorithm=SignatureMethod.RSA_SHA1 if algorithm == "sha1" else SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA1 if algorithm == "sha1" else DigestAlgorithm.SHA256,
        c14n_algorithm=c14n,
    )
    made = signer.sign(assertion, key=pair.key, cert=[pair.certificate], reference_uri=f"#{card.id}", id_attribute="id")
    signature = made.find(f"{{{DS}}}Signature")
    assert signature is not None
    signature.set("id", signature_id)
    assertion.append(signature)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@dataclass(frozen=True)
class Answered:
    """A response, taken apart."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    def all(self, name: str) -> list[str]:
        return [e.text or "" for e in self.root.iter() if isinstance(e.tag, str) and split(e.tag)[1] == name]

    def one(self, name: str) -> str:
        found = self.all(name)
        assert len(found) == 1, (name, self.body)
        return found[0]

    @property
    def code(self) -> str:
        """The DGWS fault code; empty where it is no fault."""
        return (self.all("FaultCode") or [""])[0]

    @property
    def problem(self) -> str:
        return next((e.text or "" for e in self.root.iter(f"{{{PROBLEM}}}Code")), "")


def cert_hash(pair: Pair) -> str:
    return base64.b64encode(hashlib.sha1(pair.der, usedforsecurity=False).digest()).decode()
