"""Draws over the legacy web service against draws over REST, in one server and one run.

The two take turns, asked by the same client: 32 connections, each with one request under way. With a password (level
2, in an ID card), and with a signed ID card (level 3): verifying its signature is reported apart, and timed alone.
"""

import asyncio
import hashlib
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.signer import XMLSigner

from npn.config import Settings
from npn.soap.dates import write_time
from npn.soap.names import DGWS_1_0_1, DS, SAML, SOAP_1_1, WSSE, WSU
from npn.soap.signature import verify
from npn.systems.model import ApiKey, Certificate, Environment
from npn.wiring.assembly import build
from npn.wiring.setup import initialise

CONNECTIONS = 32
ROUNDS = 5
SECONDS = 2.0
NPN = str(Path(sys.executable).with_name("npn"))
HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
PLACE = "MESSAGE-ID-HERE"

Writer = Callable[[str], bytes]


def run() -> dict[str, object]:
    """Measure draws a second over REST, with a password, with a signed card; and one verification alone."""
    with tempfile.TemporaryDirectory(prefix="npn-bench-") as name:
        folder = Path(name)
        settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
        key, bound, signed = _set_up(settings)
        writers = {
            "rest": _rest(key),
            "soap_password": _soap(_message(_token(key))),
            "soap_signed": _soap(signed),
        }
        rates = _measure(settings, writers)
        return {
            "connections": CONNECTIONS,
            "draws_per_s": {name: round(rate) for name, rate in rates.items()},
            "password_to_rest": round(rates["soap_password"] / rates["rest"], 2),
            "signed_to_rest": round(rates["soap_signed"] / rates["rest"], 2),
            "verify_signature_ms": _verification(signed, bound),
        }


def _set_up(settings: Settings) -> tuple[ApiKey, Certificate, str]:
    initialise(settings)
    service = build(settings)
    try:
        system, key = service.systems.add(
            by="bench", name="bench", vendor="V", owner="O", environment=Environment.PRODUCTION
        )
        private, certificate = _pair()
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        bound = service.certificates.bind(system.id, pem, by="bench")
        return key, bound, _signed(private, certificate)
    finally:
        service.close()


def _pair() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    )
    return private, builder.sign(private, hashes.SHA256())


def _token(key: ApiKey) -> str:
    return _card(
        f"<wsse:UsernameToken><wsse:Username>{key.holder}</wsse:Username><wsse:Password>{key.secret}</wsse:Password>"
        "</wsse:UsernameToken>",
        level=2,
    )


def _card(confirmation: str, *, level: int) -> str:
    begins = datetime.now(UTC) - timedelta(minutes=1)
    values = {
        "sosi:IDCardID": "1",
        "sosi:IDCardVersion": "1.0.1",
        "sosi:IDCardType": "system",
        "sosi:AuthenticationLevel": str(level),
    }
    attributes = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for name, value in values.items()
    )
    return (
        f'<saml:Assertion xmlns:saml="{SAML}" xmlns:ds="{DS}" xmlns:wsse="{WSSE}" IssueInstant="{write_time(begins)}"'
        ' Version="2.0" id="IDCard"><saml:Issuer>bench</saml:Issuer><saml:Subject>'
        '<saml:NameID Format="medcom:itsystemname">bench</saml:NameID><saml:SubjectConfirmation>'
        f"<saml:ConfirmationMethod>{HOLDER}</saml:ConfirmationMethod><saml:SubjectConfirmationData>{confirmation}"
        "</saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"
        f'<saml:Conditions NotBefore="{write_time(begins)}" NotOnOrAfter="{write_time(begins + timedelta(hours=24))}"/>'
        f'<saml:AttributeStatement id="IDCardData">{attributes}</saml:AttributeStatement></saml:Assertion>'
    )


