"""What everybody sees: what the service is, whether it works, where to go on; and the choice of language."""

from npn.http.answers import Answer
from npn.web.addresses import local
from npn.web.routes import get
from npn.web.rules import public
from npn.web.texts import LANGUAGES
from npn.web.visit import Visit


@get("/", public())
async def front(visit: Visit) -> Answer:
    """Show what the service is."""
    return await visit.page("front.html", able=(await visit.state()).can_draw)


@get("/language/{language}", public())
async def change_language(visit: Visit) -> Answer:
    """Keep the language, and go back to where the visitor was."""
    language = visit.arguments["language"]
    if language in LANGUAGES:
        visit.cookies.remember_language(language)
    return visit.see_other(local(visit.query.get("back", "/"), "/"))
