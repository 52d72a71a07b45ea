"""Whoever acts for an organisation asks for a colleague's account; an operator grants it with one press."""

import re

from npn.http.answers import Answer
from npn.people import invitations
from npn.people.invitations import InvitationWish
from npn.people.model import OF_ORGANISATIONS
from npn.support.model import Case, CaseEntry, Requester
from npn.web.forms import Field
from npn.web.routes import get, post
from npn.web.rules import only
from npn.web.texts import _
from npn.web.visit import Visit

_ROLES = tuple(sorted(OF_ORGANISATIONS))
_FIELDS = (
    Field("name", _("Name")),
    Field("email", _("E-mail address"), kind="email", largest=254),
)
_LINK = re.compile(r"/accounts/new\?invitation=([A-Za-z0-9_.:~-]+)")


@get("/invite", only(*_ROLES))
async def show_invite(visit: Visit) -> Answer:
    """Ask who is to have an account."""
    return await visit.page("people/invite.html", form=visit.form(_FIELDS))


@post("/invite", only(*_ROLES), largest=8192)
async def ask(visit: Visit) -> Answer:
    """Open a case with the wish, which the operator grants or refuses."""
    form = visit.form(_FIELDS)
    return await visit.submit(
        form,
        lambda: visit.write(_ask, visit, form["name"], form["email"]),
        then=lambda case: visit.see_other(
            "/account", visit.text(_("The operator has been asked: case %(number)s."), number=str(case.number))
        ),
        again=lambda: visit.page("people/invite.html", form=form),
    )


def _ask(visit: Visit, name: str, email: str) -> Case:
    services, person = visit.services, visit.person
    at = services.ledger.clock()
    sealed = invitations.ask(services.database, person, name=name, email=email, at=at)
    values = {"name": sealed.wish.name, "email": sealed.wish.email, "organisation": person.organisation_name}
    sentence, lead = (
        _("%(name)s, %(email)s, is to have an account that acts for %(organisation)s."),
        _("For the operator:"),
    )
    link = f"{services.settings.public_url.rstrip('/')}/accounts/new?invitation={sealed.token}"
    return services.cases.open(
        by=person.by,
        subject=visit.text(_("Account for a colleague at %(organisation)s"), organisation=person.organisation_name),
        text=f"{visit.text(sentence, **values)}\n\n{lead} {link}",
        requester=Requester(person.name, person.email, visit.language),
    )


def invitation_in(visit: Visit, entry: CaseEntry) -> tuple[str, InvitationWish] | None:
    """Return the wish that a case's entry carries, with its token; None where it has none that holds."""
    match = _LINK.search(entry.text)
    if match is None:
        return None
    wish = invitations.opened(visit.services.database, match[1], at=visit.services.ledger.clock())
    return None if wish is None else (match[1], wish)
