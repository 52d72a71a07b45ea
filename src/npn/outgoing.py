"""How the agent and the command line connect to a service: whom they trust, what they show, through which proxy.

The environment's proxy variables are read here and not by the HTTP library: what can't be used is a configuration
error that names the variable, before the first call. Nothing here loads that library, so that checking is quick.
"""

import ipaddress
import re
import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import certifi
import msgspec

from npn.errors import ConfigurationError
from npn.text import clean_line

NO_PROXY = "none"  # the setting `proxy` for a direct connection, whatever the environment says
_SCHEMES = ("http", "https")
_SOCKS = ("socks5", "socks5h")
_HOST = re.compile(r"[\w.-]+")
_PROXY_HINT = 'one looks like http://proxy.example.dk:3128; proxy = "none" (--proxy none) connects directly'


class ConnectionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a connection; each may be empty. Paths are as the caller resolved them.

    ca                       a PEM file of authorities to trust in place of the machine's own
    client_cert, client_key  PEM files of the certificate to show; the key may be in the certificate's file
    proxy                    a proxy's address, or "none": do not use the environment's
    """

    ca: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""


def check_address(url: str, *, field: str, hint: str) -> str:
    """Return a service's address without a slash at its end. Raises ConfigurationError naming `field`."""
    text = clean_line(url)
    parts = _parsed(text)
    if parts is None or parts.scheme.lower() not in _SCHEMES:
        raise ConfigurationError(f"not an address: {text!r}", field=field, hint=hint)
    if "?" in text or "#" in text:
        raise ConfigurationError(f"an address has no ? and no #: {text!r}", field=field, hint=hint)
    if "@" in parts.netloc:
        message = "an address has no user name and password"
        raise ConfigurationError(message, field=field, hint="the API key goes into NPN_KEY or key_file")
    return text.rstrip("/")


def _parsed(text: str) -> SplitResult | None:
    """Return the parts of an address with a host that can be looked up; None where it has none."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        if ":" in host:
            ipaddress.IPv6Address(host.partition("%")[0])
        else:
            host.encode("idna").decode("idna")
    except ValueError:  # UnicodeError too, of a name that is not IDNA
        return None
    well_formed = bool(host) and port != 0 and (":" in host or _HOST.fullmatch(host))
    return parts if well_formed and text.isprintable() and " " not in text else None


def tls_context(url: str, connecting: ConnectionOptions, environment: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return the TLS settings for an address; None where neither it nor its proxy needs them.

    Raises ConfigurationError naming the setting or variable that can't be used.
    """
    proxy = proxy_for(url, connecting, environment)
    secure = url.lower().startswith("https:") or bool(proxy and proxy.lower().startswith("https:"))
    return _context(connecting, environment) if secure else None


def _context(connecting: ConnectionOptions, environment: Mapping[str, str]) -> ssl.SSLContext:
    """Return the TLS settings: the machine's authorities and certifi's, unless others are named."""
    named = connecting.ca or environment.get("SSL_CERT_FILE", "")
    field = "ca" if connecting.ca else "SSL_CERT_FILE"
    folder = "" if connecting.ca else environment.get("SSL_CERT_DIR", "")
    if folder and not Path(folder).is_dir():
        raise ConfigurationError(f"SSL_CERT_DIR = {folder!r} is not a folder", field="SSL_CERT_DIR", hint="unset it")
    if named or folder:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if named:
            _load_authorities(context, named, field)
        if folder:
            context.load_verify_locations(capath=folder)
    else:
        context = ssl.create_default_context()  # the machine's own authorities
        context.load_verify_locations(cafile=certifi.where())  # for a machine that has none
    if connecting.client_cert:
        _load_certificate(context, connecting)
    elif connecting.client_key:
        raise ConfigurationError("client_key is set without client_cert", field="client_cert")
    return context


def _load_authorities(context: ssl.SSLContext, path: str, field: str) -> None:
    hint = "a PEM file with the certificates of the authorities to trust"
    _must_be_readable(path, field, hint)
    try:
        context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{path} holds no certificate that can be read", field=field, hint=hint) from error


