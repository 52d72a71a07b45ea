"""Answers for everybody that callers may keep: an entity tag each, and `304` where nothing has changed."""

import hashlib

from npn.http.answers import JSON, Answer, json_answer
from npn.http.requests import Asked, header


def cached_answer(request: Asked, document: object, *, seconds: int) -> Answer:
    """Return a wire document that may be kept for some seconds; 304 where the caller has it already (RFC 9110 13.1.2).

    Raises RequestError where `If-None-Match` occurs twice.
    """
    answer = json_answer(document)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={seconds}"}
    kept_tags = header(request.scope, b"if-none-match") or ""
    if kept_tags.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in kept_tags.split(",")):
        return Answer(b"", 304, JSON, headers)
    return Answer(answer.body, 200, JSON, headers)
