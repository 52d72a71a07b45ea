"""Addresses on this service: where a visitor is, and where somebody is sent back to after signing in."""

from collections.abc import Mapping
from urllib.parse import quote

MAX_BACK_CHARACTERS = 1500  # of an address that is carried through the sign-in; a longer one loses its query
_PATH = "/:@!$&'()*+,;=-._~"
_QUERY = _PATH + "?%"


def path_of(scope: Mapping[str, object]) -> str:
    """Return the path asked for, written as it may stand in a header or a link."""
    return quote(str(scope["path"]), safe=_PATH)


def here(scope: Mapping[str, object]) -> str:
    """Return the address asked for, path and query, written as it may stand in a header or a link."""
    path, query = path_of(scope), scope["query_string"]
    if not isinstance(query, bytes) or not query:
        return path
    whole = f"{path}?{quote(query, safe=_QUERY)}"
    return whole if len(whole) <= MAX_BACK_CHARACTERS else path


def local(address: str, otherwise: str) -> str:
    """Return an address on this service that somebody is sent back to; `otherwise` where it leads elsewhere."""
    sound = address.startswith("/") and not address.startswith(("//", "/\\")) and len(address) <= MAX_BACK_CHARACTERS
    plain = address.isascii() and address.isprintable() and "\\" not in address and " " not in address
    return address if sound and plain else otherwise


def with_next(address: str, back: str) -> str:
    """Return an address that carries where to go on to; as it is where that is nowhere."""
    return f"{address}?next={quote(back, safe='/')}" if back else address
