"""The number service as the agent calls it: REST version 1, one call a method, no retries in here.

A definite no is a ServiceRefusalError in the service's own words; whatever leaves the outcome in doubt (no answer,
5xx, an answer that is not the service's) is a ServiceDoubtError: repeat it with the same request id.
"""

import ssl
import time
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from npn import __version__
from npn.agent.errors import ClonedError, ServiceDoubtError, ServiceOldError, ServiceRefusalError
from npn.agent.model import DrawIntent
from npn.agent.upstream.receipts import SigningKeys, read_keys
from npn.errors import NpnError, codes
from npn.http_client import open_client
from npn.outgoing import ConnectionOptions
from npn.wire import DrawRequest, Me, Problem, ReleaseRequest, Series, SeriesPage, StockReport

__all__ = ["ServiceClient", "ServiceDoubtError", "ServiceOldError", "ServiceRefusalError", "tell"]

_T = TypeVar("_T")
_PAGE = 500
_PAGES = 200
_LARGEST_ANSWER = 8 * 1024 * 1024
TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class ServiceClient:
    """Calls of one connected system with its key. Close it after use. Thread-safe, as httpx's client is."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        connecting: ConnectionOptions = ConnectionOptions(),  # noqa: B008  # frozen
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`transport` replaces the network in tests of a broken one.

        Raises ConfigurationError naming the setting or the variable of the environment that can't be used.
        """
        self.url = url.rstrip("/")
        self.clock_skew: float | None = None  # seconds that the service's clock is ahead of ours, when known
        headers = {"Authorization": f"Bearer {key}", "User-Agent": f"npn-agent/{__version__}"}
        if transport is not None:
            self._http = httpx.Client(base_url=self.url, timeout=TIMEOUT, transport=transport, headers=headers)
        else:
            self._http = open_client(self.url, connecting, timeout=TIMEOUT, headers=headers)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def me(self) -> Me:
        """Who we are to the service, and from which spaces we may draw."""
        return _decoded(self._call("GET", "/v1/me"), Me)

    def draw(self, intent: DrawIntent, pool: str) -> Series:
        """Draw, or repeat a draw; `pool` is the Npn-Pool header."""
        body = DrawRequest(usable=intent.usable, space=intent.space, purpose="agent")
        answer = self._call(
            "POST", "/v1/series", body=body, headers={"Idempotency-Key": intent.request_id, "Npn-Pool": pool}
        )
        return _decoded(answer, Series)

    def series(self, pool: str) -> list[Series]:
        """All series of this system, newest first."""
        pages: list[Series] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            query = f"/v1/series?limit={_PAGE}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
            page = _decoded(self._call("GET", query, headers={"Npn-Pool": pool}), SeriesPage)
            pages += page.items
            cursor = page.next
            if cursor is None:
                return pages
        raise ServiceDoubtError("the service's list of series does not end")

    def report(self, stock: StockReport, pool: str) -> None:
        """Report the stock."""
        self._call("PUT", "/v1/stock", body=stock, headers={"Npn-Pool": pool})

    def release(self, series: str, from_: str | None, pool: str) -> Series:
        """Return a series back, or its tail."""
        path = f"/v1/series/{quote(series, safe='')}/release"
        return _decoded(self._call("POST", path, body=ReleaseRequest(from_=from_), headers={"Npn-Pool": pool}), Series)

    def receipt(self, series: str) -> str:
        """The signed receipt of a series, as text."""
        return self._call("GET", f"/v1/receipts/{quote(series, safe='')}").text

    def keys(self) -> SigningKeys:
        """The public keys that receipts are signed with."""
        answer = self._call("GET", "/.well-known/jwks.json")
        try:
            return read_keys(answer.content)
        except msgspec.MsgspecError as error:
            raise ServiceDoubtError(
                f"the service's keys can't be read: {error}", code=codes.ANSWER_NOT_UNDERSTOOD
            ) from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: msgspec.Struct | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One request; its 2xx answer, or an error that says what is known."""
        content = None if body is None else _without_nulls(body)
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if content else {})}
        try:
            answer = self._http.request(method, path, content=content, headers=sent)
        except httpx.HTTPError as error:
            raise _unreachable(self.url, error) from error
        self._compare_clocks(answer)
        if answer.is_success:
            if len(answer.content) > _LARGEST_ANSWER:
                raise ServiceDoubtError(f"{method} {path}: an answer of {len(answer.content)} bytes is too long")
            return answer
        raise _refusal(answer, f"{method} {path}")

    def _compare_clocks(self, answer: httpx.Response) -> None:
        """Nothing depends on clocks; a wrong one is worth telling, since certificates do."""
        try:
            theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        except (TypeError, ValueError):  # no date, or none that can be read
            return
        self.clock_skew = theirs.timestamp() - time.time()


def tell(address: str, document: bytes, *, seconds: float, connecting: ConnectionOptions) -> str:
    """Post a JSON document to a webhook; return what went wrong, or nothing."""
    headers = {"Content-Type": "application/json"}
    try:
        with open_client(address, connecting, timeout=httpx.Timeout(seconds), headers=headers) as client:
            client.post(address, content=document).raise_for_status()
    except NpnError as error:
        return error.message
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _unreachable(url: str, error: httpx.HTTPError) -> ServiceDoubtError:
    """No answer; a certificate that does not fit gets its own hint."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            hint = "certificates: is this machine's clock right, and is the service's authority trusted here?"
            return ServiceDoubtError(f"can't reach {url} safely: {cause}", hint=hint)
        cause = cause.__cause__ or cause.__context__
    words = str(error) or type(error).__name__
    return ServiceDoubtError(f"can't reach {url}: {words}", hint="the agent tries again by itself")


