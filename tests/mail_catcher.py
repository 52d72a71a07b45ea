"""A mail server for the tests: takes what is sent to it on a free port, and can be made to refuse."""

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any  # aiosmtpd is not typed

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "npn-tjenesten", "kode med ord"


@dataclass
class Mailbox:
    """What came in, oldest first. `answers` are what recipients are answered, by address; 250 for all others."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802  # aiosmtpd's name
        envelope, to = given[2], given[3]
        answer = self.answers.get(to, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(self, _server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        self.envelopes.append(envelope)
        self.sessions.append(session)
        return "250 taken"

    @property
    def mails(self) -> list[EmailMessage]:
        return [as_mail(bytes(envelope.content or b"")) for envelope in self.envelopes]

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


def as_mail(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


@contextmanager
def mailbox(*, port: int = 0, tls: Path | None = None, login: bool = False) -> Iterator[Mailbox]:
    """Run one; `tls` is a folder with what `certificate` made."""
    box = Mailbox()
    options: dict[str, Any] = {"port": port, "hostname": "127.0.0.1", "ready_timeout": 60.0}
    if tls is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls / "mail.pem", tls / "mail.key")
        options |= {"tls_context": context, "require_starttls": True}
    if login:
        options |= {"authenticator": _known, "auth_required": True, "auth_require_tls": tls is not None}
    controller = _Controller(box, **options)
    controller.start()
    try:
        box.port = controller.server.sockets[0].getsockname()[1]
        yield box
    finally:
        controller.stop()


class _Controller(Controller):
    """On whatever port is free: the library knocks on the one it was given, which for 0 is none."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _known(*given: object) -> AuthResult:
    data = given[-1]
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


def certificate(folder: Path) -> Path:
    """Make a certificate for the mail server, signed by itself; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "mail.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "mail.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "mail.pem"
