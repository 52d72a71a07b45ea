"""The public's way to be connected: the request, its confirmation, and the one look at a key."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from npn.errors import ConflictError, InvalidInputError, errors_of
from npn.http.answers import Answer
from npn.mail.model import one_line
from npn.onboarding.asking import READ_AT_LEAST, looks_human
from npn.onboarding.model import (
    ConnectionWishes,
    Transport,
    WantedEnvironment,
    checked_address,
    checked_contacts,
)
from npn.support.contacts import Contact
from npn.support.model import Requester
from npn.web.forms import Field, Form
from npn.web.pages.onboarding.contact_fields import contact_fields, contacts_in
from npn.web.pages.onboarding.step_words import ENVIRONMENTS, TRANSPORTS, WORDS
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Onward, Visit

TRAP = "website"  # a field that no person sees
AGAIN = _("The request has not been sent yet. Press Send once more.")
_OWN = {"technical_name": "requester_name", "technical_email": "requester_email"}
_MOST_LINES = 3  # that are wrong, of those that are named
_WHO = (
    Field("requester_name", _("Your name"), autocomplete="name"),
    Field(
        "requester_email",
        _("Your e-mail"),
        kind="email",
        hint=_("We write here. The request takes effect once you have confirmed it by the link in our mail."),
        largest=254,
        autocomplete="email",
    ),
)
_WHAT = (
    Field("system", _("The system's name"), hint=_("As those who use it call it, for instance Labka II Aalborg.")),
    Field("vendor", _("Vendor"), hint=_("The company behind the system.")),
    Field("owner", _("Owner"), hint=_("Who runs it: a region, a hospital, a laboratory.")),
    Field("system_type", _("Kind of system"), required=False, largest=100),
    Field("environment", _("Access wanted"), kind="select", choices=ENVIRONMENTS),
    Field(
        "expected_per_day",
        _("Samples per day (approx.)"),
        kind="number",
        hint=_("It helps us to see that the stock will last six months."),
        largest=10_000_000,
    ),
    Field("transport", _("How will the system connect?"), kind="select", choices=TRANSPORTS),
    Field(
        "addresses",
        _("IP addresses or host names"),
        kind="textarea",
        hint=_("One on each line: 192.0.2.10, 192.0.2.0/24 or lab.example.dk. Leave it empty if you don't know yet."),
        required=False,
        largest=2000,
    ),
)
_REST = (
    Field("comment", _("Anything else we should know"), kind="textarea", required=False, largest=5000),
    Field("opened", "", kind="hidden", required=False, largest=20),
    Field("again", "", kind="hidden", required=False, largest=3),
)
_CONTACTS = contact_fields(
    optional=frozenset({"technical", "on_call"}),
    hints={"technical": _("Who connects the system, and gets its key. Leave it empty if that is you.")},
)
_FIELDS = (*_WHO, *_WHAT, *_CONTACTS, *_REST)
_GROUPS = (
    (_("About you"), tuple(f.name for f in _WHO)),
    (_("The system"), tuple(f.name for f in _WHAT)),
    (_("Contacts"), tuple(f.name for f in _CONTACTS)),
    (_("Other information"), tuple(f.name for f in _REST)),
)


@get("/apply", public())
async def show_request(visit: Visit) -> Answer:
    """Show the form to ask to be connected."""
    form = visit.form(_FIELDS, {"opened": int(datetime.now(UTC).timestamp())})
    return await visit.page("onboarding/ask_to_connect.html", form=form, groups=_GROUPS, trap=TRAP)


@post("/apply", public(), largest=32_768)
async def ask(visit: Visit) -> Answer:
    """Take a request. What looks sent by a program is shown again with a text that a person can follow."""
    form = visit.form(_FIELDS)
    _blame_addresses(visit, form)
    _blame_contacts(visit, form)
    _doubt(form, trap=visit.sent.get(TRAP, ""), at=datetime.now(UTC))
    requester = Requester(form["requester_name"], form["requester_email"], visit.language)
    return await visit.submit(
        form,
        lambda: visit.write(
            visit.services.onboarding.asking.ask, _application(form), requester=requester, remote=_remote(visit)
        ),
        then=Onward("/apply/sent"),
        again=lambda: visit.page("onboarding/ask_to_connect.html", form=form, groups=_GROUPS, trap=TRAP),
    )


def _is_technical(form: Form) -> bool:
    """Whether whoever asks is the technical contact too: nobody else is named."""
    return not form["technical_name"] and not form["technical_email"]


def _contacts(form: Form) -> tuple[Contact, ...]:
    """Return the contacts asked for; nothing is copied into the form, which is shown as it was typed."""
    contacts = contacts_in(form)
    if not _is_technical(form):
        return contacts
    requester = {"name": form["requester_name"], "email": form["requester_email"]}
    return tuple(replace(one, **requester) if one.kind == "technical" else one for one in contacts)


def _doubt(form: Form, *, trap: str, at: datetime) -> None:
    """Have a form that looks sent by a program sent once more: a person can do that, and nothing is lost.

    Programs of the browser fill in hidden fields too: whoever was told so is asked for no more than time.
    """
    if looks_human(trap="" if form["again"] else trap, opened=form["opened"], at=at):
        return
    if not looks_human(trap="", opened=form["opened"], at=at + READ_AT_LEAST):  # opened long ago, or never
        form.values["opened"] = str(int((at - READ_AT_LEAST).timestamp()))
    form.values["again"] = "yes"
    if not form.errors:  # else it is sent once more anyway
        form.errors[""] = AGAIN


def _blame_addresses(visit: Visit, form: Form) -> None:
    """Put the lines that aren't addresses to call from beside their field."""
    lines = [(number, line.strip()) for number, line in enumerate(form["addresses"].splitlines(), 1) if line.strip()]
    wrong = [(number, line) for number, line in lines if not _is_address(line)]
    if "addresses" in form.errors or not wrong:
        return
    text = _("Line %(line)s, %(typed)s, is not an address: write 192.0.2.10, 192.0.2.0/24 or lab.example.dk.")
    sentences = (visit.text(text, line=number, typed=one_line(line, 60)) for number, line in wrong[:_MOST_LINES])
    form.errors["addresses"] = " ".join(sentences)


