"""A certificate authority for the tests: server and client certificates, revocation lists, as files."""

import hashlib
import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ADDRESS = "127.0.0.1"


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Region Prøve"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    def write(self, folder: Path, stem: str) -> tuple[Path, Path]:
        pem, key = folder / f"{stem}.pem", folder / f"{stem}.key"
        pem.write_bytes(self.pem)
        key.write_bytes(self.key_pem)
        return pem, key


@dataclass
class Authority:
    """An authority with its own key; what it revokes is on its next list."""

    common: str = "Test authority"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    certificate: x509.Certificate = field(init=False)
    revoked: list[x509.Certificate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.certificate = (
            self._builder(self.common, (-400, 3650), self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def server(self, *, days: tuple[int, int] = (-1, 30)) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS)), x509.DNSName("localhost")])
        builder = self._builder("server", days, key).add_extension(names, critical=False)
        return Issued(builder.sign(self.key, hashes.SHA256()), key)

    def client(self, common: str, *, days: tuple[int, int] = (-1, 365)) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = self._builder(common, days, key).add_extension(usage, critical=False)
        return Issued(builder.sign(self.key, hashes.SHA256()), key)

    def crl(self, *, days: tuple[int, int] = (-1, 7)) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(name(self.common))
            .last_update(now() + timedelta(days=days[0]))
            .next_update(now() + timedelta(days=days[1]))
        )
        for certificate in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(now())
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(self, common: str, days: tuple[int, int], key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(common))
            .issuer_name(name(self.common))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() + timedelta(days=days[0]))
            .not_valid_after(now() + timedelta(days=days[1]))
        )
