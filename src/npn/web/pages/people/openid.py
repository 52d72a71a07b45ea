"""Sign-in by OpenID Connect: off to the provider, and back."""

import asyncio
from functools import cache

import msgspec

from npn.errors import NotFoundError, UnauthenticatedError, codes
from npn.http.answers import Answer
from npn.people.model import Account
from npn.people.openid import OpenId, PendingSignIn, ProviderIdentity
from npn.web.addresses import local
from npn.web.pages.people.proving import proof_fields, require_proof
from npn.web.pages.people.signing_in import AFTERWARDS, start_session
from npn.web.routes import get, post
from npn.web.rules import public, signed_in
from npn.web.sign_in_limits import count_departure
from npn.web.texts import _
from npn.web.visit import Visit

_COOKIE = "npn_openid"
_RETURN = "/sign-in/openid/return"
_ANSWER = ("code", "state", "iss", "error")  # what of the provider's answer a form of ours carries on


@cache
def _provider(issuer: str, client_id: str, client_secret: str) -> OpenId:
    return OpenId(issuer, client_id, client_secret)


def _configured(visit: Visit) -> OpenId:
    settings = visit.services.settings
    if not settings.openid_issuer:
        raise NotFoundError("no provider is configured")
    return _provider(settings.openid_issuer, settings.openid_client_id, settings.openid_client_secret)


def _return_address(visit: Visit) -> str:
    origin = visit.services.settings.public_url or str(visit.request.base_url)
    return origin.rstrip("/") + _RETURN


@get("/sign-in/openid", public())
async def depart(visit: Visit) -> Answer:
    """Send the visitor to the provider; `link`: the one-time link of the account to bind its answer to."""
    provider = _configured(visit)
    back = local(visit.query.get("next", ""), "")
    if visit.person_or_none is not None:
        return visit.see_other(back or AFTERWARDS)  # a link from elsewhere puts nobody into another's account
    count_departure(visit)
    link = visit.query.get("link", "")[:64]
    address, departure = await asyncio.to_thread(provider.begin, _return_address(visit), back=back, link=link)
    _keep(visit, departure)
    return visit.see_other(address)


@post("/account/openid", signed_in(), largest=4096, again=False)
async def bind(visit: Visit) -> Answer:
    """Begin to bind an identity of the provider to one's own account, once the present factor was right."""
    _configured(visit)
    form = visit.form(proof_fields(visit))
    return await visit.submit(
        form,
        lambda: require_proof(visit, form),
        then=lambda _proof: _depart_to_bind(visit),
        again=lambda: visit.page("people/openid_bind.html", form=form),
    )


async def _depart_to_bind(visit: Visit) -> Answer:
    address, departure = await asyncio.to_thread(_configured(visit).begin, _return_address(visit), bind=True)
    await visit.write(visit.services.accounts.begin_binding, visit.person.id, departure.state)
    _keep(visit, departure)
    return await visit.page("people/openid_depart.html", address=address)


def _keep(visit: Visit, departure: PendingSignIn) -> None:
    visit.cookies.keep_sealed(_COOKIE, msgspec.json.encode(departure).decode(), seconds=600)


def _departure(cookie: str) -> PendingSignIn:
    if not cookie:
        raise UnauthenticatedError("the answer is to no sign-in of this browser", code=codes.OPENID_FAILED)
    return msgspec.json.decode(cookie, type=PendingSignIn)


@get("/sign-in/openid/return", public())
async def come_back(visit: Visit) -> Answer:
    """Take the provider's answer: sign in whom it is bound to. What it binds again is sent on as a form of ours.

    The answer's state, made for this browser, is to a sign-in what its token is to a form.
    """
    provider = _configured(visit)
    departure = _departure(visit.cookies.look_at_sealed(_COOKIE))
    if departure.bind or departure.link:
        answer = {name: visit.query[name][:2000] for name in _ANSWER if name in visit.query}
        action = "/account/openid/return" if departure.bind else _RETURN
        return await visit.page("people/openid_return.html", answer=answer, action=action)
    visit.cookies.forget(_COOKIE)
    identity = await asyncio.to_thread(provider.finish, departure, visit.query, _return_address(visit))
    settings = visit.services.settings
    account = await visit.write(
        visit.services.accounts.of_subject,
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email,
        name=identity.name,
        bind_by_email=settings.openid_bind_by_email,
        new_role=settings.openid_new_role or None,
    )
    return await _in(visit, account, departure.back)


@post(_RETURN, public(), again=False)
async def use_link(visit: Visit) -> Answer:
    """Bind the provider's identity to the account of a one-time link, and use the link up."""
    departure, identity = await _answered(visit)
    accounts = visit.services.accounts
    account = await visit.write(
        accounts.use_link_for_subject, departure.link, issuer=identity.issuer, subject=identity.subject
    )
    return await _in(visit, account, "")


@post("/account/openid/return", signed_in(), again=False)
async def show_identity(visit: Visit) -> Answer:
    """Show which identity the provider names, to be bound or not: it may be another's who used this browser."""
    departure, identity = await _answered(visit)
    await visit.write(
        visit.services.accounts.name_identity,
        visit.person.id,
        departure.state,
        issuer=identity.issuer,
        subject=identity.subject,
    )
    return await visit.page("people/openid_confirm.html", identity=identity, state=departure.state)


@post("/account/openid/confirm", signed_in(), largest=4096, again=False)
async def confirm(visit: Visit) -> Answer:
    """Bind the identity that was shown; the account's holder is written to."""
    await visit.write(visit.services.accounts.finish_binding, visit.person.id, visit.sent.get("state", ""))
    return visit.see_other("/account", _("From now on you can sign in with the provider."))


async def _answered(visit: Visit) -> tuple[PendingSignIn, ProviderIdentity]:
    """Exchange the answer that the form carries for who it names."""
    provider = _configured(visit)
    departure = _departure(visit.cookies.take_sealed(_COOKIE))
    return departure, await asyncio.to_thread(provider.finish, departure, visit.sent, _return_address(visit))


async def _in(visit: Visit, account: Account, back: str) -> Answer:
    return await start_session(visit, await visit.write(visit.services.sessions.begin, account, proved=True), back)
