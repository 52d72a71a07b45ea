"""Canonical JSON (RFC 8785) of what the ledger holds: text, whole numbers, truth values, null, lists, objects.

Numbers with a fraction and member names outside ASCII never occur in the ledger: `read` refuses both, and for
the rest msgspec's sorted encoding gives the RFC's bytes exactly. A property test compares it with an
independent implementation.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

import msgspec

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

SAFE_INTEGER = 2**53 - 1
_encoder = msgspec.json.Encoder(order="sorted")


def canonical(value: Mapping[str, Json] | msgspec.Struct) -> bytes:
    """Return the canonical form, UTF-8 bytes, of a value such as `read` accepts."""
    return _encoder.encode(value)


def read(text: str | bytes) -> dict[str, Json]:
    """Read one object. Raises ValueError for what has no canonical form here, a repeated member included."""
    value = json.loads(
        text,
        object_pairs_hook=_members,
        parse_float=_no_fraction,
        parse_int=_whole,
        parse_constant=_no_fraction,
    )
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  # it is the text that is wrong, as for the rest
    return value


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    if not all(name.isascii() for name in members):
        raise ValueError("a member's name is not ASCII")
    return members


def _no_fraction(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a whole number")


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > SAFE_INTEGER or text == "-0":
        raise ValueError(f"{text} is not exact in JSON; it belongs in text")
    return number
