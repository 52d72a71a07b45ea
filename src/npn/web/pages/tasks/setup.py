"""The first day's checklist: what a new service should have, why, and where each of it is done."""

from collections.abc import Mapping
from dataclasses import dataclass

from npn.http.answers import Answer
from npn.mail.model import Email
from npn.people.model import AccountRole
from npn.tasks.setup import SetupCheck, SetupItem, SetupState
from npn.web.routes import get, post
from npn.web.rules import only, public
from npn.web.texts import Msgid, Texts, _
from npn.web.visit import Visit

_OPERATOR = AccountRole.OPERATOR


@dataclass(frozen=True, slots=True)
class SetupWords:
    """What is said of an item: what it is, why it matters, and the page or the command or setting that does it."""

    name: Msgid
    why: Msgid
    path: str = ""
    command: str = ""


ITEMS: Mapping[SetupItem, SetupWords] = {
    SetupItem.HTTPS: SetupWords(
        _("HTTPS is on"),
        _("Without it keys and passwords cross the network readable by anybody."),
        command="npn serve --tls-cert FILE --tls-key FILE",
    ),
    SetupItem.ADDRESS: SetupWords(
        _("The public address is set"),
        _("Links in mails lead to it. Without it they lead to the address that the server listens on."),
        command='public_url = "https://npn.example.dk"',
    ),
    SetupItem.MAIL: SetupWords(
        _("Mail was tried"),
        _("Invitations, answers and warnings are sent by mail; one that is lost is noticed by nobody."),
        command='smtp_host = "…"   mail_from = "…"',
    ),
    SetupItem.WITNESS: SetupWords(
        _("The witness is on another disk"),
        _("The witness finds out that the database was set back. What loses both grants numbers twice."),
        command="npn admin witness move --to PLACE",
    ),
    SetupItem.BACKUP: SetupWords(
        _("A backup was seen"),
        _("The service makes no backups by itself: a nightly job makes them, and says so."),
        command="npn admin backup seen",
    ),
    SetupItem.OPERATOR: SetupWords(
        _("There is a second operator"),
        _("Some things take two people, and one may be away when numbers stop."),
        path="/accounts/new?role=operator",
    ),
    SetupItem.AGREEMENT: SetupWords(
        _("The connection agreement is published"),
        _("Owners accept a published text; before that nobody has promised anything."),
        path="/agreements/publish",
    ),
    SetupItem.DATES: SetupWords(
        _("The dates are set"),
        _("When systems must have accepted the agreement, and when plain HTTP ends. Until then nothing is refused."),
        path="/agreements",
    ),
    SetupItem.UNITS: SetupWords(
        _("The regions' units are named"),
        _("Users are sent to the unit that answers for their system."),
        path="/units",
    ),
    SetupItem.INSTALLATION: SetupWords(
        _("It is stated what the installation is for"),
        _("So that nobody takes the test service for the real one."),
        command='installation = "production"',
    ),
}
STATES: Mapping[SetupState, Msgid] = {
    SetupState.DONE: _("Done"),
    SetupState.MISSING: _("Not done"),
    SetupState.UNKNOWN: _("Unknown"),
}
HOWS: Mapping[str, Msgid] = {
    "https_in_address": _("The public address begins with https, and this page was not asked for over it."),
    "mail_not_set_up": _("No mail server is set up."),
    "mail_never_tried": _("A mail server is set up; nobody has tried it yet."),
    "mail_link_opened": _("Somebody confirmed by the link in the test mail that it came."),
    "mail_accepted": _("The mail server has accepted the test mail; nobody has confirmed that it came."),
    "mail_refused": _("The mail server refused the test mail; the outbox says why."),
    "mail_on_its_way": _("The test mail is on its way."),
    "witness_disk_unknown": _("The service can't tell where the database's disk is. Look yourself."),
    "backup_never_noted": _("Nobody has told the service of a backup."),
    "backup_old": _("The last backup that was noted is more than two days old."),
    "dates_of_agreement": _("The agreement's dates are missing."),
    "dates_of_transport": _("The end of plain HTTP is missing."),
}


@get("/setup", only(_OPERATOR))
async def show_setup(visit: Visit) -> Answer:
    """Show the checklist."""
    setup = visit.services.setup
    dismissed = await visit.read(setup.is_dismissed)
    checks = await checked(visit)
    return await visit.page(
        "tasks/setup.html",
        checks=checks,
        items=ITEMS,
        states=STATES,
        hows=HOWS,
        dismissed=dismissed,
        mail_works=setup.settings.mail_works,
    )


async def checked(visit: Visit) -> list[SetupCheck]:
    """Return the checklist as it is for this visit."""
    return await visit.read(visit.services.setup.checks, by_https=visit.request.scope["scheme"] == "https")


@post("/setup/dismiss", only(_OPERATOR), largest=4096)
async def dismiss(visit: Visit) -> Answer:
    """Put the checklist away."""
    await visit.write(visit.services.setup.dismiss, by=visit.person.by)
    return visit.see_other("/overview", _("The checklist is put away; it stays in the menu, under Overview."))


@post("/setup/take-up", only(_OPERATOR), largest=4096)
async def take_up(visit: Visit) -> Answer:
    """Show it on the overview again."""
    await visit.write(visit.services.setup.take_up)
    return visit.see_other("/overview", _("Saved."))


@post("/setup/test-mail", only(_OPERATOR), largest=4096)
async def send_test_mail(visit: Visit) -> Answer:
    """Send a test mail to the visitor's own address."""
    words, to = visit.texts, visit.person.email

    def send() -> None:
        visit.services.setup.send_test_mail(to=to, by=visit.person.by, write=lambda link: _test_mail(words, to, link))

    await visit.write(send)
    return visit.see_other("/setup", _("The test mail is on its way to your own address."))


def _test_mail(words: Texts, to: str, link: str) -> Email:
    subject, text = words.gettext(_("NPN: test mail")), words.gettext(_("The mail came. Confirm it here:"))
    return Email(to, subject, f"{text}\n{link}\n")


@get("/setup/mail/{test_mail_link}", public())
async def ask_about_mail(visit: Visit) -> Answer:
    """Ask whoever has the link for the press that confirms the mail: programs that follow links confirm nothing."""
    await visit.read(visit.services.setup.check_link, visit.arguments["test_mail_link"])
    return await visit.page("tasks/test_mail.html")


@post("/setup/mail/{test_mail_link}", public(), largest=4096)
async def confirm_mail(visit: Visit) -> Answer:
    """Note that the test mail came."""
    await visit.write(visit.services.setup.confirm_mail, visit.arguments["test_mail_link"])
    is_operator = visit.person_or_none is not None and visit.person_or_none.is_operator
    return visit.see_other("/setup" if is_operator else "/", _("Thank you: the mail came."))
