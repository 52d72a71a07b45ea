"""The pages' way in: a visitor is known, held to the route's rule and form, and only then does a handler run."""

import math
from dataclasses import replace

from litestar import route as litestar_route
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler

from npn.errors import NotFoundError, NpnError, RefusedError, codes
from npn.http.answers import Answer, Reply, pairs
from npn.http.context import Context, context_of
from npn.http.exchange import exchange_of
from npn.http.requests import Asked
from npn.systems.model import CallerName
from npn.systems.permissions import Act
from npn.web import cookies, forms, pages, refusals
from npn.web.addresses import here, with_next
from npn.web.answers import HTML, POLICY
from npn.web.assets import FOREVER, assets
from npn.web.broken import broken
from npn.web.cookies import Cookies
from npn.web.form_pages import form_page, leading_back
from npn.web.routes import RESERVED, TABLE, Route
from npn.web.rules import Admission
from npn.web.sending import KEPT, FormTooLargeError, SentForm, read_form
from npn.web.services import WebServices
from npn.web.shown_again import keep_for_owner, not_taken, show_kept, to_sign_in
from npn.web.texts import chosen
from npn.web.visit import RepeatCause, RepeatedForm, Visit
from npn.wire.requests import other_method
from npn.wording import private_key_sent

_OF_A_FORM = (codes.FORM_EXPIRED, codes.FORM_TOO_LARGE, codes.FORM_OF_ANOTHER)


def handlers(services: WebServices) -> tuple[BaseRouteHandler, ...]:
    """Make the handlers to mount: one for each path, the style, and what is at no address."""
    pages.load()
    by_path: dict[str, dict[str, Route]] = {}
    for (method, path), route in TABLE.items():
        by_path.setdefault(path, {})[method] = route
    return (*(_handler(services, path, routes) for path, routes in by_path.items()), _static(), _elsewhere(services))


def _handler(services: WebServices, path: str, routes: dict[str, Route]) -> BaseRouteHandler:
    methods = [HttpMethod.GET, HttpMethod.HEAD, *([HttpMethod.POST] if "POST" in routes else [])]

    @litestar_route(path.replace("}", ":str}"), http_method=methods, status_code=200)
    async def handle(request: Asked) -> Reply:
        """Answer a visit."""
        route = routes.get("POST" if request.scope["method"] == "POST" else "GET")
        if route is None and "text/html" not in request.headers.get("accept", ""):
            raise other_method("POST")
        return await _answer(services, request, leading_back(routes["POST"]) if route is None else route)

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
        answer = await _refused(visit, route, error)
    except Exception as error:  # noqa: BLE001  # hidden from the visitor, logged whole
        context.failed(request.scope, error)
        answer = Answer(broken(exchange_of(request.scope).request_id), 500, HTML)
    else:
        context.note(request.scope, caller=_caller(visit), code="")
    if not isinstance(answer, Answer):
        return answer
    headers = pairs(answer.headers)
    if any(name == "Content-Security-Policy" for name, _ in headers):
        return answer
    return replace(answer, headers=(("Content-Security-Policy", POLICY), *headers))


