"""The register of where NPN is not used, and why: a system's own places, and all of them with what they come to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from npn.agreements.model import Numbering, OtherNumbers
from npn.agreements.status import Status
from npn.errors import NotFoundError
from npn.http.answers import Answer
from npn.people.model import AccountRole, Person
from npn.systems.model import ConnectedSystem
from npn.systems.service import Systems
from npn.web.forms import Choice, Field, Form
from npn.web.pages.agreements.agreement import OWNERS
from npn.web.pages.agreements.proposals import day_of
from npn.web.pages.people.names import names_of
from npn.web.pages.systems.systems import LOOKERS
from npn.web.paging import part
from npn.web.routes import get, post
from npn.web.rules import signed_in, theirs
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_NOTE = (AccountRole.OPERATOR, *OWNERS)
KINDS = {
    Numbering.LOCAL: _("Local numbers"),
    Numbering.INTERNAL: _("Internal numbers"),
    Numbering.UNREADABLE: _("Unreadable labels"),
    Numbering.PREPRINTED: _("Pre-printed rolls"),
    Numbering.OTHER: _("Something else"),
}
ONWARD = {True: _("yes"), False: _("no"), None: _("not known")}
_ONWARD = {"yes": True, "no": False, "": None}
_FIELDS = (
    Field("kind", _("What is used instead"), kind="select", choices=[Choice(k.value, v) for k, v in KINDS.items()]),
    Field("place", _("Where"), hint=_("A department or a type of sample, for example pathology at Hospital North.")),
    Field("reason", _("Why"), kind="textarea", largest=400),
    Field(
        "sends_onward",
        _("Are answers about these samples sent onward?"),
        kind="select",
        required=False,
        choices=(Choice("yes", _("yes")), Choice("no", _("no"))),
        hint=_("To national receivers. Leave empty if this is not known yet."),
    ),
    Field("review_on", _("To be considered again on"), kind="date", required=False),
)


@dataclass(frozen=True, slots=True)
class Noted:
    """A place of the register with its system; `due`: it was to be considered again by now."""

    place: OtherNumbers
    system: ConnectedSystem
    due: bool


@dataclass(frozen=True, slots=True)
class _Register:
    """What the page shows: `kinds` counts places, `systems` those with any, over what the visitor may count."""

    kinds: Mapping[Numbering, int]
    onward: int
    systems: int
    rows: Sequence[Noted]


def due(place: OtherNumbers, today: date) -> bool:
    """Return whether a place was to be considered again by now."""
    return place.ended_at is None and place.review_on is not None and place.review_on <= today


def _register(requirements: Status, systems: Systems, *, person: Person, today: date) -> _Register:
    """Read the register: the group sees what it comes to in the whole country, and no systems."""
    by_id = {system.id: system for system in systems.list()}
    places = requirements.others()
    mine = [place for place in places if place.system in by_id and person.may_see(place.system)]
    counted = places if person.role is AccountRole.GROUP else mine
    return _Register(
        kinds=Counter(place.kind for place in counted),
        onward=sum(place.sends_onward is True for place in counted),
        systems=len({place.system for place in counted}),
        rows=[Noted(place, by_id[place.system], due(place, today)) for place in mine],
    )


@get("/agreements/other-numbers", signed_in())
async def show_register(visit: Visit) -> Answer:
    """Show where NPN is not used."""
    services = visit.services
    register = await visit.read(
        _register, services.requirements, services.systems, person=visit.person, today=services.agreements.today
    )
    rows = part(register.rows, visit.query.get("page", ""))
    return await visit.page("agreements/other_numbers.html", register=register, part=rows, kinds=KINDS, onward=ONWARD)


@get("/systems/{system}/other-numbers", theirs(*LOOKERS))
async def show_places(visit: Visit) -> Answer:
    """Show where one system does not use NPN."""
    return await _page(visit, visit.form(_FIELDS))


async def _page(visit: Visit, form: Form) -> Answer:
    system = await visit.read(visit.services.systems.get, visit.arguments["system"])
    places = await visit.read(visit.services.requirements.others, system.id, ended=True)
    today = visit.services.agreements.today
    return await visit.page(
        "agreements/system_other_numbers.html",
        system=system,
        places=[Noted(place, system, due(place, today)) for place in places],
        form=form,
        kinds=KINDS,
        onward=ONWARD,
        names=await visit.read(names_of, visit.services.accounts),
        notes=visit.person.role in _NOTE and visit.person.may_act_for(system.id),
    )


@post("/systems/{system}/other-numbers", theirs(*_NOTE))
async def note(visit: Visit) -> Answer:
    """Note a place where the system does not use NPN."""
    form, system = visit.form(_FIELDS), visit.arguments["system"]
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.requirements.note_others,
            system,
            Numbering(form["kind"]),
            place=form["place"],
            reason=form["reason"],
            sends_onward=_ONWARD[form["sends_onward"]],
            review_on=day_of(form["review_on"], "review_on") if form["review_on"] else None,
            by=visit.person.by,
        ),
        then=Onward(f"/systems/{system}/other-numbers", _("The place is noted.")),
        again=lambda: _page(visit, form),
    )


@post("/systems/{system}/other-numbers/{place}/end", theirs(*_NOTE))
async def end(visit: Visit) -> Answer:
    """NPN is used there from now on."""
    system, place = visit.arguments["system"], visit.arguments["place"]
    places = await visit.read(visit.services.requirements.others, system, ended=True)
    if place not in {row.id for row in places}:
        raise NotFoundError("the system has no such place in the register", field="place")
    await visit.write(visit.services.requirements.end_others, place, by=visit.person.by)
    return visit.see_other(f"/systems/{system}/other-numbers", _("NPN is used there from now on."))
