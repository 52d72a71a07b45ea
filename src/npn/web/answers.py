"""What a page gives back: a whole answer with its headers, cookies among them."""

import asyncio
from dataclasses import dataclass
from typing import IO

from litestar.types import Receive, Scope, Send

_BLOCK = 65_536
HTML = "text/html; charset=utf-8"
POLICY = (  # no script, frame, font or connection: what is not named falls under default-src
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Sent:
    """What a handler gives back. The router knows it by its asynchronous call, which a union of types has not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Answer(Sent):
    """A whole answer; `headers` may name one twice, as cookies need."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's names
        """Send it."""
        fields = [("content-type", self.media_type), ("content-length", str(len(self.body))), *self.headers]
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if scope.get("method") == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})


def download(body: bytes, *, name: str, media_type: str) -> Answer:
    """Give a file to be saved under `name` (letters, digits, dots and hyphens)."""
    return Answer(200, media_type, body, (("Content-Disposition", f'attachment; filename="{name}"'),))


@dataclass(frozen=True, slots=True)
class FileAnswer(Sent):
    """A file to be saved, sent in blocks that are read in a thread; closed once it is sent, or nobody listens."""

    file: IO[bytes]
    media_type: str
    name: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's names
        """Send it."""
        fields = (("content-type", self.media_type), ("content-disposition", f'attachment; filename="{self.name}"'))
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while block := await asyncio.to_thread(self.file.read, _BLOCK):
                await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.file.close()
