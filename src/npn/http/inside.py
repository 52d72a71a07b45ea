"""The figures for those inside: on an address of their own, and to who has the token, where the settings say so."""

import hmac
import re
from dataclasses import dataclass
from pathlib import Path

import structlog
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from npn.config import Settings
from npn.errors import ConfigurationError, NotFoundError, UnauthenticatedError, codes
from npn.http.requests import header
from npn.text import read_text
from npn.wire.problems import RequestError

PATH = "/metrics"
SHORTEST_TOKEN = 16
_MARK = "npn.inside"
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\s:\[\]/]+)):([0-9]{1,5})\Z")
_log = structlog.get_logger("npn.server")


@dataclass(frozen=True, slots=True)
class InsideAccess:
    """The application as it is reached at `metrics_listen`: whatever comes this way is marked."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark the request and pass it on."""
        scope[_MARK] = True  # type: ignore[literal-required]  # ASGI lets a server add its own
        await self.app(scope, receive, send)


def is_inside(scope: Scope) -> bool:
    """Whether a request came by `metrics_listen`."""
    return scope.get(_MARK) is True


def refuse_all_but_figures(scope: HTTPScope) -> None:
    """Raise RequestError `not_found` for whatever else is asked for at `metrics_listen`."""
    if is_inside(scope) and scope["path"] != PATH:
        raise RequestError("there is nothing but /metrics at this address", code=codes.NOT_FOUND)


def admit(settings: Settings, scope: HTTPScope) -> None:
    """Let a request for the figures pass. Raises NotFoundError at another address, UnauthenticatedError."""
    if settings.metrics_listen and not is_inside(scope):
        raise NotFoundError("there is nothing at this address")
    if not settings.metrics_token_file:
        return
    kind, _, sent = (header(scope, b"authorization") or "").partition(" ")
    if kind.lower() != "bearer" or not _is_token(settings, sent.strip()):
        raise UnauthenticatedError("the figures are for who has the token in metrics_token_file")


def _is_token(settings: Settings, sent: str) -> bool:
    try:
        expected = _token(settings)
    except ConfigurationError as error:  # it was good at start
        _log.error("token_file_not_read", error=error.message, field=error.field)  # no fault of ours
        return False
    return hmac.compare_digest(sent.encode("utf-8", "replace"), expected)


def check(settings: Settings) -> None:
    """Raise ConfigurationError where the address or the token's file can't be used."""
    if settings.metrics_listen:
        address(settings.metrics_listen)
    if settings.metrics_token_file:
        _token(settings)


def address(text: str) -> tuple[str, int]:
    """Parse `host:port` or `[address]:port`. Raises ConfigurationError."""
    parts = _ADDRESS.match(text)
    if parts is None or int(parts[3]) > 65_535:
        raise ConfigurationError(
            f"not an address to listen on: {text}",
            field="metrics_listen",
            hint='write host and port, as "127.0.0.1:9464" or "[::1]:9464"',
        )
    return parts[1] or parts[2], int(parts[3])


def _token(settings: Settings) -> bytes:
    """Read the token each time: a new one counts without a restart."""
    path = Path(settings.metrics_token_file)
    try:
        token = read_text(path, field="metrics_token_file").partition("\n")[0].strip()
    except ConfigurationError as error:
        hint = error.hint or "its first line is the token"
        raise ConfigurationError(error.message, field="metrics_token_file", hint=hint) from error
    if len(token) < SHORTEST_TOKEN or not token.isascii() or " " in token:
        raise ConfigurationError(
            f"{path} holds no token of {SHORTEST_TOKEN} or more visible ASCII characters on its first line",
            field="metrics_token_file",
            hint="make one with `openssl rand -hex 32`",
        )
    return token.encode("ascii")
