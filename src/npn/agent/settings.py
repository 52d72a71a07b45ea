"""agent.toml: one typed, frozen object, read at the edge only; an unknown key is refused.

Relative paths in it are taken from the folder of the file, never from the working directory of a command.
The environment gives `NPN_URL` and `NPN_KEY` where the file does not.
"""

import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from npn.agent.model import ON_CLONE, OnClone
from npn.agent.policy import StockPolicy, check_seconds
from npn.agent.pool import DEFAULT_CHUNK
from npn.errors import ConfigurationError

LONGEST_SOCKET = 100  # the operating system allows some 104 to 108 bytes


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every key of agent.toml; described in docs/guide/agent-oncall.md.

    url, key, key_file  the number service and this system's key (one of the two)
    allow_http          accept a `url` without https that is not loopback
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
    def listening(self) -> Path | tuple[str, int]:
        """A Unix socket's path, or loopback address and port. Raises ConfigurationError."""
        kind, _, rest = self.listen.partition(":")
        if kind == "unix" and rest:
            path = self.path(rest).absolute()
            if len(str(path).encode()) > LONGEST_SOCKET:
                raise ConfigurationError(
                    f"the socket's path is longer than {LONGEST_SOCKET} bytes: {path}",
                    field="listen",
                    hint="choose a shorter folder, such as /run/npn-agent",
                )
            return path
        host, _, port = self.listen.rpartition(":")
        host = host.strip("[]")
        if host == "localhost":
            host = "127.0.0.1"
        if port.isascii() and port.isdigit() and int(port) < 65536 and is_loopback(host):
            return host, int(port)
        raise ConfigurationError(
            f"listen = {self.listen!r} is neither a Unix socket nor a loopback address with a port",
            field="listen",
            hint='"unix:agent.sock" or "127.0.0.1:8701"; the agent has no keys of its own, so it stays on this machine',
        )

    def read_key(self) -> str:
        """The key, from its file where that is named. Raises ConfigurationError."""
        if self.key or not self.key_file:
            return self.key
        try:
            return self.path(self.key_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"can't read key_file: {error}", field="key_file") from error


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(path: Path, environment: Mapping[str, str]) -> AgentSettings:
    """Read and verify. Raises ConfigurationError naming the file and the key that is wrong."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        hint = "name it with --config; a sample is in docs/guide/agent-vendors.md"
        raise ConfigurationError(f"can't read {path}: {error.strerror}", hint=hint) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    if "folder" in values:
        raise ConfigurationError(f"{path}: unknown key `folder`", field="folder")
    for key, variable in (("url", "NPN_URL"), ("key", "NPN_KEY")):
        if not values.get(key) and environment.get(variable) and not (key == "key" and values.get("key_file")):
            values[key] = environment[variable]
    try:
        settings = msgspec.convert({**values, "folder": str(path.absolute().parent)}, AgentSettings)
    except msgspec.ValidationError as error:
        raise _unreadable(path, values, error) from error
    verify(settings)
    return settings


def _unreadable(path: Path, values: Mapping[str, object], error: msgspec.ValidationError) -> ConfigurationError:
    """A key that is unknown or of the wrong kind; keys that slipped under a table get a word of their own."""
    known = [name for name in AgentSettings.__struct_fields__ if name != "folder"]
    stock = values.get("stock")
    slipped = sorted(set(stock) & set(known)) if isinstance(stock, dict) else []
    hint = f"known keys: {', '.join(known)}; in [stock]: {', '.join(StockPolicy.__struct_fields__)}"
    if slipped:
        hint = f"{', '.join(slipped)} stands under [stock]: keys outside a table come before any table"
    return ConfigurationError(f"{path}: {error}", hint=hint)


def verify(settings: AgentSettings) -> None:
    """Refuse what can't work. Raises ConfigurationError naming the key."""
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"url = {settings.url!r} is not the address of a number service",
            field="url",
            hint='such as url = "https://npn.example.dk"',
        )
    if parts.scheme == "http" and not settings.allow_http and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"url = {settings.url!r} has no https: the key and the numbers would be readable on the way",
            field="url",
            hint="use https; or, knowing that, set allow_http = true",
        )
    if settings.key and settings.key_file:
        raise ConfigurationError("key and key_file are both set", field="key", hint="keep one of the two")
    if not settings.read_key():
        hint = 'key_file = "agent.key" with the system\'s key in it, readable by the agent alone; or NPN_KEY'
        raise ConfigurationError("no key: neither key nor key_file is set", field="key_file", hint=hint)
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
    _ = settings.listening
    settings.stock.verify()
