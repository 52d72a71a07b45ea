"""The pages' way in: a visitor is known, held to the route's rule and form, and only then does a handler run."""

import math
from dataclasses import replace
from urllib.parse import quote

from litestar import route as litestar_route
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler

from npn.errors import NotFoundError, NpnError, RefusedError, codes
from npn.http.answers import Answer, Reply, pairs
from npn.http.context import Context, context_of
from npn.http.requests import Asked, read_body
from npn.systems.model import CallerName
from npn.systems.permissions import Act
from npn.web import cookies, forms, pages, refusals, uploads
from npn.web.answers import HTML, POLICY
from npn.web.assets import FOREVER, assets
from npn.web.cookies import Cookies
from npn.web.routes import RESERVED, TABLE, Route
from npn.web.rules import Admission
from npn.web.services import WebServices
from npn.web.texts import chosen
from npn.web.visit import Visit
from npn.wire.problems import RequestError

_BROKEN = b"<!doctype html><html lang=da><title>Fejl / Error</title><p>Der gik noget galt. / Something went wrong."


def handlers(services: WebServices) -> tuple[BaseRouteHandler, ...]:
    """Make the handlers to mount: one for each path, the style, and what is at no address."""
    pages.load()
    by_path: dict[str, dict[str, Route]] = {}
    for (method, path), route in TABLE.items():
        by_path.setdefault(path, {})[method] = route
    return (*(_handler(services, path, routes) for path, routes in by_path.items()), _static(), _elsewhere(services))


def _handler(services: WebServices, path: str, routes: dict[str, Route]) -> BaseRouteHandler:
    methods = [HttpMethod.POST] if "POST" in routes else []
    methods += [HttpMethod.GET, HttpMethod.HEAD] if "GET" in routes else []

    @litestar_route(path.replace("}", ":str}"), http_method=methods, status_code=200)
    async def handle(request: Asked) -> Reply:
        """Answer a visit."""
        route = routes["POST" if request.scope["method"] == "POST" else "GET"]
        return await _answer(services, request, route)

    return handle


async def _answer(services: WebServices, request: Asked, route: Route | None) -> Reply:
    """Answer a visit, whatever happens: a refusal is a page too."""
    context = context_of(request)
    visit = _begin(services, context, request)
    answer: Reply
    try:
        await _know(visit)
        answer = await _admitted(visit, route)
    except NpnError as error:
        context.note(request.scope, caller=_caller(visit), code=error.code)
        answer = await _refused(visit, error)
    except Exception as error:  # noqa: BLE001  # hidden from the visitor, logged whole
        context.failed(request.scope, error)
        answer = Answer(_BROKEN, 500, HTML)
    else:
        context.note(request.scope, caller=_caller(visit), code="")
    if not isinstance(answer, Answer):
        return answer
    return replace(answer, headers=(("Content-Security-Policy", POLICY), *pairs(answer.headers)))


def _begin(services: WebServices, context: Context, request: Asked) -> Visit:
    headers = request.headers
    jar = Cookies.read(headers.get("cookie", "")[:8192], secure=request.scope["scheme"] == "https")
    return Visit(
        services=services,
        context=context,
        request=request,
        cookies=jar,
        language=chosen(jar.get(cookies.LANGUAGE), headers.get("accept-language", "")),
        arguments={name: str(value) for name, value in request.path_params.items()},
        query=forms.decoded(request.scope["query_string"]) or {},
    )


async def _know(visit: Visit) -> None:
    """Find out who visits."""
    token = visit.cookies.get(cookies.SESSION)
    if not token:
        return
    visit.visitor = await visit.read(visit.services.sessions.visitor, token)
    if visit.visitor is None:
        visit.cookies.forget(cookies.SESSION)
    elif visit.visitor.stale:
        visit.context.threads.later(visit.services.sessions.see, visit.visitor.digest)


