"""One's own account: password, second factor, where one is signed in."""

from typing import Any  # what a template is given

from npn.http.answers import Answer
from npn.people import passwords
from npn.web.forms import Field, Form
from npn.web.pages.people.new_password import NEW_PASSWORD, check_new_password
from npn.web.pages.people.proving import PRESENT_CODE, PRESENT_PASSWORD, proof_fields, require_proof
from npn.web.routes import get, post
from npn.web.rules import signed_in
from npn.web.sign_in_limits import sign_in_queue
from npn.web.texts import _
from npn.web.visit import Visit


@get("/account", signed_in())
async def show_own(visit: Visit) -> Answer:
    """Show the visitor's own account."""
    return await visit.page("people/own_account.html", form=visit.form(_password_fields(visit)), **await _own(visit))


def _password_fields(visit: Visit) -> tuple[Field, ...]:
    """Ask for the present password, and for the present factor too where there is one."""
    factor = (PRESENT_CODE,) if visit.visitor is not None and visit.visitor.has_second_factor else ()
    return (PRESENT_PASSWORD, *factor, *NEW_PASSWORD)


async def _own(visit: Visit) -> dict[str, Any]:
    accounts = visit.services.accounts
    account = await visit.read(accounts.get, visit.person.id)
    return {
        "account": account,
        "codes_left": await visit.read(accounts.recovery_codes_left, account.id),
        "issuers": await visit.read(accounts.issuers, account.id),
        "proof": Form.of(proof_fields(visit)),
        "unsent": await visit.read(visit.services.kept_forms.unsent, account.id),
    }


@post("/account/recovery-codes", signed_in(), largest=4096, again=False)
async def renew_codes(visit: Visit) -> Answer:
    """Make new recovery codes in place of the old ones, once the present factor was right; they are shown once."""
    if visit.visitor is None or not visit.visitor.has_second_factor:
        return visit.see_other("/second-factor")
    form = visit.form(proof_fields(visit))
    return await visit.submit(
        form,
        lambda: require_proof(visit, form),
        then=lambda _proof: _show_new_codes(visit),
        again=lambda: visit.page("people/recovery_codes_new.html", form=form),
    )


async def _show_new_codes(visit: Visit) -> Answer:
    codes = await visit.write(visit.services.accounts.new_recovery_codes, visit.person.id, by=visit.person.by)
    return await visit.page("people/recovery_codes.html", codes=codes, onward="/account")


@get("/account/session", signed_in())
async def stay_signed_in(visit: Visit) -> Answer:
    """Show until when the visitor is signed in, now that a page was opened."""
    return await visit.page("people/session.html")


@get("/account/recovery-codes", signed_in())
async def ask_for_codes(visit: Visit) -> Answer:
    """Ask for the present factor before new recovery codes are made."""
    if visit.visitor is None or not visit.visitor.has_second_factor:
        return visit.see_other("/second-factor")
    return await visit.page("people/recovery_codes_new.html", form=visit.form(proof_fields(visit)))


@post("/account/password", signed_in(), largest=4096, again=False)
async def change_password(visit: Visit) -> Answer:
    """Change the password; every other session ends."""
    form = visit.form(_password_fields(visit))
    check_new_password(visit, form, email=visit.person.email, name=visit.person.name)
    own = await _own(visit)
    return await visit.submit(
        form,
        lambda: require_proof(visit, form),
        then=lambda _proof: _set_password(visit, form["password"]),
        again=lambda: visit.page("people/own_account.html", form=form, **own),
    )


async def _set_password(visit: Visit, password: str) -> Answer:
    person = visit.person
    hashed = await sign_in_queue(visit).slowly(passwords.hashed, password)
    change, session = visit.services.accounts.set_password, visit.session_digest
    await visit.write(change, person.id, password=hashed, by=person.by, keep_session=session)
    return visit.see_other("/account", _("The password is changed; you are signed out everywhere else."))