def _blame_contacts(visit: Visit, form: Form) -> None:
    """Put what is wrong with a contact beside its field; of the requester's own, beside the requester's."""
    try:
        checked_contacts(_contacts(form))
    except InvalidInputError as error:
        for cause in errors_of(error):
            if _is_technical(form) and cause.field in _OWN:
                cause.field = _OWN[cause.field]
            visit.blame(form, cause)


def _is_address(line: str) -> bool:
    try:
        checked_address(line)
    except InvalidInputError:
        return False
    return True


def _application(form: Form) -> ConnectionWishes:
    return ConnectionWishes(
        system=form["system"],
        vendor=form["vendor"],
        owner=form["owner"],
        system_type=form["system_type"],
        environment=cast("WantedEnvironment", form["environment"]),
        expected_per_day=form.whole("expected_per_day") or 0,
        transport=cast("Transport", form["transport"]),
        addresses=tuple(line.strip() for line in form["addresses"].splitlines() if line.strip()),
        contacts=_contacts(form),
        comment=form["comment"],
    )


def _remote(visit: Visit) -> str:
    client = visit.request.scope.get("client")
    return client[0] if client else ""


@get("/apply/sent", public())
async def sent(visit: Visit) -> Answer:
    """Show that a mail is under way."""
    return await visit.page("onboarding/connect_sent.html")


@get("/apply/confirm/{confirm_link}", public())
async def show_confirmation(visit: Visit) -> Answer:
    """Show what is to be confirmed; nothing is done by looking, for mail servers look at links too."""
    request = await visit.read(visit.services.onboarding.asking.to_confirm, visit.arguments["confirm_link"])
    return await visit.page("onboarding/connect_confirm.html", status=200, request=request, **WORDS)


@post("/apply/confirm/{confirm_link}", public(), largest=4096, again=False)
async def confirm(visit: Visit) -> Answer:
    """Confirm the request, and go on to its own page."""
    try:
        _request, token = await visit.write(visit.services.onboarding.asking.confirm, visit.arguments["confirm_link"])
    except ConflictError:
        return visit.see_other("/apply/sent")
    return visit.see_other(f"/case/{token}", _("Thank you: the request is confirmed."))


@get("/key/{key_link}", public())
async def show_handover(visit: Visit) -> Answer:
    """Show whose key it is; it is made when it is asked for."""
    system = await visit.read(visit.services.onboarding.handovers.offered, visit.arguments["key_link"])
    return await visit.page("onboarding/handed_key.html", system=system, key="")


@post("/key/{key_link}", public(), largest=4096, again=False)
async def fetch_key(visit: Visit) -> Answer:
    """Make the key and show it, this once."""
    system, key = await visit.write(visit.services.onboarding.handovers.collect, visit.arguments["key_link"])
    return await visit.page("onboarding/handed_key.html", system=system, key=str(key))
