"""Answers that are given without the application: as bytes, in the form that every problem has."""

from collections.abc import Mapping

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from npn.errors import Code
from npn.http.edge import SECURITY
from npn.http.exchange import new_request_id
from npn.wire.problems import MEDIA_TYPE, RequestError, render


def raw_problem(
    status: int, code: Code, message: str, *, field: str = "", headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a whole response with a problem; the connection ends after it."""
    request_id = new_request_id()
    problem = render(RequestError(message, code=code, field=field, headers=headers), request_id=request_id)
    fields = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(problem.body)),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
        *SECURITY,
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items() if name != "Connection"),
    ]
    lines = b"".join(b"%s: %s\r\n" % pair for pair in fields)
    return STATUS_LINE[status] + lines + b"\r\n" + problem.body
