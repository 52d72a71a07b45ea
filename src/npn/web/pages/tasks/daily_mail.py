"""The daily mail: opted into on the account's page, ended there or by one press on the link in it."""

from collections.abc import Sequence

from npn.http.answers import Answer
from npn.tasks.mailing import DailyText, DueEmail, TaskMailing
from npn.tasks.model import Task, TaskGroup
from npn.tasks.service import Tasks
from npn.web.forms import Choice, Field
from npn.web.pages.tasks.words import PRESSES, WORDS
from npn.web.routes import get, post
from npn.web.rules import public, signed_in
from npn.web.texts import LANGUAGES, NAMES, Texts, _, texts
from npn.web.visit import Onward, Visit

_LANGUAGE = Field(
    "language",
    _("Language of the mail"),
    kind="select",
    choices=tuple(Choice(language, NAMES[language]) for language in LANGUAGES),
)


@get("/account/daily-mail", signed_in())
async def show_mailing(visit: Visit) -> Answer:
    """Show whether the visitor gets the mail."""
    mailing = visit.services.task_mailing
    wanted = await visit.read(mailing.subscription, visit.person.id)
    form = visit.form((_LANGUAGE,), {"language": visit.language if wanted is None else wanted.language})
    return await visit.page("tasks/daily_mail.html", form=form, wanted=wanted, works=mailing.works)


@post("/account/daily-mail", signed_in(), largest=4096)
async def subscribe(visit: Visit) -> Answer:
    """Send the visitor the mail from the next morning on."""
    mailing, form = visit.services.task_mailing, visit.form((_LANGUAGE,))
    wanted = await visit.read(mailing.subscription, visit.person.id)
    return await visit.submit(
        form,
        lambda: visit.write(mailing.subscribe, visit.person.id, form["language"]),
        then=Onward("/account/daily-mail", _("Saved.")),
        again=lambda: visit.page("tasks/daily_mail.html", form=form, wanted=wanted, works=mailing.works),
    )


@post("/account/daily-mail/end", signed_in(), largest=4096)
async def unsubscribe(visit: Visit) -> Answer:
    """Send no more of them."""
    await visit.write(visit.services.task_mailing.unsubscribe, visit.person.id)
    return visit.see_other("/account/daily-mail", _("You get no more daily mails."))


@get("/daily-mail/{daily_link}", public())
async def ask_to_end(visit: Visit) -> Answer:
    """Ask whoever has the link for the one press that ends the mails: programs that follow links end nothing."""
    await visit.read(visit.services.task_mailing.of_link, visit.arguments["daily_link"])
    return await visit.page("tasks/daily_mail_end.html")


@post("/daily-mail/{daily_link}", public(), largest=4096)
async def end_by_link(visit: Visit) -> Answer:
    """End the mails of whoever has the link."""
    await visit.write(visit.services.task_mailing.unsubscribe_by_link, visit.arguments["daily_link"])
    return visit.see_other("/", _("You get no more daily mails."))


def send_daily(tasks: Tasks, mailing: TaskMailing) -> int:
    """Put today's mails into the outbox for those who want one and have open tasks; give how many were put there."""
    emails = mailing.due()
    tasks_now = tasks.find() if emails else ()
    return sum(_send(tasks, mailing, email, tasks_now=tasks_now) for email in emails)


def _send(tasks: Tasks, mailing: TaskMailing, email: DueEmail, *, tasks_now: Sequence[Task]) -> bool:
    person, theirs = tasks.of_account(email.account, tasks_now)
    groups = theirs.waiting_for(person)
    if not groups:
        return mailing.settle(email, None)
    words, url = texts(email.language), mailing.public_url
    return mailing.settle(email, lambda link: written(words, groups, name=person.name, url=url, link=link))


def written(words: Texts, groups: list[TaskGroup], *, name: str, url: str, link: str) -> DailyText:
    """Write a mail: what waits and where, without names of systems or of people."""
    count = sum(len(group.open) for group in groups)
    text = _("NPN: one open task") if count == 1 else _("NPN: %(n)s open tasks")
    opening = words.gettext(_("Hello %(name)s")) % {"name": name}
    all_of_them = words.gettext(_("All your tasks:"))
    ending = words.gettext(_("You get this e-mail because you asked for it. Stop it with one press:"))
    lines = [_line(words, group, url) for group in groups]
    return DailyText(
        words.gettext(text) % {"n": words.number(count)},
        "\n\n".join([opening, *lines, f"{all_of_them}\n{url}/overview", f"{ending}\n{link}"]) + "\n",
    )


def _line(words: Texts, group: TaskGroup, url: str) -> str:
    label, press = words.gettext(WORDS[group.kind].label), words.gettext(PRESSES[group.press])
    due = "" if group.due is None else f", {words.gettext(_('deadline'))} {words.day(group.due)}"
    return f"{label} ({words.number(len(group.open))}): {press}{due}\n{url}/tasks/{group.kind}"
