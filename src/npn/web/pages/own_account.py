"""One's own account: password, second factor, where one is signed in."""

from functools import partial
from typing import Any  # what a template is given

from npn.errors import NpnError, UnauthenticatedError
from npn.http.answers import Answer
from npn.people import passwords
from npn.web.forms import Field, Form
from npn.web.pages.signing_in import NOT_THE_SAME, PASSWORD_HINT
from npn.web.routes import get, post
from npn.web.rules import signed_in
from npn.web.sign_in_limits import doorman
from npn.web.texts import _
from npn.web.visit import Visit

PRESENT = Field(
    "code",
    _("Code of the present app"),
    hint=_("The six digits that it shows now, or one of your recovery codes."),
    largest=60,
    autocomplete="one-time-code",
)
_PRESENT_PASSWORD = (Field("present", _("Present password"), kind="password", autocomplete="current-password"),)
_PASSWORD = (
    Field("present", _("Present password"), kind="password", autocomplete="current-password"),
    Field("password", _("New password"), kind="password", hint=PASSWORD_HINT, autocomplete="new-password"),
    Field("repeated", _("The same once more"), kind="password", autocomplete="new-password"),
)


@get("/account", signed_in())
async def show_own(visit: Visit) -> Answer:
    """Show the visitor's own account."""
    return await visit.page("own_account.html", form=visit.form(_password_fields(visit)), **await _own(visit))


def _password_fields(visit: Visit) -> tuple[Field, ...]:
    """Ask for the present factor too, where there is one: a session left open must not be enough."""
    return (_PASSWORD[0], PRESENT, *_PASSWORD[1:]) if visit.visitor and visit.visitor.has_second_factor else _PASSWORD


def proof_fields(visit: Visit) -> tuple[Field, ...]:
    """Ask who is signed in for the present factor, or for the password where there is no factor."""
    return (PRESENT,) if visit.visitor and visit.visitor.has_second_factor else _PRESENT_PASSWORD


async def prove_present(visit: Visit, form: Form) -> None:
    """Hold who is signed in to the present password and factor, as far as the form asks for them.

    Raises UnauthenticatedError `code_wrong`, `sign_in_failed` (field `present`); RefusedError `sign_in_locked`.
    """
    sessions, account = visit.service.sessions, await visit.read(visit.service.accounts.get, visit.person.id)
    right = True
    if "present" in form.fields:
        attempt = await visit.read(sessions.attempt, account.email)
        right = await doorman(visit).slowly_for(True, partial(attempt.fits, form["present"]))  # noqa: FBT003  # signed in
    code = form["code"] if "code" in form.fields else None
    try:
        await visit.write(sessions.check_present, account, right=right, code=code)
    except UnauthenticatedError as error:
        error.field = "present" if error.code == "sign_in_failed" else "code"
        raise


async def _own(visit: Visit) -> dict[str, Any]:
    accounts = visit.service.accounts
    account = await visit.read(accounts.get, visit.person.id)
    return {
        "account": account,
        "codes_left": await visit.read(accounts.recovery_codes_left, account.id),
        "issuers": await visit.read(accounts.issuers, account.id),
        "proof": Form.of(proof_fields(visit)),
    }


@post("/account/password", signed_in(), largest=4096)
async def change_password(visit: Visit) -> Answer:
    """Change the password; every other session ends."""
    form, person = visit.form(_password_fields(visit)), visit.person
    if not form.errors and form["password"] != form["repeated"]:
        form.errors["repeated"] = NOT_THE_SAME
    if not form.errors:
        try:
            passwords.checked(form["password"], email=person.email, name=person.name)
            await prove_present(visit, form)
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
