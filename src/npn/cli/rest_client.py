"""The service as the command line calls it: one call a method, retries bounded, errors in the service's own words."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

import click
import httpx
import msgspec

from npn import __version__, wire
from npn.errors import Code, ConfigurationError, NpnError, RefusedError, UnavailableError, codes
from npn.http_client import open_client
from npn.outgoing import ConnectionOptions, check_address
from npn.retries import doubling_wait, retry
from npn.text import parse_key

ATTEMPTS = 4
LONGEST_WAIT = 10.0  # seconds: a service that says to wait longer is not waited for
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_ADDRESS = "one looks like https://npn.example.dk or http://127.0.0.1:8000"
_T = TypeVar("_T")

Command = Callable[..., object]


class RestClient:
    """Calls of one caller. Close it after use."""

    def __init__(self, url: str, key: str, connecting: ConnectionOptions = ConnectionOptions()) -> None:  # noqa: B008  # frozen
        """Take the address and the key (none: "") as they are given. Raises ConfigurationError naming what is wrong."""
        self.url = check_address(url, field="url", hint=_ADDRESS)
        headers = {"User-Agent": f"npn/{__version__}"}
        if key:
            headers["Authorization"] = f"Bearer {parse_key(key, field='key')}"
        self._http = open_client(self.url, connecting, timeout=_TIMEOUT, headers=headers)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def call(self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None) -> bytes:
        """Return the answer's body; repeat where the network or a 503 stood in the way, as long as that helps.

        Raises RefusedError in the service's words, UnavailableError where nobody answers.
        """
        sent = dict(headers or {})
        content = None
        if body is not None:
            content, sent["Content-Type"] = msgspec.json.encode(body), "application/json"

        def request() -> bytes:
            with self._translated():
                return _checked(self._http.request(method, path, content=content, headers=sent)).content

        return retry(request, _wait, attempts=ATTEMPTS, within=60.0)

    @contextmanager
    def stream(self, path: str, *, accept: str) -> Iterator[Iterator[bytes]]:
        """Return the answer's blocks as they come; an answer that breaks off is an error."""
        with self._translated(), self._http.stream("GET", path, headers={"Accept": accept}) as answer:
            if answer.is_error:
                answer.read()
            yield _checked(answer).iter_raw()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (httpx.InvalidURL, UnicodeError) as error:
            raise ConfigurationError(f"not an address: {self.url!r}: {error}", field="url", hint=_ADDRESS) from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            hint = "is it running, and the address right?"
            if "certificate" in reason.lower():
                hint = "--ca FILE trusts an authority of your own; is this machine's clock right?"
            raise UnreachableError(f"can't reach {self.url}: {reason}", hint=hint) from error


class UnreachableError(UnavailableError):
    """Nobody answered, or not the service."""

    code = codes.SERVICE_UNREACHABLE


class AnsweredError(RefusedError):
    """The service said no, or not now; `status` is HTTP's."""

    def __init__(self, problem: wire.Problem, retry_after: int | None) -> None:
        """Keep its words."""
        super().__init__(
            problem.detail,
            code=Code(problem.code),
            field=problem.field or "",
            hint=problem.hint or "",
            retry_after=retry_after,
        )
        self.status = problem.status


def _wait(error: Exception, failures: int) -> float | None:
    """Return after how many seconds to repeat, where the service has said so; None where that does not help."""
    if isinstance(error, UnreachableError):
        return doubling_wait(failures, first=0.4, longest=2.0)
    if not isinstance(error, AnsweredError) or error.status != 503:
        return None
    wait = error.retry_after if error.retry_after is not None else 1
    return float(wait) if wait <= LONGEST_WAIT else None


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        problem = msgspec.json.decode(answer.content, type=wire.Problem)
    except msgspec.MsgspecError as error:
        raise UnreachableError(
            f"what answers there is not the number service (status {answer.status_code})",
            hint="is the address right, with https? A proxy in between may have answered",
        ) from error
    wait = answer.headers.get("Retry-After", "")
    raise AnsweredError(problem, int(wait) if wait.isdecimal() else None)


def understood(answer: bytes, kind: type[_T]) -> _T:
    """Read a document of the service."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.MsgspecError as error:
        raise UnreachableError(f"the service's answer can't be understood: {error}") from error


def part(text: str) -> str:
    """Write a text as one part of a path."""
    return quote(text, safe="")


CONNECTION_OPTIONS = (
    click.option("--url", envvar="NPN_URL", show_envvar=True, help="The service's address."),
    click.option("--key", envvar="NPN_KEY", show_envvar=True, help="API key. Prefer the NPN_KEY environment variable."),
    click.option("--ca", metavar="FILE", envvar="NPN_CA", show_envvar=True, help="Trust the authorities in this file."),
    click.option(
        "--client-cert", metavar="FILE", envvar="NPN_CLIENT_CERT", show_envvar=True, help="The certificate to show."
    ),
    click.option(
        "--client-key", metavar="FILE", envvar="NPN_CLIENT_KEY", show_envvar=True, help="Its private key, if apart."
    ),
    click.option(
        "--proxy", metavar="URL", envvar="NPN_PROXY", show_envvar=True, help="A proxy's address; none: no proxy."
    ),
)


def connect(url: str, key: str, given: dict[str, object]) -> RestClient:
    """Make a client of what the options gave, and take those of the connection out of them."""
    named = {name: given.pop(name) or "" for name in ConnectionOptions.__struct_fields__}
    return RestClient(url, key, msgspec.convert(named, ConnectionOptions))


def calls_service(command: Command) -> Command:
    """Add `--url`, `--key` and the like to a command; its first argument is the service they lead to."""

    @functools.wraps(command)
    def with_service(*, url: str | None, key: str | None, **given: object) -> object:
        for name, value in (("url", url), ("key", key)):
            if not value:
                raise ConfigurationError(
                    f"no {name} was given", field=name, hint=f"set NPN_{name.upper()}, or use --{name}"
                )
        service = connect(url or "", key or "", given)
        try:
            return command(service, **given)
        except NpnError as error:
            raise error from None
        finally:
            service.close()

    decorated: Command = with_service
    for option in reversed(CONNECTION_OPTIONS):
        decorated = option(decorated)
    return decorated
