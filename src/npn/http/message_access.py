"""Who may have messages read, how, and by whose rate: the same for REST and the pages."""

import ipaddress

from litestar.types import HTTPScope

from npn.errors import RefusedError, codes
from npn.http.requests import Asked, receive_body
from npn.message_jobs.model import MAX_MESSAGE_BYTES, JobRequester, too_large
from npn.systems.model import CallerName
from npn.wire.problems import RequestError

MESSAGE_PATHS = ("/v1/messages/", "/messages")  # where bodies are larger than elsewhere


def require_secure(scope: HTTPScope) -> None:
    """Refuse plain HTTP, save from this machine: messages hold patients' data. Raises RefusedError."""
    if scope["scheme"] != "https" and not _is_loopback(_address(scope)):
        raise RefusedError("messages are taken over TLS only", code=codes.INSECURE_TRANSPORT, hint="use https://")


def requester_of(scope: HTTPScope, caller: CallerName | None) -> JobRequester:
    """Return by whose rate a request is counted: the caller's, or that of the network it came from."""
    return JobRequester.at(_address(scope)) if caller is None else JobRequester(str(caller), known=True)


async def receive_message(request: Asked) -> bytearray:
    """Read a message. Raises RefusedError `message_too_large`, RequestError."""
    try:
        return await receive_body(request, largest=MAX_MESSAGE_BYTES)
    except RequestError as error:
        if error.code == codes.BODY_TOO_LARGE:
            raise too_large() from error
        raise


def _address(scope: HTTPScope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return bool((getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback)