def _message(credentials: str) -> str:
    return (
        f'<s:Envelope xmlns:s="{SOAP_1_1.namespace}"><s:Header><wsse:Security xmlns:wsse="{WSSE}">'
        f'<wsu:Timestamp xmlns:wsu="{WSU}"><wsu:Created>{write_time(datetime.now(UTC))}</wsu:Created></wsu:Timestamp>'
        f'{credentials}</wsse:Security><m:Header xmlns:m="{DGWS_1_0_1}"><m:Linking><m:MessageID>{PLACE}</m:MessageID>'
        "</m:Linking></m:Header></s:Header><s:Body><n:GetAnalysisIdentifiersRequest"
        ' xmlns:n="urn:npn:analysisidentifier:1"><n:NumberOfIdentifiers>100</n:NumberOfIdentifiers>'
        "</n:GetAnalysisIdentifiersRequest></s:Body></s:Envelope>"
    )


def _signed(private: rsa.RSAPrivateKey, certificate: x509.Certificate) -> str:
    confirmation = "<ds:KeyInfo><ds:KeyName>OCESSignature</ds:KeyName></ds:KeyInfo>"
    root = etree.fromstring(_message(_card(confirmation, level=3)))
    assertion = root.find(f".//{{{SAML}}}Assertion")
    assert assertion is not None
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    made = signer.sign(assertion, key=private, cert=[certificate], reference_uri="#IDCard", id_attribute="id")
    signature = made.find(f"{{{DS}}}Signature")
    assert signature is not None
    signature.set("id", "OCESSignature")
    assertion.append(signature)
    return etree.tostring(root, encoding="unicode")


def _rest(key: ApiKey) -> Writer:
    body = b'{"count":100}'
    head = (
        f"POST /v1/series HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nIdempotency-Key: "
    ).encode()
    return lambda message_id: head + message_id.encode() + b"\r\n\r\n" + body


def _soap(message: str) -> Writer:
    def write(message_id: str) -> bytes:
        body = message.replace(PLACE, message_id).encode()
        head = (
            "POST /soap/npn HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: ""\r\nContent-Length: {len(body)}\r\n\r\n'
        )
        return head.encode() + body

    return write


def _measure(settings: Settings, writers: dict[str, Writer]) -> dict[str, float]:
    """Return the median rate of each, over rounds in which they take turns."""
    rates: dict[str, list[float]] = {name: [] for name in writers}
    command = [NPN, "serve", "--port", "0", "--database", settings.database, "--witness", settings.witness]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[2]
            for turn in range(ROUNDS + 1):
                for name, taken in rates.items():
                    rate = uvloop.run(_load(address, writers[name]))
                    if turn:  # the first round warms up
                        taken.append(rate)
        finally:
            server.terminate()
    return {name: median(taken) for name, taken in rates.items()}


async def _load(address: str, write: Writer) -> float:
    host, _, port = address.removeprefix("http://").partition(":")
    started = time.perf_counter()
    until = started + SECONDS
    counts = await asyncio.gather(*(_one(host, int(port), write, until) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - started)


async def _one(host: str, port: int, write: Writer, until: float) -> int:
    """Ask again and again on one connection; every answer is read whole, and must be a grant."""
    reader, writer = await asyncio.open_connection(host, port)
    mine, count = uuid.uuid4().hex, 0
    while time.perf_counter() < until:
        writer.write(write(f"{mine}-{count}"))
        head = await reader.readuntil(b"\r\n\r\n")
        start = head.index(b"content-length: ") + 16
        answer = await reader.readexactly(int(head[start : head.index(b"\r", start)]))
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")), answer
        count += 1
    writer.close()
    return count


def _verification(message: str, bound: Certificate) -> float:
    """Return the milliseconds that verifying one signed card takes, alone."""
    root = etree.fromstring(message)
    assert hashlib.sha256(bound.der).hexdigest() == bound.fingerprint
    taken = []
    for _ in range(200):
        started = time.perf_counter()
        verify(root, SOAP_1_1, bound=lambda _fingerprint: bound, at=datetime.now(UTC), sha1=False)
        taken.append(time.perf_counter() - started)
    return round(median(taken) * 1000, 2)
