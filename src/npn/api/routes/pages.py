"""The OpenAPI document, and the pages for people: rendered once, no script, nothing from elsewhere."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

import jinja2
import msgspec
from litestar import get
from markupsafe import Markup

from npn.api.openapi import document
from npn.api.operations import OPERATIONS
from npn.api.services import services_of
from npn.errors import CATALOGUE, CatalogueSection, Meaning
from npn.http.answers import JSON, Answer
from npn.http.context import context_of
from npn.http.requests import Asked
from npn.wire.problems import TABLE

HTML = "text/html; charset=utf-8"
_STYLE = files("npn.api").joinpath("templates/style.css").read_text("utf-8")
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode("utf-8")).digest()).decode("ascii")
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=300"}


@get("/openapi.json")
async def openapi(request: Asked) -> Answer:
    """Return the OpenAPI document; its server is the address that the operator has set, where one is."""
    address = services_of(request).settings.public_url.rstrip("/") or "/"
    return Answer(_openapi(address), 200, JSON, {"Cache-Control": "public, max-age=300"})


@get("/docs")
async def operations() -> Answer:
    """Show the operations."""
    return Answer(_page("operations.html"), 200, HTML, _HEADERS)


@get("/docs/problems")
async def problems() -> Answer:
    """Explain every code."""
    return Answer(_page("problems.html"), 200, HTML, _HEADERS)


@get("/docs/transport")
async def transport(request: Asked) -> Answer:
    """Show what was announced about plain HTTP; the headers Sunset and Deprecation lead here."""
    services = services_of(request)
    plan = services.transport.remembered() or await context_of(request).threads.read(services.transport.plan)
    return Answer(_rendered("transport.html", plan=plan), 200, HTML, {**_HEADERS, "Cache-Control": "no-store"})


@cache
def _openapi(address: str) -> bytes:
    return msgspec.json.encode(document(address))


@cache
def _page(name: str) -> bytes:
    return _rendered(name, operations=OPERATIONS, problems=TABLE, elsewhere=_elsewhere())


def _elsewhere() -> dict[str, list[Meaning]]:
    """Return the codes that are not REST's, by the heading that documents them."""
    others = [section for section in CatalogueSection if section is not CatalogueSection.REST]
    return {s.value: [m for m in CATALOGUE.values() if m.section is s] for s in others}


def _rendered(name: str, **values: object) -> bytes:
    page = _environment().get_template(name).render(style=Markup(_STYLE), **values)  # noqa: S704  # our own file
    return page.encode("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("npn.api"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters["json"] = _shown
    return environment


def _shown(value: object) -> str:
    """Write an example as people read it."""
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8")
