"""Private keys are found in whatever form they are pasted, and nothing else is taken for one."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from authority import Authority
from dated_certificate import certificate_pem
from npn.errors import InvalidInputError
from npn.private_keys import holds_private_key, without_private_keys
from npn.wording import checked_line, checked_name, checked_text

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP384R1())
KEYS = {
    "rsa": RSA,
    "small rsa": rsa.generate_private_key(65537, 1024),  # noqa: S505  # weak on purpose
    "ec": EC,
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "ed448": ed448.Ed448PrivateKey.generate(),
    "x25519": x25519.X25519PrivateKey.generate(),
    "dsa": dsa.generate_private_key(1024),  # noqa: S505  # weak on purpose
}
PASSWORD = BestAvailableEncryption(b"hemmelig")


def forms() -> dict[str, tuple[Encoding, PrivateFormat, KeySerializationEncryption]]:
    return {
        "pkcs8": (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "encrypted pkcs8": (Encoding.PEM, PrivateFormat.PKCS8, PASSWORD),
        "traditional": (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        "encrypted traditional": (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PASSWORD),
        "openssh": (Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        "encrypted openssh": (Encoding.PEM, PrivateFormat.OpenSSH, PASSWORD),
    }


def written() -> dict[str, str]:
    texts = {}
    for kind, key in KEYS.items():
        for form, how in forms().items():
            if (kind, how[1]) == ("dsa", PrivateFormat.OpenSSH):
                continue
            try:
                texts[f"{kind} {form}"] = key.private_bytes(*how).decode()
            except (ValueError, TypeError, UnsupportedAlgorithm):
                continue
    for password in (NoEncryption(), PASSWORD):
        packed = pkcs12.serialize_key_and_certificates(b"lab", RSA, None, None, password)
        texts[f"pkcs12 {type(password).__name__}"] = base64.b64encode(packed).decode()
    return texts


TEXTS = written()


def body(text: str) -> str:
    """Return a key without its armour and headers."""
    return "\n".join(line for line in text.splitlines() if "-----" not in line and ":" not in line)


@pytest.mark.parametrize("name", TEXTS)
def test_every_kind_of_key_is_found_however_it_was_pasted(name: str) -> None:
    text = TEXTS[name]
    one_line = " ".join(text.split())
    for pasted in (text, one_line, text.replace("\n", "\\n"), f"Hej\n{text}\nHilsen", text.replace("\n", "\n> ")):
        assert holds_private_key(pasted), pasted[:80]
    assert holds_private_key(text.replace("-----", "\u2014\u2014"))
    assert holds_private_key("\u200b".join(text[:300]) + text[300:])
    assert holds_private_key(text[: len(text) // 2])
    if "encrypted traditional" not in name:  # its body is cipher text: nothing tells it from any other
        for pasted in (body(text), "".join(body(text).split()), f"nøgle:{''.join(body(text).split())}"):
            assert holds_private_key(pasted), pasted[:80]


def test_forms_without_armour_are_found() -> None:
    der = RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert holds_private_key(der.hex())
    assert holds_private_key(der.hex(":").upper())
    assert holds_private_key(base64.urlsafe_b64encode(der).decode())
    assert holds_private_key(
        '{"kty":"OKP","crv":"Ed25519","x":"abc","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}'
    )
    assert holds_private_key("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none")
    assert holds_private_key("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nabc")
    assert holds_private_key("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF")
    assert holds_private_key(base64.b64encode(b"\xfe\xed\xfe\xed\x00\x00\x00\x02" + b"x" * 60).decode())


def test_what_is_no_private_key_is_left_alone() -> None:
    authority = Authority()
    public = RSA.public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    harmless = [
        authority.pem.decode(),
        authority.crl().decode(),
        base64.b64encode(authority.client("lab").der).decode(),
        authority.client("lab").der.hex(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(),
        base64.b64encode(spki).decode(),
        "Send aldrig den private nøgle: kun det mellem BEGIN CERTIFICATE og END CERTIFICATE.",
        "We lost the private key -- what now? It began with BEGIN PRIVATE KEY.",
        "\n".join(str(number) for number in range(3002010030, 3002010030 + 3 * 2000, 3)),
        "",
        "x",
    ]
    year = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)]
    harmless += [certificate_pem(begins=year[0], ends=year[1]).decode() for _ in range(20)]
    for text in harmless:
        assert not holds_private_key(text), text[:100]


@pytest.mark.parametrize("check", [checked_name, checked_line, checked_text])
def test_no_name_line_or_text_takes_one_and_the_refusal_does_not_repeat_it(check: object) -> None:
    more = {} if check is checked_name else {"most": 20_000}
    for text in (TEXTS["ec pkcs8"], body(TEXTS["rsa encrypted pkcs8"])):
        with pytest.raises(InvalidInputError) as caught:
            check(text, "reason", **more)  # type: ignore[operator]  # one of three functions
        assert (caught.value.code, caught.value.field) == ("private_key_sent", "reason")
        assert "compromised" in caught.value.message
        assert body(text).splitlines()[0] not in f"{caught.value.message} {caught.value.hint}"


def test_a_text_goes_on_without_the_key() -> None:
    pem = TEXTS["rsa encrypted traditional"]
    assert without_private_keys(f"Hej\n{pem}\nHilsen Eva", "[ude]").split("\n") == ["Hej", "[ude]", "", "Hilsen Eva"]
    assert without_private_keys(f"Hej\n{body(TEXTS['ec pkcs8'])}", "[ude]") == "[ude]"
    assert without_private_keys("Hej", "[ude]") == "Hej"
