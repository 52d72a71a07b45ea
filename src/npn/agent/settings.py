"""agent.toml: one typed, frozen object, read at the edge only; an unknown key is refused.

Relative paths in it are taken from the folder of the file, never from the working directory of a command.
The environment gives `NPN_URL`, `NPN_KEY`, `NPN_CA` and the like where the file does not. Only who calls the service
reads the key and the certificates: `verify_calls`. Who asks the running agent needs `listen` and nothing else.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from npn.agent.model import ON_CLONE, OnClone
from npn.agent.stock.pool import DEFAULT_CHUNK
from npn.errors import ConfigurationError
from npn.outgoing import ConnectionOptions, check_address, tls_context
from npn.replenishment.policy import StockPolicy, check_seconds
from npn.stamps import Stamps, stamps_of
from npn.text import parse_key, read_text

ADDRESS_HINT = 'such as url = "https://npn.example.dk"'
ENVIRONMENT = ("url", "key", "ca", "client_cert", "client_key", "proxy")  # as NPN_URL, NPN_KEY, …
LISTEN_HINT = '"unix:agent.sock" or "127.0.0.1:8701"; the agent has no keys, so it stays on this machine'
_NOT_KEYS = ("folder", "file")  # where the settings came from, which they do not say themselves
LONGEST_SOCKET = 100  # the operating system allows some 104 to 108 bytes


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every key of agent.toml; described in docs/guide/agent-oncall.md.

    url, key, key_file  the number service and this system's key (one of the two)
    allow_http          accept a `url` without https that is not loopback
    ca                  a PEM file of authorities to trust in place of the machine's own
    client_cert, client_key  PEM files of the certificate to show to the service
    proxy               a proxy's address; "none": the environment's proxy variables do not count
    allow_scheme_change  draw numbers of another length than those in stock
    database, mark      the pool file; the mark outside it (default: beside it)
    listen              "unix:agent.sock" or "127.0.0.1:8701"
    chunk               usable numbers reserved at a time: the most that a crash loses
    on_clone            "new_pool", or "stop": wait for a person
    space               the space to draw from, where the system may draw from several
    alarm_after         a time without a successful round after which the state is a warning
    on_state            a command run on a change of state (a list: program and arguments)
    webhook             an address that gets the state as JSON on a change
    """

    url: str = ""
    key: str = ""
    key_file: str = ""
    allow_http: bool = False
    ca: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""
    allow_scheme_change: bool = False
    database: str = "agent.db"
    mark: str = ""
    listen: str = "unix:agent.sock"
    chunk: int = DEFAULT_CHUNK
    on_clone: OnClone = "new_pool"
    space: str = ""
    alarm_after: str = "26h"
    on_state: list[str] = []
    webhook: str = ""
    stock: StockPolicy = StockPolicy()
    folder: str = "."
    file: str = ""

    def path(self, value: str) -> Path:
        """A path of the file, from the file's folder on."""
        return Path(self.folder) / value

    @property
    def database_path(self) -> Path:
        """The pool file."""
        return self.path(self.database)

    @property
    def mark_path(self) -> Path | None:
        """The mark outside the pool file; None for the place beside it."""
        return self.path(self.mark) if self.mark else None

    @property
    def pool_name(self) -> str:
        """Which pool these settings mean: the real path of its file."""
        return os.path.realpath(self.database_path)

    @property
    def listening(self) -> Path | tuple[str, int]:
        """A Unix socket's path, or loopback address and port. Raises ConfigurationError."""
        return parse_listen(self.listen, Path(self.folder))

    @property
    def connecting(self) -> ConnectionOptions:
        """How the service is reached; paths from the file's folder on."""
        ca, cert, key = (str(self.path(p)) if p else "" for p in (self.ca, self.client_cert, self.client_key))
        return ConnectionOptions(ca=ca, client_cert=cert, client_key=key, proxy=self.proxy)

    @property
    def rotated(self) -> Stamps:
        """What tells the files of keys and certificates from their earlier versions; see `ServiceClient`."""
        ca = self.ca or os.environ.get("SSL_CERT_FILE", "")
        return stamps_of(*(self.path(p) if p else "" for p in (self.key_file, ca, self.client_cert, self.client_key)))

    def read_key(self) -> str:
        """Return the key, from its file where that is named. Raises ConfigurationError."""
        if self.key_file and not self.key:
            path = self.path(self.key_file)
            try:
                return parse_key(read_text(path, field="key_file", limit=65_536), field="key_file")
            except ConfigurationError as error:
                named = error.message if str(path) in error.message else f"{path}: {error.message}"
                raise ConfigurationError(named, field="key_file", hint=error.hint) from error
        if not self.key:
            hint = 'key_file = "agent.key" with the system\'s key in it, readable by the agent alone; or NPN_KEY'
            raise ConfigurationError("no key: neither key nor key_file is set", field="key_file", hint=hint)
        return parse_key(self.key, field="key")


