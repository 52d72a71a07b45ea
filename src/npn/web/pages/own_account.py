"""One's own account: password, second factor, where one is signed in."""

from typing import Any  # what a template is given

from npn.errors import InvalidInputError, NpnError
from npn.people import passwords
from npn.web.answers import Answer
from npn.web.doorman import count_attempt, doorman
from npn.web.forms import Field
from npn.web.pages.signing_in import NOT_THE_SAME, PASSWORD_HINT
from npn.web.routes import get, post
from npn.web.rules import signed_in
from npn.web.texts import _
from npn.web.visit import Visit

_PASSWORD = (
    Field("present", _("Present password"), kind="password", autocomplete="current-password"),
    Field("password", _("New password"), kind="password", hint=PASSWORD_HINT, autocomplete="new-password"),
    Field("repeated", _("The same once more"), kind="password", autocomplete="new-password"),
)


@get("/account", signed_in())
async def show_own(visit: Visit) -> Answer:
    """Show the visitor's own account."""
    return await visit.page("own_account.html", form=visit.form(_PASSWORD), **await _own(visit))


async def _own(visit: Visit) -> dict[str, Any]:
    accounts = visit.service.accounts
    account = await visit.read(accounts.get, visit.person.id)
    return {
        "account": account,
        "codes_left": await visit.read(accounts.recovery_codes_left, account.id),
        "issuers": await visit.read(accounts.issuers, account.id),
    }


@post("/account/password", signed_in(), largest=4096)
async def change_password(visit: Visit) -> Answer:
    """Change the password; every other session ends."""
    form, person = visit.form(_PASSWORD), visit.person
    if not form.errors and form["password"] != form["repeated"]:
        form.errors["repeated"] = NOT_THE_SAME
    if not form.errors:
        count_attempt(visit)
        try:
            passwords.checked(form["password"], email=person.email, name=person.name)
            attempt = await visit.read(visit.service.sessions.attempt, person.email)
            if not await doorman(visit).slowly(attempt.fits, form["present"]):
                await visit.write(visit.service.sessions.failed, person.id)
                raise InvalidInputError("that is not the present password", code="sign_in_failed", field="present")
        except NpnError as error:
            visit.blame(form, error)
    if form.errors:
        return await visit.again("own_account.html", form, **await _own(visit))
    hashed = await doorman(visit).slowly(passwords.hashed, form["password"])
    await visit.write(
        visit.service.accounts.set_password,
        person.id,
        password=hashed,
        by=person.by,
        keep_session=visit.session_digest,
    )
    return visit.see_other("/account", visit.text(_("The password is changed; you are signed out everywhere else.")))
