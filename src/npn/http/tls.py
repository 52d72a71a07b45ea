"""TLS as the service speaks it: 1.2 and up, forward secrecy and authenticated encryption only, files that may change.

A renewed server certificate is taken up without a restart, for connections made from then on. Files that don't fit
together are not taken up: what was loaded before goes on.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from npn.config import Settings
from npn.errors import ConfigurationError
from npn.stamps import Stamps, stamps_of

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all of this kind


class ObservedTls(ssl.SSLObject):
    """A connection that tells its caller why a handshake failed.

    The event loop drops a connection whose handshake raises, and with it the alert that names the reason (the
    certificate expired, the authority is unknown, the version is too old). So the loop is first told to wait for
    more, which makes it send what lies ready; the caller then closes.
    """

    _failed: ssl.SSLError | None = None

    def do_handshake(self) -> None:
        """Go on with the handshake. Raises SSLWantReadError before the failure itself."""
        if self._failed is not None:
            raise self._failed
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            self._failed = error
            raise ssl.SSLWantReadError from error


@dataclass(slots=True)
class Tls:
    """The files of the settings, and the context made of them."""

    settings: Settings
    context: ssl.SSLContext = field(init=False)
    _stamp: Stamps = field(init=False)

    def __post_init__(self) -> None:
        """Read the files. Raises ConfigurationError."""
        self._stamp = self._stamps()
        self.context = self._made()

    def now(self) -> ssl.SSLContext:
        """Return the context for a connection that begins now."""
        return self.context

    def refresh(self, *, always: bool = False) -> bool:
        """Take the files up where they have changed, and say whether. Raises ConfigurationError, and keeps the old."""
        stamp = self._stamps()
        if stamp == self._stamp and not always:
            return False
        # A separate context: half a change never reaches the one in use, and an authority that left is gone.
        self.context = self._made()
        self._stamp = stamp  # only now: a key that can't be read yet is tried again at the next look
        return True

    def _made(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sslobject_class = ObservedTls
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
        context.set_alpn_protocols(["http/1.1"])
        if self.settings.client_ca:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a certificate itself may be named, not only its CA
        _load(context, self.settings)
        return context

    def _stamps(self) -> Stamps:
        return stamps_of(self.settings.tls_cert, self.settings.tls_key, self.settings.client_ca)


def _load(context: ssl.SSLContext, settings: Settings) -> None:
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
        if settings.client_ca:
            context.load_verify_locations(settings.client_ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"the TLS files can't be used: {error}", field="tls_cert") from error


def check_files(settings: Settings) -> None:
    """Refuse settings of TLS that make no sense together. Raises ConfigurationError naming the key."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ConfigurationError("a certificate needs its key: give --tls-cert and --tls-key", field="tls_cert")
    if settings.client_ca and not (settings.tls_cert or settings.trusted_proxies):
        raise ConfigurationError(
            "client certificates need TLS: give --tls-cert and --tls-key, or trusted_proxies where a proxy ends it",
            field="client_ca",
        )
    if settings.client_crls and not settings.client_ca:
        raise ConfigurationError("a revocation list needs its authority in client_ca", field="client_crls")
    named = [(name, getattr(settings, name)) for name in ("tls_cert", "tls_key", "client_ca")]
    for name, path in [*named, *(("client_crls", path) for path in settings.client_crls)]:
        if path and not Path(path).is_file():
            raise ConfigurationError(f"there is no file {path}", field=name)