async def _admitted(visit: Visit, route: Route | None) -> Reply:
    """Hold the visitor to the route's rule and the form to its token; then let the handler answer."""
    if route is None:
        raise NotFoundError("there is no such page")
    verdict = route.rule.admits(visit.person_or_none)
    system = ""
    if verdict is Admission.YES and route.rule.system:
        system = await _system(visit, route)
        verdict = route.rule.admits_to(visit.person, system, acting=route.method == "POST" or route.rule.acts)
    if verdict is Admission.SIGN_IN:
        back = quote(visit.path, safe="/") if route.method == "GET" else ""
        return visit.see_other(f"/sign-in?next={back}" if back else "/sign-in")
    if verdict is Admission.UNKNOWN:
        raise NotFoundError("there is no such page, or not for this visitor")
    if verdict is Admission.FORBIDDEN:
        raise RefusedError("the account may not do this", code=codes.NOT_YOURS)
    if route.method == "POST":
        visit.sent = await _form(visit, route)
        _read_own_changes(visit)
        if system:
            await _require_permitted(visit, route, system)
    answer = await route.handler(visit)
    if route.method == "POST":
        visit.services.tasks.forget()  # what was counted for the menu no longer holds
    return answer


def _read_own_changes(visit: Visit) -> None:
    """Have the visitor read at the primary for as long as a standby may not know what this form changes."""
    if visit.services.readings.follower is not None:
        visit.cookies.set(cookies.CHANGED, "1", seconds=math.ceil(visit.services.settings.read_max_age_seconds))


async def _system(visit: Visit, route: Route) -> str:
    """Return the system that the page is about; empty for a case of none."""
    value = visit.arguments[route.rule.system]
    return value if route.rule.find is None else await route.rule.find(visit, value)


async def _require_permitted(visit: Visit, route: Route, system: str) -> None:
    """Ask whether the system's state permits what the form does; a draw is asked after its repeats were answered."""
    act = route.rule.act_of(visit.person)
    if act is not Act.DRAW:
        await visit.read(visit.services.systems.require_permitted, system, act)


async def _form(visit: Visit, route: Route) -> dict[str, str]:
    """Read a form of ours, sent from a page of ours."""
    headers = visit.request.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise _expired()
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded" and not (route.files and kind == uploads.MULTIPART):
        raise _expired()
    body = await _body(visit, route.largest)
    sent = forms.decoded(body) if kind != uploads.MULTIPART else await _with_files(visit, body)
    if sent is None or not visit.cookies.is_token(sent.get(forms.TOKEN, ""), visit.session_digest):
        raise _expired()
    return sent


async def _with_files(visit: Visit, body: bytes) -> dict[str, str] | None:
    """Read a form with files, which the visit gets."""
    content = await visit.read(uploads.read_multipart, body, visit.request.headers.get("content-type", ""))
    if content is None:
        return None
    fields, visit.files = content
    return fields


def _expired() -> RefusedError:
    return RefusedError("the form was too old, or came from elsewhere", code=codes.FORM_EXPIRED)


async def _body(visit: Visit, largest: int) -> bytes:
    try:
        return await read_body(visit.request, largest=largest)
    except RequestError as error:
        if error.code == codes.BODY_TOO_LARGE:
            raise RefusedError(f"the form is larger than {largest} bytes", code=codes.FORM_TOO_LARGE) from error
        raise _expired() from error


async def _refused(visit: Visit, error: NpnError) -> Answer:
    status = refusals.status_of(error)
    answer = await visit.page(
        "refused.html", status=status, status_shown=status, explained=refusals.explained(visit.texts, error)
    )
    seconds = getattr(error, "retry_after", None)
    if not seconds:
        return answer
    return replace(answer, headers=(*pairs(answer.headers), ("Retry-After", str(seconds))))


def _caller(visit: Visit) -> CallerName | None:
    return None if visit.visitor is None else visit.visitor.person.called


def _static() -> BaseRouteHandler:
    @litestar_route("/static/{digest:str}/{name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
    async def static(request: Asked) -> Answer:
        """Return the style or the icon; the hash in the address makes it good for ever."""
        asset = assets().get(str(request.path_params["name"]))
        if asset is None or asset.digest != request.path_params["digest"]:
            raise NotFoundError("there is no such file")
        return Answer(asset.body, 200, asset.media_type, {"Cache-Control": FOREVER})

    return static


def _elsewhere(services: WebServices) -> BaseRouteHandler:
    """What is at no address: a page for people, a problem for programs."""

    @litestar_route("/{rest:path}", http_method=list(_ANY), status_code=200)
    async def elsewhere(request: Asked) -> Reply:
        """Answer that there is nothing."""
        path, accept = str(request.scope["path"]), request.headers.get("accept", "")
        if "text/html" not in accept or any(path == r or path.startswith(f"{r}/") for r in RESERVED):
            raise NotFoundError("there is nothing at this address")
        return await _answer(services, request, None)

    return elsewhere


_ANY: tuple[HttpMethod, ...] = tuple(HttpMethod)
