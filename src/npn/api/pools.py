"""An agent's contact, as REST carries it: the header Npn-Pool."""

from npn.api.services import services_of
from npn.http.context import context_of
from npn.http.requests import Asked, header
from npn.pools.model import PoolContact
from npn.systems.model import Caller


def contact_of(request: Asked) -> PoolContact | None:
    """Read the header, None where no agent calls. Raises InvalidInputError `invalid_pool`."""
    text = header(request.scope, b"npn-pool")
    return None if text is None else PoolContact.parse(text)


async def in_contact(request: Asked, caller: Caller) -> None:
    """Judge the contact of a call that is not a draw, before the call does anything. Raises ClonedError."""
    contact = contact_of(request)
    if contact is not None and caller.system is not None:
        contacts = services_of(request).pools
        await context_of(request).threads.write(contacts.contact, contact, by=caller.system, key=caller.key)
