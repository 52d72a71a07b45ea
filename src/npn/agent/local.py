"""Talks to the running agent over its socket or loopback address: what the command line uses."""

from pathlib import Path
from typing import TypeVar

import httpx
import msgspec

from npn.agent.settings import AgentSettings
from npn.errors import ConflictError, InvalidInputError, NotFoundError, NpnError, RefusedError, UnavailableError
from npn.wire import Problem

_T = TypeVar("_T")
_KINDS: dict[int, type[NpnError]] = {422: InvalidInputError, 404: NotFoundError, 409: ConflictError}


class AgentNotRunningError(UnavailableError):
    """Nobody listens there."""

    code = "agent_not_running"


class RunningAgent:
    """Calls of the local interface. Raises AgentNotRunningError where nobody listens."""

    def __init__(self, settings: AgentSettings) -> None:
        """Nothing is opened before the first call."""
        listening = settings.listening
        if isinstance(listening, Path):
            transport, base = httpx.HTTPTransport(uds=str(listening)), "http://localhost"
        else:
            transport, base = httpx.HTTPTransport(), f"http://{_host(listening[0])}:{listening[1]}"
        self._where = settings.listen
        self._http = httpx.Client(transport=transport, base_url=base, timeout=httpx.Timeout(90.0, connect=2.0))

    def get(self, path: str, kind: type[_T]) -> _T:
        """Read a document."""
        return self._call("GET", path, None, kind)

    def post(self, path: str, body: object, kind: type[_T]) -> _T:
        """Ask for something to be done."""
        return self._call("POST", path, msgspec.json.encode(body), kind)

    def _call(self, method: str, path: str, content: bytes | None, kind: type[_T]) -> _T:
        try:
            with self._http:
                answer = self._http.request(method, path, content=content)
        except httpx.ConnectError as error:
            raise AgentNotRunningError(
                f"no agent is listening on {self._where}", hint="start it with `npn agent run`"
            ) from error
        except httpx.HTTPError as error:
            raise UnavailableError(f"the agent on {self._where} does not answer: {error}") from error
        try:
            if answer.is_success:
                return msgspec.json.decode(answer.content, type=kind)
            problem = msgspec.json.decode(answer.content, type=Problem)
        except msgspec.MsgspecError as error:
            raise UnavailableError(f"what listens on {self._where} is not an agent of this version") from error
        hint = problem.hint or ""
        if answer.status_code == 503:
            raise UnavailableError(problem.detail, code=problem.code, hint=hint)
        failure = _KINDS.get(answer.status_code)
        if failure is None:
            raise RefusedError(problem.detail, code=problem.code, field=problem.field or "", hint=hint)
        raise failure(problem.detail, code=problem.code, field=problem.field or "", hint=hint)


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
