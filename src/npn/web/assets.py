"""Styles, the icon, and the one script. Addresses carry a hash, so browsers keep them for ever."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FOREVER = "public, max-age=31536000, immutable"
_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    body: bytes
    media_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """Return every file by its name."""
    entries = {}
    for file in files("npn.web").joinpath("static").iterdir():
        kind = _TYPES.get(file.name.rpartition(".")[2])
        if kind is not None:
            body = file.read_bytes()
            entries[file.name] = Asset(body, kind, hashlib.sha256(body).hexdigest()[:16])
    return entries


def address(name: str) -> str:
    """Return a file's address."""
    return f"/static/{assets()[name].digest}/{name}"
