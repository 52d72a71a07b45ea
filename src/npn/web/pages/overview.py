"""Where everybody begins: what needs doing."""

from npn.web.answers import Answer
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.visit import Visit


@get("/overview", signed_in())
async def overview(visit: Visit) -> Answer:
    """Show what needs the visitor today."""
    return await visit.page("overview.html")
