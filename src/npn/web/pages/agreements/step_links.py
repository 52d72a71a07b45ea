"""Pages reached by a link to a step: the owner accepts the agreement, the technical contact sends the certificate.

No account is needed. Looking does nothing; the answer is given by one press, and taken once.
"""

from npn.agreements.model import VersionNumber
from npn.http.answers import Answer
from npn.onboarding.answers import OpenedLink
from npn.onboarding.model import StepName
from npn.web.forms import Field, Form
from npn.web.pages.agreements.agreement import body, edition, language_of, lead
from npn.web.pages.onboarding.step_words import WORDS
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_ACCEPT = (
    Field("version", _("Version"), kind="hidden", largest=12),
    Field(
        "accepted_by",
        _("Your name"),
        hint=_("The person who accepts on the owner's behalf."),
        autocomplete="name",
    ),
    Field(
        "capacity",
        _("Your position"),
        hint=_("Your position, e.g. head of laboratory. It is part of what is signed."),
        autocomplete="organization-title",
    ),
    Field("read", _("I have read the agreement and accept it on behalf of the owner."), kind="checkbox"),
)
_CERTIFICATE = (
    Field(
        "certificate",
        _("Client certificate"),
        kind="textarea",
        hint=_("The certificate alone, in PEM form: from BEGIN CERTIFICATE to END CERTIFICATE. Never the private key."),
        largest=20_000,
    ),
)


@get("/step/{step_link}", public())
async def show_step(visit: Visit) -> Answer:
    """Show the one page that a link opens: what must be done, ready to be answered."""
    opened = await _opened(visit)
    if opened.link.step is StepName.AGREEMENT:
        return await _accept_page(visit, opened, Form.of(_ACCEPT, {"accepted_by": opened.link.name}))
    return await _certificate_page(visit, opened, Form.of(_CERTIFICATE))


async def _opened(visit: Visit) -> OpenedLink:
    return await visit.read(visit.services.onboarding.answers.opened, visit.arguments["step_link"])


async def _accept_page(visit: Visit, opened: OpenedLink, form: Form) -> Answer:
    wanted = await visit.read(edition, visit.services.agreements, "", language_of(visit))
    form.values.update(
        version="" if wanted is None else str(wanted.version.number), read=""
    )  # what is shown is accepted
    if "version" in form.errors:  # the field is hidden: the error stands above the form
        form.errors[""] = form.errors.pop("version")
    return await visit.page(
        "onboarding/step_accept.html",
        status=form.status if form.errors else 200,
        opened=opened,
        form=form,
        edition=wanted,
        lead=lead,
        body=body,
        **WORDS,
    )


async def _certificate_page(visit: Visit, opened: OpenedLink, form: Form) -> Answer:
    pem = opened.request.proposed_certificate
    proposed = await visit.read(visit.services.clients.judge_kept, pem.encode()) if pem else None
    return await visit.page(
        "onboarding/step_technical.html",
        status=form.status if form.errors else 200,
        opened=opened,
        form=form,
        proposed=proposed,
        public_url=visit.services.cases.public_url,
        **WORDS,
    )


@post("/step/{step_link}/accept", public(), largest=8192)
async def accept(visit: Visit) -> Answer:
    """Accept the version that the page showed."""
    form, link = visit.form(_ACCEPT), visit.arguments["step_link"]
    opened = await _opened(visit)
    if form["read"] != "yes":
        form.errors["read"] = _("Tick this to accept.")
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.onboarding.answers.accept,
            link,
            accepted_by=form["accepted_by"],
            capacity=form["capacity"],
            number=VersionNumber.parse(form["version"]),
        ),
        then=Onward(f"/step/{link}", _("Thank you: the agreement is accepted.")),
        again=lambda: _accept_page(visit, opened, form),
    )


@post("/step/{step_link}/certificate", public())
async def send_certificate(visit: Visit) -> Answer:
    """Take a certificate; the operator links it to the system."""
    form, link = visit.form(_CERTIFICATE), visit.arguments["step_link"]
    opened = await _opened(visit)
    return await visit.submit(
        form,
        lambda: visit.write(visit.services.onboarding.answers.send_certificate, link, form["certificate"]),
        then=Onward(f"/step/{link}", _("Thank you. The operator will look at it.")),
        again=lambda: _certificate_page(visit, opened, form),
    )
