"""Sign in, sign out, and the welcome by a one-time link."""

import time
from collections.abc import Sequence
from functools import partial

from npn.errors import RefusedError, UnauthenticatedError, codes
from npn.http.answers import Answer
from npn.people import passwords
from npn.people.sessions import Session
from npn.web import cookies
from npn.web.addresses import MAX_BACK_CHARACTERS, local, with_next
from npn.web.forms import Field, Form, SentFields
from npn.web.pages.people.new_password import NEW_PASSWORD, check_new_password
from npn.web.routes import get, post
from npn.web.rules import public
from npn.web.sign_in_limits import count_together, evenly, is_limited, sign_in_queue
from npn.web.texts import _
from npn.web.visit import Visit

AFTERWARDS = "/overview"
NEXT = Field("next", "", kind="hidden", required=False, largest=MAX_BACK_CHARACTERS)
_SIGN_IN = (
    Field("email", _("E-mail address"), kind="email", largest=254, autocomplete="username"),
    Field("password", _("Password"), kind="password", autocomplete="current-password"),
    NEXT,
)
_TOGETHER = (
    *_SIGN_IN[:2],
    Field(
        "code",
        _("Code"),
        hint=_("The six digits that your app shows now, or one of your recovery codes; empty if you have no app."),
        required=False,
        largest=60,
        autocomplete="one-time-code",
    ),
    _SIGN_IN[2],
)
_ROOM = 16_384  # an address to go on to may be long, and each of its characters written as three
TOGETHER = _("There were many wrong attempts. Give address, password and code together.")
CODE = Field(
    "code",
    _("Code"),
    hint=_("The six digits that your app shows now, or one of your recovery codes."),
    largest=60,
    autocomplete="one-time-code",
)
_CODE = (CODE, NEXT)


@get("/sign-in", public())
async def show_sign_in(visit: Visit) -> Answer:
    """Show the form; whoever is in goes on."""
    back = local(visit.query.get("next", ""), "")
    if visit.visitor is not None:
        return visit.see_other(_next_step(visit.visitor.step, back))
    anybody = await visit.read(visit.services.accounts.exist)
    return await visit.page("people/sign_in.html", form=form_with_next(visit, _SIGN_IN, back), anybody=anybody)


@post("/sign-in", public(), largest=_ROOM)
async def sign_in(visit: Visit) -> Answer:
    """Try an address and a password; with them a code, while too much failed lately."""
    since = time.monotonic()
    form = form_with_next(visit, _TOGETHER if "code" in visit.sent else _SIGN_IN)
    if form.errors or visit.is_only_shown:
        return await visit.page("people/sign_in.html", form=form, anybody=True)
    try:
        answer = await _try(visit, form)
    except RefusedError as error:
        answer = await _wait(visit, form, error)
    if answer.status != 303:
        await evenly(since)
    return answer


async def _try(visit: Visit, form: Form) -> Answer:
    """Let somebody in, or say that address, password or code is not right, or ask for all of them together."""
    sessions, together = visit.services.sessions, "code" in form.fields
    attempt = await visit.read(sessions.attempt, form["email"], visit.cookies.get(cookies.DEVICE))
    limited = not attempt.known_device and (await is_limited(visit) or attempt.limited)
    if limited and not together:
        return await ask_together(visit, form["email"], form["next"])
    if limited:
        await count_together(visit)
    right = await sign_in_queue(visit).slowly_for(attempt.known_device, partial(attempt.fits, form["password"]))
    try:
        session = await visit.write(sessions.settle, attempt, right=right, code=form["code"] if together else None)
    except UnauthenticatedError as error:
        form.values.update(password="", code="")
        visit.blame(form, error)
        return await visit.page("people/sign_in.html", form=form, anybody=True)
    if attempt.account is not None:
        if session.step == "in":
            await know_again(visit, attempt.account.id)
        if attempt.is_outdated:
            fresh = await sign_in_queue(visit).slowly(passwords.hashed, form["password"])
            await visit.write(sessions.renew_hash, attempt, fresh)
    return await start_session(visit, session, form["next"])


def form_with_next(visit: Visit, fields: Sequence[Field], back: str = "") -> Form:
    """Return a form that carries where to go on to: on this service, or nowhere, whatever somebody made of it."""
    visit.sent = SentFields.of(visit.sent).replacing(**{NEXT.name: local(visit.sent.get(NEXT.name, ""), "")})
    return visit.form(fields, {NEXT.name: local(back, "")})