def parse_listen(text: str, folder: Path) -> Path | tuple[str, int]:
    """Return a Unix socket's path, from `folder` on, or loopback address and port. Raises ConfigurationError."""
    kind, _, rest = text.partition(":")
    if kind == "unix" and rest:
        path = (folder / rest).absolute()
        if len(str(path).encode()) > LONGEST_SOCKET:
            raise ConfigurationError(
                f"the socket's path is longer than {LONGEST_SOCKET} bytes: {path}",
                field="listen",
                hint="choose a shorter folder, such as /run/npn-agent",
            )
        return path
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if host == "localhost":
        host = "127.0.0.1"
    if port.isascii() and port.isdigit() and int(port) < 65536 and is_loopback(host):
        return host, int(port)
    raise ConfigurationError(
        f"listen = {text!r} is neither a Unix socket nor a loopback address with a port",
        field="listen",
        hint=LISTEN_HINT,
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(path: Path, environment: Mapping[str, str]) -> AgentSettings:
    """Read the file, and check its form. Raises ConfigurationError naming the file and the key that is wrong.

    What is only needed to call the service is checked by `verify_calls`, the stock policy by `AgentSettings.stock`.
    """
    try:
        values = tomllib.loads(read_text(path))
    except ConfigurationError as error:
        hint = error.hint or "name it with --config; a sample is in docs/guide/agent-vendors.md"
        raise ConfigurationError(error.message, hint=hint) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    for name in _NOT_KEYS:
        if name in values:
            raise ConfigurationError(f"{path}: unknown key `{name}`", field=name)
    for key in ENVIRONMENT:
        value = environment.get(f"NPN_{key.upper()}", "")
        if not values.get(key) and value and not (key == "key" and values.get("key_file")):
            values[key] = _absolute(key, value)
    try:
        places = {"folder": str(path.absolute().parent), "file": os.path.realpath(path)}
        settings = msgspec.convert({**values, **places}, AgentSettings)
    except msgspec.ValidationError as error:
        raise _unreadable(path, values, error) from error
    _ = settings.listening
    return settings


def _absolute(key: str, value: str) -> str:
    """Return a path of the environment from the working directory on, as whoever has set it meant it."""
    return str(Path(value).absolute()) if key in ("ca", "client_cert", "client_key") else value


def _unreadable(path: Path, values: Mapping[str, object], error: msgspec.ValidationError) -> ConfigurationError:
    """A key that is unknown or of the wrong kind; keys that slipped under a table get a word of their own."""
    keys = [name for name in AgentSettings.__struct_fields__ if name not in _NOT_KEYS]
    stock = values.get("stock")
    slipped = sorted(set(stock) & set(keys)) if isinstance(stock, dict) else []
    hint = f"known keys: {', '.join(keys)}; in [stock]: {', '.join(StockPolicy.__struct_fields__)}"
    if slipped:
        hint = f"{', '.join(slipped)} stands under [stock]: keys outside a table come before any table"
    return ConfigurationError(f"{path}: {error}", hint=hint)


def verify(settings: AgentSettings) -> None:
    """Refuse what an agent can't run with. Raises ConfigurationError naming the key."""
    verify_calls(settings)
    if settings.chunk < 1:
        raise ConfigurationError(f"chunk = {settings.chunk} must be at least 1", field="chunk")
    if settings.on_clone not in ON_CLONE:
        raise ConfigurationError(f"on_clone = {settings.on_clone!r}: new_pool or stop", field="on_clone")
    try:
        check_seconds(settings.alarm_after)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"alarm_after = {settings.alarm_after!r} is not a time", field="alarm_after"
        ) from error
    settings.stock.verify()


def verify_calls(settings: AgentSettings) -> None:
    """Refuse what the service can't be called with. Raises ConfigurationError naming the key."""
    if not settings.url:
        raise ConfigurationError("url is not set", field="url", hint=ADDRESS_HINT)
    parts = urlsplit(check_address(settings.url, field="url", hint=ADDRESS_HINT))
    if parts.scheme == "http" and not settings.allow_http and not is_loopback(parts.hostname or ""):
        raise ConfigurationError(
            f"url = {settings.url!r} has no https: the key and the numbers would be readable on the way",
            field="url",
            hint="use https; or, knowing that, set allow_http = true",
        )
    if settings.key and settings.key_file:
        raise ConfigurationError("key and key_file are both set", field="key", hint="keep one of the two")
    settings.read_key()
    tls_context(settings.url, settings.connecting, os.environ)
