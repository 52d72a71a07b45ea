"""A running service for the legacy clients: over HTTP, or over TLS with client certificates."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from messages import Answered, Message, Pair, password_card
from npn.config import Settings
from npn.systems.model import ApiKey, Environment
from npn.wiring.assembly import build
from prepared import initialised
from running import Running, running

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Office:
    """A server with the system `labka`, its key and its certificate. `folder` holds the PEM files."""

    server: Running
    folder: Path
    key: ApiKey
    pair: Pair
    tls: bool

    @property
    def url(self) -> str:
        return f"{self.server.url}/soap/npn"

    def client(self) -> httpx.Client:
        """An HTTP client; over TLS with the system's certificate."""
        if not self.tls:
            return httpx.Client(timeout=30.0, trust_env=False)
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        context.load_cert_chain(self.folder / "client.pem", self.folder / "client.key")
        return httpx.Client(timeout=30.0, trust_env=False, verify=context)

    def send(self, message: Message | bytes, content_type: str = "text/xml; charset=utf-8") -> Answered:
        with self.client() as client:
            body = message if isinstance(message, bytes) else message.bytes()
            answer = client.post(self.url, content=body, headers={"Content-Type": content_type})
        return Answered(answer.status_code, answer.headers["content-type"], answer.content)

    def message(self, *body: str, **more: object) -> Message:
        return Message(*body, credentials=password_card("labka", self.key.secret), **more)  # type: ignore[arg-type]  # the caller knows

    def environment(self) -> Mapping[str, str]:
        """What the sample clients read."""
        found = {"NPN_SOAP_URL": self.url, "NPN_SYSTEM": "labka"}
        if not self.tls:
            return {**found, "NPN_SECRET": self.key.secret}
        files = {"NPN_CA": "ca.pem", "NPN_CERT": "client.pem", "NPN_CERT_KEY": "client.key", "NPN_P12": "client.p12"}
        named = {name: str(self.folder / file) for name, file in files.items()}
        return {**found, **named, "NPN_PEM": str(self.folder / "both.pem"), "NPN_P12_PASSWORD": "changeit"}


@contextmanager
def office(folder: Path, *, tls: bool) -> Iterator[Office]:
    settings = Settings(database=f"sqlite:///{folder / 'npn.db'}", witness=str(folder / "npn.witness"))
    initialised(settings)
    service = build(settings)
    pair, server = Pair.make("Labka"), Pair.make("server", address=ADDRESS)
    try:
        system, key = service.systems.add(
            by="t", name="Labka", vendor="V", owner="O", environment=Environment.PRODUCTION
        )
        service.certificates.bind(system.id, pair.pem, by="t")
    finally:
        service.close()
    (folder / "ca.pem").write_bytes(server.pem)
    (folder / "server.key").write_bytes(server.key_pem)
    (folder / "client.pem").write_bytes(pair.pem)
    (folder / "client.key").write_bytes(pair.key_pem)
    (folder / "both.pem").write_bytes(pair.pem + pair.key_pem)
    (folder / "client.p12").write_bytes(pair.p12(b"changeit"))
    files = {"--tls-cert": "ca.pem", "--tls-key": "server.key", "--client-ca": "client.pem"} if tls else {}
    options = [part for option, file in files.items() for part in (option, str(folder / file))]
    with running(settings, folder, *options, toml={"soap_test_page": True}) as started:
        yield Office(started, folder, key, pair, tls)
        assert '"failure"' not in started.log.read_text("utf-8")  # nothing hidden from callers went wrong
