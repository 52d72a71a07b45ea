"""The page that a form is on: where whoever opens the form's own address, or whose form was not taken, is led."""

from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote

from npn.errors import NpnError
from npn.http.answers import Answer, pairs
from npn.web.routes import Route, page_of
from npn.web.rules import Admission, public
from npn.web.visit import Visit


async def form_page(visit: Visit, route: Route) -> str:
    """Return the address of the page that a form is on; what has to be looked up is looked up for whom it is for."""
    if not isinstance(route.page, str) and route.rule.admits(visit.person_or_none) is Admission.YES:
        with suppress(NpnError):
            return await route.page(visit)
    path = page_of(route)
    for name, value in visit.arguments.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def leading_back(form: Route) -> Route:
    """Return a page for whoever opens an address that takes a form only: it leads to the page that the form is on."""

    async def handler(visit: Visit) -> Answer:
        answer = await visit.page("form_only.html", status=405, form_page=await form_page(visit, form))
        return replace(answer, headers=(*pairs(answer.headers), ("Allow", "POST")))

    return Route("GET", form.path, public(), handler)