def _load_certificate(context: ssl.SSLContext, connecting: ConnectionOptions) -> None:
    _must_be_readable(connecting.client_cert, "client_cert", "a PEM file with the certificate, then those above it")
    if connecting.client_key:
        _must_be_readable(connecting.client_key, "client_key", "a PEM file with the certificate's private key")

    def no_password() -> str:
        raise ConfigurationError(
            "the client certificate's private key is encrypted",
            field="client_key",
            hint="nobody is there to type its password: decrypt it into a file that only its user may read",
        )

    try:
        context.load_cert_chain(connecting.client_cert, connecting.client_key or None, password=no_password)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"the client certificate and its private key can't be used: {getattr(error, 'reason', None) or error}",
            field="client_cert",
            hint="both in PEM, and the key the certificate's own",
        ) from error


def _must_be_readable(path: str, field: str, hint: str) -> None:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"can't read {path}: {words}", field=field, hint=hint) from error


# proxies ----------------------------------------------------------------------------------------------------
def proxy_for(url: str, connecting: ConnectionOptions, environment: Mapping[str, str]) -> str | None:
    """Return the proxy for an address: the setting, else the environment's; None for a direct connection."""
    name, value = _named(url, connecting, environment)
    if not value or value.lower() == NO_PROXY:
        return None
    if name != "proxy" and _excepted(urlsplit(url), environment):
        return None
    return _checked(value, name)


def _named(url: str, connecting: ConnectionOptions, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the name of the setting or variable that says which proxy, and what it says."""
    if connecting.proxy:
        return "proxy", clean_line(connecting.proxy)
    scheme = urlsplit(url).scheme.lower()
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        value = clean_line(environment.get(name, ""))
        if value and not (name == "HTTP_PROXY" and "REQUEST_METHOD" in environment):  # a CGI's header, not a setting
            return name, value
    return "", ""


def _checked(value: str, name: str) -> str:
    address = value if "://" in value else f"http://{value}"
    parts = _parsed(address)
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise _unusable(name, value)
    if parts.scheme.lower() in _SOCKS and find_spec("socksio") is None:
        message = f"{name} = {_shown(value)!r} is a SOCKS proxy, which needs the package socksio"
        raise ConfigurationError(message, field=name, hint=_PROXY_HINT)
    if parts.scheme.lower() not in (*_SCHEMES, *_SOCKS):
        raise _unusable(name, value)
    return address


def _unusable(name: str, value: str) -> ConfigurationError:
    return ConfigurationError(f"{name} = {_shown(value)!r} is not a proxy's address", field=name, hint=_PROXY_HINT)


def _shown(address: str) -> str:
    """Return a proxy's address without the password that may be in it."""
    head, at, rest = address.rpartition("@")
    return f"{head.partition('://')[0]}://***@{rest}" if at else address


def _excepted(parts: SplitResult, environment: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names the host. Raises ConfigurationError for an entry that can't be read."""
    name = "no_proxy" if environment.get("no_proxy") else "NO_PROXY"
    host = unquote(parts.hostname or "").rstrip(".").lower()
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower(), 0)
    entries = [clean_line(entry) for entry in re.split(r"[,\s]+", environment.get(name, ""))]
    return any([_names(entry.lower(), host, port, name=name) for entry in entries if entry])  # noqa: C419  # each is read


def _names(entry: str, host: str, port: int, *, name: str) -> bool:
    """Whether one entry of NO_PROXY names the host: *, a name and all below it, an address, a network, with a port."""
    if entry == "*":
        return True
    network = _network(entry.strip("[]") if entry.endswith("]") else entry)
    if network is not None:
        return _lies_in(host, network)
    domain, only = _split_port(entry.partition("://")[2] or entry, name)
    if _network(domain.strip("[]")) is not None:
        return only in (None, port) and _names(domain, host, port, name=name)
    domain = domain.removeprefix("*").strip(".")
    if not _HOST.fullmatch(domain):
        raise _unreadable(entry, name)
    return only in (None, port) and (host == domain or host.endswith(f".{domain}"))


def _lies_in(host: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")) in network
    except ValueError:  # a name: it is not looked up for this
        return False


def _split_port(entry: str, name: str) -> tuple[str, int | None]:
    """Return the entry before its port, and the port, None where it has none. Raises ConfigurationError."""
    domain, colon, port = entry.rpartition(":")
    if not colon:
        return entry, None
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise _unreadable(entry, name)
    return domain, int(port)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _unreadable(entry: str, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} has {entry!r}, which is neither a name, an address nor a network",
        field=name,
        hint='entries are separated by commas, such as localhost,.example.dk,10.0.0.0/8,fd00::/8; or proxy = "none"',
    )
