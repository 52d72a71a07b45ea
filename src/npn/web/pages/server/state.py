"""The state of the service, part by part, for those who look after it and those who check them."""

from dataclasses import dataclass

from npn.http.answers import Answer
from npn.people.model import AccountRole
from npn.web.routes import get
from npn.web.rules import only
from npn.web.state_words import LEVELS, STYLES, SUBJECTS, sentence
from npn.web.texts import Msgid
from npn.web.visit import Visit


@dataclass(frozen=True, slots=True)
class StateRow:
    """One part as it is shown."""

    subject: Msgid
    level: Msgid
    style: str
    text: str


@get("/state", only(AccountRole.OPERATOR, AccountRole.AUDITOR))
async def show_state(visit: Visit) -> Answer:
    """Show every part of the service and how it was found."""
    state = await visit.state()
    rows = [
        StateRow(SUBJECTS[part.subject], LEVELS[part.level], STYLES[part.level], sentence(visit.texts, part))
        for part in state.parts
    ]
    return await visit.page("server/state.html", state=state, rows=rows)
