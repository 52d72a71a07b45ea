"""What a handler gives back: a ready ASGI answer. JSON, text, or a stream whose blocks are made in a thread."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from litestar.types import Receive, Scope, Send

JSON = "application/json"
_encode = msgspec.json.Encoder().encode


Headers = Mapping[str, str] | Sequence[tuple[str, str]]  # pairs where a name may stand twice, as for cookies


class Reply:
    """What a handler gives back. The router knows it by its asynchronous call, which a union of types has not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Answer(Reply):
    """A whole answer, held in memory."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    headers: Headers = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's names
        """Send it."""
        headers = _headers(self.media_type, self.headers)
        if self.status != 204:
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if scope.get("method") == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def to_asgi_response(self, *_args: object, **_kwargs: object) -> "Answer":
        """Stand in for litestar's own response where an exception handler gives this back: it is one already."""
        return self


def json_answer(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Write a wire document."""
    return Answer(_encode(document), status, JSON, headers or ())


@dataclass(frozen=True, slots=True)
class Stream(Reply):
    """An answer sent block by block.

    Each block is made in a thread of `maker`, only when the one before it was taken by the network, so memory stays
    flat and the loop is never held up. A caller who leaves ends the work.
    """

    blocks: Iterator[bytes]
    maker: Executor
    media_type: str
    headers: Headers = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until it ends or nobody listens."""
        start = {"type": "http.response.start", "status": 200, "headers": _headers(self.media_type, self.headers)}
        await send(start)  # type: ignore[arg-type]  # a TypedDict in litestar's eyes
        if scope.get("method") == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, leaving):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _send(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        while (block := await loop.run_in_executor(self.maker, next, self.blocks, b"")) != b"":
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Return when the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return headers as pairs."""
    return tuple(headers.items() if isinstance(headers, Mapping) else headers)


def _headers(media_type: str, more: Headers) -> list[tuple[bytes, bytes]]:
    fields = [(b"content-type", media_type.encode("latin-1"))]
    fields += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs(more)]
    return fields
