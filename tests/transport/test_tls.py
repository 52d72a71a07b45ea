"""TLS as a caller meets it: openssl and curl, certificates right, wrong, expired, revoked, foreign, renewed."""

import os
import re
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from authority import Authority
from npn.config import Settings
from npn.errors import ConfigurationError
from npn.http.tls import Tls
from tlshouse import TlsHouse, replace, until


def s_client(house: TlsHouse, *options: str) -> tuple[int, str]:
    """Connect with openssl, say nothing, and give what it says."""
    address = "{}:{}".format(*house.server.address)
    done = subprocess.run(
        ["openssl", "s_client", "-connect", address, "-CAfile", str(house.folder / "ca.pem"), *options],
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_tls_1_0_and_1_1_are_refused(house: TlsHouse, version: str) -> None:
    status, said = s_client(house, "-brief", version, "-cipher", "ALL:@SECLEVEL=0")
    assert status != 0
    assert "alert protocol version" in said


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_tls_1_2_and_1_3_are_spoken_with_forward_secrecy(house: TlsHouse, version: str) -> None:
    status, said = s_client(house, "-brief", "-verify_return_error", version)
    assert status == 0, said
    assert version.removeprefix("-tls").replace("_", ".") in said
    assert "AES_256_GCM" in said or "AES256-GCM" in said


@pytest.mark.parametrize(
    "cipher", ["AES256-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256"]
)
def test_ciphers_without_forward_secrecy_or_authentication_are_refused(house: TlsHouse, cipher: str) -> None:
    status, said = s_client(house, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert status != 0
    assert "handshake failure" in said


def test_clients_are_asked_for_a_certificate(house: TlsHouse) -> None:
    _, said = s_client(house, "-tls1_2")
    assert "Client Certificate Types" in said


def test_a_certificate_bound_by_its_fingerprint_draws_and_says_who_it_is(house: TlsHouse) -> None:
    drawn = house.draw(by="labka")
    assert (drawn.status, drawn.json["system"]) == (201, "labka")
    assert drawn.headers["strict-transport-security"]
    assert house.curl("/v1/me", by="labka").json["system"] == "labka"


def test_a_certificate_bound_by_subject_and_issuer_overlaps_with_its_successor(house: TlsHouse) -> None:
    for each in ("bcc", "bcc-next"):
        drawn = house.draw(by=each)
        assert (drawn.status, drawn.json["system"]) == (201, "bcc"), drawn.body
    with house.service() as service:
        until(lambda: service.clients.subjects("bcc")[0].shown_fingerprint == house.issued["bcc-next"].fingerprint)


def test_the_successor_of_one_bound_by_fingerprint_is_nobody_until_it_is_bound_too(house: TlsHouse) -> None:
    refused = house.curl("/v1/me", by="labka-next")
    assert (refused.status, refused.json["code"]) == (401, "certificate_unknown")
    assert house.issued["labka-next"].fingerprint in refused.json["hint"]
    with house.service() as service:
        service.certificates.bind("labka", house.issued["labka-next"].pem, by="t")
    assert [house.curl("/v1/me", by=each).status for each in ("labka", "labka-next")] == [200, 200]


def test_a_certificate_of_the_authority_that_nobody_bound_is_refused(house: TlsHouse) -> None:
    refused = house.draw(by="stranger")
    assert (refused.status, refused.json["code"]) == (401, "certificate_unknown")


def test_an_expired_certificate_is_refused_in_the_handshake(house: TlsHouse) -> None:
    refused = house.draw(by="expired")
    assert refused.exit != 0
    assert "certificate expired" in refused.said


def test_a_foreign_authoritys_certificate_is_refused_in_the_handshake(house: TlsHouse) -> None:
    refused = house.draw(by="foreign")
    assert refused.exit != 0
    assert "unknown ca" in refused.said


def test_without_a_certificate_a_key_still_opens(house: TlsHouse) -> None:
    assert house.draw(key=house.keys["mads"]).status == 201
    assert house.draw().json["code"] == "unauthenticated"


def test_a_certificate_that_is_revoked_is_refused_without_a_restart_and_told_why(house: TlsHouse) -> None:
    house.authority.revoked = []
    with house.service() as service:
        service.certificates.bind("mads", house.issued["stranger"].pem, by="t")
    assert house.draw(by="stranger").status == 201
    house.revoke("stranger")
    until(lambda: house.draw(by="stranger").status == 401)
    refused = house.draw(by="stranger")
    assert refused.json["code"] == "certificate_revoked"
    assert "revoked by its authority on" in refused.json["detail"]
    assert house.draw(by="labka").status == 201
    with house.service() as service:
        service.certificates.unbind("mads", house.issued["stranger"].fingerprint, by="t")


def test_a_broken_revocation_list_is_not_taken_up_and_the_old_one_goes_on(house: TlsHouse) -> None:
    house.revoke("labka-next")
    until(lambda: house.curl("/v1/me", by="labka-next").status == 401)
    good = (house.folder / "authority.crl").read_bytes()
    replace(house.folder / "authority.crl", b"-----BEGIN X509 CRL-----\nnothing\n-----END X509 CRL-----\n")
    until(lambda: "files_not_taken_up" in house.server.log.read_text("utf-8"))
    assert house.curl("/v1/me", by="labka-next").json["code"] == "certificate_revoked"
    replace(house.folder / "authority.crl", good)


def served(house: TlsHouse) -> str:
    """The serial number of the certificate that the server shows."""
    _, said = s_client(house)
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=said, capture_output=True, text=True, check=True
    )
    return done.stdout.strip().partition("=")[2].lstrip("0").lower()


def days_told(house: TlsHouse) -> float:
    """The days that the server's certificate is good for, as its figures tell."""
    [found] = re.findall(
        r"^npn_tls_certificate_days_left\{path=\S+} (\S+)$", house.curl("/metrics").body.decode(), re.MULTILINE
    )
    return float(found)


def test_a_renewed_server_certificate_is_taken_up_at_sighup_without_a_restart(house: TlsHouse) -> None:
    renewed = house.authority.server(days=(-1, 300))
    pem, key = renewed.write(house.folder, "server-next")
    replace(house.folder / "server.key", key.read_bytes())
    replace(house.folder / "server.pem", pem.read_bytes())
    house.server.process.send_signal(signal.SIGHUP)
    until(lambda: served(house) == f"{renewed.certificate.serial_number:x}")
    assert days_told(house) == pytest.approx(300, abs=1)
    assert house.draw(by="labka").status == 201


def test_files_that_do_not_fit_together_are_not_taken_up(house: TlsHouse) -> None:
    before = served(house)
    good = (house.folder / "server.key").read_bytes()
    replace(house.folder / "server.key", house.issued["labka"].key_pem)
    house.server.process.send_signal(signal.SIGHUP)
    until(lambda: "the TLS files can't be used" in house.server.log.read_text("utf-8"))
    assert served(house) == before
    replace(house.folder / "server.key", good)


def client_ca(house: TlsHouse, *more: bytes) -> None:
    replace(house.folder / "ca.pem", b"".join((house.authority.pem, *more)))
    house.server.process.send_signal(signal.SIGHUP)


def test_an_authority_that_was_withdrawn_is_gone_without_a_restart(house: TlsHouse) -> None:
    other = Authority("Another authority")
    pem, _ = other.client("Labka").write(house.folder, "withdrawn")
    with house.service() as service:
        service.certificates.bind("labka", pem.read_bytes(), by="t")
    assert house.draw(by="withdrawn").status == 0  # refused in the handshake
    client_ca(house, other.pem)
    until(lambda: house.draw(by="withdrawn").status == 201)
    client_ca(house)
    until(lambda: house.draw(by="withdrawn").status == 0)
    assert house.draw(by="labka").status == 201


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a while")
def test_a_renewed_key_that_can_not_be_read_yet_is_tried_again_until_it_can() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        authority = Authority()
        pem, key = authority.server().write(folder, "server")
        key.chmod(0o644)
        tls = Tls(Settings(tls_cert=str(pem), tls_key=str(key)))
        before = tls.context
        next_pem, next_key = authority.server().write(folder, "next")
        next_key.chmod(0o600)
        next_pem.replace(pem)
        next_key.replace(key)
        os.seteuid(65_534)
        try:
            for _ in range(2):
                with pytest.raises(ConfigurationError):
                    tls.refresh()
            assert tls.context is before
            os.seteuid(0)
            os.chown(key, 65_534, 65_534)
            os.seteuid(65_534)
            assert tls.refresh()
            assert tls.context is not before
            assert not tls.refresh()
        finally:
            os.seteuid(0)
