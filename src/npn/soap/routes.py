"""Where HTTP meets the endpoint: POST a message, GET the WSDL and its schemas, and the vendors' test page."""

import re
from collections.abc import Mapping as MappingOf

from litestar import get, post, route
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler
from litestar.types import HTTPScope

from npn.errors import FaultCode, codes
from npn.http.answers import Answer
from npn.http.context import context_of
from npn.http.requests import Asked, read_body
from npn.soap.answers import Response, write_fault
from npn.soap.endpoint import Endpoint, SoapRequest
from npn.soap.envelope import MessageFacts
from npn.soap.faults import DgwsError, fault_of
from npn.soap.mapping import Mapping, read_mapping
from npn.soap.reading import LARGEST_BODY, too_large
from npn.soap.security import Arrival
from npn.soap.services import SoapServices
from npn.soap.testpage import CONTENT_SECURITY, page, pasted
from npn.soap.wsdl import schema, wsdl
from npn.systems.clients import presented_in
from npn.wire.problems import RequestError

PATH = "/soap/npn"
TEST_PATH = "/soap/test"

_METHODS: list[HttpMethod] = [HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE, HttpMethod.OPTIONS]
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\Z", re.ASCII)
_LARGEST_FORM = 4 * LARGEST_BODY
_HTML = "text/html; charset=utf-8"


def handlers(services: SoapServices) -> tuple[BaseRouteHandler, ...]:
    """Make the handlers to mount. Raises ConfigurationError where the mapping can't be used."""
    mapping = read_mapping(services.settings.soap_mapping)

    @route(PATH, http_method=_METHODS, status_code=200)
    async def call(request: Asked) -> Answer:
        """Answer a message; another method than POST is answered with a fault too."""
        endpoint = _endpoint(request, mapping, services)
        if request.scope["method"] != "POST":
            return _sent(_no_such_method(endpoint), request)
        try:
            body = await _body(request, LARGEST_BODY)
        except DgwsError as error:
            return _sent(write_fault(mapping, MessageFacts(), fault_of(error), at=endpoint.clock()), request)
        return _sent(await endpoint.answer(_request(request, body)), request)

    @get(PATH)
    async def describe(request: Asked) -> Answer:
        """Return the WSDL (`?wsdl`, `?wsdl=dgws-1.0` for the older header) or one of its schemas (`?xsd=NAME`)."""
        document = _document(request, mapping)
        if document is None:
            return _sent(_no_such_method(_endpoint(request, mapping, services)), request)
        return _answer(200, "text/xml; charset=utf-8", document.encode("utf-8"))

    @get(TEST_PATH)
    async def show_test(request: Asked) -> Answer:  # noqa: ARG001  # litestar hands it over by name
        """Show the vendors' test page."""
        return _answer(200, _HTML, page(None), headers={"Content-Security-Policy": CONTENT_SECURITY})

    @post(TEST_PATH, status_code=200)
    async def try_test(request: Asked) -> Answer:
        """Show how a pasted or uploaded message is understood, and the answer it would get."""
        endpoint = _endpoint(request, mapping, services)
        try:
            body = await _body(request, _LARGEST_FORM)
        except DgwsError:
            body = b""
        message = pasted(body, _header(request.scope, b"content-type") or "")
        sent = _request(request, message, content_type="text/xml")
        html = page(await endpoint.explain(sent))
        return _answer(200, _HTML, html, headers={"Content-Security-Policy": CONTENT_SECURITY})

    test = (show_test, try_test) if services.settings.soap_test_page else ()
    return (call, describe, *test)


def _endpoint(request: Asked, mapping: Mapping, services: SoapServices) -> Endpoint:
    """Return the application's one endpoint."""
    state = request.app.state
    endpoint = state.get("soap")
    if not isinstance(endpoint, Endpoint):
        endpoint = state.soap = Endpoint.of(mapping, context_of(request), services)
    return endpoint


def _document(request: Asked, mapping: Mapping) -> str | None:
    query = request.scope["query_string"].decode("latin-1")
    name, _, value = query.partition("=")
    address = _address(request.scope)
    if name.lower() == "wsdl":
        return wsdl(mapping, address, dgws=value) if value == "dgws-1.0" else wsdl(mapping, address)
    return schema(value, mapping, address) if name.lower() == "xsd" else None


def _address(scope: HTTPScope) -> str:
    """Return the address that the caller used, as far as it can be believed."""
    host = _header(scope, b"host") or ""
    if not _HOST.match(host):
        server = scope.get("server") or ("localhost", None)
        host = server[0] if server[1] is None else f"{server[0]}:{server[1]}"
    return f"{scope['scheme']}://{host}{PATH}"


async def _body(request: Asked, largest: int) -> bytes:
    """Read a body. Raises DgwsError where it is larger than allowed, or did not come whole."""
    try:
        return await read_body(request, largest=largest)
    except RequestError as error:
        if error.code == codes.BODY_TOO_LARGE:
            raise too_large() from error
        raise DgwsError(error.message, FaultCode.SYNTAX_ERROR) from error


def _request(request: Asked, body: bytes, *, content_type: str | None = None) -> SoapRequest:
    scope = request.scope
    client = scope.get("client")
    return SoapRequest(
        body=body,
        content_type=content_type or _header(scope, b"content-type") or "",
        action=None if content_type else _header(scope, b"soapaction"),
        arrival=Arrival(presented_in(scope.get("extensions")), client[0] if client else "", scope["scheme"] == "https"),
        content_encoding="" if content_type else _header(scope, b"content-encoding") or "",
    )


def _header(scope: HTTPScope, name: bytes) -> str | None:
    values = [value for header_name, value in scope["headers"] if header_name == name]
    return values[0].decode("latin-1").strip(" \t") if values else None


def _no_such_method(endpoint: Endpoint) -> Response:
    error = DgwsError(
        "messages are sent with POST",
        FaultCode.ILLEGAL_HTTP_METHOD,
        hint=f"GET {PATH}?wsdl gives the description",
        status=405,
    )
    return write_fault(endpoint.mapping, MessageFacts(), fault_of(error), at=endpoint.clock())


def _sent(response: Response, request: Asked) -> Answer:
    context_of(request).note(request.scope, caller=response.caller, code=response.code)
    return _answer(response.status, response.media_type, response.body, headers=response.headers)


def _answer(status: int, media_type: str, body: bytes, *, headers: MappingOf[str, str] | None = None) -> Answer:
    return Answer(body, status, media_type, headers or {})
