"""The second factor: set up with an app that reads a QR code, and the recovery codes for the day it is lost."""

import io
from dataclasses import replace

import segno
from markupsafe import Markup

from npn.errors import InvalidInputError
from npn.http.answers import Answer
from npn.people import codes, totp
from npn.people.sessions import Visitor
from npn.web.addresses import with_next
from npn.web.forms import Field, Form
from npn.web.pages.people.proving import proof_fields, require_proof
from npn.web.pages.people.signing_in import AFTERWARDS, NEXT, form_with_next, know_again
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Visit

ISSUER = "NPN"
_PRESENT = "present"  # the field of the proof, since `code` is that of the new app
_FIELDS = (
    Field("secret", "", kind="hidden", largest=64),
    Field(
        "code",
        _("Code from the app"),
        hint=_("The six digits that the app shows now."),
        largest=40,
        autocomplete="one-time-code",
    ),
    NEXT,
)
WRONG = _("That code is not right. Wait for the next one, and check the telephone's clock.")


@get("/second-factor", public())
async def show_enrolment(visit: Visit) -> Answer:
    """Show a new secret to be taken into an app; nothing is changed until a code of it was given."""
    if visit.visitor is None or visit.visitor.step == "code":
        return visit.see_other("/sign-in")
    return await _shown(visit, _new_form(visit))


@post("/second-factor", public(), largest=16_384, again=False)
async def enrol(visit: Visit) -> Answer:
    """Take the first code, and with it the second factor; show the recovery codes this once."""
    visitor = visit.visitor
    if visitor is None or visitor.step == "code":
        return visit.see_other("/sign-in")
    form = form_with_next(visit, _fields(visit))
    secret = form["secret"]
    if len(secret) != 32 or not set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        return visit.see_other(with_next("/second-factor", form[NEXT.name]))
    return await visit.submit(
        form,
        lambda: _require_code(visit, form),
        then=lambda step: _set_factor(visit, visitor, form=form, step=step),
        again=lambda: _shown(visit, form),
    )


async def _require_code(visit: Visit, form: Form) -> int:
    """Return the step of the new app's code; who is signed in already proves who they are, too.

    Raises InvalidInputError for a wrong code, and what `require_proof` raises.
    """
    now = visit.services.ledger.clock().timestamp()
    step = totp.step_of(form["secret"], codes.plain(form["code"]), seconds=now, after=0)
    if step is None:
        raise InvalidInputError(WRONG, field="code")
    if visit.person_or_none is not None:
        await require_proof(visit, form, code_in=_PRESENT)
    return step


async def _set_factor(visit: Visit, visitor: Visitor, *, form: Form, step: int) -> Answer:
    person = visitor.person
    enrol = visit.services.accounts.set_second_factor
    recovery_codes = await visit.write(enrol, person.id, secret=form["secret"], step=step, by=person.by)
    if visitor.step == "enrol":
        await know_again(visit, person.id)
        visit.keep(await visit.write(visit.services.sessions.enrolled, visitor))
    return await visit.page("people/recovery_codes.html", codes=recovery_codes, onward=form[NEXT.name] or AFTERWARDS)


def _new_form(visit: Visit) -> Form:
    form = form_with_next(visit, _fields(visit), visit.query.get(NEXT.name, ""))
    form.values["secret"] = totp.make_secret()
    return form


def _fields(visit: Visit) -> tuple[Field, ...]:
    """Ask for the proof of who it is, too, unless the password was asked for just now."""
    is_signed_in = visit.person_or_none is not None
    return (*(replace(entry, name=_PRESENT) for entry in proof_fields(visit)), *_FIELDS) if is_signed_in else _FIELDS


async def _shown(visit: Visit, form: Form) -> Answer:
    if visit.visitor is None:
        return visit.see_other("/sign-in")
    secret = form["secret"]
    picture = await visit.read(_picture, totp.address(secret, issuer=ISSUER, account=visit.visitor.person.email))
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return await visit.page("people/second_factor.html", form=form, picture=picture, secret=spaced)


def _picture(address: str) -> Markup:
    """Draw the QR code; dark on white in either colour scheme, since cameras want it so."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, light="white", xmldecl=False, svgclass="qr")
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704  # segno's own drawing
