"""An agent's contact, as REST carries it: the header Npn-Pool."""

from npn.api.requests import Asked, header
from npn.api.rest import rest_of
from npn.pools.model import Contact
from npn.systems.model import Caller


def contact_of(request: Asked) -> Contact | None:
    """Read the header, None where no agent calls. Raises InvalidInputError `invalid_pool`."""
    text = header(request.scope, b"npn-pool")
    return None if text is None else Contact.parse(text)


async def in_contact(request: Asked, caller: Caller) -> None:
    """Judge the contact of a call that is no draw, before the call does anything. Raises ClonedError."""
    contact = contact_of(request)
    if contact is not None and caller.system is not None:
        rest = rest_of(request)
        await rest.threads.write(rest.service.pools.contact, contact, by=caller.system, key=caller.key)
