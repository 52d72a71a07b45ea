"""PostgreSQL addresses with several hosts, as libpq writes them, and what every connection is opened with."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import sqlalchemy as sa

CONNECT_TIMEOUT = 3  # seconds a host; the next is tried after it
# A machine that is gone is found out by TCP itself within some ten seconds, whoever waits on it.
_ALWAYS: Mapping[str, object] = {
    "connect_timeout": CONNECT_TIMEOUT,
    "client_encoding": "utf8",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def split(url: str, *, wanted: str = "read-write") -> tuple[sa.URL, dict[str, object]]:
    """Parse an address; give it, and what the driver is told besides. `wanted`: which of several hosts.

    `postgresql://u@a:5432,b:5432/npn` keeps all its hosts; of several, the one that takes writes is connected to (or as
    `wanted` says), unless the address says otherwise. Raises ArgumentError or ValueError, which may repeat the address.
    """
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    account, at, hosts = authority.rpartition("@")
    if not mark or "," not in hosts:
        parsed = sa.make_url(url)
        return parsed, {name: value for name, value in _ALWAYS.items() if name not in parsed.query}
    several = [urlsplit(f"//{host}") for host in hosts.split(",")]
    if not all(part.hostname for part in several):
        raise ValueError("a host is missing")
    parsed = sa.make_url(f"{scheme}://{account}{at}{slash}{path}")
    options = {
        **_ALWAYS,
        "host": ",".join(part.hostname or "" for part in several),
        "port": ",".join(str(part.port or 5432) for part in several),
        "target_session_attrs": wanted,
    }
    return parsed, {name: value for name, value in options.items() if name not in parsed.query}
