"""Talks to the running agent over its socket or loopback address: what the command line uses."""

import errno
import os
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from npn.agent.settings import AgentSettings
from npn.errors import (
    Code,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NpnError,
    RefusedError,
    UnavailableError,
    codes,
)
from npn.wire import Problem

_T = TypeVar("_T")
_KINDS: dict[int, type[NpnError]] = {422: InvalidInputError, 404: NotFoundError, 409: ConflictError}


class AgentNotRunningError(UnavailableError):
    """Nobody listens there."""

    code = codes.AGENT_NOT_RUNNING


class SocketForbiddenError(UnavailableError):
    """The socket is there, and this user may not use it."""

    code = codes.SOCKET_FORBIDDEN


class RunningAgent:
    """Calls of the local interface. Raises AgentNotRunningError where nobody listens.

    `pool`: the pool file that the asker's settings name; `settings`: the file of settings where it can't be read by
    who asks. An agent with others refuses.
    """

    def __init__(self, listening: Path | tuple[str, int], *, pool: str = "", settings: Path | None = None) -> None:
        """Nothing is opened before the first call."""
        if isinstance(listening, Path):
            socket, base, self._where = str(listening), "http://localhost", f"unix:{listening}"
        else:
            host = _host(listening[0])
            socket, base, self._where = None, f"http://{host}:{listening[1]}", f"{host}:{listening[1]}"
        # Neither certificates nor proxies have a part in it, so a wrong variable of the environment does no harm.
        transport = httpx.HTTPTransport(uds=socket, verify=False, trust_env=False)  # plain HTTP, here
        headers = {"Npn-Agent-Pool": quote(pool)} if pool else {}
        if settings is not None:
            headers["Npn-Agent-Settings"] = quote(os.path.realpath(settings))
        timeout = httpx.Timeout(90.0, connect=2.0)
        self._http = httpx.Client(transport=transport, base_url=base, timeout=timeout, headers=headers, trust_env=False)

    @classmethod
    def of(cls, settings: AgentSettings) -> Self:
        """The agent that has these settings."""
        return cls(settings.listening, pool=settings.pool_name)

    def get(self, path: str, kind: type[_T]) -> _T:
        """Read a document."""
        return self._call("GET", path, None, kind=kind)

    def post(self, path: str, body: object, kind: type[_T]) -> _T:
        """Ask for something to be done."""
        return self._call("POST", path, msgspec.json.encode(body), kind=kind)

    def _call(self, method: str, path: str, content: bytes | None, *, kind: type[_T]) -> _T:
        try:
            with self._http:
                answer = self._http.request(method, path, content=content)
        except httpx.ConnectError as error:
            if _reason(error) in (errno.EACCES, errno.EPERM):
                raise SocketForbiddenError(
                    f"this user may not use the agent's socket {self._where}",
                    hint="the agent's group may: add the user to it, such as usermod -aG npn-agent USER",
                ) from error
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
            raise UnavailableError(problem.detail, code=Code(problem.code), hint=hint)
        if problem.code == ConfigurationError.code:
            raise ConfigurationError(problem.detail, field=problem.field or "", hint=hint)
        failure = _KINDS.get(answer.status_code)
        if failure is None:
            raise RefusedError(problem.detail, code=Code(problem.code), field=problem.field or "", hint=hint)
        raise failure(problem.detail, code=Code(problem.code), field=problem.field or "", hint=hint)


def _reason(error: BaseException) -> int:
    """Return the operating system's error number behind an error of the HTTP library; 0 where there is none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno:
            return cause.errno
        cause = cause.__cause__ or cause.__context__
    return 0


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
