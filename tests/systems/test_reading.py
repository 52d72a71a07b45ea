"""Certificates as they are sent: read in every form, refused where they are something else, and decoded for people."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from authority import Authority
from drawing import add
from npn.errors import InvalidInputError
from npn.systems.authorities import Authorities
from npn.systems.clients import Clients, Issue
from npn.systems.reading import certificates_in, decoded, read_certificate
from npn.web.texts import texts
from npn.wiring.service import Service

BEGINS = datetime(2026, 3, 1, 10, tzinfo=UTC)
ENDS = datetime(2028, 3, 1, 10, tzinfo=UTC)


def certificate(
    key: CertificateIssuerPrivateKeyTypes | None = None,
    *,
    subject: str = "lab",
    ends: datetime = ENDS,
    uses: list[ObjectIdentifier] | None = None,
) -> x509.Certificate:
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(0x1A2B3C4D5E).not_valid_before(BEGINS).not_valid_after(ends)
    if uses:
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def pem(made: x509.Certificate) -> str:
    return made.public_bytes(Encoding.PEM).decode()


MADE = certificate(uses=[ExtendedKeyUsageOID.CLIENT_AUTH, ObjectIdentifier("1.2.3.4")])
DER = MADE.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "sent",
    [
        pem(MADE),
        pem(MADE).replace("\n", "\r\n"),
        "\ufeff" + pem(MADE),
        f"Certificate:\n    Data:\n{pem(MADE)}",
        " ".join(pem(MADE).split("\n")),
        pem(MADE).replace("\n", "\\n"),
        pem(MADE).replace("\n", "\n> "),
        pem(MADE) + pem(MADE),
        base64.b64encode(DER).decode(),
        base64.encodebytes(DER).decode(),
        DER,
    ],
)
def test_one_certificate_is_read_in_every_form(sent: str | bytes) -> None:
    assert read_certificate(sent if isinstance(sent, bytes) else sent.encode()) == MADE


REQUEST = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(MADE.subject)
    .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "not_a_certificate"),
        (b"x", "not_a_certificate"),
        (b"\x30\x03\x02\x01\x05", "not_a_certificate"),
        (DER[:-7], "not_a_certificate"),
        (DER + b"x", "not_a_certificate"),
        (pem(MADE)[:300].encode(), "not_a_certificate"),
        (pem(MADE).replace("MII", "M!I").encode(), "not_a_certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "not_a_certificate"),
        (REQUEST.public_bytes(Encoding.PEM), "not_a_certificate"),
        (pkcs7.serialize_certificates([MADE], Encoding.PEM), "not_a_certificate"),
        ((pem(MADE) + pem(certificate())).encode(), "several_certificates"),
        ((pem(MADE) + pem(MADE) + pem(certificate(subject="ca"))).encode(), "several_certificates"),
    ],
)
def test_what_is_not_one_certificate_is_refused(sent: bytes, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_certificate(sent)
    assert (caught.value.code, caught.value.field) == (code, "certificate")


def test_a_private_key_beside_the_certificate_or_in_its_place_is_refused_as_one() -> None:
    issued = Authority().client("lab")
    packed = pkcs12.serialize_key_and_certificates(
        b"lab", issued.key, issued.certificate, None, BestAvailableEncryption(b"x")
    )
    bare = issued.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for sent in (issued.key_pem, issued.pem + issued.key_pem, packed, base64.b64encode(packed), bare):
        with pytest.raises(InvalidInputError) as caught:
            read_certificate(sent)
        assert caught.value.code == "private_key_sent"
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("key", "says", "weak"),
    [
        (rsa.generate_private_key(65537, 3072), "RSA 3072 bit", False),
        (rsa.generate_private_key(65537, 1024), "RSA 1024 bit", True),  # noqa: S505  # weak on purpose
        (ec.generate_private_key(ec.SECP384R1()), "EC P-384 (384 bit)", False),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519 (256 bit)", False),
        (dsa.generate_private_key(1024), "DSA 1024 bit", True),  # noqa: S505  # weak on purpose
    ],
)
def test_kind_and_size_of_the_key_are_said(key: CertificateIssuerPrivateKeyTypes, says: str, weak: object) -> None:
    facts = decoded(certificate(key))
    assert (facts.key, facts.key_is_weak, facts.is_self_signed) == (says, weak, True)


def test_what_a_certificate_says_is_said() -> None:
    facts = decoded(MADE)
    assert (facts.common_name, facts.subject, facts.issuer) == ("lab", "CN=lab", "CN=lab")
    assert (facts.not_before, facts.not_after, facts.has_end) == (BEGINS, ENDS, True)
    assert facts.serial == "1A2B 3C4D 5E"
    assert facts.uses == ("clientAuth", "1.2.3.4")
    assert facts.grouped_fingerprint.replace(" ", "").lower() == MADE.fingerprint(hashes.SHA256()).hex()
    assert len(facts.grouped_fingerprint.split()) == 16
    assert facts.is_for_clients
    assert not decoded(certificate(uses=[ExtendedKeyUsageOID.SERVER_AUTH])).is_for_clients
    assert decoded(certificate()).is_for_clients
    assert x509.load_pem_x509_certificate(facts.pem.encode()) == MADE


@pytest.mark.parametrize("ends", [datetime(2050, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_late_dates_are_kept_and_can_be_written(ends: datetime) -> None:
    facts = decoded(certificate(ends=ends))
    assert (facts.not_after, facts.has_end) == (ends, ends.year != 9999)
    for language in ("da", "en"):
        assert str(ends.year) in texts(language).time(facts.not_after)
        assert str(ends.year) in texts(language).date(facts.not_after)


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Ærø Sygehus Å/S", "Ærø Sygehus Å/S"),
        ("検査室", "検査室"),
        ("a\u202eb\u200bc", "a[U+202E]b[U+200B]c"),
        ("a\nCN=b", "a[U+000A]CN=b"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7*7 }} %(name)s", "{{ 7*7 }} %(name)s"),
    ],
)
def test_hostile_and_foreign_subjects_are_shown_as_they_are_and_wholly(subject: str, shown: str) -> None:
    facts = decoded(certificate(subject=subject))
    assert facts.common_name == shown
    assert all(character.isprintable() for character in facts.subject + facts.issuer)


def test_certificates_are_found_in_a_mail_but_not_beside_a_key() -> None:
    other = certificate(subject="other")
    mail = f"Hej\n\n{pem(MADE)}\nog\n> {pem(other).strip().replace(chr(10), chr(10) + '> ')}\n\n--\nEva"
    assert certificates_in(mail) == [MADE, other]
    assert certificates_in(mail + Authority().client("x").key_pem.decode()) == []
    assert certificates_in("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----") == []
    assert certificates_in("Hej") == []


def test_whether_a_trusted_authority_signed_it_is_asked_and_unknown_without_any(
    service: Service, tmp_path: Path
) -> None:
    trusted, other = Authority("Den rigtige"), Authority("Den anden")
    file = tmp_path / "ca.pem"
    own = certificate(subject="alene", ends=datetime.now(UTC) + timedelta(days=400))
    file.write_bytes(trusted.pem + own.public_bytes(Encoding.PEM))
    known = Clients(service.database, service.ledger, Authorities(str(file)))
    unknown = Clients(service.database, service.ledger, Authorities(""))
    broken = Clients(service.database, service.ledger, Authorities(str(tmp_path / "none.pem")))
    mine, strange = trusted.client("lab").certificate, other.client("lab").certificate
    assert [known.judge(c).issue for c in (mine, strange, MADE, own)] == [
        Issue.KNOWN,
        Issue.STRANGER,
        Issue.SELF,
        Issue.KNOWN,
    ]
    assert [unknown.judge(c).issue for c in (mine, MADE)] == [Issue.UNKNOWN, Issue.SELF]
    assert broken.judge(mine).issue is Issue.UNKNOWN
    forged = Authority("Den rigtige").client("lab").certificate  # the name of the trusted one, another key
    assert known.judge(forged).issue is Issue.STRANGER


def test_a_revoked_expired_early_or_bound_certificate_is_said_to_be_so(service: Service, tmp_path: Path) -> None:
    authority = Authority()
    revoked, old, early, good = (
        authority.client("revoked"),
        authority.client("old", days=(-20, -1)),
        authority.client("early", days=(5, 50)),
        authority.client("good"),
    )
    authority.revoked.append(revoked.certificate)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "crl.pem").write_bytes(authority.crl())
    authorities = Authorities(str(tmp_path / "ca.pem"), [str(tmp_path / "crl.pem")])
    clients = Clients(service.database, service.ledger, authorities)
    assert clients.judge(revoked.certificate).revoked_at is not None
    assert clients.judge(good.certificate).revoked_at is None
    assert clients.judge(old.certificate).has_expired
    assert clients.judge(early.certificate).is_early
    system, _key = add(service, "Labka")
    assert clients.judge(good.certificate).bound_to is None
    service.certificates.bind(system.id, good.pem, by="admin:t")
    assert clients.judge(good.certificate).bound_to == system.id
    service.certificates.unbind(system.id, good.fingerprint[:8].upper(), by="admin:t")
    assert clients.judge(good.certificate).bound_to is None
    service.clients.bind_subject(system.id, good.der, by="admin:t")
    assert clients.judge(authority.client("good").certificate).bound_to == system.id


def test_a_certificate_without_an_end_is_bound_and_kept(service: Service) -> None:
    system, _key = add(service, "Labka")
    for_ever = certificate(ends=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), subject="\u202eÆvig")
    service.certificates.bind(system.id, for_ever.public_bytes(Encoding.PEM), by="admin:t")
    (kept,) = service.certificates.of(system.id)
    assert (kept.not_after.year, kept.subject) == (9999, "CN=[U+202E]Ævig")