async def _wait(visit: Visit, form: Form, error: RefusedError) -> Answer:
    """Show the form again with how long to wait."""
    form.values.update(password="", code="")
    visit.blame(form, error)
    return await visit.page("people/sign_in.html", form=form, anybody=True)


async def ask_together(visit: Visit, email: str, back: str) -> Answer:
    """Ask for address, password and code in one form."""
    form = Form.of(_TOGETHER, {"email": email, "next": back})
    form.errors[""] = TOGETHER
    return await visit.page("people/sign_in.html", status=429, form=form, anybody=True)


async def know_again(visit: Visit, account_id: str) -> None:
    """Have the browser known as one that the account signed in on: others' failures don't count there."""
    await visit.write(visit.services.sessions.trust_device, account_id, visit.cookies.device())


async def start_session(visit: Visit, session: Session, back: str) -> Answer:
    """Set the browser's session and lead on."""
    if visit.visitor is not None:
        await visit.write(visit.services.sessions.end, visit.visitor.digest)
    visit.keep(session)
    return visit.see_other(_next_step(session.step, back))


def _next_step(step: str, back: str) -> str:
    if step == "enrol":
        return with_next("/second-factor", back)
    if step == "code":
        return with_next("/sign-in/code", back)
    return back or AFTERWARDS


@get("/sign-in/code", public())
async def show_code(visit: Visit) -> Answer:
    """Ask for the second factor."""
    if visit.visitor is None or visit.visitor.step != "code":
        return visit.see_other(with_next("/sign-in", local(visit.query.get("next", ""), "")))
    form = form_with_next(visit, _CODE, visit.query.get("next", ""))
    return await visit.page("people/code.html", form=form)


@post("/sign-in/code", public(), largest=_ROOM)
async def prove(visit: Visit) -> Answer:
    """Try the second factor's code."""
    if visit.visitor is None or visit.visitor.step != "code":
        return visit.see_other(with_next("/sign-in", local(visit.sent.get("next", ""), "")))
    since, form, visitor = time.monotonic(), form_with_next(visit, _CODE), visit.visitor
    if not form.errors and not visit.is_only_shown:
        try:
            session = await visit.write(
                visit.services.sessions.prove,
                visitor,
                form["code"],
                device=visit.cookies.get(cookies.DEVICE),
                limited=await is_limited(visit),
            )
        except UnauthenticatedError as error:
            visit.blame(form, error)
            await evenly(since)
        except RefusedError as error:
            await evenly(since)
            if error.code != codes.ASK_TOGETHER:
                form.values["code"] = ""
                visit.blame(form, error)
                return await visit.page("people/code.html", form=form)
            return await ask_together(visit, visitor.person.email, form["next"])
        else:
            await know_again(visit, visitor.person.id)
            visit.keep(session)
            return visit.see_other(_next_step("in", form["next"]))
    return await visit.page("people/code.html", form=form)


@post("/sign-out", public(), largest=4096, again=False)
async def sign_out(visit: Visit) -> Answer:
    """End the session."""
    if visit.visitor is not None:
        await visit.write(visit.services.sessions.end, visit.visitor.digest)
    visit.cookies.forget(cookies.SESSION)
    return visit.see_other("/", _("You are signed out."))


@get("/welcome/{link}", public())
async def show_welcome(visit: Visit) -> Answer:
    """Ask for the password that a one-time link sets."""
    account = await visit.read(visit.services.accounts.of_link, visit.arguments["link"])
    return await visit.page("people/welcome.html", account=account, form=visit.form(NEW_PASSWORD))


@post("/welcome/{link}", public(), largest=4096, again=False)
async def welcome(visit: Visit) -> Answer:
    """Set the password, and use the link up."""
    account = await visit.read(visit.services.accounts.of_link, visit.arguments["link"])
    form = visit.form(NEW_PASSWORD)
    check_new_password(visit, form, email=account.email, name=account.name)
    return await visit.submit(
        form,
        lambda: _use_link(visit, form["password"]),
        then=lambda session: start_session(visit, session, ""),
        again=lambda: visit.page("people/welcome.html", form=form, account=account),
    )


async def _use_link(visit: Visit, password: str) -> Session:
    hashed = await sign_in_queue(visit).slowly(passwords.hashed, password)
    account = await visit.write(visit.services.accounts.use_link, visit.arguments["link"], password=hashed)
    return await visit.write(visit.services.sessions.begin, account)
