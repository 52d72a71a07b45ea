"""Numbers: what is known of one."""

from litestar import get

from npn.api import documents
from npn.http.answers import JSON, Answer, json_answer
from npn.http.context import context_of
from npn.http.requests import Asked, accepted, parameters
from npn.registry.lookup import look_up


@get("/v1/numbers/{number:str}")
async def show_number(request: Asked, number: str) -> Answer:
    """Return a number's state and history, and what may have been meant where it is not usable."""
    context = context_of(request)
    accepted(request, (JSON,))
    await context.authenticator.caller(request.scope)
    parameters(request, ())
    result = await context.look(request.scope, lambda reading: look_up(reading.database, number))
    return json_answer(documents.number(result))
