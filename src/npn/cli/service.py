"""The service as the command line calls it: one call a method, retries bounded, errors in the service's own words."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

import click
import httpx
import msgspec
import stamina

from npn import __version__, wire
from npn.errors import ConfigurationError, NpnError, RefusedError, UnavailableError

ATTEMPTS = 4
LONGEST_WAIT = 10.0  # seconds: a service that says to wait longer is not waited for
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_ADDRESS = "one looks like https://npn.example.dk or http://127.0.0.1:8000"
_T = TypeVar("_T")

Command = Callable[..., object]

stamina.instrumentation.set_on_retry_hooks([])  # a command's own lines say what happened


class Service:
    """Calls of one caller. Close it after use."""

    def __init__(self, url: str, key: str) -> None:
        """Take the address as it is given. Raises ConfigurationError where it is none."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ConfigurationError(f"not an address: {url!r}", field="url", hint=_ADDRESS) from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ConfigurationError(f"not an address: {url!r}", field="url", hint=_ADDRESS)
        if not key.isascii() or not key.isprintable() or not key:
            hint = "set NPN_KEY to the key as the operator gave it"
            raise ConfigurationError("a key looks like npn_<system>_<secret>", field="key", hint=hint)
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}", "User-Agent": f"npn/{__version__}"}
        self._http = httpx.Client(base_url=self.url, timeout=_TIMEOUT, headers=headers)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def call(self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None) -> bytes:
        """Give the answer's body; repeat where the network or a 503 stood in the way, as long as that helps.

        Raises RefusedError in the service's words, UnavailableError where nobody answers.
        """
        sent = dict(headers or {})
        content = None
        if body is not None:
            content, sent["Content-Type"] = msgspec.json.encode(body), "application/json"
        attempts = stamina.retry_context(
            on=_wait, attempts=ATTEMPTS, timeout=60.0, wait_initial=0.2, wait_max=2.0, wait_jitter=0.2
        )
        for attempt in attempts:
            with attempt, self._translated():
                return _checked(self._http.request(method, path, content=content, headers=sent)).content
        raise AssertionError("stamina either returns or raises")

    @contextmanager
    def stream(self, path: str, *, accept: str) -> Iterator[Iterator[bytes]]:
        """Give the answer's blocks as they come; an answer that breaks off is an error."""
        with self._translated(), self._http.stream("GET", path, headers={"Accept": accept}) as answer:
            if answer.is_error:
                answer.read()
            yield _checked(answer).iter_raw()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(
                f"can't reach {self.url}: {reason}", hint="is it running, and the address right?"
            ) from error


class UnreachableError(UnavailableError):
    """Nobody answered, or not the service."""

    code = "service_unreachable"


class AnsweredError(RefusedError):
    """The service said no, or not now; `status` is HTTP's."""

    def __init__(self, problem: wire.Problem, retry_after: int | None) -> None:
        """Keep its words."""
        super().__init__(
            problem.detail,
            code=problem.code,
            field=problem.field or "",
            hint=problem.hint or "",
            retry_after=retry_after,
        )
        self.status = problem.status


def _wait(error: Exception) -> bool | float:
    """Whether to repeat, and after how many seconds where the service has said so."""
    if isinstance(error, UnreachableError):
        return True
    if not isinstance(error, AnsweredError) or error.status != 503:
        return False
    wait = error.retry_after if error.retry_after is not None else 1
    return float(wait) if wait <= LONGEST_WAIT else False


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


def calls_service(command: Command) -> Command:
    """Give a command `--url` and `--key`, and the service they lead to as its first argument."""

    @click.option("--url", envvar="NPN_URL", show_envvar=True, help="The service's address.")
    @click.option("--key", envvar="NPN_KEY", show_envvar=True, help="The API key; better in the environment.")
    @functools.wraps(command)
    def with_service(*, url: str | None, key: str | None, **given: object) -> None:
        for name, value in (("url", url), ("key", key)):
            if not value:
                raise ConfigurationError(
                    f"no {name} was given", field=name, hint=f"set NPN_{name.upper()}, or use --{name}"
                )
        service = Service((url or "").strip(), (key or "").strip())
        try:
            command(service, **given)
        except NpnError as error:
            raise error from None
        finally:
            service.close()

    return with_service
