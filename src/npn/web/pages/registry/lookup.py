"""Looking a number up: its whole history, and what may have been meant."""

from npn.errors import InvalidInputError
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.reading import Reading
from npn.registry.lookup import NumberStatus, look_up
from npn.web.forms import Field
from npn.web.routes import get
from npn.web.rules import signed_in
from npn.web.texts import _
from npn.web.visit import Visit

STATES = {
    "granted": _("granted"),
    "released": _("given back"),
    "imported": _("in use from before"),
    "withheld": _("withheld after a recovery"),
    "never_issued": _("never issued"),
}
_FIELDS = (Field("number", _("Sample number"), largest=40),)


@get("/lookup", signed_in())
async def show_lookup(visit: Visit) -> Answer:
    """Look a number up; who it belongs to is said to whom it concerns alone."""
    form, history = visit.form(_FIELDS, visit.query), None
    if form["number"]:
        try:
            history = await visit.look(_history, "".join(form["number"].split()))
        except InvalidInputError as error:
            visit.blame(form, error)
    hidden = history is not None and not _may_know(visit.person, history)
    return await visit.page("registry/lookup.html", form=form, history=history, hidden=hidden, states=STATES)


def _history(reading: Reading, number: str) -> NumberStatus:
    return look_up(reading.database, number)


def _may_know(person: Person, history: NumberStatus) -> bool:
    """Whether the person may know whose number it is; the state of a number is known to everybody who signs in."""
    if history.system is None or person.role is AccountRole.GROUP:
        return history.system is None
    return person.may_see(history.system)
