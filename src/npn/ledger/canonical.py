"""Canonical JSON (RFC 8785) of what the ledger holds: text, whole numbers, truth values, null, lists, objects.

Numbers with a fraction never occur in the ledger and are refused, so the standard library's encoder gives the
RFC's bytes exactly; a property test compares it with an independent implementation.
"""

import json
from collections.abc import Mapping

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

_SAFE_INTEGER = 2**53 - 1
_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=False, allow_nan=False)


def canonical(value: Mapping[str, Json]) -> bytes:
    """UTF-8 bytes. Raises ValueError for fractions, whole numbers over 2^53 - 1, and unpaired surrogates."""
    return _encoder.encode(_ordered(dict(value))).encode("utf-8")


def _ordered(value: Json) -> Json:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > _SAFE_INTEGER:
            raise ValueError(f"{value} is not exact in JSON; write it as text")
        return value
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    raise ValueError(f"{type(value).__name__} has no place in the ledger")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
