"""The page of each rule, with an example that passes and one that fails."""

from markupsafe import Markup

from npn.errors import InvalidInputError, NotFoundError
from npn.http.answers import Answer
from npn.message_jobs.model import MessageJob
from npn.web.pages.messages.desk import done, refused_to_public
from npn.web.routes import get
from npn.web.rules import public
from npn.web.visit import Visit


@get("/messages/rules/{message_rule}", public())
async def show_rule(visit: Visit) -> Answer:
    """Show a rule."""
    refusal = refused_to_public(visit)
    if refusal is not None:
        return refusal
    rule = visit.arguments["message_rule"]
    try:
        result = await done(visit, MessageJob("rule", {"rule": rule, "lang": visit.language}))
    except InvalidInputError as error:
        raise NotFoundError("there is no such rule") from error
    page = Markup(result.body.decode())  # noqa: S704  # escaped by the worker's templates
    return await visit.page("messages/rule.html", rule=rule, page=page)