def _begin(services: WebServices, context: Context, request: Asked) -> Visit:
    headers = request.headers
    query = forms.decoded(request.scope["query_string"])
    jar = Cookies.read(headers.get("cookie", "")[:8192], secure=request.scope["scheme"] == "https")
    return Visit(
        services=services,
        context=context,
        request=request,
        cookies=jar,
        language=chosen(jar.get(cookies.LANGUAGE), headers.get("accept-language", "")),
        arguments={name: str(value) for name, value in request.path_params.items()},
        query=forms.SentFields({}) if query is None else query,
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
    if visit.address_had_private_key:
        raise private_key_sent("query")
    if route is None:
        raise NotFoundError("there is no such page")
    form = _form_at(visit, route)
    if form is not None:
        answer = await _kept(visit, form)
        if answer is not None:
            return answer
    verdict, system = await _judged(visit, route)
    sent = await _sent(visit, route, verdict) if route.method == "POST" else None
    if verdict is Admission.SIGN_IN and route.method == "POST":
        return await to_sign_in(visit, route, sent, page=await form_page(visit, route))
    if verdict is Admission.SIGN_IN:
        return visit.see_other(with_next("/sign-in", here(visit.request.scope)))
    if verdict is not Admission.YES:
        await keep_for_owner(visit, route, sent)
        raise _not_admitted(verdict)
    if sent is None:
        return await route.handler(visit)
    if not sent.sound or sent.size > route.largest:
        return await not_taken(visit, route, sent)
    return await _taken(visit, route, sent, system=system)


async def _taken(visit: Visit, route: Route, sent: SentForm, *, system: str) -> Reply:
    """Let the handler do what the form asks for; then what was kept of it is forgotten."""
    visit.sent = sent.fields
    _read_own_changes(visit)
    if system:
        await _require_permitted(visit, route, system)
    person, token = visit.person_or_none, visit.kept
    answer = await route.handler(visit)
    visit.services.tasks.forget()  # what was counted for the menu no longer holds
    if person is not None and token and isinstance(answer, Answer) and answer.status < 400:
        await visit.write(visit.services.kept_forms.forget, person.id, visit.path, token)
    return answer


async def _judged(visit: Visit, route: Route) -> tuple[Admission, str]:
    """Hold the visitor to the route's rule; return its system too, where it has one and the role may."""
    verdict = route.rule.admits(visit.person_or_none)
    if verdict is not Admission.YES or not route.rule.system:
        return verdict, ""
    system = await _system(visit, route)
    acting = route.method == "POST" or route.rule.acts
    return route.rule.admits_to(visit.person, system, acting=acting), system


def _not_admitted(verdict: Admission) -> NpnError:
    if verdict is Admission.UNKNOWN:
        return NotFoundError("there is no such page, or not for this visitor")
    return RefusedError("the account may not do this", code=codes.NOT_YOURS)


async def _sent(visit: Visit, route: Route, verdict: Admission) -> SentForm | None:
    """Read the form; of whom the rule does not admit, only what may be kept for somebody else."""
    try:
        return await read_form(visit, route, admitted=verdict is Admission.YES)
    except NpnError:
        if verdict is Admission.YES:
            raise
    return None


def _form_at(visit: Visit, route: Route) -> Route | None:
    """Return the form that an address shows again, where it names a kept one."""
    form = TABLE.get(("POST", route.path)) if route.method == "GET" and visit.query.get(KEPT) else None
    return form if form is not None and form.again and not form.rule.is_public else None


async def _kept(visit: Visit, form: Route) -> Reply | None:
    """Show a kept form to the person whose it is; None where nothing is kept for this visitor."""
    person, token = visit.person_or_none, visit.query[KEPT]
    if person is None:
        return visit.see_other(with_next("/sign-in", here(visit.request.scope)))
    fields = await visit.read(visit.services.kept_forms.fields, person.id, visit.path, token)
    if fields is None:
        visit.again = RepeatedForm(RepeatCause.GONE)
        return None
    verdict, _system = await _judged(visit, form)
    if verdict is not Admission.YES:
        raise _not_admitted(verdict)
    return await show_kept(visit, form, fields, token=token)


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


async def _refused(visit: Visit, route: Route | None, error: NpnError) -> Answer:
    status = refusals.status_of(error)
    explained = visit.explained(error)
    if isinstance(error, FormTooLargeError):
        explained = f"{explained} {visit.too_large(error.sent, error.most)}"
    back = await form_page(visit, route) if route is not None and error.code in _OF_A_FORM else ""
    visit.again = None
    answer = await visit.page("refused.html", status=status, status_shown=status, explained=explained, form_page=back)
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