def _refusal(answer: httpx.Response, what: str) -> ServiceRefusalError | ServiceDoubtError | ClonedError:
    """What an answer other than 2xx means for the one who asked."""
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.MsgspecError:
        problem = None
    wait = answer.headers.get("Retry-After", "")
    retry_after = int(wait) if wait.isdigit() else None
    if problem is None:
        if answer.status_code in (404, 405, 501):
            hint = "is `url` right? An older service works for draws; what it lacks is left out"
            return ServiceOldError(f"the service answers {answer.status_code} to {what}", hint=hint)
        hint = "something between here and the service answered; is `url` right, with https?"
        return ServiceDoubtError(f"{what}: status {answer.status_code} without a problem document", hint=hint)
    if problem.code == codes.AGENT_CLONED:
        return ClonedError(problem.detail or problem.title, held=answer.headers.get("Npn-Pool-Holds", ""))
    if answer.status_code in (404, 405) and problem.code in (
        codes.NOT_FOUND,
        codes.METHOD_NOT_ALLOWED,
        "no_such_page",
    ):
        return ServiceOldError(f"the service answers {answer.status_code} to {what}: {problem.detail}")
    if 400 <= answer.status_code < 500 or answer.status_code == 507:
        return ServiceRefusalError(problem, retry_after=retry_after)
    return ServiceDoubtError(
        f"the service can't now: {problem.detail or problem.title} [{problem.code}]",
        retry_after=retry_after or 5,
    )


def _decoded(answer: httpx.Response, kind: type[_T]) -> _T:
    """The document, read leniently; one that can't be read leaves the outcome in doubt."""
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.MsgspecError as error:
        raise ServiceDoubtError(
            f"the service's answer is not a {kind.__name__} that this agent understands: {error}",
            code=codes.ANSWER_NOT_UNDERSTOOD,
            hint="is the service older or newer than this agent? See docs/guide/agent-oncall.md",
        ) from error


def _without_nulls(body: msgspec.Struct) -> bytes:
    """The body as JSON, without members that say nothing."""
    fields = msgspec.to_builtins(body)
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None})
