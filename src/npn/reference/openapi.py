"""The OpenAPI 3.1 document, made of the operations' table, the problems' table and the wire's own types."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast, get_args

import msgspec

from npn import __version__, wire
from npn.allowance import LARGEST_TEXT, QUOTA_TEXT, SMALLEST_TEXT
from npn.errors import Code
from npn.numbers.suggest import Mistake
from npn.reference.model import DocumentedReply, Operation, Parameter
from npn.reference.operations import OPERATIONS
from npn.wire.problems import MEDIA_TYPE, TABLE, RequestError, render

Node = dict[str, object]

_FIGURE = {"type": "integer", "minimum": 1, "maximum": 10_000_000}
_PLAIN = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
_NUMBER = "^[0-9]{6,18}$"
# What the types can't say: bounds and grammar of the requests' members.
_REQUESTS: Mapping[str, Node] = {
    "DrawRequest": {
        "properties": {
            "count": {**_FIGURE, "description": "How many numbers. The bounds are the system's own: `GET /v1/me`."},
            "usable": {**_FIGURE, "description": "How many usable numbers; of ten numbers some nine are not usable."},
            "space": {
                "type": "string",
                "pattern": "^[a-z0-9_-]{1,64}$",
                "description": "The number space; left out: the caller's own.",
            },
            "purpose": {"type": "string", "maxLength": 200, "pattern": _PLAIN, "description": "A note for people."},
        },
        "description": "Give exactly one of `count` and `usable`.",  # said in words: generators drop what `oneOf` says
    },
    "ReleaseRequest": {
        "properties": {"from": {"type": "string", "pattern": _NUMBER, "description": "The first number of the tail."}}
    },
    "StockReport": {
        "properties": {
            "free": {
                "type": "integer",
                "minimum": 0,
                "maximum": 10**18,
                "description": "Usable numbers not handed out.",
            },
            "used_per_day": {"type": "number", "minimum": 0, "maximum": 10**15},
            "as_of": {"type": "string", "format": "date-time", "description": "RFC 3339, with its zone."},
        }
    },
}
# What the members of answers mean, where their types say too little.
_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "Quota": {
        "smallest_draw": SMALLEST_TEXT,
        "largest_draw": LARGEST_TEXT,
        "numbers": QUOTA_TEXT,
        "days": "The days of the quota: draws older than that no longer count.",
        "used": "The numbers drawn within these days, released ones included.",
    },
}
# Members of answers that have one of a few values, which their types leave open for older clients.
_VALUES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Problem": {"code": sorted(TABLE)},
    "HistoryEntry": {"event": ["granted", "imported", "withheld", "released", "given_free"]},
    "Suggestion": {"mistake": list(get_args(Mistake))},
}
_EVERYWHERE: Node = {
    "X-Request-Id": {
        "description": "The request's id in the service's log: the caller's own where one was sent, else a new one.",
        "schema": {"type": "string"},
    }
}
_SOMETIMES: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "How to authenticate."},
    405: {"Allow": "The methods of this address."},
    429: {"Retry-After": "Seconds."},
    503: {"Retry-After": "Seconds."},
}


def document(address: str = "/") -> Node:
    """Make the document. `address`: where the service is reached, `/` for wherever the document came from."""
    paths: dict[str, Node] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "NPN: sample numbers",
            "version": __version__,
            "summary": "Draw series of sample numbers, release them, look numbers up.",
            "description": "Numbers are strings of digits. Times are RFC 3339 in UTC. Errors are RFC 9457 problems "
            "with a stable `code`; `/docs/problems` explains each.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": address, "description": "This service."}],
        "security": [{"key": []}, {"certificate": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "npn_<system>_<secret>"},
                "certificate": {
                    "type": "mutualTLS",
                    "description": "A client certificate that the operator bound to the system.",
                },
            },
        },
    }


def _schemas() -> Node:
    kinds = [getattr(wire, name) for name in wire.__all__]
    _, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schemas: Node = dict(components)
    for name, exact in _REQUESTS.items():
        schemas[name] = {**components[name], **exact}
    for name, texts in _ANSWERS.items():
        members = components[name]["properties"]
        described = {member: {**members[member], "description": text} for member, text in texts.items()}
        schemas[name] = {**components[name], "properties": {**members, **described}}
    for kind in kinds:
        _make_exact(kind, schemas)
    return schemas


def _make_exact(kind: type[msgspec.Struct], schemas: Node) -> None:
    """Add to a schema what msgspec leaves out: that times are RFC 3339, and the values that a text may have."""
    schema = schemas[kind.__name__]
    if not isinstance(schema, dict) or "properties" not in schema:
        return
    members: dict[str, Node] = dict(schema["properties"])
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101  # documents of the wire are structs
    for member in info.fields:
        if _is_time(member.type):
            members[member.encode_name] = _timed(members[member.encode_name])
    members = {name: _typed(member) for name, member in members.items()}
    for name, values in _VALUES.get(kind.__name__, {}).items():
        members[name] = {**members[name], "enum": list(values)}
    schemas[kind.__name__] = {**schema, "properties": members}


def _typed(node: Node) -> Node:
    """Return the schema with the type of its values said, where it only lists them: generators want it."""
    if isinstance(node.get("anyOf"), list):
        return {**node, "anyOf": [_typed(option) for option in node["anyOf"]]}  # type: ignore[attr-defined]  # a list of schemas
    if isinstance(node.get("items"), dict):
        return {**node, "items": _typed(cast("Node", node["items"]))}
    texts = isinstance(node.get("enum"), list) and "type" not in node
    return {"type": "string", **node} if texts else node


def _is_time(kind: msgspec.inspect.Type) -> bool:
    options = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(isinstance(option, msgspec.inspect.DateTimeType) for option in options)


def _timed(node: Node) -> Node:
    """Return the schema of a time; where it may be null, of that alternative."""
    if isinstance(node.get("anyOf"), list):
        options = cast("list[Node]", node["anyOf"])
        return {**node, "anyOf": [_timed(one) if one.get("type") == "string" else one for one in options]}
    return {**node, "format": "date-time"}


def _operation(operation: Operation) -> Node:
    described: Node = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "responses": {
            **{str(reply.status): _reply(reply) for reply in operation.replies},
            **_problems(operation.problems),
        },
    }
    if operation.parameters:
        described["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body is not None:
        content = {
            "schema": _ref(operation.body),
            "examples": {name: {"value": _plain(value)} for name, value in operation.bodies.items()},
        }
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    if operation.raw:
        binary = {"type": "string", "format": "binary"}
        bodies = {media: {"schema": binary, "example": example} for media, example in operation.raw.items()}
        described["requestBody"] = {"required": True, "content": bodies}
    if operation.public:
        described["security"] = [{}, {"key": []}, {"certificate": []}] if operation.takes_key else []
    return described


def _parameter(parameter: Parameter) -> Node:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
        "example": int(parameter.example) if parameter.schema.get("type") == "integer" else parameter.example,
    }


def _reply(reply: DocumentedReply) -> Node:
    headers = {**_EVERYWHERE, **_named(reply.headers)}
    content: Node = {}
    for form, example in reply.forms.items():
        struct = isinstance(reply.schema, type) and not isinstance(example, str)
        schema = _ref(reply.schema) if struct else {"type": "string"}  # type: ignore[arg-type]  # a struct, as checked
        content[form] = {
            "schema": schema if struct or isinstance(example, str) else reply.schema,
            "example": _plain(example),
        }
    response: Node = {"description": reply.description, "headers": headers, "content": content}
    if reply.links:
        response["links"] = dict(reply.links)
    return response


def _problems(codes: Sequence[Code]) -> dict[str, Node]:
    """One response for each status, with an example for each of its codes."""
    by_status: dict[int, list[Code]] = {}
    for code in codes:
        by_status.setdefault(TABLE[code].status, []).append(code)
    return {str(status): _problem(status, by_status[status]) for status in sorted(by_status)}


def _problem(status: int, codes: Sequence[Code]) -> Node:
    headers = {**_EVERYWHERE, **_named(_SOMETIMES.get(status, {}))}
    examples = {code: {"summary": TABLE[code].title, "value": example(code)} for code in codes}
    described = f"{HTTPStatus(status).phrase}: " + ", ".join(f"`{code}`" for code in codes)
    content = {MEDIA_TYPE: {"schema": _ref(wire.Problem), "examples": examples}}
    return {"description": described, "headers": headers, "content": content}


def example(code: Code) -> object:
    """Return a problem as the service would answer it."""
    problem = render(RequestError(TABLE[code].meaning, code=code), request_id="5ee9eca9e934d3d6646d817f")
    return msgspec.json.decode(problem.body)


def _named(headers: Mapping[str, str]) -> Node:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}


def _ref(kind: type[msgspec.Struct]) -> Node:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _plain(value: object) -> object:
    return msgspec.to_builtins(value)
