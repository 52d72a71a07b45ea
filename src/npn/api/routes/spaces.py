"""The number spaces, for everybody: what makes a number usable is no secret."""

from litestar import get

from npn import wire
from npn.api import documents
from npn.api.services import services_of
from npn.http.answers import JSON, Answer, json_answer
from npn.http.context import context_of
from npn.http.requests import Asked, accepted, parameters


@get("/v1/spaces")
async def list_spaces(request: Asked) -> Answer:
    """List every space with its scheme, range, and whether it is open and its environment's default."""
    context = context_of(request)
    accepted(request, (JSON,))
    parameters(request, ())
    spaces = await context.threads.read(services_of(request).registry.spaces)
    return json_answer(wire.SpaceList(items=[documents.public_space(space) for space in spaces]))
