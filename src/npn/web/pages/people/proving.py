"""Prove that who is signed in is the account's holder, before a change that could let somebody else in.

A session that was left open is not enough. The second factor proves it, or the password where there is no factor; who
has neither, because the provider signs them in, must have signed in within the last ten minutes.
"""

from functools import partial

from npn.errors import RefusedError, UnauthenticatedError, codes
from npn.web.forms import Field, Form
from npn.web.sign_in_limits import sign_in_queue
from npn.web.texts import _
from npn.web.visit import Visit

PRESENT_CODE = Field(
    "code",
    _("Code of the present app"),
    hint=_("The six digits that it shows now, or one of your recovery codes."),
    largest=60,
    autocomplete="one-time-code",
)
PRESENT_PASSWORD = Field("present", _("Present password"), kind="password", autocomplete="current-password")


def proof_fields(visit: Visit) -> tuple[Field, ...]:
    """Ask who is signed in for the present factor, or for the password where there is no factor."""
    visitor = visit.visitor
    if visitor is None or not (visitor.has_second_factor or visitor.has_password):
        return ()
    return (PRESENT_CODE,) if visitor.has_second_factor else (PRESENT_PASSWORD,)


async def require_proof(visit: Visit, form: Form, *, code_in: str = PRESENT_CODE.name) -> None:
    """Check the present password and factor, as far as the form asks for them. `code_in`: the field of the code.

    Raises UnauthenticatedError `code_wrong`, `password_wrong` (field `present`); RefusedError `sign_in_locked`,
    `sign_in_again` where nothing can be asked for and the session is not a new one.
    """
    sessions, kinds = visit.services.sessions, {name: entry.kind for name, entry in form.fields.items()}
    by_password = kinds.get(PRESENT_PASSWORD.name) == PRESENT_PASSWORD.kind
    by_code = kinds.get(code_in) == PRESENT_CODE.kind
    if not by_password and not by_code:
        if visit.visitor is None or not visit.visitor.fresh:
            raise RefusedError("the sign-in is more than ten minutes old", code=codes.SIGN_IN_AGAIN)
        return
    account = await visit.read(visit.services.accounts.get, visit.person.id)
    right = True
    if by_password:
        attempt = await visit.read(sessions.attempt, account.email)
        right = await sign_in_queue(visit).slowly_for(True, partial(attempt.fits, form["present"]))  # noqa: FBT003  # signed in
    try:
        await visit.write(sessions.check_present, account, right=right, code=form[code_in] if by_code else None)
    except UnauthenticatedError as error:
        error.field = "present" if error.code == codes.PASSWORD_WRONG else code_in
        raise
