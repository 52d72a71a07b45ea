"""A forgotten password: a link is asked for, mailed to the address alone, and used with the second factor's code.

What is answered is the same whatever the address is: the text, the status, and by `evenly` the time. Looking at the
link changes nothing, since mail scanners look at every link; only the form uses it.
"""

import time
from functools import partial

from npn.http.answers import Answer
from npn.people import passwords
from npn.people.model import Account
from npn.web.forms import Field, Form
from npn.web.pages.people.new_password import NEW_PASSWORD, check_new_password
from npn.web.pages.people.signing_in import CODE
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.sign_in_limits import count_forgotten, evenly, sign_in_queue
from npn.web.texts import _
from npn.web.visit import Onward, Visit

_EMAIL = (Field("email", _("E-mail address"), kind="email", largest=254, autocomplete="username"),)
_DONE = Onward("/sign-in", _("Your password is changed, and you are signed out everywhere. Sign in with the new one."))


@get("/forgotten-password", public())
async def show_forgotten(visit: Visit) -> Answer:
    """Ask for the address."""
    return await _asked(visit, visit.form(_EMAIL))


@post("/forgotten-password", public(), largest=4096)
async def ask(visit: Visit) -> Answer:
    """Mail a link to the address, if there is an account that it may reset; answer the same if there is not."""
    since, form = time.monotonic(), visit.form(_EMAIL)
    if not visit.services.accounts.mailing.works:
        return await _asked(visit, Form.of(_EMAIL))
    answer = await visit.submit(
        form,
        lambda: _ask(visit, form["email"]),
        then=Onward("/forgotten-password/sent"),
        again=lambda: _asked(visit, form),
    )
    await evenly(since)
    return answer


async def _ask(visit: Visit, email: str) -> None:
    await count_forgotten(visit, email)
    await visit.write(visit.services.password_resets.ask, email)


async def _asked(visit: Visit, form: Form) -> Answer:
    return await visit.page(
        "people/forgotten_password.html",
        form=form,
        mail_works=visit.services.accounts.mailing.works,
        contact=visit.services.settings.operator_mail,
    )


@get("/forgotten-password/sent", public())
async def show_sent(visit: Visit) -> Answer:
    """Show where the link went, if there is one."""
    return await visit.page("people/forgotten_password_sent.html")


@get("/reset/{reset_link}", public())
async def show_reset(visit: Visit) -> Answer:
    """Ask for the new password, and for the second factor's code where the account has one."""
    account = await visit.read(visit.services.password_resets.account, visit.arguments["reset_link"])
    return await visit.page("people/reset_password.html", form=visit.form(_fields(account)))


@post("/reset/{reset_link}", public(), largest=4096, again=False)
async def reset(visit: Visit) -> Answer:
    """Set the password, and use the link up."""
    account = await visit.read(visit.services.password_resets.account, visit.arguments["reset_link"])
    form = visit.form(_fields(account))
    check_new_password(visit, form, email=account.email, name=account.name)
    return await visit.submit(
        form,
        lambda: _reset(visit, form),
        then=_DONE,
        again=lambda: visit.page("people/reset_password.html", form=form),
    )


def _fields(account: Account) -> tuple[Field, ...]:
    return (*NEW_PASSWORD, CODE) if account.has_second_factor else NEW_PASSWORD


async def _reset(visit: Visit, form: Form) -> None:
    hashed = await sign_in_queue(visit).slowly(passwords.hashed, form["password"])
    use, code = visit.services.password_resets.use, form[CODE.name] if CODE.name in form.fields else None
    await visit.write(partial(use, visit.arguments["reset_link"], password=hashed, code=code))
