"""What a page gives back besides: a file to be saved."""

import asyncio
from dataclasses import dataclass
from typing import IO

from litestar.types import Receive, Scope, Send

from npn.http.answers import Answer, Reply

_BLOCK = 65_536
HTML = "text/html; charset=utf-8"
POLICY = (  # no script, frame, font or connection: what is not named falls under default-src
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def download(body: bytes, *, name: str, media_type: str) -> Answer:
    """Return a file to be saved under `name` (letters, digits, dots and hyphens)."""
    return Answer(body, 200, media_type, {"Content-Disposition": f'attachment; filename="{name}"'})


@dataclass(frozen=True, slots=True)
class FileAnswer(Reply):
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
