"""The reference of REST: every operation, every error code, and what was announced about plain HTTP."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import msgspec
from markupsafe import Markup

from npn.documents.markdown import anchor_of, inline
from npn.errors import CATALOGUE, CatalogueSection, Code, FaultCode, Meaning
from npn.http.answers import Answer
from npn.reference.model import Operation
from npn.reference.operations import OPERATIONS
from npn.web.routes import get
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Visit
from npn.wire.problems import TABLE

_SECTIONS = {
    CatalogueSection.COMMAND: _("Command line and files"),
    CatalogueSection.PAGES: _("Pages and accounts"),
    CatalogueSection.AGENT: _("The agent at the laboratory"),
    CatalogueSection.SOAP: _("SOAP: the legacy web service"),
}


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """Codes that a whole kind of operations may answer with, named once."""

    title: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class OperationSection:
    """One operation as the page shows it. `codes`: those that are its own, beside the groups'."""

    operation: Operation
    description: Markup
    curl: str
    codes: tuple[Code, ...]


@get("/docs/api", public())
async def show_operations(visit: Visit) -> Answer:
    """Show the operations, by subject."""
    sections = await visit.read(_sections, visit.address)
    by_tag = {tag: list(group) for tag, group in groupby(sections, key=lambda one: one.operation.tag)}
    return await visit.page("documents/api.html", by_tag=by_tag, groups=_groups(), pretty=_pretty, sentence=_sentence)


@get("/docs/problems", public())
async def show_problems(visit: Visit) -> Answer:
    """Explain every code."""
    return await visit.page(
        "documents/problems.html",
        by_status=_by_status(),
        sections=[(anchor_of(section.value), title, _of(section)) for section, title in _SECTIONS.items()],
        faults=tuple(FaultCode),
        query="",
        sentence=_sentence,
    )


@get("/docs/transport", public())
async def show_announced(visit: Visit) -> Answer:
    """Show what was announced about plain HTTP; the headers Sunset and Deprecation lead here."""
    transport = visit.services.transport
    plan = transport.remembered() or await visit.read(transport.plan)
    return await visit.page("documents/plain_http.html", plan=plan)


@cache
def _groups() -> tuple[CodeGroup, ...]:
    """Return the codes shared by all operations, by those with a key, and by those that change something."""
    groups: list[CodeGroup] = []
    keyed = [operation for operation in OPERATIONS if not operation.public]
    for title, operations in (
        ("Every operation", OPERATIONS),
        ("Every operation with a key", keyed),
        ("Every operation that changes something", [o for o in keyed if o.method != "GET"]),
    ):
        shared = set.intersection(*(set(operation.problems) for operation in operations))
        named = {code for group in groups for code in group.codes}
        groups.append(CodeGroup(title, tuple(sorted(shared - named))))
    return tuple(groups)


def _sections(address: str) -> list[OperationSection]:
    shared = {code for group in _groups() for code in group.codes}
    order = list(dict.fromkeys(operation.tag for operation in OPERATIONS))
    return [
        OperationSection(
            operation,
            _sentence(operation.description),
            _curl(operation, address),
            tuple(code for code in dict.fromkeys(operation.problems) if code not in shared),
        )
        for operation in sorted(OPERATIONS, key=lambda one: order.index(one.tag))
    ]


def _curl(operation: Operation, address: str) -> str:
    """Write the call as a command: the examples in place of its parameters, the key from the environment."""
    path, headers, query = operation.path, [] if operation.public else ['"Authorization: Bearer $NPN_KEY"'], []
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", parameter.example)
        elif parameter.required and parameter.place == "query":
            query.append(f"{parameter.name}={parameter.example}")
        elif parameter.name == "Idempotency-Key":
            headers.append('"Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)"')
        elif parameter.required:
            headers.append(shlex.quote(f"{parameter.name}: {parameter.example}"))
    method = [] if operation.method == "GET" else [f"-X {operation.method}"]
    body: list[str] = []
    if operation.bodies:
        headers.append('"Content-Type: application/json"')
        body = [f"-d {shlex.quote(json.dumps(_plain(next(iter(operation.bodies.values())))))}"]
    if operation.raw:
        headers.append('"Content-Type: application/octet-stream"')
        body = ["--data-binary @FILE"]
    where = shlex.quote(f"{address}{path}{'?' if query else ''}{'&'.join(query)}")
    return " \\\n  ".join([" ".join(["curl", *method, where]), *(f"-H {header}" for header in headers), *body])


def _plain(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))


def _pretty(value: object) -> str:
    """Write an example as people read it."""
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8")


@cache
def _sentence(text: str) -> Markup:
    return Markup(inline(text))  # noqa: S704  # our own text, rendered with HTML off


def _by_status() -> Mapping[int, Sequence[Meaning]]:
    """Return REST's codes by their status, in the order of the alphabet."""
    statuses: dict[int, list[Meaning]] = {}
    for meaning in sorted(TABLE.values(), key=lambda one: (one.status, one.code)):
        statuses.setdefault(meaning.status, []).append(meaning)
    return statuses


def _of(section: CatalogueSection) -> list[Meaning]:
    return [meaning for meaning in CATALOGUE.values() if meaning.section is section]
