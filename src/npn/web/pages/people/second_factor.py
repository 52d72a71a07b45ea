"""The second factor: set up with an app that reads a QR code, and the recovery codes for the day it is lost."""

import io
from dataclasses import replace

import segno
from markupsafe import Markup

from npn.http.answers import Answer
from npn.people import codes, totp
from npn.web.forms import Field, Form
from npn.web.pages.people.proving import is_proved, proof_fields
from npn.web.pages.people.signing_in import know_again
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
        _("New code"),
        hint=_("The six digits that the app shows now."),
        largest=40,
        autocomplete="one-time-code",
    ),
)
WRONG = _("That code is not right. Wait for the next one, and check the telephone's clock.")


@get("/second-factor", public())
async def show_enrolment(visit: Visit) -> Answer:
    """Show a new secret to be taken into an app; nothing is changed until a code of it was given."""
    if visit.visitor is None or visit.visitor.step == "code":
        return visit.see_other("/sign-in")
    return await _shown(visit, Form.of(_fields(visit), {"secret": totp.make_secret()}))


@post("/second-factor", public(), largest=4096)
async def enrol(visit: Visit) -> Answer:
    """Take the first code, and with it the second factor; show the recovery codes this once."""
    visitor = visit.visitor
    if visitor is None or visitor.step == "code":
        return visit.see_other("/sign-in")
    form = visit.form(_fields(visit))
    secret, now = form["secret"], visit.service.ledger.clock().timestamp()
    if len(secret) != 32 or not set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        return visit.see_other("/second-factor")
    step = totp.step_of(secret, codes.plain(form["code"]), seconds=now, after=0)
    if step is None and not form.errors:
        form.errors["code"] = visit.text(WRONG)
    proved = visitor.step == "enrol" or await is_proved(visit, form, code_in=_PRESENT)
    if form.errors or step is None or not proved:
        return await _shown(visit, form)
    person = visitor.person
    fresh = await visit.write(
        visit.service.accounts.set_second_factor, person.id, secret=secret, step=step, by=person.by
    )
    if visitor.step == "enrol":
        await know_again(visit, person.id)
        visit.keep(await visit.write(visit.service.sessions.enrolled, visitor))
    return await visit.page("people/recovery_codes.html", codes=fresh)


def _fields(visit: Visit) -> tuple[Field, ...]:
    """Ask for the proof of who it is, too, unless the password was asked for just now."""
    is_signed_in = visit.person_or_none is not None
    return (*(replace(each, name=_PRESENT) for each in proof_fields(visit)), *_FIELDS) if is_signed_in else _FIELDS


async def _shown(visit: Visit, form: Form) -> Answer:
    if visit.visitor is None:
        return visit.see_other("/sign-in")
    secret = form["secret"]
    picture = await visit.read(_picture, totp.address(secret, issuer=ISSUER, account=visit.visitor.person.email))
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    status = 422 if form.errors else 200
    return await visit.page("people/second_factor.html", status=status, form=form, picture=picture, secret=spaced)


def _picture(address: str) -> Markup:
    """Draw the QR code; dark on white in either colour scheme, since cameras want it so."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, light="white", xmldecl=False, svgclass="qr")
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704  # segno's own drawing
