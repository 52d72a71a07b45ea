"""Sign-in by OpenID Connect: off to the provider, and back."""

import asyncio
from functools import cache

import msgspec

from npn.errors import NotFoundError, UnauthenticatedError
from npn.people.model import Account
from npn.people.openid import Begun, Identity, OpenId
from npn.web.answers import Answer
from npn.web.doorman import count_attempt
from npn.web.pages.signing_in import begun as session_begun
from npn.web.routes import get
from npn.web.rules import public
from npn.web.texts import _
from npn.web.visit import Visit, local

_COOKIE = "npn_openid"
_RETURN = "/sign-in/openid/return"


@cache
def _provider(issuer: str, client_id: str, client_secret: str) -> OpenId:
    return OpenId(issuer, client_id, client_secret)


def _configured(visit: Visit) -> OpenId:
    settings = visit.service.settings
    if not settings.openid_issuer:
        raise NotFoundError("no provider is configured")
    return _provider(settings.openid_issuer, settings.openid_client_id, settings.openid_client_secret)


def _return_address(visit: Visit) -> str:
    origin = visit.service.settings.public_url or str(visit.request.base_url)
    return origin.rstrip("/") + _RETURN


@get("/sign-in/openid", public())
async def depart(visit: Visit) -> Answer:
    """Send the visitor to the provider; `bind` and `link` say to which account its answer is to be bound."""
    provider = _configured(visit)
    count_attempt(visit)
    address, begun = await asyncio.to_thread(
        provider.begin,
        _return_address(visit),
        back=local(visit.query.get("next", ""), ""),
        bind="bind" in visit.query,
        link=visit.query.get("link", "")[:64],
    )
    visit.cookies.keep_sealed(_COOKIE, msgspec.json.encode(begun).decode(), seconds=600)
    return visit.see_other(address)


@get("/sign-in/openid/return", public())
async def come_back(visit: Visit) -> Answer:
    """Take the provider's answer."""
    provider = _configured(visit)
    kept = visit.cookies.take_sealed(_COOKIE)
    if not kept:
        raise UnauthenticatedError("the answer is to no sign-in of this browser", code="openid_failed")
    begun = msgspec.json.decode(kept, type=Begun)
    who = await asyncio.to_thread(provider.finish, begun, visit.query, _return_address(visit))
    account = await _account(visit, who, begun)
    session = await visit.write(visit.service.sessions.begin, account, proved=True)
    if begun.bind:
        visit.cookies.say(visit.text(_("From now on you can sign in with the provider.")))
    return await session_begun(visit, session, "/account" if begun.bind else begun.back)


async def _account(visit: Visit, who: Identity, begun: Begun) -> Account:
    """Give the account that the identity is, or is bound to now. Raises UnauthenticatedError `openid_unknown`."""
    accounts, settings = visit.service.accounts, visit.service.settings
    if begun.link:
        return await visit.write(accounts.use_link_for_subject, begun.link, issuer=who.issuer, subject=who.subject)
    if begun.bind and visit.person_or_none is not None:
        return await visit.write(accounts.bind, visit.person.id, issuer=who.issuer, subject=who.subject)
    return await visit.write(
        accounts.of_subject,
        issuer=who.issuer,
        subject=who.subject,
        email=who.email,
        name=who.name,
        bind_by_email=settings.openid_bind_by_email,
        new_role=settings.openid_new_role or None,
    )
