"""Private pages, reached by a link in a mail: one's own case, and whether one's contacts are still right."""

from npn.http.answers import Answer
from npn.onboarding.service import Onboarding
from npn.support.contacts import checked_contacts
from npn.support.model import Direction
from npn.support.service import Cases
from npn.systems.clients import Clients
from npn.web.forms import Field, Form
from npn.web.pages.onboarding.contact_fields import contact_fields, contacts_in, values_of
from npn.web.pages.onboarding.request_picture import request_picture
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.pages.support.case_certificates import case_certificates
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_WRITE = (Field("text", _("Write to us"), kind="textarea", largest=20_000),)
_CERTIFICATE = (
    Field(
        "certificate",
        _("Client certificate"),
        kind="textarea",
        hint=_("The certificate alone, in PEM form: from BEGIN CERTIFICATE to END CERTIFICATE. Never the private key."),
        largest=20_000,
    ),
)
_CONTACTS = contact_fields(optional=frozenset({"technical", "administrative", "on_call"}))


@get("/case/{case_link}", public())
async def show_own_case(visit: Visit) -> Answer:
    """Show somebody's own case: the steps, what was said, and where to write."""
    return await _case(visit, visit.form(_WRITE), Form.of(_CERTIFICATE))


@post("/case/{case_link}", public())
async def write(visit: Visit) -> Answer:
    """Take what whoever asked writes."""
    form, link = visit.form(_WRITE), visit.arguments["case_link"]
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.cases.answer_by_link, link, form["text"]),
        then=Onward(f"/case/{link}", _("We have received your message.")),
        again=lambda: _case(visit, form, Form.of(_CERTIFICATE)),
    )


@post("/case/{case_link}/certificate", public())
async def send_certificate(visit: Visit) -> Answer:
    """Take a certificate; the operator binds it."""
    form, link = visit.form(_CERTIFICATE), visit.arguments["case_link"]
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.onboarding.propose_certificate, link, form["certificate"]),
        then=Onward(f"/case/{link}", _("Thank you. The operator will look at it.")),
        again=lambda: _case(visit, Form.of(_WRITE), form),
    )


async def _case(visit: Visit, form: Form, certificate: Form) -> Answer:
    services, link = visit.services, visit.arguments["case_link"]
    values = await visit.read(_own_case, services.cases, services.onboarding, services.clients, link=link)
    status = 422 if form.errors or certificate.errors else 200
    return await visit.page(
        "support/own_case.html", status=status, form=form, certificate=certificate, **values, **WORDS
    )


def _own_case(cases: Cases, onboarding: Onboarding, clients: Clients, *, link: str) -> dict[str, object]:
    case = cases.of_link(link)
    entries = [entry for entry in cases.entries(case.number) if entry.direction is not Direction.NOTE]
    certificates = case_certificates(clients, cases, onboarding, number=case.number)
    return {
        "case": case,
        "entries": entries,
        **request_picture(onboarding, case).values(),
        "certificates": certificates,
        "link": link,
    }


@get("/contacts/{contact_link}", public())
async def show_question(visit: Visit) -> Answer:
    """Ask whether the contacts are still right."""
    question = await visit.read(visit.services.contacts.question, visit.arguments["contact_link"])
    return await visit.page("support/contacts_question.html", status=200, question=question, **WORDS)


@post("/contacts/{contact_link}", public(), largest=4096)
async def contacts_are_right(visit: Visit) -> Answer:
    """Take the answer that they are."""
    link = visit.arguments["contact_link"]
    await visit.write(visit.services.contacts.confirm, link)
    return visit.see_other(f"/contacts/{link}", _("Thank you. We ask again in a year."))


@get("/contacts/{contact_link}/change", public())
async def show_change(visit: Visit) -> Answer:
    """Show the contacts to be changed."""
    question = await visit.read(visit.services.contacts.question, visit.arguments["contact_link"])
    form = visit.form(_CONTACTS, values_of(question.contacts))
    return await visit.page("support/contacts_change.html", question=question, form=form)


@post("/contacts/{contact_link}/change", public())
async def change(visit: Visit) -> Answer:
    """Take the contacts as they are now."""
    form, link = visit.form(_CONTACTS), visit.arguments["contact_link"]
    question = await visit.read(visit.services.contacts.question, link)
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.contacts.change, link, contacts_in(form)),
        then=Onward(f"/contacts/{link}", _("Thank you. We ask again in a year.")),
        again=lambda: visit.page("support/contacts_change.html", form=form, question=question),
        check=lambda: checked_contacts(contacts_in(form)),
    )
